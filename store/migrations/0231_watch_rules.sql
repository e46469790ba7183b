-- What of ourselves is late raises an alarm: the chain calls, the rest is called for as blue.
insert into rule (code, class, kind, priority, terms, card, source) values
('watch_chain', 'equipment', 'watch', 'orange', '{"parts": ["canary", "ingest", "evaluator", "dispatch"]}', '{
  "zh": {"cause": "从测站报文到叫应的链路中有一环停止、落后或自检没有走通。",
         "consequence": "在恢复之前，越限可能不报警，通知可能发不出去。",
         "action": "人工盯防：电话核对重点站水位雨量；在主机上运行 anlan doctor，按提示处理；必要时电话叫应乡镇。",
         "within": "5 分钟内确认，15 分钟内恢复或转为人工叫应。"},
  "en": {"cause": "A link of the chain from gauge to call has stopped, is behind, or the canary did not come through.",
         "consequence": "Until it is mended a crossing may raise no alarm and a notice may not leave.",
         "action": "Watch by hand: ask for levels and rain of the important gauges by telephone; run anlan doctor on the machine and do what it says; call the towns by telephone if need be.",
         "within": "Acknowledge within 5 minutes; mended or called by hand within 15."}}',
 'ours: who watches us (docs/watch.md)'),
('watch_rest', 'equipment', 'watch', 'blue', '{"parts": ["derive", "clock", "watcher"]}', '{
  "zh": {"cause": "主机时钟、后台计算或外部值守程序不正常。",
         "consequence": "时钟不准会使观测时间与时效判断出错；没有外部值守，本中心停机时无人知道。",
         "action": "在主机上运行 anlan doctor，按提示处理；检查第二台机器上的 anlan watch。",
         "within": "当班内处理。"},
  "en": {"cause": "The clock of a machine, the computing behind, or the watcher outside is not in order.",
         "consequence": "A wrong clock makes times of observation and lateness wrong; without a watcher nobody learns that this centre has died.",
         "action": "Run anlan doctor on the machine and do what it says; look at anlan watch on the second machine.",
         "within": "Within the shift."}}',
 'ours: who watches us (docs/watch.md)');
