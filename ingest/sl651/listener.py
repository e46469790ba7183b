"""Hears stations that dial in by TCP: frames go into the inbox, answers back onto their line.

One thread with an event loop holds all connections. It never touches the database: a frame waits in the
inbox until it is stored, and a line with too many of them is not read until they are. Nothing is confirmed
here: whoever stored a frame says so through `send`.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections import Counter
from collections.abc import Sequence

import structlog

from core.clock import Clock
from core.errors import UnavailableError
from formats.sl651 import Frame, Noise
from ingest.inbox import Inbox
from ingest.messages import Inbound
from ingest.routes import CONNECTION
from ingest.sl651.lines import MOST_WAITING, Line, Lines
from ingest.sl651.talk import Refusal

log = structlog.get_logger("anlan.ingest.sl651")

_READ_BYTES = 4_096
_MOST_UNSENT_BYTES = 65_536
"""A station that does not read what it is told is hung up on."""
_MOST_WAITING = 4_000
"""Frames of all lines that are not committed yet."""
_START_S = 10.0


class Listener:
    """`done`, `send`, `send_to`, `speaks` and `refuse` may be called from any thread."""

    def __init__(self, host: str, port: int, inbox: Inbox, clock: Clock, lines: Lines) -> None:
        self._host = host
        self._port = port
        self._inbox = inbox
        self._clock = clock
        self._lines = lines
        self._writers: dict[int, asyncio.StreamWriter] = {}
        self._rooms: dict[int, asyncio.Event] = {}
        self._waiting = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ending: asyncio.Event | None = None
        self._room: asyncio.Event | None = None
        self._started = threading.Event()
        self._failure: OSError | None = None
        self._thread = threading.Thread(target=self._run, name="sl651-listener", daemon=True)

    def start(self) -> None:
        """Returns when stations can dial in. Raises UnavailableError if the port cannot be had."""
        self._thread.start()
        self._started.wait(_START_S)
        if self._failure is not None or self._loop is None:
            raise UnavailableError(
                f"stations cannot dial in: {self._host}:{self._port} cannot be listened on ({self._failure});"
                " end what has it, or set ANLAN_INGEST__SL651_PORT"
            )

    def stop(self) -> None:
        """Hangs up on all; what was not confirmed comes again."""
        if self._loop is not None and self._ending is not None:
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._ending.set)
        self._thread.join(_START_S)

    @property
    def alive(self) -> bool:
        """False once the thread has ended."""
        return self._thread.is_alive()

    @property
    def port(self) -> int:
        """The port, where 0 was asked for."""
        return self._port

    @property
    def connections(self) -> int:
        """Lines that are open."""
        return len(self._lines)

    def done(self, messages: Sequence[Inbound]) -> None:
        """These are stored, or in the quarantine: their lines have room again."""
        counts = Counter(message.connection for message in messages)
        self._call(self._done, counts)

    def send(self, number: int, data: bytes) -> None:
        """Puts bytes onto a line, if it is still open."""
        if data:
            self._call(self._write, number, data)

    def send_to(self, address: str, data: bytes) -> None:
        """Puts bytes onto the line of a station, if it is on line."""
        self._call(self._write_to, address, data)

    def speaks(self, number: int, addresses: Sequence[str]) -> None:
        """These stations spoke rightly on a line."""
        if addresses:
            self._call(self._speaks, number, tuple(addresses))

    def refuse(self, number: int, refusal: Refusal) -> None:
        """Somebody spoke under a false name."""
        self._call(self._refuse, number, refusal)

    def _call(self, function: object, *arguments: object) -> None:
        loop = self._loop
        if loop is not None:
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(function, *arguments)  # type: ignore[arg-type]

    def _run(self) -> None:
        try:
            asyncio.run(self._main())
        except OSError as error:
            self._failure = error
        finally:
            self._started.set()

    async def _main(self) -> None:
        self._ending = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        server = await asyncio.start_server(self._serve, self._host, self._port, limit=_READ_BYTES)
        self._port = server.sockets[0].getsockname()[1]
        self._loop = asyncio.get_running_loop()
        self._started.set()
        log.info("stations can dial in", host=self._host, port=self._port)
        async with server:
            await self._ending.wait()
        for writer in list(self._writers.values()):
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = writer.get_extra_info("peername")
        line = self._admit(peer[0]) if peer else None
        if line is None:
            writer.transport.abort()
            return
        self._writers[line.number] = writer
        room = self._rooms[line.number] = asyncio.Event()
        room.set()
        try:
            await self._hear(line, room, reader)
        except (OSError, asyncio.IncompleteReadError):
            pass
        except Exception:
            log.exception("a line failed", place=line.place)
        finally:
            self._lines.close(line)
            self._writers.pop(line.number, None)
            self._rooms.pop(line.number, None)
            self._waiting -= line.waiting
            self._make_room()
            writer.close()

    def _admit(self, peer: str) -> Line | None:
        leaving = None if self._lines.is_held_off(peer) else self._lines.in_the_way(peer)
        if leaving is not None:
            self._lines.close(leaving)
            if (other := self._writers.get(leaving.number)) is not None:
                other.transport.abort()
        return self._lines.open(peer)

    async def _hear(self, line: Line, room: asyncio.Event, reader: asyncio.StreamReader) -> None:
        assert self._room is not None
        goes_on = True
        while goes_on:
            await room.wait()
            await self._room.wait()
            try:
                async with asyncio.timeout(line.patience(time.monotonic())):
                    data = await reader.read(_READ_BYTES)
            except TimeoutError:
                if not line.reader.pending:
                    return
                goes_on = self._take(line, room, line.reader.finish())
                continue
            if not data:
                self._take(line, room, line.reader.finish())
                return
            goes_on = self._take(line, room, line.reader.feed(data))
        self._lines.made_noise(line)
        log.warning("hung up on a sender of noise", place=line.place)

    def _take(self, line: Line, room: asyncio.Event, found: list[Frame | Noise]) -> bool:
        taken, goes_on = line.take(found, time.monotonic())
        now = self._clock()
        topic = CONNECTION + line.place
        if taken:
            self._waiting += len(taken)
            self._inbox.put([Inbound(topic, raw, now, connection=line.number) for raw in taken])
        if line.waiting >= MOST_WAITING:
            room.clear()
        if self._room is not None and self._waiting >= _MOST_WAITING:
            self._room.clear()
        return goes_on

    def _done(self, counts: Counter[int]) -> None:
        for number, count in counts.items():
            line = self._lines.line(number)
            if line is None:
                continue
            line.waiting -= count
            self._waiting -= count
            if line.waiting < MOST_WAITING:
                self._rooms[number].set()
        self._make_room()

    def _make_room(self) -> None:
        if self._room is not None and self._waiting < _MOST_WAITING:
            self._room.set()

    def _write(self, number: int, data: bytes) -> None:
        writer = self._writers.get(number)
        if writer is None or writer.is_closing():
            return
        if writer.transport.get_write_buffer_size() > _MOST_UNSENT_BYTES:
            writer.transport.abort()
            return
        writer.write(data)

    def _write_to(self, address: str, data: bytes) -> None:
        line = self._lines.of_station(address)
        if line is not None:
            self._write(line.number, data)

    def _speaks(self, number: int, addresses: tuple[str, ...]) -> None:
        for address in addresses:
            self._lines.speaks(number, address)

    def _refuse(self, number: int, refusal: Refusal) -> None:
        if not self._lines.refuse(number, refusal):
            writer = self._writers.get(number)
            if writer is not None:
                log.warning(
                    "hung up on who speaks as somebody else", peer=str(writer.get_extra_info("peername"))
                )
                writer.close()
