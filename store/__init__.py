"""TimescaleDB: SQL migrations, and one module per aggregate with its queries.

Call `store.connection` for pools and connections, `store.migrate.migrate` for the schema, and the
module named after the aggregate (`stations`, `observations`, `alarms`, `orders` …) for its data.
"""
