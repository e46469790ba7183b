"""Simulated RTUs and their sources for the tests of SL 651."""

from __future__ import annotations

import io
import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from PIL import Image
from psycopg import Connection

from cli.imports import import_file
from drill.rtu.lines import Line, TcpLine
from drill.rtu.runner import Runner
from drill.rtu.unit import Unit
from formats.sl651 import Frame, Link, StreamReader
from tests.integration.ingesting import Ingest, until

ADDRESS = {f"RIVER{number}": f"006041230{number}" for number in range(1, 10)}
ADDRESS["RAIN1"] = "0060412400"


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def link_of(station: str) -> Link:
    return Link(ADDRESS[station], password="1234")


def bind(database: str, folder: Path, *rows: str, networks: str = "127.0.0.0/8") -> None:
    """Imports sources, as an administrator does; by default every station, without base levels."""
    lines = rows or tuple(f"{code},{address},{networks}" for code, address in ADDRESS.items())
    head = "code,address,networks" if not rows else rows[0]
    file = folder / "sources.csv"
    file.write_text("\n".join([head, *(lines if not rows else rows[1:])]), encoding="utf-8")
    with psycopg.connect(database) as connection:
        import_file(
            connection,
            "sources",
            file,
            actor="test",
            zone="Asia/Shanghai",
            language="zh",
            origin="scenario:test",
        )


def port_of(ingest: Ingest) -> int:
    """The port that the newest process of this instance listens on."""
    found: list[str] = []

    def listens() -> bool:
        found[:] = re.findall(r'"port": (\d+), "event": "stations can dial in"', ingest.log.read_text())
        return bool(found)

    until(listens)
    return int(found[-1])


@contextmanager
def dialling(unit: Unit, port: int) -> Iterator[Runner]:
    """An RTU that lives on its own connection."""

    def dial() -> Line:
        return TcpLine("127.0.0.1", port)

    runner = Runner(unit, dial, keep_alive_s=1.0)
    runner.start()
    try:
        yield runner
    finally:
        runner.stop()


class Plain:
    """A bare connection, to send what no RTU would."""

    def __init__(self, port: int, source: str = "127.0.0.1") -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=5, source_address=(source, 0))
        self._reader = StreamReader()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def frames(self, seconds: float = 3.0, most: int = 1) -> list[Frame]:
        """Frames from the centre until there are so many, or the time is over."""
        found: list[Frame] = []
        end = time.monotonic() + seconds
        while len(found) < most and time.monotonic() < end:
            self.socket.settimeout(max(end - time.monotonic(), 0.01))
            try:
                data = self.socket.recv(4096)
            except TimeoutError:
                break
            if not data:
                break
            found += [one for one in self._reader.feed(data) if isinstance(one, Frame)]
        return found

    def is_closed(self, seconds: float = 3.0) -> bool:
        """Whether the centre hangs up within that time."""
        self.socket.settimeout(seconds)
        try:
            while self.socket.recv(4096):
                pass
        except TimeoutError:
            return False
        except OSError:
            return True
        finally:
            self.close()
        return True

    def close(self) -> None:
        self.socket.close()


def jpeg(width: int = 160, height: int = 120) -> bytes:
    """A picture that does not compress to nothing."""
    image = Image.effect_noise((width, height), 60).convert("RGB")
    out = io.BytesIO()
    image.save(out, "JPEG", quality=70)
    return out.getvalue()


def values(
    view: Connection[Any], station: str, property: str, exercise: str | None = None
) -> list[tuple[datetime, float]]:
    return view.execute(
        "select time, value from public_v1.observation where station = %s and property = %s"
        " and exercise is not distinct from %s order by time",
        (station, property, exercise),
    ).fetchall()


def reasons(view: Connection[Any], topic: str) -> list[str]:
    return [
        row[0]
        for row in view.execute(
            "select reason from quarantine where topic = %s and resolved_at is null order by id", (topic,)
        )
    ]
