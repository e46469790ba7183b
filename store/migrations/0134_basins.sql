-- The basin (流域) of a station, beside its river: SL 323 BSNM. Rain is averaged over each.
alter table station add column basin text;
alter table area_rain drop constraint area_rain_kind_check;
alter table area_rain add constraint area_rain_kind_check check (kind in ('county', 'town', 'river', 'basin'));
comment on column area_rain.place is 'code of the area, or name of the river or basin';
