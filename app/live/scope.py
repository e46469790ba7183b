"""What one open page wants to be told about."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """`exercise` None is the real world; `area` None the whole county.

    `order` names an order whose deliveries and events are wanted one by one beside the rest.
    """

    exercise: str | None = None
    area: str | None = None
    order: int | None = None
