-- Rules of class weather: official warnings in force, and typhoons that come near.

insert into rule (code, class, kind, priority, terms, card, source) values
('weather_warning', 'weather', 'weather', 'yellow', '{}', '{
  "zh": {"cause": "气象等部门发布的预警正在本县或本镇生效。",
         "consequence": "预警所述的降雨、大风、雷电等可能在数小时内出现，并引发山洪、内涝或险情。",
         "action": "阅读预警原文与防御指南；对照雷达、雨量和水位；通知受影响乡镇值班员；达到预案条件时提请研判响应。",
         "within": "红、橙 5 分钟内确认；黄、蓝 15 分钟内确认。"},
  "en": {"cause": "An official warning is in force for the county or the town.",
         "consequence": "The rain, wind or storm that it names may come within hours, and flash floods or danger at works after it.",
         "action": "Read the warning and its instructions; compare radar, rain and levels; tell the duty officers of the towns; where the plan asks for it, propose a response.",
         "within": "Red, orange: acknowledge within 5 minutes. Yellow, blue: within 15 minutes."}}',
 'CAP 1.2, GB/T 35965.1-2018; field.md 2.14'),
('typhoon_near', 'weather', 'typhoon', null, '{
  "distance": [{"km": 800, "severity": "blue"}, {"km": 500, "severity": "yellow"}, {"km": 300, "severity": "orange"}],
  "distance_ahead_h": 24,
  "wind": [{"force": 7, "within_h": 24, "severity": "blue"}, {"force": 10, "within_h": 24, "severity": "yellow"},
           {"force": 10, "within_h": 12, "severity": "orange"}, {"force": 12, "within_h": 6, "severity": "red"}],
  "hold_h": 12, "gone_h": 48}', '{
  "zh": {"cause": "台风中心逼近本县，或其 7、10、12 级风圈按发布的预报将影响本县。",
         "consequence": "大风、暴雨、风暴增水叠加，海塘、渔船、危房、在建工地和沿海人员有危险。",
         "action": "核对最新定位与预报；通知沿海乡镇召回渔船、撤离养殖和海塘外人员；检查旱闸、泵站和避灾场所；按预案提请防台响应。",
         "within": "红、橙 5 分钟内确认并叫应沿海乡镇；黄、蓝 15 分钟内确认。"},
  "en": {"cause": "A typhoon comes near, or its winds of force 7, 10 or 12 are forecast to reach the county.",
         "consequence": "Wind, rain and storm surge together: sea walls, boats, unsafe houses, building sites and people on the coast are in danger.",
         "action": "Check the newest position and forecast; have boats called back and people outside the sea wall moved; check gates, pumps and shelters; propose the response that the plan asks for.",
         "within": "Red, orange: acknowledge and call the coastal towns within 5 minutes. Yellow, blue: within 15 minutes."}}',
 'field.md 2.4: typhoon signals by force and hours; distances of county plans, to be set');
