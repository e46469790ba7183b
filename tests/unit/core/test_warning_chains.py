"""What is in force follows from all messages together, in whatever order they came."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from core.severity import Severity
from core.warning_chains import Received, Standing, Stands, colour_of, info_for, standings, window
from core.warnings import MessageType, Reference, Status, WarningInfo, WarningMessage

T0 = datetime(2026, 7, 15, tzinfo=UTC)
HOUR = timedelta(hours=1)
ALERT, UPDATE, CANCEL = MessageType.ALERT, MessageType.UPDATE, MessageType.CANCEL


def message(
    name: str,
    at_h: float,
    kind: MessageType = ALERT,
    refers: tuple[str, ...] = (),
    *,
    sender: str = "county",
    of: str | None = None,
    expires_h: float | None = 12,
    effective_h: float | None = None,
    responses: tuple[str, ...] = (),
) -> WarningMessage:
    info = WarningInfo(
        "暴雨",
        effective=T0 + effective_h * HOUR if effective_h is not None else None,
        expires=T0 + expires_h * HOUR if expires_h is not None else None,
        response_types=responses,
    )
    references = tuple(Reference(one, of or sender) for one in refers)
    infos = () if kind is CANCEL else (info,)
    return WarningMessage(
        sender, name, T0 + at_h * HOUR, Status.ACTUAL, kind, references=references, infos=infos
    )


def stand(*messages: WarningMessage, at_h: float = 5, trusted: tuple[str, ...] = ()) -> dict[str, Stands]:
    received = [Received(n, one, one.sender in trusted) for n, one in enumerate(messages)]
    found = standings(received, T0 + at_h * HOUR)
    return {one.identifier: found[n] for n, one in enumerate(messages)}


def words(stands: dict[str, Stands]) -> dict[str, str]:
    return {name: one.standing.value for name, one in stands.items()}


def test_a_warning_is_in_force_from_its_beginning_to_its_end() -> None:
    one = message("A", 0, effective_h=2, expires_h=6)
    for at_h, standing in (
        (1, Standing.AHEAD),
        (2, Standing.IN_FORCE),
        (5.99, Standing.IN_FORCE),
        (6, Standing.EXPIRED),
    ):
        assert stand(one, at_h=at_h)["A"].standing is standing


def test_one_without_an_end_ends_after_a_day() -> None:
    one = message("A", 0, expires_h=None)
    assert window(one) == (T0, T0 + 24 * HOUR)
    assert stand(one, at_h=23)["A"].standing is Standing.IN_FORCE
    assert stand(one, at_h=24)["A"].standing is Standing.EXPIRED


CHAIN = (
    message("A", 0), message("U", 1, UPDATE, ("A",)), message("V", 2, UPDATE, ("U",)), message("C", 4, CANCEL, ("V",)),
)  # fmt: skip


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))), ids=str)
def test_the_order_of_arrival_does_not_matter(order: tuple[int, ...]) -> None:
    found = stand(*(CHAIN[n] for n in order))
    assert words(found) == {"A": "replaced", "U": "replaced", "V": "cancelled", "C": "without_warning"}
    assert len({one.chain for one in found.values()}) == 1


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
def test_before_the_cancellation_the_last_update_stands(order: tuple[int, ...]) -> None:
    assert words(stand(*(CHAIN[n] for n in order))) == {"A": "replaced", "U": "replaced", "V": "in_force"}


def test_a_cancellation_waits_for_its_warning() -> None:
    lone = message("C", 4, CANCEL, ("A",))
    found = stand(lone)["C"]
    assert (found.standing, found.unknown) == (Standing.WITHOUT_WARNING, (Reference("A", "county"),))
    assert words(stand(lone, message("A", 0)))["A"] == "cancelled"


def test_an_update_of_an_unknown_warning_is_in_force_itself() -> None:
    found = stand(message("U", 1, UPDATE, ("A",)))["U"]
    assert (found.standing, len(found.unknown)) == (Standing.IN_FORCE, 1)


def test_a_copy_changes_nothing() -> None:
    one = message("A", 0)
    received = [Received(n, one, False) for n in range(3)]
    assert {each.standing for each in standings(received, T0 + HOUR).values()} == {Standing.IN_FORCE}


def test_a_reference_with_another_time_means_another_message() -> None:
    cancel = WarningMessage(
        "county", "C", T0 + HOUR, Status.ACTUAL, CANCEL, references=(Reference("A", "county", T0 + HOUR / 2),)
    )
    assert words(stand(message("A", 0), cancel))["A"] == "in_force"


def test_another_sender_cancels_only_if_it_is_trusted() -> None:
    town, stranger = message("A", 0), message("X", 1, CANCEL, ("A",), sender="stranger", of="county")
    assert words(stand(town, stranger))["A"] == "in_force"
    assert words(stand(town, stranger, trusted=("stranger",)))["A"] == "cancelled"


def test_warnings_of_town_county_and_province_stand_beside_each_other() -> None:
    found = stand(*(message(name, 0, sender=name) for name in ("town", "county", "province")))
    assert set(words(found).values()) == {"in_force"}
    assert len({one.chain for one in found.values()}) == 3


def test_messages_that_refer_to_each_other_do_not_hide_each_other() -> None:
    found = words(stand(message("A", 0, UPDATE, ("B",)), message("B", 0, UPDATE, ("A",))))
    assert found == {"A": "in_force", "B": "in_force"}
    assert words(stand(message("A", 0, UPDATE, ("A",)))) == {"A": "in_force"}


def test_nothing_is_left_without_a_warning_until_an_update_begins() -> None:
    pair = (message("A", 0), message("U", 1, UPDATE, ("A",), effective_h=6))
    assert words(stand(*pair, at_h=5)) == {"A": "in_force", "U": "ahead"}
    assert words(stand(*pair, at_h=6)) == {"A": "replaced", "U": "in_force"}


def test_all_clear_ends_a_warning_and_is_none() -> None:
    found = words(stand(message("A", 0), message("U", 1, UPDATE, ("A",), responses=("AllClear",))))
    assert found == {"A": "cancelled", "U": "without_warning"}


def test_acknowledgements_and_errors_change_nothing() -> None:
    for kind in (MessageType.ACK, MessageType.ERROR):
        assert words(stand(message("A", 0), message("K", 1, kind, ("A",)))) == {
            "A": "in_force",
            "K": "without_warning",
        }


def test_ten_thousand_messages_in_one_chain_are_quick() -> None:
    long = [message("M0", 0)] + [message(f"M{n}", n / 1e4, UPDATE, (f"M{n - 1}",)) for n in range(1, 10_000)]
    found = words(stand(*long))
    assert found["M9999"] == "in_force" and found["M0"] == "replaced"


def test_the_worst_colour_and_the_readers_language() -> None:
    infos = (WarningInfo("雨", "zh-CN", colour=Severity.BLUE), WarningInfo("rain", "en", colour=Severity.RED))
    one = WarningMessage("a", "b", T0, Status.ACTUAL, ALERT, infos=infos)
    assert colour_of(one) is Severity.RED
    assert [getattr(info_for(one, language), "event", "") for language in ("zh", "en", "fr")] == [
        "雨",
        "rain",
        "雨",
    ]
