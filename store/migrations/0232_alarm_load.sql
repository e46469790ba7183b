-- How a desk's alarms moved over a time is asked by time, over years.
create index on alarm_event (at) where kind in ('raised', 'returned');
