-- Limits as every page and the evaluator (alerts/rules.py) read them, in one place: what stands now, without
-- the limits of an owner who writes 0 for "none". A limit is comparable over the station's own datum only
-- (core/datum.py): heights over two datums, or one over none, differ by metres without anybody noticing.
create view standing_limit as
select found.id, found.station, found.property, found.name, found.severity, found.value, found.deadband,
       found.datum, found.season_from, found.season_to,
       found.property not in ('water_level', 'tide_level') or found.datum is not distinct from station.datum
           as comparable
from (
    select threshold.*, bool_or(value <> 0) over (partition by station, property) as is_set
    from threshold where replaced_at is null
) found
join station on station.code = found.station
where found.is_set;
