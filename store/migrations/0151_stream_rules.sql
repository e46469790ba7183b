-- Rules of rates and of sliding rain, and marks that re-judge what they compare.

alter table alarm_track set (fillfactor = 60);

insert into rule (code, kind, class, property, kinds, terms, card, source) values
('water_rise', 'rate', 'water', 'water_level', '{ZZ,ZQ,RR,DD}', '{"limits": "rise_rate", "window_s": 3600}', '{
  "zh": {"cause": "水位上涨速率达到本站限值：上游暴雨产流、水库泄洪或堰塞体溃决。",
         "consequence": "水位可能在短时间内越过警戒、保证水位，留给转移的时间很短。",
         "action": "对照上游雨量、上游站水位和图像；通知下游村社和沿河作业人员离开河道；按预报到达时间提前叫应责任人。",
         "within": "橙、红 5 分钟内确认并叫应下游乡镇；黄 15 分钟内确认。"},
  "en": {"cause": "The level rises as fast as the limit of this station: heavy rain upstream, a release, or a natural dam that broke.",
         "consequence": "Warning and guarantee level may be passed within a short time; little is left for moving people.",
         "action": "Compare rain and levels upstream and the pictures; get people and works downstream out of the river; call the responsible persons ahead of the expected time.",
         "within": "Orange, red: acknowledge and call the towns downstream within 5 minutes. Yellow: within 15 minutes."}}',
 'field.md 1.3: fitted over 30 to 60 minutes, at least three points, none of them doubtful'),
('water_fall', 'rate', 'water', 'water_level', '{RR,DD,ZZ,ZQ}', '{"limits": "fall_rate", "window_s": 3600}', '{
  "zh": {"cause": "水位骤降达到本站限值：闸门误开、堤坝渗漏溃决，或泄洪过快。",
         "consequence": "坝坡、岸坡可能滑坡失稳；若是溃口，下游将突发洪水。",
         "action": "立即核对闸门开度和坝、堤图像，叫应巡查责任人上坝查看；疑似溃口立即通知下游转移。",
         "within": "橙、红 5 分钟内确认并叫应巡查责任人；黄 15 分钟内确认。"},
  "en": {"cause": "The level falls as fast as the limit of this station: a gate opened in error, a leak or breach, or a release that is too quick.",
         "consequence": "Slopes of dam and banks may slide; if it is a breach, a sudden flood goes downstream.",
         "action": "Check gates and pictures at once, send the patrol to the dam or dike; if a breach is likely move people downstream at once.",
         "within": "Orange, red: acknowledge and call the patrol within 5 minutes. Yellow: within 15 minutes."}}',
 'field.md 1.3: as water_rise'),
('station_rain', 'rain', 'rain', 'rainfall_sliding', '{PP,ZZ,ZQ,RR,DD,TT,DP,MM}', '{"defaults": [
    {"period_s": 3600, "blue": 35, "yellow": 45, "orange": 60, "red": 80},
    {"period_s": 10800, "blue": 55, "yellow": 75, "orange": 100, "red": 120},
    {"period_s": 21600, "blue": 70, "yellow": 95, "orange": 120, "red": 150},
    {"period_s": 86400, "blue": 100, "yellow": 130, "orange": 160, "red": 200}]}', '{
  "zh": {"cause": "本站滑动累计雨量达到预警值。",
         "consequence": "小流域可能暴发山洪，低洼处内涝，边坡可能滑坡。",
         "action": "对照雷达图和邻近雨量站；叫应所在乡镇和村级防汛责任人，巡查山洪沟、滑坡隐患点；达到橙、红时准备转移危险区人员。",
         "within": "红、橙 5 分钟内确认并叫应乡镇；黄、蓝 15 分钟内确认。"},
  "en": {"cause": "The sliding sum of rain at this gauge has reached a warning value.",
         "consequence": "Flash floods in small catchments, water standing in low places, slopes may slide.",
         "action": "Compare radar and neighbouring gauges; call town and village to patrol gullies and slopes; at orange and red prepare to move people out of danger areas.",
         "within": "Red, orange: acknowledge and call the town within 5 minutes. Yellow, blue: within 15 minutes."}}',
 'field.md 2.5: critical rain of a mountain county (Jianghua); a station''s own limits take its place');

-- A changed limit judges the newest reading of what it is compared with anew.
create or replace function mark_changed_threshold() returns trigger language plpgsql as $$
declare
    changed threshold := coalesce(new, old);
    source  text := case when changed.property in ('rise_rate', 'fall_rate') then 'water_level'
                         else changed.property end;
begin
    insert into mark (consumer, series, from_time, to_time)
    select 'evaluator', series.id, latest.time, latest.time
    from series join latest on latest.series = series.id
    where series.station = changed.station and series.property = source;
    perform pg_notify('anlan_marks', '');
    return null;
end
$$;

-- So does a new version of a rule that is compared with readings.
create function mark_changed_rule() returns trigger language plpgsql as $$
begin
    insert into mark (consumer, series, from_time, to_time)
    select 'evaluator', series.id, latest.time, latest.time
    from series
    join latest on latest.series = series.id
    join station on station.code = series.station
    where series.property = new.property and station.kind = any(new.kinds);
    perform pg_notify('anlan_marks', '');
    return null;
end
$$;
create trigger mark_changed after insert or update on rule
    for each row when (new.kind in ('level', 'rate', 'rain')) execute function mark_changed_rule();
