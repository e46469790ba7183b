-- Several dangers at once: a rule that has only a gate.
insert into rule (code, class, kind, terms, requires, card, source) values
('compound_danger', 'weather', 'combined',
 '{"over": "county", "severity": "orange", "name_zh": "风雨潮洪叠加", "name_en": "wind, rain, tide and flood together"}',
 '{"least": 3, "within_s": 10800, "of": [
    {"rule": "typhoon_near", "subject": "area", "severity": "orange"},
    {"rule": "rain_area", "subject": "area", "severity": "orange"},
    {"rule": "river_level", "subject": "area", "severity": "yellow"},
    {"rule": "reservoir_level", "subject": "area", "severity": "orange"},
    {"rule": "tide_level", "subject": "area", "severity": "orange"}]}', '{
  "zh": {"cause": "台风、强降雨、河道洪水、水库、风暴潮中至少三项在三小时内同时告警。",
         "consequence": "外有高潮顶托、内有洪水下泄，排水受阻，沿海沿河低洼处险情会比单项更快更重。",
         "action": "会商研判；统筹水库泄洪、闸泵启闭与错峰；提前扩大转移范围；按预案提请提升响应。",
         "within": "5 分钟内确认并报告带班领导。"},
  "en": {"cause": "At least three of typhoon, heavy rain, river flood, reservoir and storm tide are in alarm within three hours.",
         "consequence": "High tide holds the flood back and drainage fails: low ground at the coast and rivers is in danger sooner and worse than by any of them alone.",
         "action": "Confer; release of reservoirs, gates and pumps in one plan; move more people, earlier; propose a higher response.",
         "within": "Acknowledge within 5 minutes and report to the leader on duty."}}',
 'field.md 2.6: conditions of responses need k of n; which and how many is the county''s to set');
