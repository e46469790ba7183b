-- True if a limit holds on a day: both ends MMDD, may cross New Year; none is the whole year.
create function in_season(season_from text, season_to text, day text) returns boolean
language sql immutable as $$
    select case
        when season_from is null then true
        when season_from <= season_to then day between season_from and season_to
        else day >= season_from or day <= season_to
    end
$$;
