"""Every text of the pages is in both catalogues, and nothing is written past them."""

import re
from pathlib import Path

import pytest

from alerts.limits.completeness import Doubt
from alerts.limits.relaxing import Relaxation
from alerts.limits.rules import RuleRelaxation
from app.api.exports import COLUMNS as EXPORTED
from app.pages import requests, silences, station, stations, thresholds
from app.pages import words as room
from app.pages.order import ACTS
from app.pages.station_picture import HOURS as SPANS
from app.pages.words import words_of
from core.alarms import AlarmClass, AlarmEventKind, AlarmState
from core.cadence import Wait
from core.corrections import CONFIRMED, CORRECTED, VOIDED, CorrectionAct
from core.inhibition import Equal
from core.orders import Channel, DeliveryState, OrderState
from core.properties import PROPERTIES
from core.quality import Quality
from core.requests import RequestKind, RequestState
from core.roles import Role
from core.rule_versions import CARD_LANGUAGES, CARD_PARTS
from core.severity import Severity
from core.stations import MEASURING_KINDS
from core.thresholds import THRESHOLD_SEVERITY
from core.watching import REASONS, STAGES, Part
from hydrology.judgement import Reason

APP = Path(room.__file__).parents[1]
HIDING = APP.parent / "store" / "migrations" / "0200_equipment.sql"
SCRIPTS = sorted((APP / "assets").glob("*.js"))
PAGES = sorted((APP / "pages").glob("*.py"))
CALL = re.compile(r"""\b(?:anlan\.)?t\("((?:[^"\\]|\\.)+)"\s*[,)?:]|\bwords\("([^"]+)"\s*[,)]""")
WHY_UNCALLED = (
    "silenced", "no_area", "undecided", "nobody_on_duty", "unverified", "returned", "acknowledged", "shelved", "suppressed",
    "out_of_service",
)  # fmt: skip
WHY_HIDDEN = set(
    re.findall(
        r"'((?:without|everything|nobody|the whole|what it said)[^']+)'", HIDING.read_text(encoding="utf-8")
    )
)
HAN = re.compile(r"[\u4e00-\u9fff]")


def used() -> set[str]:
    found: set[str] = set()
    for path in (*SCRIPTS, *PAGES):
        for script, page in CALL.findall(path.read_text(encoding="utf-8")):
            found.add(script or page)
    return found


def families() -> set[str]:
    """Ids that are put together from what the records can be."""
    made = {f"property {name}" for name in PROPERTIES} | {f"limit {name}" for name in THRESHOLD_SEVERITY}
    for family, kinds in (
        ("colour", Severity), ("class", AlarmClass), ("state", AlarmState), ("event", AlarmEventKind),
        ("role", Role), ("order state", OrderState), ("delivery", DeliveryState), ("channel", Channel), ("reason", Reason),
    ):  # fmt: skip
        made |= {f"{family} {kind.value}" for kind in kinds}
    for family, names in (
        ("kind of station", MEASURING_KINDS), ("value act", CorrectionAct), ("value act says", CorrectionAct),
        ("value reason", (CORRECTED, CONFIRMED, VOIDED)), ("station column", stations.COLUMNS),
        ("stations", stations.STATES), ("tab", station.TABS), ("value column", station.VALUE_COLUMNS),
        ("span", SPANS), ("export", EXPORTED), ("page", ("stations", "station")),
        ("watch", REASONS), ("watch stage", STAGES[1:]), ("watch part", [part for part in Part if part != "canary"]),
        ("quality", [each.name.lower() for each in Quality]), ("request", RequestKind),
        ("request state", RequestState), ("relaxes", Relaxation), ("rule relaxes", RuleRelaxation),
        ("limits", (*thresholds.STATES, "now", "changed")), ("limits column", thresholds.COLUMNS), ("doubt", Doubt),
        ("load", ("target", "manageable", "too_much")), ("card", CARD_PARTS), ("card in", CARD_LANGUAGES),
        ("requests", requests.SHOWN), ("page", ("requests", "thresholds", "rules", "silences")),
        ("call waits", Wait), ("share", Equal), ("hides because", WHY_HIDDEN), ("why uncalled", WHY_UNCALLED), ("silences", silences.SHOWN), ("absent", ("station", "device", "camera")),
    ):  # fmt: skip
        made |= {f"{family} {each}" for each in names}
    for act in ACTS:
        made |= (
            {f"act {act}"}
            if act == "edit"
            else {f"act {act}", f"will {act} {{number}}", f"says {act}", f"done {act}"}
        )
    return made


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_text_is_in_the_catalogue(language: str) -> None:
    known = words_of(language).all()
    assert len(used()) > 100, "the texts of scripts and pages are found at all"
    assert sorted((used() | families()) - set(known)) == []


def test_both_catalogues_hold_the_same_texts_with_the_same_values() -> None:
    zh, en = words_of("zh").all(), words_of("en").all()
    assert set(zh) == set(en)
    for msgid in zh:
        names = set(re.findall(r"\{(\w+)\}", zh[msgid]))
        assert names >= set(re.findall(r"\{(\w+)\}", en[msgid])), msgid
        assert names <= set(re.findall(r"\{(\w+)\}", msgid)) or "{" not in msgid, msgid


def test_the_english_catalogue_is_english() -> None:
    assert [text for text in words_of("en").all().values() if HAN.search(text)] == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_no_script_holds_chinese_text(path: Path) -> None:
    assert HAN.search(path.read_text(encoding="utf-8")) is None


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_no_script_writes_data_as_html(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text
    )
