-- 补叫: calls that a person at the desk adds beyond the usual number.
alter table delivery add column extra_calls integer not null default 0 check (extra_calls >= 0);
