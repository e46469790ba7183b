"""The watcher's own way to call: its SMS gateway, and a program of the owner's (a modem's, a siren's)."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from secrets import token_hex

import structlog
from pydantic import SecretStr

from alerts.channels.sms import Gateway, Outcome, is_reachable
from alerts.orders.texts import sms_text
from core.language import Translate
from core.settings import Settings, Sms

log = structlog.get_logger("anlan.watch")

_COMMAND_S = 60.0


class Path:
    """Calls numbers; never raises, because one path that fails must not stop the other."""

    def __init__(self, settings: Settings, words: Translate) -> None:
        sms = settings.sms
        self._signature = sms.signature
        self._words = words
        self._sms = sms if sms.callback_secret else with_secret(sms)
        self._has_gateway = sms.url is not None and sms.password is not None
        self._command = settings.watcher.command

    def stands(self) -> bool:
        """Whether a call could leave now: the gateway is reached, or the program is there."""
        gateway = self._has_gateway and is_reachable(self._sms)
        program = bool(self._command) and shutil.which(self._command[0]) is not None
        return gateway or program

    def call(self, numbers: Sequence[str], text: str, *, attempt: int = 0) -> int:
        """Tells everybody by every way there is; how many were handed over by one at least.

        An `attempt` from 1 on is a call that asks for an answer; 0 only tells.
        """
        reached: set[str] = set()
        if self._has_gateway:
            reached |= self._by_gateway(numbers, text, attempt)
        if self._command:
            reached |= {number for number in numbers if self._by_command(number, text)}
        log.warning("called", numbers=len(numbers), handed_over=len(reached))
        return len(reached)

    def _by_gateway(self, numbers: Sequence[str], text: str, attempt: int) -> set[str]:
        whole = sms_text(
            text, signature=self._signature, drill=False, attempt=attempt, needs_answer=attempt > 0, words=self._words
        )  # fmt: skip
        gateway = Gateway(self._sms)
        reached = set()
        try:
            for number in numbers:
                sent = gateway.send(number, whole, f"watch-{token_hex(4)}")
                if sent.outcome is Outcome.SENT:
                    reached.add(number)
                else:
                    log.error("the gateway did not take it", outcome=sent.outcome.value, said=sent.detail)
        finally:
            gateway.close()
        return reached

    def _by_command(self, number: str, text: str) -> bool:
        """The words go to the program as they are, by no shell: nothing in a text can become a command."""
        words = [word.replace("{number}", number).replace("{text}", text) for word in self._command]
        environment = {**os.environ, "ANLAN_WATCH_NUMBER": number, "ANLAN_WATCH_TEXT": text}
        try:
            done = subprocess.run(
                words, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=_COMMAND_S, check=False
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            log.error("the program could not call", error=str(error))
            return False
        if done.returncode:
            said = done.stderr.decode(errors="replace")[-200:]
            log.error("the program could not call", code=done.returncode, said=said)
        return done.returncode == 0


def with_secret(sms: Sms) -> Sms:
    """Settings whose call-back path nobody knows: no report is heard, and none can be forged."""
    return sms.model_copy(update={"callback_secret": SecretStr(token_hex(16))})
