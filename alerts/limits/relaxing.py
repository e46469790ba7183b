"""What of a change could keep a flood from being heard: that needs a second person. Pure."""

from __future__ import annotations

from enum import StrEnum

from alerts.limits.completeness import days_in_force, is_set
from core.thresholds import Threshold


class Relaxation(StrEnum):
    """In what way the new limit is heard later, less often or by fewer than the old one."""

    RAISED = "raised"
    REMOVED = "removed"
    SEVERITY_LOWERED = "severity_lowered"
    DEADBAND_WIDENED = "deadband_widened"
    ON_DELAY_LENGTHENED = "on_delay_lengthened"
    SEASON_NARROWED = "season_narrowed"
    DATUM_CHANGED = "datum_changed"


def relaxations(old: Threshold | None, new: Threshold | None) -> tuple[Relaxation, ...]:
    """What the change from `old` to `new` relaxes; empty: one person may do it.

    `old` None (or 0, which is none): a limit that is set for the first time relaxes nothing. `new` None: it is
    taken away. A longer off-delay relaxes nothing: the alarm stands longer.
    """
    if old is None or not is_set(old):
        return ()
    if new is None or not is_set(new):
        return (Relaxation.REMOVED,)
    found = []
    if new.datum != old.datum:
        found.append(Relaxation.DATUM_CHANGED)
    if new.value > old.value:
        found.append(Relaxation.RAISED)
    if new.severity.rank < old.severity.rank:
        found.append(Relaxation.SEVERITY_LOWERED)
    if new.deadband > old.deadband:
        found.append(Relaxation.DEADBAND_WIDENED)
    if _longer(old.on_delay_s, new.on_delay_s):
        found.append(Relaxation.ON_DELAY_LENGTHENED)
    if days_in_force(old.season_from, old.season_to) - days_in_force(new.season_from, new.season_to):
        found.append(Relaxation.SEASON_NARROWED)
    return tuple(found)


def _longer(old_s: int | None, new_s: int | None) -> bool:
    """True unless the new delay is surely no longer; None is the default of the severity."""
    if old_s == new_s or new_s == 0:
        return False
    return old_s is None or new_s is None or new_s > old_s
