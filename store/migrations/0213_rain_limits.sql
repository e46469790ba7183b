-- Rain limits: the county's default table, those of hamlets at risk, and how wet the soil is.

-- Critical rain by severity and window, any one (field.md 2.5: Jianghua County). 12 hours are not in that table.
create table rain_limit_default (
    severity text not null check (severity in ('red', 'orange', 'yellow', 'blue')),
    window_s integer not null check (window_s between 600 and 86400),
    mm       double precision not null check (mm > 0),
    source   text not null,
    primary key (severity, window_s)
);
insert into rain_limit_default (severity, window_s, mm, source)
select severity, hours * 3600, mm, 'field.md 2.5: critical rain of Jianghua County'
from (values
    ('blue', 1, 35), ('blue', 3, 55), ('blue', 6, 70), ('blue', 24, 100),
    ('yellow', 1, 45), ('yellow', 3, 75), ('yellow', 6, 95), ('yellow', 24, 130),
    ('orange', 1, 60), ('orange', 3, 100), ('orange', 6, 120), ('orange', 24, 160),
    ('red', 1, 80), ('red', 3, 120), ('red', 6, 150), ('red', 24, 200)
) as jianghua (severity, hours, mm);

-- 准备转移 and 立即转移 of a hamlet at risk (分析评价): per window and state of the soil; what is replaced stays.
create table hamlet_limit (
    id           bigint generated always as identity primary key,
    area         text not null references area,
    window_s     integer not null check (window_s between 600 and 86400),
    soil         text not null check (soil in ('dry', 'normal', 'wet', 'any')),
    prepare_mm   double precision not null check (prepare_mm > 0),
    immediate_mm double precision not null check (immediate_mm >= prepare_mm),
    gauges       text[] not null check (cardinality(gauges) > 0),
    source       text not null,
    set_at       timestamptz not null default now(),
    set_by       text not null,
    replaced_at  timestamptz
);
create unique index hamlet_limit_current on hamlet_limit (area, window_s, soil) where replaced_at is null;
comment on column hamlet_limit.gauges is 'codes of the rain gauges that stand for the hamlet: the wettest counts';

-- A gauge that is given a new code takes the hamlets that it stands for along.
create function hamlet_gauges_follow() returns trigger language plpgsql as $$
begin
    update hamlet_limit set gauges = array_replace(gauges, old.code, new.code) where old.code = any(gauges);
    return null;
end
$$;
create trigger hamlet_gauges_follow after update of code on station
    for each row when (new.code is distinct from old.code) execute function hamlet_gauges_follow();

-- How wet the soil is, where rain limits ask for it; kept for every day.
create table soil_state (
    area        text not null references area,
    exercise    text references exercise,
    day         date not null,
    state       text not null check (state in ('dry', 'normal', 'wet')),
    source      text not null check (source in ('moisture', 'antecedent', 'assumed')),
    value       double precision,
    days        integer,
    computed_at timestamptz not null,
    unique nulls not distinct (area, exercise, day)
);
comment on column soil_state.value is 'measured moisture (%), or antecedent rain Pa (mm); null where assumed';
comment on column soil_state.days is 'days of the fifteen before whose rain is known, for antecedent rain';

insert into rule (code, class, kind, property, terms, card, source) values
('rain_area', 'rain', 'rain_area', 'rainfall_sliding', '{
  "clear_share": 0.8, "dry_min": 30, "stale_min": 60,
  "town_mean": ["blue", "yellow", "orange", "red"], "town_highest": ["orange", "red"],
  "soil": {"k": 0.85, "most_mm": 100, "dry_below": 0.5, "wet_from": 0.8, "least_days": 5,
           "moisture_dry_below": 15, "moisture_wet_from": 30, "moisture_max_h": 24}}', '{
  "zh": {"cause": "风险点或乡镇的雨量达到准备转移或立即转移指标，或面雨量达到预警指标。",
         "consequence": "小流域可能突发山洪，滑坡、泥石流危及沟口、河边和陡坡下的人员。",
         "action": "立即叫应村责任人；准备转移：清点人员、开放避灾场所、停止户外作业；立即转移：按名单逐户转移到位并上报人数。先转移，后核实。",
         "within": "立即转移（红）、准备转移（橙）5 分钟内确认并叫应到村；黄、蓝 15 分钟内确认。"},
  "en": {"cause": "The rain of a hamlet at risk or a town has reached its limit to prepare or to move at once, or the areal mean a warning level.",
         "consequence": "Flash floods may come without delay; landslides and debris endanger people at streams and below steep slopes.",
         "action": "Call the responsible persons of the village at once. Prepare: count people, open shelters, stop work outside. Move: house by house by the list, and report numbers. Move first, verify later.",
         "within": "Red (move at once), orange (prepare): acknowledge and call the village within 5 minutes. Yellow, blue: within 15 minutes."}}',
 'field.md 2.5: 准备转移, 立即转移; soil: antecedent rain Pa = K (Pa + P), K and classes to be set for the county');
