"""Rate of rise and fall: the value of a rate rule, in m/h, fitted over the window that ends at a reading.

Pure. The rate is the median of the slopes between all pairs of points (Theil, 1950; Sen, 1968), which a third of
wild points does not move; doubtful readings are left out before. At least `LEAST` points that span half of the
window are needed (field.md §1.3): fewer say nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

LEAST = 3
MOST = 16
"""Points that are fitted: of more, evenly chosen ones, the newest always among them."""

RISE = "rise_rate"
FALL = "fall_rate"

_HOUR_S = 3600.0


@dataclass(slots=True)
class Window:
    """The readings of one series within `length_s` before its newest: epoch seconds and metres, in order."""

    length_s: float
    points: deque[tuple[float, float]] = field(default_factory=deque)

    def fill(self, points: Iterable[tuple[float, float]]) -> None:
        """Takes the place of all that was there."""
        self.points.clear()
        for time_s, value in points:
            self.add(time_s, value)

    def add(self, time_s: float, value: float) -> None:
        """The newest reading; what has left the window is forgotten. One a second stands for that second.

        What lies ahead of it came from a clock that was fast, and is forgotten too: times only grow.
        """
        points = self.points
        while points and time_s - points[-1][0] < 1.0:
            points.pop()
        points.append((time_s, value))
        while points[0][0] < time_s - self.length_s:
            points.popleft()

    def rate(self) -> float | None:
        """Metres an hour at the newest reading, rising is positive; None where too little is known."""
        points = self.points
        if len(points) < LEAST or points[-1][0] - points[0][0] < self.length_s / 2:
            return None
        chosen = _thinned(points) if len(points) > MOST else list(points)
        slopes = [
            (later[1] - earlier[1]) / (later[0] - earlier[0])
            for place, later in enumerate(chosen)
            for earlier in chosen[:place]
        ]
        slopes.sort()
        middle = len(slopes) // 2
        median = slopes[middle] if len(slopes) % 2 else (slopes[middle - 1] + slopes[middle]) / 2
        return round(median * _HOUR_S, 4)


def _thinned(points: deque[tuple[float, float]]) -> list[tuple[float, float]]:
    known = list(points)
    step = (len(known) - 1) / (MOST - 1)
    return [known[round(place * step)] for place in range(MOST)]


def spoken(property: str, rate: float) -> float:
    """The rate as the limits of `rise_rate` or `fall_rate` are compared with it: both grow with the danger."""
    return -rate if property == FALL else rate
