-- Reports of danger from the field: what was seen, its history (append-only), pictures.

create table report (
    id            bigint generated always as identity primary key,
    key           text not null check (length(key) between 8 and 64),
    exercise      text references exercise,
    kind          text not null check (kind in
                  ('piping', 'landslide', 'overtopping', 'breach', 'seepage', 'crack', 'road_cut', 'other')),
    severity      text not null check (severity in ('red', 'orange', 'yellow', 'blue')),
    area          text not null references area,
    lon           double precision check (lon between -180 and 180),
    lat           double precision check (lat between -90 and 90),
    accuracy_m    double precision check (accuracy_m >= 0),
    place         text not null default '',
    text          text not null default '',
    observed_at   timestamptz not null,
    received_at   timestamptz not null,
    reported_by   text not null,
    joined_to     bigint references report check (joined_to <> id),
    closed_at     timestamptz,
    closed_by     text,
    closed_reason text,
    unique (reported_by, key),
    check ((lon is null) = (lat is null)),
    check ((closed_at is null) = (closed_by is null) and (closed_at is null) = (closed_reason is null))
);
comment on column report.joined_to is 'the first report of the same danger; that one is joined to none';
create index on report (exercise, closed_at, observed_at desc);
create index on report (joined_to) where joined_to is not null;

create table report_event (
    id     bigint generated always as identity primary key,
    report bigint not null references report,
    at     timestamptz not null,
    kind   text not null check (kind in ('filed', 'edited', 'noted', 'photo', 'joined', 'closed')),
    actor  text not null,
    detail jsonb not null default '{}'
);
create index on report_event (report, id);

-- Pictures are drawn anew as JPEG before they are kept: nothing of the sender's file survives but what is seen.
create table report_photo (
    id      bigint generated always as identity primary key,
    report  bigint not null references report,
    at      timestamptz not null,
    actor   text not null,
    width   integer not null check (width > 0),
    height  integer not null check (height > 0),
    jpeg    bytea not null
);
create index on report_photo (report, id);

create trigger append_only before update or delete or truncate on report_event
    for each statement execute function refuse_change();
create trigger append_only before update or delete or truncate on report_photo
    for each statement execute function refuse_change();
create trigger announce after insert or update or delete on report
    for each row execute function announce_change('report', 'id');
create trigger announce after insert on report_event
    for each row execute function announce_change('report', 'report');

insert into rule (code, class, kind, terms, card, source) values
('field_report', 'report', 'report', '{}', '{
  "zh": {"cause": "现场人员上报险情（管涌、滑坡、漫顶、决口、渗漏、裂缝、道路中断等）。",
         "consequence": "险情可能在短时间内扩大，危及堤坝、道路和附近人员。",
         "action": "立即与上报人通话核实；查看照片、附近水位和雨量；叫应责任乡镇组织抢险并转移危险区人员；险情解除由带班领导确认。",
         "within": "红、橙 5 分钟内确认并回电；黄、蓝 15 分钟内确认。"},
  "en": {"cause": "People in the field have reported danger at works (piping, landslide, overtopping, breach, seepage, crack, road cut).",
         "consequence": "It may grow within a short time and endanger dikes, roads and people nearby.",
         "action": "Call the reporter back at once; look at the pictures, the levels and rain nearby; call the town to act and to move people out of danger; the leader on duty confirms the end.",
         "within": "Red, orange: acknowledge and call back within 5 minutes. Yellow, blue: within 15 minutes."}}',
 'field.md 1.2, 2.15: reports of danger latch; default severities are ours');
