-- Alarms that wait for a person's decision are looked for at every turn of the evaluator.
create index on alarm (id) where to_verify and closed_at is null;
