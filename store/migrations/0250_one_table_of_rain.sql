-- The county's rain limits stand in one place, with versions: the terms of the rule `station_rain`.
drop table rain_limit_default;
