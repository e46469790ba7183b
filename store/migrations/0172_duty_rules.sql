-- A desk with nobody at it, and a change of shift that nobody confirmed, raise alarms.
insert into rule (code, kind, class, property, kinds, priority, terms, card, source) values
('duty_empty', 'duty', 'equipment', null, '{}', 'orange',
 '{"what": "empty", "after_s": 300}', '{
  "zh": {"cause": "值班表到期没有续排，或当班人请假而无人代班。",
         "consequence": "本单位的告警没有人当场接，改由上级值班台承接，处置会慢。",
         "action": "打电话找当班人或其上级到岗；在值班页登记代班人或补排值班表。",
         "within": "15 分钟内有人到岗。"},
  "en": {"cause": "The roster has run out, or whoever is on duty is away and nobody stands in.",
         "consequence": "Alarms of this place are taken by the desk above, more slowly.",
         "action": "Ring who should be on duty, or their superior; enter a substitute or plan the roster on the page of duty.",
         "within": "Somebody is there within 15 minutes."}}',
 'ours: docs/duty.md'),
('duty_handover', 'duty', 'equipment', null, '{}', 'blue',
 '{"what": "handover"}', '{
  "zh": {"cause": "已经换班，但没有签字交班，或接班人没有听音确认。",
         "consequence": "接班人可能不知道正在处理的告警和指令，本台的告警音也可能没人听得见。",
         "action": "交班人在值班页签字；接班人用自己的账号登录，播放告警音并确认。",
         "within": "15 分钟内完成。"},
  "en": {"cause": "The shift has changed, and nobody signed, or who came has not confirmed by ear.",
         "consequence": "Who is on duty may not know what is going on, and the alarm at this desk may be heard by nobody.",
         "action": "Who leaves signs on the page of duty; who comes signs in, plays the alarm sound and confirms.",
         "within": "Within 15 minutes."}}',
 'ours: docs/duty.md');
