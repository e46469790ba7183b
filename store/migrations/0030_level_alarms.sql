-- Level rules with their alarm cards, and what the evaluator must remember between two readings.

insert into rule (code, class, property, kinds, card, source) values
('river_level', 'water', 'water_level', '{ZZ,ZQ}', '{
  "zh": {"cause": "上游来水或强降雨使河道水位上涨，达到本站预警水位。",
         "consequence": "堤防险工险段可能出险，低洼处和危房可能进水。",
         "action": "核对水位与上下游站、雨量和图像；通知乡镇值班员和责任人上堤巡查；达到保证水位时准备转移危险区人员。",
         "within": "红、橙 5 分钟内确认并叫应乡镇；黄、蓝 15 分钟内确认。"},
  "en": {"cause": "Inflow from upstream or heavy rain has raised the river to a warning level of this station.",
         "consequence": "Weak dike sections may fail; low ground and unsafe houses may be flooded.",
         "action": "Check against neighbouring gauges, rain and pictures; call the town duty officer and the responsible persons to patrol the dike; at guarantee level prepare to move people out of danger areas.",
         "within": "Red, orange: acknowledge and call the town within 5 minutes. Yellow, blue: acknowledge within 15 minutes."}}',
 'field.md 2.2: SL 323 WRZ, GRZ; flood warning signals of hydrology'),
('reservoir_level', 'water', 'water_level', '{RR}', '{
  "zh": {"cause": "库水位达到或超过汛限、正常蓄水或设计水位。",
         "consequence": "防洪库容不足，可能需要泄洪；接近设计、校核水位时大坝安全受威胁。",
         "action": "核对库水位与闸门开度；叫应行政、技术、巡查责任人到岗；按调度规程报请泄洪，泄洪前通知下游。",
         "within": "红、橙 5 分钟内确认并叫应责任人；黄 15 分钟内确认。"},
  "en": {"cause": "The reservoir has reached its flood limit, normal storage or design level.",
         "consequence": "Storage for the flood is short and water may have to be released; near design level the dam is in danger.",
         "action": "Check level and gates; call the three responsible persons of the reservoir to their posts; ask for release by the operating rules and warn downstream before it.",
         "within": "Red, orange: acknowledge and call within 5 minutes. Yellow: acknowledge within 15 minutes."}}',
 'field.md 2.2: FSLTDZ valid for the day, NORMZ, DSFLZ, CKFLZ'),
('sluice_level', 'water', 'water_level', '{DD}', '{
  "zh": {"cause": "闸前水位达到警戒或保证水位。",
         "consequence": "内涝加重，或外河水位顶托倒灌。",
         "action": "核对闸上闸下水位与潮位；叫应闸站值守人员，按调度令启闭闸门；通知两岸村社。",
         "within": "橙 5 分钟内确认；黄 15 分钟内确认。"},
  "en": {"cause": "The level at the sluice has reached its warning or guarantee level.",
         "consequence": "Water stands longer inland, or the outer river presses back.",
         "action": "Check both sides and the tide; call the sluice keepers and move the gates as ordered; tell the villages on both banks.",
         "within": "Orange: acknowledge within 5 minutes. Yellow: within 15 minutes."}}',
 'field.md 2.2: WRZ, GRZ at sluices'),
('tide_level', 'tide', 'tide_level', '{TT}', '{
  "zh": {"cause": "天文大潮与风暴增水使潮位达到警戒值。",
         "consequence": "海塘可能越浪，沿海低洼处海水倒灌，渔船和养殖人员有危险。",
         "action": "对照潮汐预报和增水；叫应沿海乡镇，关闭旱闸和排涝闸，清空海塘外人员，渔船回港。",
         "within": "红、橙 5 分钟内确认并叫应沿海乡镇；黄、蓝 15 分钟内确认。"},
  "en": {"cause": "Spring tide and storm surge have raised the sea to a warning level.",
         "consequence": "Waves may overtop the sea wall, low coast may be flooded, boats and fish farms are in danger.",
         "action": "Compare with the tide forecast and surge; call the coastal towns, close gates, clear people from outside the sea wall, bring boats to port.",
         "within": "Red, orange: acknowledge and call the coastal towns within 5 minutes. Yellow, blue: within 15 minutes."}}',
 'field.md 2.2: four-colour tide warning levels of the station');

alter table alarm
    add column shelved_by       text,
    add column shelved_severity text check (shelved_severity in ('red', 'orange', 'yellow', 'blue')),
    add column to_verify        boolean not null default false,
    add column called_severity  text check (called_severity in ('red', 'orange', 'yellow', 'blue')),
    add column reached_from     timestamptz,
    add column reached_until    timestamptz;
comment on column alarm.shelved_severity is 'what the shelf hides at most: anything worse breaks out of it';
comment on column alarm.to_verify is '待核实: raised by a suspect or bad value that no good one has confirmed yet';
comment on column alarm.called_severity is 'worst severity that people were called for since it last returned or improved';
comment on column alarm.reached_from is 'with reached_until: the observation times whose danger this alarm stands for (until null: still)';
create index on alarm (exercise, station, rule, reached_from);

-- What the evaluator knows of one series under one rule: how far it has read, and the present
-- condition. `active` are the thresholds (ids) that are reached, deadband included.
create table alarm_track (
    series         integer not null references series,
    rule           text not null,
    observed_at    timestamptz not null,
    active         bigint[] not null default '{}',
    severity       text check (severity in ('red', 'orange', 'yellow', 'blue')),
    value          double precision,
    threshold      double precision,
    threshold_name text,
    primary key (series, rule)
);

-- Ranges that could not be evaluated: kept with the reason, tried again at `retry_at`.
create table mark_fault (
    series    integer primary key,
    from_time timestamptz not null,
    to_time   timestamptz not null,
    reason    text not null,
    attempts  integer not null default 1,
    since     timestamptz not null default now(),
    retry_at  timestamptz not null
);

-- A changed limit judges the newest reading anew.
create function mark_changed_threshold() returns trigger language plpgsql as $$
declare
    changed threshold := coalesce(new, old);
begin
    insert into mark (consumer, series, from_time, to_time)
    select 'alerts', series.id, latest.time, latest.time
    from series join latest on latest.series = series.id
    where series.station = changed.station and series.property = changed.property;
    perform pg_notify('anlan_marks', '');
    return null;
end
$$;
create trigger mark_changed after insert or update or delete on threshold
    for each row execute function mark_changed_threshold();
