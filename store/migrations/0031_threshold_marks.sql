-- Marks of changed limits go to the evaluator's queue by the name that store/marks.py gives it.

create or replace function mark_changed_threshold() returns trigger language plpgsql as $$
declare
    changed threshold := coalesce(new, old);
begin
    insert into mark (consumer, series, from_time, to_time)
    select 'evaluator', series.id, latest.time, latest.time
    from series join latest on latest.series = series.id
    where series.station = changed.station and series.property = changed.property;
    perform pg_notify('anlan_marks', '');
    return null;
end
$$;
