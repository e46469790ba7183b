"""Orders (指令): everything that goes out to people, screens and loudspeakers, from draft to end.

Others may call, each with a connection whose transaction they own:

- `create_notice`: the evaluator's automatic notice to persons.
"""

from alerts.orders.actors import Actor
from alerts.orders.notices import create_notice

__all__ = ["Actor", "create_notice"]
