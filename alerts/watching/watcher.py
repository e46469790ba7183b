"""The role `anlan watch`: on a second machine it looks at the centre, and calls by its own path when it must."""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import structlog

from alerts.channels.callbacks import Listener, Message
from alerts.orders.answers import Meaning, parse
from alerts.watching.path import Path
from alerts.watching.vigil import Back, Call, Heard, Rules, Trouble, Vigil, answered, heard_of, look
from core.clock import Clock, SteadyClock
from core.errors import ConfigurationError
from core.language import translator
from core.settings import Settings
from core.watch_talk import PATH, SIGNATURE, Question, is_signed, sign_answer, sign_question

log = structlog.get_logger("anlan.watch")

ROLE = "watch"
_TIMEOUT_S = 5.0


class Watcher:
    """Runs until `stop` is set."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        rules = settings.watcher
        if rules.url is None or settings.watch.secret is None:
            raise ConfigurationError(
                "anlan watch needs ANLAN_WATCHER__URL (the centre's pages) and ANLAN_WATCH__SECRET (the centre's)"
            )
        if not rules.numbers:
            raise ConfigurationError("anlan watch has nobody to call: set ANLAN_WATCHER__NUMBERS")
        if settings.sms.url is None and not rules.command:
            raise ConfigurationError(
                "anlan watch has no way to call: set ANLAN_SMS__URL of a gateway of its own, or ANLAN_WATCHER__COMMAND"
            )
        self._settings, self._rules, self._clock = settings, rules, clock
        self._secret = settings.watch.secret.get_secret_value()
        self._centre = rules.url.rstrip("/")
        self._zone = ZoneInfo(settings.time_zone)
        self._words = translator("alerts", settings.language)
        self._path = Path(settings, self._words)
        self._times = Rules(
            timedelta(seconds=rules.silence_s), timedelta(seconds=rules.repeat_s), rules.calls
        )
        self._gate = threading.Lock()
        self._steady = SteadyClock(clock)
        self._vigil = Vigil(heard_at=self._steady())
        self.stop = threading.Event()

    def run(self) -> None:
        """Looks, and calls where that is needed. Raises UnavailableError where answers cannot be listened for."""
        ear = self._ear()
        client = httpx.Client(timeout=_TIMEOUT_S, trust_env=False)
        log.info(
            "watching", centre=self._centre, people=len(self._rules.numbers), hears_answers=ear is not None
        )
        try:
            while not self.stop.is_set():
                self._look(client)
                self.stop.wait(self._rules.poll_s)
        finally:
            client.close()
            if ear is not None:
                ear.close()

    def test(self) -> tuple[bool, int]:
        """(whether the centre answers, how many were told so); for whoever sets it up."""
        with httpx.Client(timeout=_TIMEOUT_S, trust_env=False) as client:
            heard = self._ask(client) is not None
        text = self._words(
            "watcher.test",
            name=self._rules.name,
            centre=self._centre,
            state=self._words(f"watcher.state.{'answers' if heard else 'silent'}"),
        )
        return heard, self._path.call(self._rules.numbers, text)

    def _ear(self) -> Listener | None:
        if self._settings.sms.callback_secret is None:
            return None
        return Listener(self._settings.sms, on_report=lambda report: None, on_message=self._on_message)

    def _look(self, client: httpx.Client) -> None:
        heard = self._ask(client)
        with self._gate:
            before = self._vigil.trouble
            self._vigil, act = look(self._vigil, self._steady(), heard, self._times)
            after = self._vigil.trouble
        if before is not after:
            log.warning("trouble" if after else "the centre is back", trouble=after)
        if isinstance(act, Call):
            self._path.call(self._rules.numbers, self._text(act), attempt=act.number)
        elif isinstance(act, Back):
            text = self._words("watcher.back", centre=self._centre, since=self._time(act.since))
            self._path.call(self._rules.numbers, text)

    def _ask(self, client: httpx.Client) -> Heard | None:
        """None where nothing was heard, or nothing that the centre signed for this very question."""
        nonce = secrets.token_hex(16)
        at = self._clock()
        question = Question(self._rules.name, int(at.timestamp() * 1000), nonce, self._path.stands())
        try:
            answer = client.get(
                self._centre + PATH,
                params=question.query(),
                headers={SIGNATURE: sign_question(self._secret, question)},
            )
        except httpx.HTTPError as error:
            log.warning("no heartbeat", error=str(error) or type(error).__name__)
            return None
        given = answer.headers.get(SIGNATURE, "")
        if not is_signed(sign_answer(self._secret, nonce, answer.content), given):
            log.warning("no heartbeat: the answer is not signed with our secret", status=answer.status_code)
            return None
        body: Mapping[str, Any] = json.loads(answer.content)
        if not body.get("noted"):
            log.warning("the centre did not note our look; are the clocks right?", skew_s=body.get("skew_s"))
        return heard_of(body, self._steady())

    def _on_message(self, message: Message) -> None:
        number = next((one for one in self._rules.numbers if _same(one, message.sender)), None)
        if number is None or parse(message.text).meaning is Meaning.OTHER:
            return
        with self._gate:
            self._vigil, first = answered(self._vigil, number)
        if first:
            log.warning("answered")
            text = self._words("watcher.heard", centre=self._centre, number=number)
            self._path.call([one for one in self._rules.numbers if one != number], text)

    def _text(self, call: Call) -> str:
        since = self._time(call.since)
        if call.trouble is Trouble.SILENT:
            return self._words("watcher.silent", centre=self._centre, since=since)
        what = "；".join(self._words(f"watcher.part.{wrong}") for wrong in call.wrong)
        return self._words("watcher.late", centre=self._centre, since=since, what=what)

    def _time(self, at: datetime) -> str:
        return f"{self._steady.shown(at).astimezone(self._zone):%m-%d %H:%M}"


def _same(number: str, sender: str) -> bool:
    """Gateways write a number with or without its country's code."""
    return number[-11:] == sender[-11:]
