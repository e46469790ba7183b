"""Duty: the roster as people edit it, who is away, and the hand-over of a desk (交接班).

Others may call, each with a connection whose transaction they own and an `Actor`:

- `add_turn`, `remove_turn`, `make_turns`, `set_away`, `end_away`: the roster and its substitutes.
- `brief`: what stands at a desk now.
- `sign`, `take_back`, `ask_sound`, `confirm`: the hand-over; `sound` plays the test sound. Changes of shift that
  nobody confirmed are `store.handovers.overdue`.
"""

from alerts.duty.brief import Brief, brief
from alerts.duty.handover import ask_sound, confirm, sign, sound, take_back
from alerts.duty.roster import add_turn, end_away, make_turns, remove_turn, set_away

__all__ = [
    "Brief",
    "add_turn",
    "ask_sound",
    "brief",
    "confirm",
    "end_away",
    "make_turns",
    "remove_turn",
    "set_away",
    "sign",
    "sound",
    "take_back",
]
