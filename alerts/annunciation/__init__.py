"""From an alarm's change to an order: groups, waits, repeats, silences, floods.

Others may call: `announce`, where an alarm changes so that people should hear of it; `flush`, at the end of
the transaction in which it changed and whenever `next_due` says so. Pure are `plan` (what a desk is told now),
`pace` (how often it may be called), `flood` and `texts`.
"""

from alerts.annunciation.announce import announce, next_due
from alerts.annunciation.flush import flush

__all__ = ["announce", "flush", "next_due"]
