"""The watcher as a real second process, with a real web process to look at and a real Kannel to call by."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from psycopg import Connection

from alerts.notices import Wording
from alerts.standing.finding import Look
from alerts.standing.reconcile import look
from alerts.standing.watch import WatchFinder
from cli.services import Services
from core.settings import Settings
from core.watch_talk import PATH, SIGNATURE, Question, sign_answer, sign_question
from core.watching import Part, judge, limits_of
from store import watching
from store.connection import connect
from store.heartbeats import beat
from tests.integration.order_world import Phones, eventually, found
from tests.integration.test_web_process import running
from tests.own_services import own_services

ROOT = Path(__file__).resolve().parents[2]
SECRET = "a-secret-of-this-test"
NUMBERS = ("13911110001", "13911110002")
SILENCE_S = 3.0


@pytest.fixture(scope="module")
def view(database: str) -> Iterator[Connection[Any]]:
    with connect(database, name="test", autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def telephony() -> Iterator[Services]:
    """A gateway that no other test has left anything in: who watches calls by its own path."""
    with own_services("watch") as own:
        yield own


@pytest.fixture(scope="module")
def phones(telephony: Services) -> Iterator[Phones]:
    held = Phones(telephony.env()["ANLAN_FIELD__SMSC"])
    held.start()
    yield held
    held.close()


@pytest.fixture(autouse=True)
def quiet(phones: Phones) -> None:
    phones.received.clear()
    phones.on_message = lambda number, text: None


@pytest.fixture
def centre(environment: dict[str, str]) -> dict[str, str]:
    return {**environment, "ANLAN_WATCH__SECRET": SECRET}


@contextmanager
def watcher(
    telephony: Services,
    url: str,
    log: Path,
    *,
    secret: str = SECRET,
    words: tuple[str, ...] = (),
    **more: str,
) -> Iterator[subprocess.Popen[bytes]]:
    """`anlan watch` that knows nothing of the centre but its address and the secret."""
    env = telephony.env()
    own = {name: env[name] for name in env if name.startswith("ANLAN_SMS__")}
    settings = {
        "ANLAN_WATCHER__URL": url,
        "ANLAN_WATCHER__NUMBERS": json.dumps(NUMBERS),
        "ANLAN_WATCHER__POLL_S": "0.5",
        "ANLAN_WATCHER__SILENCE_S": str(SILENCE_S),
        "ANLAN_WATCHER__REPEAT_S": "4",
        "ANLAN_WATCHER__CALLS": "3",
        "ANLAN_WATCH__SECRET": secret,
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANLAN_")}
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "cli.main", "watch", *words], cwd=log.parent,
            env={**kept, **own, **settings, **more, "PYTHONPATH": str(ROOT)}, stdout=out, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        yield process
    finally:
        process.terminate()
        code = process.wait(15)
        text = log.read_text()
        assert (code in (0, 1) if words else code == 0) and "Traceback" not in text, text[-3000:]


def test_a_dead_centre_is_missed_calls_until_somebody_answers_and_its_return_is_told(
    telephony: Services, centre: dict[str, str], view: Connection[Any], phones: Phones, tmp_path: Path
) -> None:
    with running(centre) as (web, url), watcher(telephony, url, tmp_path / "watch.log"):
        eventually(lambda: found(view, "select count(*) from watcher where name = 'watch'") == 1, 15)
        time.sleep(SILENCE_S + 1)
        assert phones.received == []

        web.kill()
        web.wait()
        died = time.monotonic()
        eventually(lambda: all(phones.texts_to(number) for number in NUMBERS), 20)
        assert SILENCE_S - 1 <= time.monotonic() - died <= SILENCE_S + 8
        assert "没有心跳" in phones.texts_to(NUMBERS[0])[0] and "【" in phones.texts_to(NUMBERS[0])[0]

        eventually(lambda: len(phones.texts_to(NUMBERS[1])) == 2, 15)
        phones.reply(NUMBERS[0], "1")
        eventually(lambda: "已应答" in phones.texts_to(NUMBERS[1])[-1], 15)
        told = len(phones.received)
        time.sleep(6)
        assert len(phones.received) == told

        port = int(url.rpartition(":")[2])
        with running(centre, port):
            eventually(lambda: all("恢复" in phones.texts_to(number)[-1] for number in NUMBERS), 20)


def test_it_calls_no_more_often_than_the_bound_and_a_program_can_call_too(
    telephony: Services, phones: Phones, tmp_path: Path
) -> None:
    called = tmp_path / "called"
    program = [
        sys.executable, "-c", "import sys; open(sys.argv[1], 'a').write(sys.argv[2] + '|' + sys.argv[3] + '\\n')",
        str(called), "{number}", "{text}",
    ]  # fmt: skip
    with watcher(
        telephony, "http://127.0.0.1:9", tmp_path / "watch.log",
        ANLAN_WATCHER__COMMAND=json.dumps(program), ANLAN_WATCHER__REPEAT_S="1",
    ):  # fmt: skip
        eventually(lambda: len(phones.texts_to(NUMBERS[0])) == 3, 30)
        time.sleep(3)

    assert len(phones.texts_to(NUMBERS[0])) == len(phones.texts_to(NUMBERS[1])) == 3
    lines = called.read_text().splitlines()
    assert [line.split("|")[0] for line in lines] == list(NUMBERS) * 3
    assert all("没有心跳" in line for line in lines)


def test_who_lives_but_has_another_secret_counts_as_silent(
    telephony: Services, centre: dict[str, str], phones: Phones, tmp_path: Path
) -> None:
    with (
        running(centre) as (_, url),
        watcher(telephony, url, tmp_path / "watch.log", secret="another-secret-than-that"),
    ):
        eventually(lambda: phones.texts_to(NUMBERS[0]), 20)


def test_a_centre_whose_evaluator_died_calls_although_its_pages_answer(
    telephony: Services, centre: dict[str, str], view: Connection[Any], phones: Phones, tmp_path: Path
) -> None:
    beat(view, "alerts", "1", datetime.now(UTC), {"leading": True})
    view.execute("update heartbeat set at = now() - interval '200 seconds' where role = 'alerts'")
    try:
        with running(centre) as (_, url), watcher(telephony, url, tmp_path / "watch.log"):
            eventually(lambda: phones.texts_to(NUMBERS[0]), 25)
            assert "告警程序没有心跳" in phones.texts_to(NUMBERS[0])[0]
    finally:
        view.execute("delete from heartbeat")


def test_setting_it_up_can_be_tried(
    telephony: Services, centre: dict[str, str], phones: Phones, tmp_path: Path
) -> None:
    with running(centre) as (_, url):
        with watcher(telephony, url, tmp_path / "watch.log", words=("--test",)) as process:
            assert process.wait(20) == 0
        eventually(lambda: phones.texts_to(NUMBERS[1]), 10)
        assert "测试" in phones.texts_to(NUMBERS[1])[0] and "有心跳" in phones.texts_to(NUMBERS[1])[0]


def ask(url: str, question: Question, secret: str = SECRET) -> httpx.Response:
    return httpx.get(
        url + PATH, params=question.query(), headers={SIGNATURE: sign_question(secret, question)}, trust_env=False
    )  # fmt: skip


def question(name: str = "w", *, seconds: float = 0.0, can_call: bool = True) -> Question:
    return Question(name, int((time.time() + seconds) * 1000), os.urandom(16).hex(), can_call)


def test_only_who_has_the_secret_looks_and_no_look_counts_twice(
    centre: dict[str, str], view: Connection[Any]
) -> None:
    with running(centre) as (_, url):
        first = question("w1")
        answer = ask(url, first)
        assert answer.status_code == 200 and answer.json()["noted"] is True
        assert answer.headers[SIGNATURE] == sign_answer(SECRET, first.nonce, answer.content)
        assert ask(url, first).json()["noted"] is False
        assert ask(url, question("w2", seconds=-3600)).json()["noted"] is False
        assert ask(url, question("w3"), "another-secret-than-that").status_code == 401
        assert httpx.get(url + PATH, trust_env=False).status_code == 401
        assert view.execute("select name from watcher where name like 'w_'").fetchall() == [("w1",)]
        health = httpx.get(url + "/healthz", trust_env=False).json()
        assert health["status"] == "ok" and set(health["watch"]) == {part.value for part in Part}
        figures = httpx.get(url + "/metrics", trust_env=False).text
        assert 'anlan_watch_condition{condition="good",part="watcher"} 1.0' in figures


def test_without_a_secret_nobody_can_look(environment: dict[str, str]) -> None:
    with running(environment) as (_, url):
        assert ask(url, question(), "").status_code == 401


def test_the_centre_raises_an_alarm_when_nobody_looks_or_a_role_falls_silent(view: Connection[Any]) -> None:
    settings = Settings()
    wording = Wording("zh", "Asia/Shanghai")

    def alarms() -> dict[str, str]:
        with view.transaction():
            look(view, WatchFinder(), Look(datetime.now(UTC), ZoneInfo("Asia/Shanghai"), settings), wording)
        return dict(
            view.execute(
                "select subject, title ->> 'zh' from alarm where class = 'equipment' and returned_at is null"
                " and closed_at is null and exercise is null"
            ).fetchall()
        )

    view.execute("delete from watcher")
    view.execute("delete from heartbeat")
    assert alarms() == {}
    now = datetime.now(UTC)
    watching.note_look(view, "w", at=now, asked_at=now, address="", detail={"can_call": True})
    beat(view, "ingest", "1", now, {"lag_ms": 5})
    assert alarms() == {}
    view.execute("update watcher set looked_at = now() - interval '6 minutes'")
    view.execute("update heartbeat set at = now() - interval '70 seconds'")
    assert set(alarms()) == {"watcher", "ingest"}
    assert "没有心跳" in alarms()["ingest"]
    view.execute("update watcher set looked_at = now(), detail = '{\"can_call\": false}'")
    beat(view, "ingest", "1", datetime.now(UTC), {"lag_ms": 61_000})
    told = alarms()
    assert "呼叫通道不通" in told["watcher"] and "落后" in told["ingest"]
    view.execute("update watcher set detail = '{\"can_call\": true}'")
    beat(view, "ingest", "1", datetime.now(UTC), {"lag_ms": 10})
    assert alarms() == {}


def test_the_clock_of_every_process_is_known(view: Connection[Any]) -> None:
    view.execute("delete from heartbeat")
    beat(view, "ingest", "1", datetime.now(UTC), {})
    (clock,) = watching.facts(view, watched=False).clocks
    assert clock.host and abs(clock.off_s) < 1
    beat(view, "dispatch", "1", datetime.now(UTC) + timedelta(seconds=5), {"leads": True})

    check = next(one for one in judge(watching.facts(view, watched=False), limits_of(Settings().watch)) if one.part is Part.CLOCK)  # fmt: skip

    assert (check.reason, check.detail["role"]) == ("apart", "dispatch")
    assert check.figure_s == pytest.approx(5, abs=0.5)


def part_of(view: Connection[Any], part: Part) -> tuple[str, str]:
    found = next(one for one in judge(watching.facts(view, watched=False), limits_of(Settings().watch)) if one.part is part)  # fmt: skip
    return found.condition.value, found.reason


def test_a_dead_role_whose_clock_was_ahead_does_not_live_on(view: Connection[Any]) -> None:
    view.execute("delete from heartbeat")
    beat(view, "alerts", "1", datetime.now(UTC) + timedelta(hours=3), {"leading": True})
    assert part_of(view, Part.EVALUATOR) == ("good", "")
    view.execute("update heartbeat set at = at - interval '2 minutes'")
    assert part_of(view, Part.EVALUATOR) == ("late", "silent")


def test_where_all_stand_by_for_a_minute_nobody_dispatches(
    view: Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    view.execute("delete from heartbeat")
    monkeypatch.setattr("store.heartbeats._BEGAN", {})
    beat(view, "dispatch", "1", datetime.now(UTC), {"leads": False})
    assert part_of(view, Part.DISPATCH) == ("good", ""), "another may still be taking over"
    monkeypatch.setattr(
        "store.heartbeats._BEGAN", {("dispatch", "1"): datetime.now(UTC) - timedelta(minutes=2)}
    )
    beat(view, "dispatch", "1", datetime.now(UTC), {"leads": False})
    assert part_of(view, Part.DISPATCH) == ("late", "silent")
    beat(view, "dispatch", "2", datetime.now(UTC), {"leads": True})
    assert part_of(view, Part.DISPATCH) == ("good", "")
