"""Every invented phone at once: the other end of Kannel's fake SMS centre."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
from datetime import UTC, datetime

from core.errors import ConfigurationError
from drill.field.answers import answers
from drill.field.part import Part
from drill.field.sms_line import Inbox, read_line, write_line

INBOX_FILE = "inbox.jsonl"
"""In the field's folder: one line per message that a phone received or sent."""

_RETRY_S = 2.0


def run(part: Part) -> None:
    """Receives and answers until SIGTERM; connects again whenever the centre comes back."""
    asyncio.run(_run(part))


async def _run(part: Part) -> None:
    address = part.settings.field.smsc
    if not address:
        raise ConfigurationError("ANLAN_FIELD__SMSC is not set: host:port of Kannel's fake SMS centre")
    host, _, port = address.rpartition(":")
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    phones = Phones(part)
    talking = loop.create_task(phones.talk(host or "127.0.0.1", int(port)))
    await stopping.wait()
    talking.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await talking


class Phones:
    """What the phones received, and what they are about to answer."""

    def __init__(self, part: Part) -> None:
        self._inbox_file = part.folder / INBOX_FILE
        self._inbox = Inbox()
        self._writer: asyncio.StreamWriter | None = None
        self._waiting: set[asyncio.Task[None]] = set()

    async def talk(self, host: str, port: int) -> None:
        """One connection after the other."""
        while True:
            with contextlib.suppress(OSError):
                reader, self._writer = await asyncio.open_connection(host, port)
                try:
                    while line := await reader.readline():
                        self._take(line)
                finally:
                    self._writer.close()
                    self._writer = None
            await asyncio.sleep(_RETRY_S)

    def _take(self, line: bytes) -> None:
        part = read_line(line)
        text = self._inbox.take(part) if part else None
        if part is None or text is None:
            return
        self._note("received", part.sender, part.receiver, text)
        for answer in answers(part.receiver, text):
            task = asyncio.get_running_loop().create_task(
                self._answer(answer.after_s, part.receiver, part.sender, answer.text)
            )
            self._waiting.add(task)
            task.add_done_callback(self._waiting.discard)

    async def _answer(self, after_s: float, sender: str, receiver: str, text: str) -> None:
        await asyncio.sleep(after_s)
        while self._writer is None:
            await asyncio.sleep(_RETRY_S)
        self._writer.write(write_line(sender, receiver, text))
        self._note("sent", sender, receiver, text)

    def _note(self, what: str, sender: str, receiver: str, text: str) -> None:
        entry = {
            "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "what": what,
            "from": sender,
            "to": receiver,
            "text": text,
        }
        with self._inbox_file.open("a", encoding="utf-8") as inbox:
            inbox.write(json.dumps(entry, ensure_ascii=False) + "\n")
