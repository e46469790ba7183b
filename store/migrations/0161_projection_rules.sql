-- Rules of kind projection: a limit that is not reached yet will be, within three hours (docs/forecasts.md).

insert into rule (code, class, kind, property, kinds, terms, card, source) values
('river_projection', 'water', 'projection', 'water_level', '{ZZ,ZQ,DD}',
 '{"severity": "one_below", "least": 2, "of": 3, "ahead_h": 3}', '{
  "zh": {"cause": "按水位趋势或上游来水推算，三小时内将达到下一级特征水位。推算不是实测，区间见告警。",
         "consequence": "到达后堤防、闸站和低洼处有险；此刻还有准备的时间。",
         "action": "核对上下游水位、雨量和图像；通知乡镇值班员与责任人提前上岗巡查；将达保证水位的，提前准备转移危险区人员。",
         "within": "在最早到达时刻之前；橙 5 分钟内确认，黄、蓝 15 分钟内确认。"},
  "en": {"cause": "By the trend of the level or the flood upstream the next limit will be reached within three hours. This is projected, not measured; the range stands in the alarm.",
         "consequence": "Dikes, sluices and low ground are in danger when it comes; now there is still time to prepare.",
         "action": "Check gauges up and down the river, rain and pictures; have the town duty officer and the responsible persons at their posts early; before guarantee level prepare to move people out of danger areas.",
         "within": "Before the earliest time of arrival; orange: acknowledge within 5 minutes, yellow and blue within 15."}}',
 'field.md 2.2: near warning level includes forecast or trend that reaches it within 3 h; SL 323 ST_FSDR_B'),
('reservoir_projection', 'water', 'projection', 'water_level', '{RR}',
 '{"severity": "one_below", "least": 2, "of": 3, "ahead_h": 3}', '{
  "zh": {"cause": "按库水位上涨趋势推算，三小时内将达到汛限、正常蓄水、设计或校核水位。",
         "consequence": "防洪库容将被占用，可能需要提前预泄；接近设计水位时大坝安全受威胁。",
         "action": "核对入库、出库流量与闸门开度；叫应行政、技术、巡查责任人；按调度规程请示预泄，泄洪前通知下游。",
         "within": "在最早到达时刻之前；橙 5 分钟内确认，黄、蓝 15 分钟内确认。"},
  "en": {"cause": "By its rise the reservoir will reach its flood limit, normal storage, design or check level within three hours.",
         "consequence": "Storage for the flood will be used up and water may have to be released early; near design level the dam is in danger.",
         "action": "Check inflow, outflow and gates; call the three responsible persons; ask for early release by the operating rules and warn downstream before it.",
         "within": "Before the earliest time of arrival; orange: acknowledge within 5 minutes, yellow and blue within 15."}}',
 'field.md 2.2: FSLTDZ valid for the day, NORMZ, DSFLZ, CKFLZ'),
('tide_projection', 'tide', 'projection', 'tide_level', '{TT}',
 '{"severity": "one_below", "least": 2, "of": 3, "ahead_h": 3}', '{
  "zh": {"cause": "天文潮预报加当前增水推算，三小时内潮位将达到下一级警戒潮位。",
         "consequence": "高潮时海塘可能越浪，沿海低洼处海水倒灌。",
         "action": "对照增水变化与台风路径；提前关闭旱闸和排涝闸，清空海塘外人员，通知沿海乡镇与渔船。",
         "within": "在最早到达时刻之前；橙 5 分钟内确认，黄、蓝 15 分钟内确认。"},
  "en": {"cause": "By the astronomical tide and the present surge the sea will reach its next warning level within three hours.",
         "consequence": "At high water waves may overtop the sea wall and low coast may be flooded.",
         "action": "Compare with the course of the surge and the typhoon; close gates early, clear people from outside the sea wall, tell the coastal towns and the boats.",
         "within": "Before the earliest time of arrival; orange: acknowledge within 5 minutes, yellow and blue within 15."}}',
 'field.md 2.15: four-colour tide warning levels of the station');
