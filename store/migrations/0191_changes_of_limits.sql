-- Why a limit is as it is, who else allowed it, and who took it away: its history can be read whole.
alter table threshold
    add column reason          text not null default '',
    add column second_person   text,
    add column replaced_by     text,
    add column replaced_reason text not null default '';
comment on column threshold.second_person is 'who allowed it, where it raised or relaxed what stood';
comment on column threshold.replaced_by is 'who replaced or removed it; a removed limit has no successor';
create index on threshold (station, property, set_at desc);
