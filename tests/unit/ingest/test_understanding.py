"""From a message to what is stored, without broker and database."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.errors import ConfigurationError
from core.faults import Fault, FaultReason
from core.language import LANGUAGES, catalogue
from core.settings import Ingest
from formats import FORMATS, Context, Decoded
from ingest.messages import Inbound
from ingest.routes import route
from ingest.understanding import understand
from ingest.understood import Known, Limits, Understood

NOW = datetime(2026, 7, 1, 8, tzinfo=UTC)
KNOWN = Known({"ST1": 600}, {"C1"}, {"EX1"})
LIMITS = Limits.of(Ingest())


def read(topic: str, payload: bytes) -> Understood:
    found = route(topic)
    assert found is not None
    return understand(Inbound(topic, payload, NOW), found, KNOWN, LIMITS)


def reading(time: datetime = NOW, seq: int | None = None, **values: float) -> dict[str, object]:
    message: dict[str, object] = {"time": time.isoformat(), "values": values}
    return message if seq is None else {**message, "seq": seq}


def test_totals_have_the_stations_period() -> None:
    one = read("anlan/obs/ST1", json.dumps(reading(rainfall=1.0, tide_level=99.0)).encode())
    assert [(r.property, r.period_s, r.value) for r in one.readings] == [
        ("rainfall", 600, 1.0),
        ("tide_level", 0, 99.0),
    ]
    assert one.faults == []


def test_a_list_loses_only_the_item_whose_time_cannot_be_true() -> None:
    items = [reading(flow=1.0), reading(NOW + timedelta(hours=1), flow=2.0, inflow=2.0), reading(inflow=3.0)]
    one = read("anlan/obs/ST1", json.dumps(items).encode())
    assert [r.value for r in one.readings] == [1.0, 3.0]
    assert [fault.reason for fault in one.faults] == [FaultReason.TIME_IN_FUTURE]


@pytest.mark.parametrize(
    ("topic", "reason"),
    [
        ("anlan/obs/NOBODY", FaultReason.UNKNOWN_STATION),
        ("anlan/drill/EX9/obs/ST1", FaultReason.UNKNOWN_EXERCISE),
        ("anlan/drill/EX9/obs/NOBODY", FaultReason.UNKNOWN_EXERCISE),
    ],
)
def test_who_is_not_known_is_not_stored_but_need_not_send_again(topic: str, reason: FaultReason) -> None:
    one = read(topic, json.dumps(reading(seq=5, flow=1.0)).encode())
    assert [fault.reason for fault in one.faults] == [reason]
    assert one.readings == []
    assert one.sequences == [5]


def test_a_payload_too_large_is_not_even_read() -> None:
    one = read("anlan/obs/ST1", b" " * (LIMITS.payload_bytes + 1))
    assert [fault.reason for fault in one.faults] == [FaultReason.TOO_LARGE]


def test_a_decoder_that_fails_costs_one_message_and_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(payload: bytes, context: Context) -> Decoded:
        raise ZeroDivisionError("<b>")

    monkeypatch.setitem(FORMATS, "obs", broken)
    one = read("anlan/obs/ST1", b"{}")
    assert [fault.reason for fault in one.faults] == [FaultReason.DECODER_FAILED]
    assert "ZeroDivisionError" in one.faults[0].detail


def test_a_forecasts_times_may_lie_ahead_but_not_its_issue() -> None:
    ahead = (NOW + timedelta(days=3)).isoformat()
    fix = {"time": ahead, "lon": 121, "lat": 29}
    track = {"code": "1", "fixes": [fix], "forecast": {"issued": NOW.isoformat(), "fixes": [fix]}}
    one = read("anlan/weather/typhoon", json.dumps(track).encode())
    assert one.report is not None
    assert [found.issued for found in one.report.fixes] == [NOW]
    assert [fault.reason for fault in one.faults] == [FaultReason.TIME_IN_FUTURE]


def test_a_topic_without_a_route_is_a_fault() -> None:
    fault = route("anlan/what")
    assert isinstance(fault, Fault)
    assert understand(Inbound("anlan/what", b"", NOW), fault, KNOWN, LIMITS).faults == [fault]


def test_a_wrong_setting_is_said_by_its_name() -> None:
    with pytest.raises(ConfigurationError, match="ANLAN_INGEST__EARLIEST_TIME"):
        Limits.of(Ingest(earliest_time="long ago"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_has_a_text(language: str) -> None:
    texts = catalogue("ingest", language)
    for reason in FaultReason:
        assert texts.gettext(str(reason)) != str(reason) or str(reason) == "missing"


def test_every_reason_stands_in_the_document_of_the_quarantine() -> None:
    page = (Path(__file__).parents[3] / "docs" / "quarantine.md").read_text(encoding="utf-8")
    assert [str(reason) for reason in FaultReason if f"| `{reason}` |" not in page] == []


def test_of_times_that_jump_over_decades_only_the_newest_weeks_are_stored() -> None:
    jumping = [reading(NOW - timedelta(weeks=week), water_level=2.0) for week in range(1500)]
    one = read("anlan/obs/ST1", json.dumps(jumping).encode())
    assert [fault.reason for fault in one.faults] == [FaultReason.TIME_SPREAD]
    assert len({reading.time.toordinal() // 7 for reading in one.readings}) == Ingest().max_weeks
    assert max(reading.time for reading in one.readings) == NOW, "what may be a flood now is not lost"


def test_a_year_of_days_in_one_message_is_no_jump() -> None:
    year = [reading(NOW - timedelta(days=day), rainfall=2.0) for day in range(366)]
    one = read("anlan/obs/ST1", json.dumps(year).encode())
    assert not one.faults and len(one.readings) == 366
