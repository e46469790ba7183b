"""The broker's session of a role can be named only by who has its password."""

from __future__ import annotations

from core.broker_session import broker_fingerprint, session_name


def test_the_same_login_and_instance_have_the_same_session() -> None:
    here = session_name("ingest", "1", "mqtt://ingest:p%40ss@a:1883")
    there = session_name("ingest", "1", "mqtts://ingest:p%40ss@b:8883")
    assert here == there and here.startswith("anlan-ingest-1-") and "p@ss" not in here


def test_another_password_instance_or_role_has_another_session() -> None:
    names = {
        session_name("ingest", "1", "mqtt://ingest:one@a"),
        session_name("ingest", "1", "mqtt://ingest:two@a"),
        session_name("ingest", "2", "mqtt://ingest:one@a"),
        session_name("dispatch", "1", "mqtt://ingest:one@a"),
    }
    assert len(names) == 4


def test_without_a_password_there_is_nothing_to_guard() -> None:
    assert session_name("ingest", "1", "mqtt://localhost:1883") == "anlan-ingest-1"


def test_the_sessions_of_an_instance_are_told_apart_by_their_numbers() -> None:
    names = [session_name("ingest", "1", "mqtt://ingest:one@a", number) for number in (0, 1, 2)]
    assert len(set(names)) == 3
    assert session_name("ingest", "1", "mqtt://a", 2) == "anlan-ingest-1~2"


def test_a_fingerprint_is_of_broker_and_login_and_tells_neither() -> None:
    here = broker_fingerprint("ingest", "mqtt://ingest:one@a:1883")
    assert here == broker_fingerprint("ingest", "mqtt://ingest:one@a:1883")
    assert here != broker_fingerprint("ingest", "mqtt://ingest:two@a:1883")
    assert here != broker_fingerprint("ingest", "mqtt://ingest:one@b:1883")
    assert "one" not in here and len(here) == 16
