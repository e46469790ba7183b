"""Foreign topics and ours that they stand for, as the configuration says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from core.networks import RouteRule

FRIGATE = RouteRule(filter="frigate/#", to="anlan/frigate/#")
"""Where Frigate speaks unless it is told otherwise; always heard."""


class Aliases:
    """Which foreign topics are heard, and as which of ours they are read."""

    def __init__(self, rules: Iterable[RouteRule] = ()) -> None:
        self._rules = [(rule.filter.split("/"), rule.to.split("/")) for rule in rules]
        self.filters = tuple("/".join(wanted) for wanted, _ in self._rules)

    def ours(self, topic: str) -> str:
        """Our topic for a foreign one (the first rule that fits); any other as it is."""
        levels = topic.split("/")
        for wanted, to in self._rules:
            found = _matched(wanted, levels)
            if found is not None:
                stands_for = iter(found)
                return "/".join(next(stands_for) if level in ("+", "#") else level for level in to)
        return topic


def _matched(wanted: Sequence[str], levels: Sequence[str]) -> list[str] | None:
    """What the wildcards stand for, the rest of the topic last; None if the filter does not fit (MQTT 5, 4.7)."""
    if wanted[-1] == "#":
        fixed = len(wanted) - 1
        # `a/#` fits `a` too, but there is nothing then that `#` could stand for.
        if len(levels) <= fixed:
            return None
        rest = ["/".join(levels[fixed:])]
        wanted, levels = wanted[:fixed], levels[:fixed]
    else:
        rest = []
    if len(wanted) != len(levels):
        return None
    found = []
    for want, level in zip(wanted, levels, strict=True):
        if want == "+":
            found.append(level)
        elif want != level:
            return None
    return found + rest
