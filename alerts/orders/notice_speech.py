"""Speech of notices for the loudspeakers of duty rooms.

An order is rendered when it is drafted, and heard before it is signed. A notice writes itself inside the
alarm's transaction, which must not wait for a voice: dispatch has it rendered beside its work.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor

from alerts.speech import LONGEST_TEXT, Speech, audio_folder, render
from core.errors import AnlanError, InputError
from core.orders import Order
from core.settings import Settings


class NoticeSpeech:
    """Renders one text at a time; what is rendered lies in the audio folder, however often it is asked for."""

    def __init__(self, settings: Settings) -> None:
        self._folder = audio_folder(settings)
        self._repeats = settings.dispatch.repeats
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="notice-speech")
        self._asked: dict[int, Future[Speech]] = {}

    def of(self, order: Order) -> Speech | None:
        """The notice's speech, None while it is being rendered; its title alone if the text is too long to be said.

        Raises InputError (`no_speech`).
        """
        asked = self._asked.get(order.id)
        if asked is None:
            said = order.text if len(order.text) <= LONGEST_TEXT else order.title
            self._asked[order.id] = self._worker.submit(
                render, said, order.exercise is not None, folder=self._folder, repeats=self._repeats
            )
            return None
        if not asked.done():
            return None
        del self._asked[order.id]
        try:
            return asked.result()
        except (AnlanError, OSError) as error:
            raise InputError("no_speech", f"the notice cannot be spoken: {error}") from error

    def close(self) -> None:
        """Ends the worker; what waits is asked for again by the next owner."""
        self._worker.shutdown(wait=False, cancel_futures=True)
