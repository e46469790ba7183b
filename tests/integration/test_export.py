"""What is exported equals the database, in both formats, whatever its size; and a file is whole or not there."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import Connection
from pyarrow import parquet

from cli.main import main
from core.quality import Quality
from core.settings import Settings
from store import audit, exports
from tests.integration.ingesting import number, seed
from tests.integration.rolling import START, make_series, reading, roll_up, write

HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def connection(database: str) -> Iterator[Connection[Any]]:
    """Six series and one of an exercise, rolled up; an alarm, an order that went out, hostile texts."""
    seed(database)
    with psycopg.connect(database, autocommit=True, options="-c timezone=UTC") as opened:
        levels, rains = make_series(opened)
        drilled, _ = make_series(opened, exercise="EX1")
        third = 1 / 3
        write(
            opened,
            [reading(one, START + step * HOUR / 4, third * step) for one in levels for step in range(40)],
        )
        write(
            opened, [reading(one, START + step * HOUR / 4, step / 10) for one in rains for step in range(8)]
        )
        write(opened, [reading(levels[0], START - HOUR, None, Quality.MISSING)])
        write(opened, [reading(levels[0], START, 7.5, by="=cmd()")])
        write(opened, [reading(drilled[0], START, 9.0)])
        opened.execute("update observation set reason = '=HYPERLINK(1)' where series = %s and time = %s",
                       (levels[0], START))  # fmt: skip
        roll_up(opened, Settings())
        opened.execute(
            "insert into alarm (class, subject_kind, subject, station, property, rule, rule_version, severity,"
            " state, raised_at, value) values ('water', 'station', 'RIVER1', 'RIVER1', 'water_level', 'r', 1,"
            " 'red', 'unacknowledged', %s, 3.5)",
            (START,),
        )
        opened.execute(
            "insert into orders (number, kind, state, area, title, text, created_by, created_at, ends_at,"
            " content_hash) values ('2026-1', 'order', 'issued', 'C', '转移', E'一\\n二, \"三\"', 'li', %s, %s, '')",
            (START, START + HOUR),
        )
        opened.execute(
            "insert into delivery (order_id, recipient_kind, recipient, channel, answer, verified)"
            " select id, 'person', 'P1', 'sms', '@SUM(1)', true from orders"
        )
        yield opened


@pytest.fixture(autouse=True)
def address(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANLAN_DATABASE_URL", database)


def in_database(connection: Connection[Any], name: str, **wanted: Any) -> list[dict[str, Any]]:
    kind = exports.KINDS[name]
    with connection.transaction():
        parts = exports.stream(connection, kind, exports.Wanted(**wanted))
        return [dict(zip(kind.columns, row, strict=True)) for part in parts for row in part]


def as_text(cell: Any) -> str:
    """How a cell should stand in a CSV."""
    match cell:
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case datetime():
            return cell.isoformat().replace("+00:00", "Z")
        case str() if cell[:1] in ("=", "+", "-", "@"):
            return f"'{cell}"
    return str(cell)


@pytest.mark.parametrize("name", sorted(exports.KINDS))
def test_both_formats_equal_the_database(connection: Connection[Any], tmp_path: Path, name: str) -> None:
    wanted = in_database(connection, name)
    assert wanted
    words = name.split("-")
    step = ["--step", words[1]] if len(words) > 1 else []

    assert main(["export", words[0], *step, "--output", str(tmp_path / "a.csv")]) == 0
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert lines == [{key: as_text(cell) for key, cell in row.items()} for row in wanted]

    output = ["--format", "parquet", "--output", str(tmp_path / "a.parquet")]
    assert main(["export", words[0], *step, *output]) == 0
    assert parquet.read_table(tmp_path / "a.parquet").to_pylist() == wanted
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "a.parquet"]


def test_the_stream_is_the_table_itself(connection: Connection[Any]) -> None:
    """Told by another query, so that a fault of the export's own is not compared with itself."""
    rows = [
        (row["station"], row["sensor"], row["time"], row["value"])
        for row in in_database(connection, "observations")
    ]
    plainly = connection.execute(
        "select station, sensor, time, value from public_v1.observation where exercise is null"
        " order by station, property, sensor, time"
    ).fetchall()
    assert rows == plainly
    assert len(rows) == 3 * 40 + 3 * 8 + 1
    rolled = sum(row["readings"] for row in in_database(connection, "rollups-day"))
    assert rolled == len(rows)


