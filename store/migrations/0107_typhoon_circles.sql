-- Grades and wind circles that are not round; tracks of the past are imported, and are no typhoon of today.

alter table typhoon_fix add column grade text;
alter table typhoon_fix add column circles jsonb;
alter table typhoon add column historical boolean not null default false;
comment on column typhoon_fix.circles is '[{"force", "longest_km", "shortest_km", "towards_deg", "quadrants_km": [NE, SE, SW, NW]}]';
comment on column typhoon.historical is 'imported from an archive: shown in lists, never as a typhoon of today';
