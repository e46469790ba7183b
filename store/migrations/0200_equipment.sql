-- Equipment that fails, areas that nobody hears, what explains what, and what is out of service.

insert into rule (code, kind, class, property, kinds, priority, terms, card, source) values
('silence_station', 'silence', 'equipment', null, '{}', 'yellow',
 '{"whole": true, "missed": 3, "least_s": 900, "off_samples": 2, "learn_days": 7}', '{
  "zh": {"cause": "测站所有要素都已漏报：断电、天线或通信模块故障、站房受淹，或运营商信号中断。",
         "consequence": "本站水雨情看不到，告警规则对它不起作用；涨水时等于盲区。",
         "action": "看相邻站和图像；打电话给看护人核对现场和读数；派人检修；检修期间办理停用并写明原因。",
         "within": "汛期 15 分钟内核对，无替代资料的站 2 小时内派人。"},
  "en": {"cause": "No value of the station comes any more: no power, a broken antenna or modem, a flooded hut, or no mobile signal.",
         "consequence": "Nobody sees water and rain here and no limit of this station can alarm: a blind spot in a flood.",
         "action": "Look at neighbouring gauges and pictures; ring the keeper for a look and a reading; send somebody to mend it; take it out of service with a reason while it is worked on.",
         "within": "In the flood season check within 15 minutes; send somebody within 2 hours where nothing replaces it."}}',
 'field.md 1.3: offline after 3 report periods, at least 15 min; off-delay 2 samples'),
('silence_value', 'silence', 'equipment', null, '{}', 'blue',
 '{"missed": 3, "least_s": 900, "off_samples": 2, "learn_days": 7, "without": ["battery_voltage", "battery_level", "signal_strength", "station_status"]}', '{
  "zh": {"cause": "测站在线，但这一要素漏报或只报“缺测”：传感器、接线或端子故障。",
         "consequence": "这一要素的告警规则不起作用；站点看似正常，其实缺一只眼睛。",
         "action": "对照同站其他要素和相邻站；请看护人读水尺或雨量筒；报修传感器。",
         "within": "30 分钟内核对，汛期当日修复或临时人工报汛。"},
  "en": {"cause": "The station speaks, but this value is missing: sensor, cable or terminal.",
         "consequence": "No limit of this value can alarm; the station looks well and is half blind.",
         "action": "Compare with the other values and neighbouring gauges; ask the keeper to read staff or bucket; have the sensor mended.",
         "within": "Check within 30 minutes; mend it the same day in the flood season, or have it read by hand."}}',
 'field.md 1.3: offline after 3 report periods, at least 15 min; off-delay 2 samples'),
('battery', 'battery', 'equipment', null, '{}', 'blue',
 '{"voltage_v": 11.0, "voltage_clear_v": 11.5, "level_percent": 20, "level_clear_percent": 30, "samples": 2}', '{
  "zh": {"cause": "电池亏电：太阳能板遮挡或积尘、充电控制器故障、市电停电或电池老化。",
         "consequence": "数小时到两天内停报；电压不足时读数也可能不准。",
         "action": "看近几日电压走势和天气；通知运维单位带电池到站；市电停电的站先问供电所。",
         "within": "24 小时内处理，强降雨预警期间 6 小时内。"},
  "en": {"cause": "The battery runs down: a shaded or dusty panel, a broken charger, mains failure, or age.",
         "consequence": "The station falls silent within hours or two days, and its readings may be wrong before that.",
         "action": "Look at the voltage of the last days and at the weather; have the maintenance firm bring a battery; ask the power company where the mains failed.",
         "within": "Within 24 hours; within 6 hours while heavy rain is forecast."}}',
 'field.md 2.7: VT, ZT bit 1; a 12 V lead battery is empty at 11 V'),
