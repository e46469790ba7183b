-- For what a call waits, and until when, is part of what pages show of its alarm; the time may move.
drop trigger announce on annunciation;
create trigger announce after update on annunciation
    for each row when (old.reason is distinct from new.reason or old.uncalled is distinct from new.uncalled
                       or old.state = 'waiting' and old.due_at is distinct from new.due_at)
    execute function announce_change('alarm', 'alarm');
