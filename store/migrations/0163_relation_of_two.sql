-- The relation to upstream has two shares for every lead time: of the change upstream, and of the own change in an hour.
-- What was fitted before is fitted anew at the next reading.
delete from level_relation;
alter table level_relation drop column slope;
alter table level_relation
    add column of_upstream double precision[] not null,
    add column of_own      double precision[] not null,
    add check (cardinality(of_upstream) = cardinality(errors_m) and cardinality(of_own) = cardinality(errors_m));
comment on column level_relation.of_upstream is 'for leads of a quarter, a half … hour; empty: history taught too little';
