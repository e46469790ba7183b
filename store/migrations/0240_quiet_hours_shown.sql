-- That a call waits, and why, is part of what pages show of its alarm.
create trigger announce after update on annunciation
    for each row when (old.reason is distinct from new.reason or old.uncalled is distinct from new.uncalled)
    execute function announce_change('alarm', 'alarm');
