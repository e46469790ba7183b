-- Where a round of retention stands: it works in many small transactions and goes on after a restart.
alter table retention_run add column stage smallint not null default 0;
alter table retention_run add column reached integer not null default 0;
alter table retention_run add column ordered_by text;
comment on column retention_run.stage is 'number of the class in hand';
comment on column retention_run.reached is 'the last series of it that is done';
create unique index retention_run_open on retention_run ((true)) where ended_at is null;
