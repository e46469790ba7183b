"""One file that holds the whole database, and the way back.

It holds rows, not a dump of the server's own tables: so it needs no superuser, comes back on any
edition and version of TimescaleDB, and can be read with nothing but an unzip. (A `pg_dump` of a
hypertable restores only as superuser and only into the very version that wrote it.)
"""

import hashlib
import json
import os
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import IO, Any

import psycopg
from psycopg import Connection, IsolationLevel, sql
from psycopg.rows import dict_row

from core.errors import ConflictError, InputError
from store.connection import connect
from store.migrate import available, migrate

_FORMAT = 1
_MANIFEST = "manifest.json"
_HISTORY = "schema_migration"
_CHUNK_BYTES = 1 << 20
_LARGEST_MANIFEST = 10 * 2**20
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, KeyError)
"""What zipfile raises for a file that somebody cut, changed, or packed in another way."""


@dataclass(frozen=True)
class Table:
    """What was saved of one table; `sha256` is of its rows as COPY writes them."""

    name: str
    columns: list[str]
    rows: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself."""

    format: int
    anlan: str
    written_at: str
    postgresql: str
    timescaledb: str
    schema: dict[str, str]
    tables: list[Table]
    sequences: dict[str, int]

    @property
    def rows(self) -> int:
        """Rows in all tables."""
        return sum(table.rows for table in self.tables)


def write(url: str, file: Path) -> Manifest:
    """Saves every row as of one moment; the file appears whole or not at all."""
    partial = file.with_name(file.name + ".partial")
    # Never into a file or link that somebody else has put there, as anybody can in a shared folder.
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with (
        os.fdopen(descriptor, "w+b") as output,
        connect(url, name="anlan-backup") as connection,
        zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive,
    ):
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        history = _history(connection)
        if not history:
            raise ConflictError("the database has no schema yet; there is nothing to back up: anlan migrate")
        tables = [_save(connection, archive, name) for name in _tables(connection)]
        manifest = Manifest(
            format=_FORMAT,
            anlan=_version(),
            written_at=datetime.now(UTC).isoformat(timespec="seconds"),
            postgresql=_one(connection, "SHOW server_version"),
            timescaledb=_one(connection, "SELECT extversion FROM pg_extension WHERE extname = 'timescaledb'"),
            schema=history,
            tables=tables,
            sequences=_sequences(connection),
        )
        archive.writestr(_MANIFEST, json.dumps(asdict(manifest), indent=1))
    with partial.open("rb") as written:
        os.fsync(written.fileno())
    partial.replace(file)
    return manifest


def read_manifest(file: Path) -> Manifest:
    """What the backup says of itself. Raises InputError when it is none of ours."""
    try:
        with zipfile.ZipFile(file) as archive:
            if archive.getinfo(_MANIFEST).file_size > _LARGEST_MANIFEST:
                raise InputError("backup_unreadable", f"{file} has a manifest larger than any of ours")
            kept = json.loads(archive.read(_MANIFEST))
        if kept.get("format") != _FORMAT:
            raise InputError("backup_format", f"{file} has a format that this version does not know")
        return Manifest(**{**kept, "tables": [Table(**table) for table in kept["tables"]]})
    except FileNotFoundError:
        raise InputError("backup_missing", f"there is no file {file}") from None
    except (*_UNREADABLE, ValueError, TypeError, AttributeError) as error:
        raise InputError("backup_unreadable", f"{file} is not a whole backup of Anlan ({error})") from error


def restore(url: str, file: Path, *, replace: bool = False) -> Manifest:
    """Fills an empty database (or, with `replace`, empties it first), all or nothing.

    Every row is counted and every table's checksum compared before the commit. Foreign keys are
    taken off and put back, which checks them all and asks no order of the tables.
    """
    manifest = read_manifest(file)
    migrate(url)
    with connect(url, name="anlan-restore") as connection:
        _refuse_other_schema(connection, manifest)
        _refuse_company(connection)
        if not replace:
            _refuse_rows(connection)
        with (
            zipfile.ZipFile(file) as archive,
            connection.transaction(),
            _WithoutKeysAndTriggers(connection),
        ):
            tables = _tables(connection)
            _refuse_other_tables(connection, manifest, tables)
            names = [sql.Identifier(name) for name in tables]
            connection.execute(sql.SQL("TRUNCATE {}").format(sql.SQL(", ").join(names)))
            for table in manifest.tables:
                _load(connection, archive, table)
            for name, value in manifest.sequences.items():
                connection.execute("SELECT setval(%s::regclass, %s)", (name, value))
    with connect(url, name="anlan-restore", autocommit=True) as connection:
        connection.execute("ANALYZE")
    return manifest


def _save(connection: Connection[Any], archive: zipfile.ZipFile, name: str) -> Table:
    columns = _columns(connection, name)
    query = sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT").format(
        sql.SQL(", ").join(map(sql.Identifier, columns)), sql.Identifier(name)
    )
    digest = hashlib.sha256()
    rows = 0
    with (
        connection.cursor() as cursor,
        cursor.copy(query) as copy,
        archive.open(_member(name), "w", force_zip64=True) as member,
    ):
        for block in copy:
            digest.update(block)
            member.write(block)
            # COPY escapes a line break inside a value, so every one that is left ends a row.
            rows += bytes(block).count(b"\n")
    return Table(name, columns, rows, digest.hexdigest())


def _load(connection: Connection[Any], archive: zipfile.ZipFile, table: Table) -> None:
    query = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, table.columns))
    )
    digest = hashlib.sha256()
    try:
        with (
            connection.cursor() as cursor,
            archive.open(_member(table.name)) as member,
            cursor.copy(query) as copy,
        ):
            for block in _blocks(member):
                digest.update(block)
                copy.write(block)
    except (psycopg.DataError, *_UNREADABLE) as error:
        raise InputError("backup_damaged", f"{table.name} cannot be read: {error}") from error
    if digest.hexdigest() != table.sha256:
        raise InputError("backup_damaged", f"{table.name} in the backup is not what was saved (checksum)")
    count = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table.name))
    found = connection.execute(count).fetchone()
    if found is None or found[0] != table.rows:
        raise InputError("backup_damaged", f"{table.name}: {found} rows came back of {table.rows} saved")


class _WithoutKeysAndTriggers:
    """Foreign keys off and our triggers silent inside; both back, and all keys checked, at the end.

    TimescaleDB's own trigger (`ts_…`) is left alone: it sends rows to their chunks.
    """

    def __init__(self, connection: Connection[Any]) -> None:
        self._connection = connection
        self._keys: list[dict[str, Any]] = []
        self._triggers: list[dict[str, Any]] = []

    def __enter__(self) -> None:
        with self._connection.cursor(row_factory=dict_row) as cursor:
            self._keys = cursor.execute(
                "SELECT conrelid::regclass::text AS place, conname AS name,"
                " pg_get_constraintdef(oid) AS definition FROM pg_constraint"
                " WHERE contype = 'f' AND connamespace = 'public'::regnamespace AND conparentid = 0"
            ).fetchall()
            self._triggers = cursor.execute(
                "SELECT tgrelid::regclass::text AS place, tgname AS name FROM pg_trigger"
                " JOIN pg_class ON pg_class.oid = tgrelid"
                " WHERE NOT tgisinternal AND tgname NOT LIKE 'ts\\_%'"
                " AND relnamespace = 'public'::regnamespace"
            ).fetchall()
        for key in self._keys:
            self._alter("ALTER TABLE {} DROP CONSTRAINT {}", key)
        for trigger in self._triggers:
            self._alter("ALTER TABLE {} DISABLE TRIGGER {}", trigger)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            return
        for trigger in self._triggers:
            self._alter("ALTER TABLE {} ENABLE TRIGGER {}", trigger)
        for key in self._keys:
            self._alter("ALTER TABLE {} ADD CONSTRAINT {} " + key["definition"], key)

    def _alter(self, statement: str, subject: dict[str, Any]) -> None:
        self._connection.execute(
            sql.SQL(statement).format(sql.SQL(subject["place"]), sql.Identifier(subject["name"]))
        )


def _refuse_other_schema(connection: Connection[Any], manifest: Manifest) -> None:
    if _history(connection) != manifest.schema:
        raise ConflictError(
            f"the backup was written by anlan {manifest.anlan} with schema"
            f" {max(manifest.schema, default='none')}, and this program has"
            f" {available()[-1].version:04d}. Restore it with that version, then upgrade: anlan migrate"
        )


def _refuse_other_tables(connection: Connection[Any], manifest: Manifest, tables: list[str]) -> None:
    """Exactly our tables and columns: one that is left out would come back empty, without a word."""
    saved = {table.name: set(table.columns) for table in manifest.tables}
    if len(saved) < len(manifest.tables) or saved != {
        name: set(_columns(connection, name)) for name in tables
    }:
        raise InputError("backup_damaged", "the backup does not hold exactly the tables of this schema")
    if strange := sorted({*manifest.sequences} - {*_sequences(connection, unused=True)}):
        raise InputError("backup_damaged", f"the backup sets a counter {strange[0]!r} that we do not have")


def _refuse_company(connection: Connection[Any]) -> None:
    others = connection.execute(
        "SELECT DISTINCT application_name FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name LIKE 'anlan-%'"
    ).fetchall()
    if others:
        names = ", ".join(row[0] for row in others)
        raise ConflictError(f"still connected to this database: {names}. Stop all roles first, then restore")


def _refuse_rows(connection: Connection[Any]) -> None:
    """Only what migrations themselves fill may be there."""
    filled = {
        name
        for migration in available()
        for name in re.findall(r"^insert into (\w+)", migration.sql, re.MULTILINE | re.IGNORECASE)
    }
    for name in _tables(connection):
        any_row = sql.SQL("SELECT 1 FROM {} LIMIT 1").format(sql.Identifier(name))
        if name not in filled and connection.execute(any_row).fetchone():
            raise ConflictError(
                f"the database is not empty ({name} has rows). Restore into an empty one, or replace"
                " everything in this one: --force 'replace everything'"
            )


def _tables(connection: Connection[Any]) -> list[str]:
    """Our tables by name, without the history of migrations."""
    found = connection.execute(
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
        " AND NOT relispartition AND relname <> %s AND NOT EXISTS (SELECT 1 FROM pg_depend"
        "  WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e')"
        " ORDER BY relname",
        (_HISTORY,),
    )
    return [row[0] for row in found]


def _columns(connection: Connection[Any], table: str) -> list[str]:
    """Without generated columns: they are computed anew."""
    found = connection.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
        " AND NOT attisdropped AND attgenerated = '' ORDER BY attnum",
        (f"public.{table}",),
    )
    return [row[0] for row in found]


def _sequences(connection: Connection[Any], *, unused: bool = False) -> dict[str, int]:
    """Counters that were ever used, or all."""
    found = connection.execute(
        "SELECT sequencename, coalesce(last_value, 0) FROM pg_sequences"
        " WHERE schemaname = 'public' AND (%s OR last_value IS NOT NULL) ORDER BY 1",
        (unused,),
    )
    return dict(found.fetchall())


def _history(connection: Connection[Any]) -> dict[str, str]:
    """Applied migrations: number → checksum."""
    if _one(connection, "SELECT to_regclass('public.schema_migration')::text") is None:
        return {}
    found = connection.execute("SELECT version, checksum FROM schema_migration ORDER BY version")
    return {f"{version:04d}": checksum for version, checksum in found}


def _one(connection: Connection[Any], query: str) -> Any:
    row = connection.execute(query.encode()).fetchone()
    return row[0] if row else None


def _blocks(member: IO[bytes]) -> Iterator[bytes]:
    while block := member.read(_CHUNK_BYTES):
        yield block


def _member(table: str) -> str:
    return f"tables/{table}.copy"


def _version() -> str:
    """The installed version; a checkout that is not installed says so."""
    try:
        return metadata.version("anlan")
    except metadata.PackageNotFoundError:
        return "(checkout)"
