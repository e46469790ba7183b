-- Marks are a queue: every row is deleted soon after it was written, and what was deleted lies in the way of whoever
-- takes the oldest. At ten thousand marks a second, without sweeping, the rate fell to a third within a minute.
-- Swept by number, not by share; never shortened, which would lock it.
alter table mark set (
    autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_cost_delay = 0,
    autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 50000, vacuum_truncate = false);
