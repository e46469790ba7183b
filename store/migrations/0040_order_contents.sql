-- What an order needs beside its texts: its recipients before it is issued, gapless numbers, editions,
-- and answers that come twice.

-- Recipients as the drafter chose them. Deliveries are made from them when the order is issued.
create table order_recipient (
    order_id       bigint not null references orders on delete cascade,
    recipient_kind text not null check (recipient_kind in ('person', 'device')),
    recipient      text not null,
    channel        text not null check (channel in ('sms', 'led', 'loudspeaker')),
    primary key (order_id, recipient_kind, recipient, channel)
);

-- The last number given, per kind of number and county year. A row lock until the commit keeps the
-- numbers without gaps under concurrency.
create table order_number (
    scope text not null,
    year  integer not null,
    last  integer not null check (last > 0),
    primary key (scope, year)
);

alter table orders
    add column edition      integer not null default 1,
    add column selection    jsonb not null default '{}',
    add column corrects     bigint references orders,
    add column needs_answer boolean not null default true,
    add column stays_until  timestamptz;
comment on column orders.edition is 'rises with every edit and is part of content_hash: approvals of an earlier edition never count again';
comment on column orders.selection is 'areas, posts and kinds by which the recipients were chosen, for editing';
comment on column orders.needs_answer is 'false for a message that only informs: sent once, never called again';
comment on column orders.stays_until is 'set while the order outlives ends_at because its alarm still stands';

-- An edited order is approved again: a step counts once per content.
alter table order_approval drop constraint order_approval_order_id_step_key;
alter table order_approval add unique (order_id, step, content_hash);

-- The gateway repeats a call-back until it is answered; its message id makes it one answer.
alter table answer add column message_id text unique;

-- A device command's sequence, so that a receipt finds its attempt.
alter table delivery_attempt add column sequence bigint;

create index on delivery (order_id);
create index on delivery (recipient_kind, recipient, submitted_at desc);
create index on delivery_attempt (lease_until) where state = 'sending';