def test_filters_choose(connection: Connection[Any], capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    begin, end = "2026-07-01T00:30:00Z", "2026-07-01T09:00:00+08:00"
    words = ["--station", "RIVER1", "--property", "water_level", "--from", begin, "--to", end]
    assert main(["export", "observations", *words, "--bom"]) == 0
    out, err = capfdbinary.readouterr()
    assert out.startswith(b"\xef\xbb\xbfstation,property,sensor,period_s,exercise,unit,time,value,quality,")
    lines = list(csv.DictReader(io.StringIO(out.decode("utf-8-sig"))))
    assert [line["time"] for line in lines] == ["2026-07-01T00:30:00Z", "2026-07-01T00:45:00Z"]
    assert [float(line["value"]) for line in lines] == [1 / 3 * 2, 1.0]
    assert b"2 rows" in err

    assert main(["export", "observations", "--exercise", "EX1"]) == 0
    out, _ = capfdbinary.readouterr()
    assert out.decode().splitlines()[1].startswith("RIVER1,water_level,1,0,EX1,m,2026-07-01T00:00:00Z,9.0,")
    assert main(["export", "rollups", "--step", "day", "--from", "2026-07-01", "--to", "2026-07-02"]) == 0
    days = list(csv.DictReader(io.StringIO(capfdbinary.readouterr().out.decode())))
    assert {line["start"] for line in days} == {"2026-07-01T00:00:00Z"}, "a date is a day of the county"
    line = audit.lines(connection, action="export", limit=1)[0]
    assert (line.subject, line.detail["rows"], line.detail["since"]) == ("rollups", 6, "2026-07-01")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["observations", "--station", "NONE"], "there is no station 'NONE'"),
        (["observations", "--property", "depth"], "there is no property 'depth'"),
        (["observations", "--exercise", "EX9"], "there is no exercise 'EX9'"),
        (["observations", "--from", "yesterday"], "is no time: write 2026-07-01"),
        (["observations", "--from", "2026-07-01T00:00:00"], "has no zone"),
        (["observations", "--from", "2026-07-02", "--to", "2026-07-01"], "--from must lie before --to"),
        (["stations", "--from", "2026-07-02"], "cannot be chosen by --from and --to"),
        (["orders", "--station", "RIVER1"], "cannot be chosen by --station"),
        (["observations", "--format", "parquet"], "add --output FILE"),
        (["observations", "--output", "/nowhere/at/all.csv"], "there is no folder /nowhere/at"),
    ],
)
def test_what_cannot_be_meant_is_said(
    connection: Connection[Any], words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", *words]) == 2
    assert told in capsys.readouterr().err


def test_a_broken_export_leaves_what_was_there(
    connection: Connection[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "a.csv"
    target.write_text("yesterday's")

    def break_off(*_: object) -> Iterator[list[tuple[Any, ...]]]:
        yield [("RIVER1", *[None] * 12)]
        raise KeyboardInterrupt

    monkeypatch.setattr(exports, "stream", break_off)
    assert main(["export", "observations", "--output", str(target)]) == 130
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
    assert target.read_text() == "yesterday's"


_MEASURED = """
import resource, sys
from cli.main import main
code = main(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
sys.exit(code)
"""


@pytest.mark.parametrize("format_", ["csv", "parquet"])
def test_memory_does_not_grow_with_the_rows(
    connection: Connection[Any], environment: dict[str, str], tmp_path: Path, format_: str, full: bool
) -> None:
    small, large = 40_000, 10_000_000 if full else 160_000
    if not number(connection, "select count(*) from series where station = 'RIVER9'"):
        _fill(connection, large)
    peaks = {}
    for count in (small, large):
        end = (datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=10 * count)).isoformat()
        output = tmp_path / f"{count}.{format_}"
        words = ["export", "observations", "--station", "RIVER9", "--to", end, "--format", format_]
        done = subprocess.run(
            [sys.executable, "-c", _MEASURED, *words, "--output", output],
            env=environment, check=True, capture_output=True, text=True,
        )  # fmt: skip
        *_, told, peak = done.stderr.splitlines()
        assert told.startswith(f"{count - 1:,} rows")
        peaks[count] = int(peak) / 1024
    assert peaks[large] - peaks[small] < 40, f"MB by rows: {peaks}"


def _fill(connection: Connection[Any], rows: int) -> None:
    connection.execute("insert into series (station, property) values ('RIVER9', 'water_level')")
    connection.execute(
        "insert into observation (series, time, value, quality, received_at, source)"
        " select id, '2020-01-01'::timestamptz + number * interval '10 seconds', number, 1, now(), 'test'"
        " from series, generate_series(1, %s) as number where station = 'RIVER9'",
        (rows,),
    )
