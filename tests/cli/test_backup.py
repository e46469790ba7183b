"""What was saved comes back, every row of it, or nothing changes."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pytest

from cli import backup
from core.errors import ConflictError, InputError

_ROWS: LiteralString = """
insert into area (code, name, name_en, kind, parent) values
    ('z-town', '西溪镇', 'Xixi', 'town', null),
    ('a-village', '南岸村', 'Nan''an\\tvillage', 'village', 'z-town');
insert into station (code, name, name_en, kind, area, lon, lat)
    select 'S' || n, '站' || n, 'Station' || n, 'ZZ', 'a-village', 121 + n * 0.01, 29
    from generate_series(1, 5) n;
insert into series (station, property) select code, 'water_level' from station;
insert into observation (series, time, value, quality, received_at, source)
    select series.id, t, extract(epoch from t)::int % 1000 / 7.0, 1, t, 'test'
    from series, generate_series('2025-11-01'::timestamptz, '2025-12-20', '1 hour') t;
insert into observation values (1, '1999-01-01', null, 9, 'gap\\n\\\\N', now(), 'test', null);
insert into latest (series, time, value, quality, received_at) select id, now(), 'NaN', 3, now() from series;
insert into app_user (name, password_hash, role) values ('王工', '$argon2id$x', 'duty');
select audit_append('王工', 'login', 'app_user/王工', '{"from": "127.0.0.1"}') from generate_series(1, 3);
"""

_TABLES = ("area", "station", "series", "observation", "latest", "app_user", "audit", "installation")


@pytest.fixture(scope="module")
def saved(database: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of a database with rows in many tables and chunks."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(_ROWS)
    file = tmp_path_factory.mktemp("backup") / "anlan.zip"
    backup.write(database, file)
    return file


def test_every_row_comes_back_the_same(saved: Path, database: str, another_database: str) -> None:
    manifest = backup.restore(another_database, saved)

    assert {table.name: table.rows for table in manifest.tables}["observation"] == 5 * 1177 + 1
    for table in _TABLES:
        assert _content(another_database, table) == _content(database, table), table


def test_what_was_restored_works_on(saved: Path, another_database: str) -> None:
    backup.restore(another_database, saved)

    with psycopg.connect(another_database, autocommit=True) as connection:
        chunks = connection.execute("select count(*) from show_chunks('observation')").fetchone()
        assert chunks and chunks[0] > 5
        new = connection.execute("insert into series (station, property) values ('S1', 'flow') returning id")
        assert new.fetchone() == (6,)
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            connection.execute("insert into series (station, property) values ('nowhere', 'flow')")
        with pytest.raises(psycopg.Error):
            connection.execute("delete from audit")


def test_a_backup_is_for_its_owner_alone(saved: Path) -> None:
    assert saved.stat().st_mode & 0o777 == 0o600


def test_a_database_with_rows_is_refused_and_kept(saved: Path, another_database: str) -> None:
    with psycopg.connect(another_database, autocommit=True) as connection:
        connection.execute("insert into app_user (name, password_hash, role) values ('李', 'x', 'duty')")

    with pytest.raises(ConflictError, match="not empty"):
        backup.restore(another_database, saved)

    with psycopg.connect(another_database) as connection:
        assert connection.execute("select name from app_user").fetchall() == [("李",)]
    backup.restore(another_database, saved, replace=True)
    with psycopg.connect(another_database) as connection:
        assert connection.execute("select name from app_user").fetchall() == [("王工",)]


@pytest.mark.parametrize("member", ["tables/station.copy", "tables/observation.copy"])
def test_a_changed_backup_is_refused_whole(
    saved: Path, another_database: str, tmp_path: Path, member: str
) -> None:
    damaged = tmp_path / "damaged.zip"
    with zipfile.ZipFile(saved) as old, zipfile.ZipFile(damaged, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, content.replace(b"121.01", b"121.02").replace(b"2025-11-03", b"2024-11-03"))
    assert zipfile.ZipFile(damaged).read(member) != zipfile.ZipFile(saved).read(member)

    with pytest.raises(InputError, match="checksum"):
        backup.restore(another_database, damaged)

    with psycopg.connect(another_database) as connection:
        assert connection.execute("select count(*) from station").fetchone() == (0,)


def test_a_backup_of_another_schema_says_which_version_restores_it(
    saved: Path, another_database: str, tmp_path: Path
) -> None:
    older = tmp_path / "older.zip"
    with zipfile.ZipFile(saved) as old, zipfile.ZipFile(older, "w") as new:
        manifest = json.loads(old.read("manifest.json"))
        manifest["schema"].popitem()
        new.writestr("manifest.json", json.dumps(manifest))

    with pytest.raises(ConflictError, match="Restore it with that version"):
        backup.restore(another_database, older)


def _forged(saved: Path, file: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    with zipfile.ZipFile(saved) as old, zipfile.ZipFile(file, "w") as new:
        manifest = json.loads(old.read("manifest.json"))
        change(manifest)
        for name in old.namelist():
            new.writestr(name, json.dumps(manifest) if name == "manifest.json" else old.read(name))
    return file


@pytest.mark.parametrize(
    "change",
    [
        lambda manifest: manifest["tables"].pop(),
        lambda manifest: manifest["tables"].append({**manifest["tables"][0], "name": "schema_migration"}),
        lambda manifest: manifest["tables"].append(manifest["tables"][0]),
        lambda manifest: manifest["tables"][0]["columns"].pop(),
        lambda manifest: manifest["sequences"].update({"pg_catalog.somebodys": 1}),
    ],
)
def test_a_forged_manifest_is_refused_and_nothing_is_emptied(
    saved: Path, another_database: str, tmp_path: Path, change: Callable[[dict[str, Any]], None]
) -> None:
    backup.restore(another_database, saved)

    with pytest.raises(InputError, match=r"the backup (does not hold|sets)"):
        backup.restore(another_database, _forged(saved, tmp_path / "forged.zip", change), replace=True)

    with psycopg.connect(another_database) as connection:
        assert connection.execute("select count(*) from station").fetchone() == (5,)


@pytest.mark.parametrize("key", ["tables", "schema", "sequences"])
def test_a_manifest_without_its_parts_is_named(saved: Path, tmp_path: Path, key: str) -> None:
    with pytest.raises(InputError, match="not a whole backup"):
        backup.read_manifest(_forged(saved, tmp_path / "torn.zip", lambda manifest: manifest.pop(key)))


def test_a_manifest_that_unfolds_without_end_is_not_unfolded(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", b" " * (11 * 2**20))
    with pytest.raises(InputError, match="manifest larger"):
        backup.read_manifest(tmp_path / "bomb.zip")


def test_a_backup_is_not_written_through_somebody_elses_link(
    saved: Path, database: str, tmp_path: Path
) -> None:
    """In a shared folder anybody can put a link, or a file that everybody reads, at the partial's name."""
    theirs = tmp_path / "theirs"
    theirs.write_text("precious")
    theirs.chmod(0o644)
    (tmp_path / "anlan.zip.partial").symlink_to(theirs)

    backup.write(database, tmp_path / "anlan.zip")

    assert theirs.read_text() == "precious"
    assert not (tmp_path / "anlan.zip").is_symlink()
    assert (tmp_path / "anlan.zip").stat().st_mode & 0o777 == 0o600


def test_a_running_role_is_in_the_way(saved: Path, another_database: str) -> None:
    with (
        psycopg.connect(another_database, application_name="anlan-ingest"),
        pytest.raises(ConflictError, match="anlan-ingest"),
    ):
        backup.restore(another_database, saved)


def test_a_file_of_something_else_is_named(another_database: str, tmp_path: Path) -> None:
    (tmp_path / "letter.zip").write_text("no archive")

    with pytest.raises(InputError, match=r"letter\.zip is not a whole backup"):
        backup.restore(another_database, tmp_path / "letter.zip")


def _content(url: str, table: LiteralString) -> list[tuple[str]]:
    with psycopg.connect(url) as connection:
        return connection.execute(f"select t::text from {table} t order by 1").fetchall()