('clock', 'clock', 'equipment', null, '{}', 'blue',
 '{"error_s": 600, "clear_s": 120, "recent_s": 86400}', '{
  "zh": {"cause": "测站时钟走偏，或对时失败，或时区设错。",
         "consequence": "数据时间不对：雨强、涨幅和到达时间会算错，超前过多的数据被隔离。",
         "action": "查看时钟偏差；SL 651 站中心会自动对时，仍不准的请远程或到站校时；核对期间数据，必要时更正。",
         "within": "当日校时。"},
  "en": {"cause": "The station''s clock has drifted, could not be set, or stands in another time zone.",
         "consequence": "Times are wrong: rain intensity, rate of rise and arrival times are computed wrongly, and what lies too far ahead is quarantined.",
         "action": "Look at the error; the centre sets the clock of SL 651 stations by itself, set others from afar or on the spot; check the values of that time and correct them if need be.",
         "within": "Set it the same day."}}',
 'docs/judgement.md: clock_wrong, time_ahead'),
('camera', 'camera', 'equipment', null, '{}', null,
 '{"least_s": 900, "kinds": ["fixed"]}', '{
  "zh": {"cause": "摄像机断电、断网，或录像机、平台掉线。",
         "consequence": "待核实的水位少了图像佐证；现场情况看不到。",
         "action": "看同一录像机下其他摄像机；联系运维单位；紧要断面请巡查员拍照上报。",
         "within": "汛期当日恢复。"},
  "en": {"cause": "The camera has no power or network, or its recorder or platform is away.",
         "consequence": "No picture beside a level that must be verified, and no view of the place.",
         "action": "Look at other cameras of the same recorder; call the maintenance firm; at an important section have a patrol send pictures.",
         "within": "The same day in the flood season."}}',
 'docs/cameras.md; field.md 1.3'),
('device', 'device', 'equipment', null, '{}', 'yellow',
 '{"offline_s": 300, "failures": 3, "within_s": 86400}', '{
  "zh": {"cause": "显示屏或大喇叭离线，或连续几次下发都没有成功。",
         "consequence": "发布预警时这里的群众看不到、听不到。",
         "action": "发一条测试；联系村里看电源和网络；修好之前由村干部敲锣、手持喊话代替。",
         "within": "2 小时内核对，发布预警前必须有替代办法。"},
  "en": {"cause": "The screen or loudspeaker is offline, or several commands in a row failed.",
         "consequence": "When a warning goes out people here neither see nor hear it.",
         "action": "Send a test; ask the village to look at power and network; until it works gongs and megaphones replace it.",
         "within": "Check within 2 hours; have a replacement before any warning goes out."}}',
 'design.md: device status and receipts'),
('link_ingest', 'link', 'equipment', null, '{}', 'red',
 '{"what": "ingest", "away_s": 30}', '{
  "zh": {"cause": "数据接收程序没有运行或连不上数据库。",
         "consequence": "全县数据都进不来，所有水雨情告警都停在旧数据上。",
         "action": "运行 anlan doctor 查看；重启 ingest；恢复前请各乡镇电话报汛。",
         "within": "立即。"},
  "en": {"cause": "The receiver of telemetry is not running or cannot reach the database.",
         "consequence": "No data of the county comes in; every alarm stands on old readings.",
         "action": "Run anlan doctor; restart ingest; until it is back the towns report by telephone.",
         "within": "At once."}}',
 'design.md: heartbeats of the roles'),
('link_broker', 'link', 'equipment', null, '{}', 'red',
 '{"what": "broker", "away_s": 30}', '{
  "zh": {"cause": "消息服务器连不上：程序停止、服务器或骨干网故障。",
         "consequence": "测站数据进不来，显示屏和大喇叭也指挥不到。",
         "action": "运行 anlan doctor 查看；重启 mosquitto 或找网络管理员；预警改用电话、短信。",
         "within": "立即。"},
  "en": {"cause": "The message broker cannot be reached: it is down, or the server or the backbone is.",
         "consequence": "No telemetry comes in, and no screen or loudspeaker can be commanded.",
         "action": "Run anlan doctor; restart mosquitto or call the network administrator; warn by telephone and SMS.",
         "within": "At once."}}',
 'design.md: dispatch owns the device link'),
