-- From an alarm's change to an order: who waits to be told, what was told when, floods of alarms.

-- What an order is about: one alarm or many. `severity` is as what people are called for it: an answer
-- acknowledges no more than what was told.
create table order_alarm (
    order_id bigint not null references orders on delete cascade,
    alarm    bigint not null references alarm,
    severity text check (severity in ('red', 'orange', 'yellow', 'blue')),
    position integer not null default 0,
    primary key (order_id, alarm)
);
create index on order_alarm (alarm);
comment on column order_alarm.position is 'worst first, from 0';
insert into order_alarm (order_id, alarm, severity) select id, alarm, severity from orders where alarm is not null;

-- Real and drill never share a row, whoever writes it.
drop trigger order_stays_in_its_exercise on orders;
alter table orders drop column alarm;
create or replace function order_stays_in_its_exercise() returns trigger language plpgsql as $$
begin
    if new.exercise is distinct from old.exercise then
        raise exception 'an order stays in its exercise (%)', new.id using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger order_stays_in_its_exercise before update of exercise on orders
    for each row execute function order_stays_in_its_exercise();
create function order_alarm_stays_in_its_exercise() returns trigger language plpgsql as $$
begin
    if (select exercise from orders where id = new.order_id)
        is distinct from (select exercise from alarm where id = new.alarm) then
        raise exception 'an order belongs to the exercise of its alarm (%): real and drill are never mixed',
            new.alarm using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger order_alarm_stays_in_its_exercise before insert or update on order_alarm
    for each row execute function order_alarm_stays_in_its_exercise();

-- A notice of alarms belongs to a desk, and is repeated while it is not acknowledged.
alter table orders
    add column desk      text references area,
    add column repeat_at timestamptz;
comment on column orders.desk is 'area at whose duty desk the alarms of an automatic notice are; null for what persons write';
comment on column orders.repeat_at is 'when everybody is called again, if an alarm of it still is unacknowledged';
create index on orders (repeat_at) where repeat_at is not null and state = 'issued';

alter table delivery add column carried integer not null default 0;
comment on column delivery.carried is 'calls in vain by the notices in whose place this order stands: they count before the superior is called';

-- One row per change of an alarm that people should hear of: queue and log.
create table annunciation (
    id         bigint generated always as identity primary key,
    alarm      bigint not null references alarm,
    exercise   text references exercise,
    asked_at   timestamptz not null,
    severity   text not null check (severity in ('red', 'orange', 'yellow', 'blue')),
    colour     text check (colour in ('red', 'orange', 'yellow', 'blue')),
    title      text not null,
    text       text not null,
    line       text not null,
    hazard     text not null,
    desk       text references area,
    place_kind text check (place_kind in ('river', 'town')),
    place      text,
    state      text not null default 'waiting' check (state in ('waiting', 'told', 'past', 'dropped')),
    due_at     timestamptz not null,
    reason     text,
    uncalled   boolean not null default false,
    settled_at timestamptz,
    order_id   bigint references orders
);
create unique index annunciation_waiting on annunciation (alarm) where state = 'waiting';
create unique index annunciation_told on annunciation (alarm) where state = 'told';
create index on annunciation (due_at) where state = 'waiting';
create index on annunciation (asked_at);
comment on column annunciation.severity is 'as what people are called: the colour, else the priority of the rule';
comment on column annunciation.due_at is 'when it is looked at next';
comment on column annunciation.reason is 'why it waits, or why nobody was told';
comment on column annunciation.uncalled is 'it waits because nobody could be called';
comment on column annunciation.state is 'told: the last that people heard of the alarm; past: they have heard more since';

-- Every time that a desk was called for alarms: a new notice, or one that was repeated.
create table alarm_notice (
    id       bigint generated always as identity primary key,
    order_id bigint not null references orders,
    exercise text references exercise,
    desk     text not null references area,
    at       timestamptz not null,
    why      text not null check (why in ('group', 'bundle', 'repeat')),
    severity text not null check (severity in ('red', 'orange', 'yellow', 'blue')),
    alarms   integer not null,
    news     integer not null
);
create index on alarm_notice (at);
comment on column alarm_notice.news is 'how many of its alarms nobody had been called for before';

-- Floods of alarms at a desk.
create table alarm_flood (
    id       bigint generated always as identity primary key,
    exercise text references exercise,
    desk     text not null references area,
    began_at timestamptz not null,
    ended_at timestamptz,
    count    integer not null,
    peak     integer not null,
    look_at  timestamptz
);
create unique index alarm_flood_running on alarm_flood (exercise, desk) nulls not distinct where ended_at is null;
comment on column alarm_flood.count is 'alarms that asked for people in the 10 minutes before the last look';
create trigger announce after insert or update or delete on alarm_flood
    for each row execute function announce_change('flood', 'id');
