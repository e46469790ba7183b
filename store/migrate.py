"""Creates or upgrades the schema from the numbered files in `store/migrations`.

Safe twice and by two at once: runners queue on an advisory lock; a file that was changed after it
had been applied is an error, because two databases of one version must be alike.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import LiteralString

from core.errors import ConfigurationError
from store.connection import connect

FOLDER = Path(__file__).parent / "migrations"
_NAME = re.compile(r"(\d{4})_([a-z0-9_]+)\.sql")


@dataclass(frozen=True, slots=True)
class Migration:
    """One file: its number, name and SQL."""

    version: int
    name: str
    sql: LiteralString

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


def available() -> list[Migration]:
    """All migrations in order. Raises ConfigurationError for a file whose name has no number."""
    found = []
    for path in sorted(FOLDER.glob("*.sql")):
        match = _NAME.fullmatch(path.name)
        if match is None:
            raise ConfigurationError(f"{path.name}: a migration is named 0001_what_it_does.sql")
        found.append(Migration(int(match[1]), match[2], path.read_text(encoding="utf-8")))
    return found


def migrate(url: str) -> list[Migration]:
    """Applies what is missing, each file in one transaction; returns what was applied."""
    applied = []
    with connect(url, name="anlan-migrate", autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(hashtext('anlan.migrate'))")
        connection.execute(
            "create table if not exists schema_migration (version integer primary key, name text not null,"
            " checksum text not null, applied_at timestamptz not null default now())"
        )
        known = dict(connection.execute("select version, checksum from schema_migration").fetchall())
        for migration in available():
            if migration.version in known:
                if known[migration.version] != migration.checksum:
                    raise ConfigurationError(
                        f"migration {migration.version:04d}_{migration.name} was changed after it had been "
                        "applied here. Restore the file and put the change into a new migration."
                    )
                continue
            with connection.transaction():
                connection.execute(migration.sql)
                connection.execute(
                    "insert into schema_migration (version, name, checksum) values (%s, %s, %s)",
                    (migration.version, migration.name, migration.checksum),
                )
            applied.append(migration)
    return applied


def pending(url: str) -> list[Migration]:
    """What `migrate` would apply."""
    with connect(url, name="anlan-migrate") as connection:
        exists = connection.execute("select to_regclass('schema_migration') is not null").fetchone()
        if not exists or not exists[0]:
            return available()
        known = {row[0] for row in connection.execute("select version from schema_migration")}
    return [migration for migration in available() if migration.version not in known]
