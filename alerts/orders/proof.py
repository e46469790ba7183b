"""What a receipt proves: a delivery's state only rises, and by meaning, not by the order of arrival. Pure.

A gateway's 'accepted' and 'delivered' may come out of order (seen with Kannel, recipes.md §1), receipts
may come hours late, a second attempt may fail after the first was delivered.
"""

from __future__ import annotations

from core.devices import DeviceReport
from core.orders import DeliveryState as State

_PERSON_RANK = {
    state: rank
    for rank, state in enumerate(
        (State.WAITING, State.WITHHELD, State.FAILED, State.SENDING, State.UNKNOWN, State.SENT, State.DELIVERED,
         State.ANSWERED, State.ACTED)
    )
}  # fmt: skip

_DEVICE_RANK = {
    State.WAITING: 0, State.WITHHELD: 0, State.FAILED: 1, State.REJECTED: 1, State.SENDING: 2, State.UNKNOWN: 3,
    State.SENT: 4, State.ACCEPTED: 5, State.QUEUED: 6, State.PREEMPTED: 6, State.SHOWING: 6, State.PLAYING: 6,
    State.EXPIRED: 1, State.DONE: 7, State.CLEARED: 8,
}  # fmt: skip
"""States of one rank follow each other freely: a preempted text comes back."""

_REPORTED = {
    DeviceReport.ACCEPTED: State.ACCEPTED,
    DeviceReport.QUEUED: State.QUEUED,
    DeviceReport.SHOWING: State.SHOWING,
    DeviceReport.PLAYING: State.PLAYING,
    DeviceReport.DONE: State.DONE,
    DeviceReport.PREEMPTED: State.PREEMPTED,
    DeviceReport.CANCELLED: State.CLEARED,
    DeviceReport.EXPIRED: State.EXPIRED,
    DeviceReport.FAILED: State.FAILED,
    DeviceReport.REJECTED: State.REJECTED,
}


def person_state(standing: State, proved: State) -> State:
    """The higher of what stands and what a gateway's receipt proved."""
    if proved is State.FAILED:
        return State.FAILED if _PERSON_RANK[standing] <= _PERSON_RANK[State.SENT] else standing
    return proved if _PERSON_RANK[proved] > _PERSON_RANK[standing] else standing


def device_state(standing: State, report: DeviceReport, *, purpose: str) -> State:
    """What stands after a device's report on a `send` or a `cancel` command.

    A refusal counts only if nothing better was proved, 'expired' also ends what only waited; a failure ends
    even what was showing. Of a cancel command only 'cancelled' (and 'done', for a device that had ended by
    itself) says that it is off: 'expired' says that the command came too late, and the text may stand.
    """
    if purpose == "cancel":
        off = report in (DeviceReport.CANCELLED, DeviceReport.DONE)
        return State.CLEARED if off else standing
    proved = _REPORTED[report]
    if proved is State.FAILED:
        return State.FAILED if _DEVICE_RANK[standing] < _DEVICE_RANK[State.DONE] else standing
    if proved is State.REJECTED:
        return State.REJECTED if _DEVICE_RANK[standing] <= _DEVICE_RANK[State.SENT] else standing
    if proved is State.EXPIRED:
        waited = _DEVICE_RANK[standing] <= _DEVICE_RANK[State.ACCEPTED] or standing is State.QUEUED
        return State.EXPIRED if waited else standing
    if _DEVICE_RANK[proved] >= _DEVICE_RANK[standing]:
        return proved
    return standing
