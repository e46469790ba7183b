-- Who is called: second numbers, screens and loudspeakers of the duty room, who is away and who stands in,
-- and chains by hazard, area and severity.

alter table person add column phone2 text;
create index on person (phone2) where phone2 is not null;
comment on column person.phone2 is 'a second number, called at the same time for red; never in an exercise';

alter table device add column internal boolean not null default false;
comment on column device.internal is 'stands in a duty room: notices may use it, because the public neither sees nor hears it';

alter table delivery drop constraint delivery_channel_check;
alter table delivery add constraint delivery_channel_check
    check (channel in ('sms', 'sms2', 'led', 'loudspeaker'));
alter table order_recipient drop constraint order_recipient_channel_check;
alter table order_recipient add constraint order_recipient_channel_check
    check (channel in ('sms', 'sms2', 'led', 'loudspeaker'));

-- A person is away; whoever stands in (代班) is called instead, on every turn and post of that time.
create table absence (
    id         bigint generated always as identity primary key,
    person     text not null references person,
    substitute text references person check (substitute <> person),
    starts     timestamptz not null,
    ends       timestamptz not null check (ends > starts),
    reason     text not null,
    made_by    text not null,
    made_at    timestamptz not null default now(),
    ended_by   text,
    ended_at   timestamptz
);
create index on absence (ends);
comment on column absence.substitute is 'null: nobody stands in, the person is only not there';

create table call_chain (
    code       text primary key check (code ~ '^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$'),
    name       text not null,
    area       text not null references area,
    hazard     text check (hazard in ('water', 'rain', 'tide', 'weather', 'report', 'equipment')),
    least      text check (least in ('red', 'orange', 'yellow', 'blue')),
    members    text[] not null check (cardinality(members) > 0),
    channels   text[] check (channels <@ array['sms', 'sms2', 'led', 'loudspeaker']),
    quiet_from time,
    quiet_to   time check ((quiet_from is null) = (quiet_to is null)),
    active     boolean not null default true,
    source     text not null default '',
    set_by     text not null,
    set_at     timestamptz not null default now()
);
create index on call_chain (area) where active;
comment on column call_chain.hazard is 'null: every hazard';
comment on column call_chain.least is 'from this severity on; null: every severity and none';
comment on column call_chain.members is 'as core.call_chains writes them: duty, leader@AREA, post:NAME:AB, person:CODE';
comment on column call_chain.channels is 'null: as the severity asks';
comment on column call_chain.quiet_from is 'local time; equal to quiet_to: never quiet; null: as the setting says';
