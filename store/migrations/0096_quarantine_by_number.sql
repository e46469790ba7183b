-- A topic may be longer than an index entry; what is open is found by its number.
drop index quarantine_open;
create index quarantine_open on quarantine (id) where resolved_at is null and closed_at is null;
