-- Why a rule is as it is, and who else allowed it. Only its newest version can be active.
alter table rule
    add column reason        text not null default '',
    add column second_person text;
create index on rule (code, version desc);