('link_sms', 'link', 'equipment', null, '{}', 'red',
 '{"what": "sms", "away_s": 60}', '{
  "zh": {"cause": "短信网关连不上。",
         "consequence": "短信叫应发不出去，责任人收不到通知。",
         "action": "运行 anlan doctor 查看；找运营商；恢复前值班员逐个打电话叫应。",
         "within": "立即。"},
  "en": {"cause": "The SMS gateway cannot be reached.",
         "consequence": "Nobody is called by SMS: notices reach no responsible person.",
         "action": "Run anlan doctor; call the provider; until it is back the duty officers ring everybody by hand.",
         "within": "At once."}}',
 'alerts/dispatch.py: detail of its heartbeat'),
('link_telemetry', 'link', 'equipment', null, '{}', 'red',
 '{"what": "telemetry", "silent_s": 60, "least": 3, "share": 0.6}', '{
  "zh": {"cause": "许多测站到点都没来数据：消息服务器、骨干网或运营商专线中断。",
         "consequence": "全县水雨情看不到；各站的漏报由此引起，不再逐站告警。",
         "action": "先查中心网络和消息服务器，再找运营商；各乡镇电话报汛；长时间不通时启用卫星电话、电台。",
         "within": "立即。"},
  "en": {"cause": "Many stations were due and none came: the broker, the backbone or the provider''s line is down.",
         "consequence": "Nobody sees the county''s water and rain. The silence of the stations comes from this and is not called one by one.",
         "action": "Check the centre''s network and broker, then the provider; let the towns report by telephone; if it lasts use satellite phone and radio.",
         "within": "At once."}}',
 'issue 4: broker or backbone down mutes the silence of its stations'),
('isolation', 'isolation', 'equipment', null, '{}', 'red',
 '{"least": 4, "kinds": 2, "share": 0.6, "share_off": 0.4, "window_s": 3600, "answer_s": 300, "called_s": 7200, "county_share": 0.6, "county_least": 3}', '{
  "zh": {"cause": "本区域测站、设备、摄像机和人员大多同时失去联系：基站、光缆和电力可能同时中断，也可能已经成灾。",
         "consequence": "险情报不出来，转移命令传不进去；没有消息不等于平安。",
         "action": "立即改用卫星电话、短波或超短波电台呼叫；叫不通的派人骑摩托车、步行送信；请相邻乡镇、部队、电力和通信抢修队就近查看；在叫通之前按最坏情况安排转移。",
         "within": "5 分钟内换手段呼叫，30 分钟内派出送信人。"},
  "en": {"cause": "Most stations, devices, cameras and people of this area fell silent together: towers, fibre and power may be gone at once, or the disaster is there already.",
         "consequence": "Danger cannot be reported and orders to move do not arrive. No news is not good news.",
         "action": "Call by satellite phone and by short-wave or VHF radio at once; send a messenger by motorcycle or on foot where nobody answers; ask neighbouring towns, the army, power and telecom crews to look; until somebody answers plan for the worst.",
         "within": "Call by other means within 5 minutes, send the messenger within 30 minutes."}}',
 'issue 4: 失联; design.md: silence is never green');

-- What explains what: while an alarm of `source` stands, alarms of `target` are hidden (suppressed by design).
create table inhibition (
    source          text not null,
    target          text not null,
    equal           text not null check (equal in ('none', 'station', 'area', 'subject')),
    release_after_s integer not null default 0 check (release_after_s between 0 and 43200),
    reason          text not null check (reason <> ''),
    set_at          timestamptz not null default now(),
    set_by          text not null default 'anlan',
    primary key (source, target),
    check (source <> target)
);
comment on column inhibition.equal is
    'what both must share: nothing; the station; the area (the target''s lies within the source''s); the subject';
