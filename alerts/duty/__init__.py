"""Duty: the roster as people edit it, who is away, and the hand-over of a desk (交接班).

Others may call, each with a connection whose transaction they own and an `Actor`:

- `add_turn`, `change_turn`, `remove_turn`, `make_turns`, `set_away`, `end_away`: the roster and its substitutes.
- `look_at_shift`, `save_shift`, `check_chain`, `save_chain`: what turns are made from, and whom alarms call;
  `shift_faults` and `chain_faults` say what is wrong with one, `known` what can be named.
- `brief`: what stands at a desk now.
- `sign`, `take_back`, `ask_sound`, `confirm`: the hand-over; `sound` plays the test sound. Changes of shift that
  nobody confirmed are `store.handovers.overdue`.
"""

from alerts.duty.brief import Brief, brief
from alerts.duty.checking import Fault, Known, chain_faults, shift_faults
from alerts.duty.handover import ask_sound, confirm, sign, sound, take_back
from alerts.duty.plans import OUTLOOK, Outlook, check_chain, known, look_at_shift, save_chain, save_shift
from alerts.duty.roster import add_turn, change_turn, end_away, make_turns, remove_turn, set_away

__all__ = [
    "OUTLOOK",
    "Brief",
    "Fault",
    "Known",
    "Outlook",
    "add_turn",
    "ask_sound",
    "brief",
    "chain_faults",
    "change_turn",
    "check_chain",
    "confirm",
    "end_away",
    "known",
    "look_at_shift",
    "make_turns",
    "remove_turn",
    "save_chain",
    "save_shift",
    "set_away",
    "shift_faults",
    "sign",
    "sound",
    "take_back",
]
