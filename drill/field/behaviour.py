"""Who and what misbehaves, as the scenario says."""

from __future__ import annotations

from dataclasses import dataclass

from drill.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Codes of what does not do as it should.

    `dialling_stations` do nothing wrong: they speak SL 651 by connections of their own. `silent_stations` stopped reporting two hours before the story begins; `offline` devices and
    cameras never connect; `slow` devices answer after 20 s; `babbling` ones flood with statuses.
    """

    dialling_stations: frozenset[str]
    silent_stations: frozenset[str]
    fast_stations: frozenset[str]
    offline: frozenset[str]
    slow: frozenset[str]
    babbling: frozenset[str]


def behaviour_of(scenario: Scenario) -> Behaviour:
    """The `[behaviour]` table of the scenario."""
    table = scenario.settings.get("behaviour", {})
    assert isinstance(table, dict)
    return Behaviour(**{name: frozenset(table.get(name, ())) for name in Behaviour.__slots__})