comment on column inhibition.release_after_s is
    'so long after the source is over its targets stay hidden: they need time to be heard again';

-- New danger is never hidden by other danger: only equipment is muted, never 失联, and nothing in a circle.
create function inhibition_allowed() returns trigger language plpgsql as $$
begin
    if exists (select from rule where code = new.target and (class <> 'equipment' or kind = 'isolation')) then
        raise exception 'alarms of % are never muted by another: only equipment is, and never 失联', new.target
            using errcode = 'check_violation';
    end if;
    if not exists (select from rule where code = new.target) or not exists (select from rule where code = new.source) then
        raise exception 'there is no rule % or no rule %', new.source, new.target using errcode = 'foreign_key_violation';
    end if;
    if exists (
        with recursive muted (rule) as (
            select new.target union
            select inhibition.target from inhibition join muted on inhibition.source = muted.rule
        ) select from muted where rule = new.source) then
        raise exception '% and % would mute each other', new.source, new.target using errcode = 'check_violation';
    end if;
    return new;
end
$$;
create trigger allowed before insert or update on inhibition
    for each row execute function inhibition_allowed();

create function muted_rule_allowed() returns trigger language plpgsql as $$
begin
    if (new.class <> 'equipment' or new.kind = 'isolation')
       and exists (select from inhibition where target = new.code) then
        raise exception 'alarms of % are muted by others: take it out of inhibition before it becomes %',
            new.code, new.class using errcode = 'check_violation';
    end if;
    return new;
end
$$;
create trigger muted_allowed before insert or update on rule
    for each row execute function muted_rule_allowed();

insert into inhibition (source, target, equal, release_after_s, reason)
select source, target, 'none', 900, reason
from (values ('link_ingest', 'without the receiver nothing is heard'),
             ('link_broker', 'everything comes by the broker'),
             ('link_telemetry', 'nobody is heard, whatever the reason')) as sources (source, reason)
cross join (values ('silence_station'), ('silence_value'), ('camera'), ('device')) as targets (target);
insert into inhibition (source, target, equal, release_after_s, reason) values
('link_ingest', 'link_telemetry', 'none', 120, 'without the receiver nothing is heard'),
('link_broker', 'link_telemetry', 'none', 120, 'everything comes by the broker'),
('silence_station', 'silence_value', 'station', 0, 'the whole station is silent'),
('silence_station', 'battery', 'station', 0, 'what it said of its battery is old'),
('silence_station', 'clock', 'station', 0, 'what it said of its clock is old');

-- Out of service (停用) for at most 12 hours, by two persons, ended by itself. Nothing of it is ever deleted.
create table service_absence (
    id       bigint generated always as identity primary key,
    kind     text not null check (kind in ('station', 'device', 'camera')),
    subject  text not null,
    area     text references area,
    starts   timestamptz not null,
    until    timestamptz not null check (until > starts and until <= starts + interval '12 hours'),
    reason   text not null check (reason <> ''),
    by_user  text not null,
    second   text not null check (second <> by_user),
    request  bigint references second_person_request,
    ended_at timestamptz,
    ended_by text,
    check ((ended_at is null) = (ended_by is null))
);
create unique index service_absence_now on service_absence (kind, subject) where ended_at is null;
create index on service_absence (until) where ended_at is null;

-- A station that is away keeps its mark, and takes its absence along under another code.
create function keep_out_of_service() returns trigger language plpgsql as $$
begin
    if exists (select from service_absence
               where kind = 'station' and subject = new.code and ended_at is null) then
        new.out_of_service := true;
    end if;
    return new;
end
$$;
create trigger keep_out_of_service before update of out_of_service on station
    for each row execute function keep_out_of_service();
create function absence_follows_station() returns trigger language plpgsql as $$
begin
    update service_absence set subject = new.code where kind = 'station' and subject = old.code;
    return null;
end
$$;
create trigger absence_follows after update of code on station
    for each row when (new.code is distinct from old.code) execute function absence_follows_station();
