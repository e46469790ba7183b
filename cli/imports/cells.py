"""Cells of one row as typed values; what is wrong is collected, not raised, so that all is told at once."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cli.imports.table import Row
from core.language import Translate
from core.topics import CODE

_YES = {"1", "yes", "true", "y", "是"}
_NO = {"0", "no", "false", "n", "否"}
_PHONE = re.compile(r"\+?[0-9]{5,20}")
_LONGEST_TEXT = 200


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in one cell (or, without `column`, in the row), and what to do."""

    row: int
    column: str
    message: str


@dataclass
class Faults:
    """The faults of a whole file, in the reader's language."""

    translate: Translate
    found: list[Fault] = field(default_factory=list)

    def add(self, row: int, column: str, msgid: str, /, **values: object) -> None:
        """Notes one fault; `msgid` is in the catalogue of `cli`."""
        self.found.append(Fault(row, column, self.translate(msgid, **values)))


@dataclass(frozen=True)
class Cells:
    """One row being read."""

    row: Row
    faults: Faults

    def fault(self, column: str, msgid: str, /, **values: object) -> None:
        """Notes a fault of this row."""
        self.faults.add(self.row.number, column, msgid, **values)

    def raw(self, column: str) -> str:
        return self.row.cells.get(column, "")

    def text(self, column: str, default: str | None = None) -> str:
        """Plain text in NFC. Control characters and angle brackets are refused: a name is no markup."""
        value = unicodedata.normalize("NFC", self.raw(column))
        if not value:
            if default is None:
                self.fault(column, "is empty; fill it in")
            return default or ""
        if any(unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Co") for letter in value):
            self.fault(column, "holds control or invisible characters; type it again")
        if "<" in value or ">" in value:
            self.fault(column, "holds < or >; names are plain text, take the markup out")
        if len(value) > _LONGEST_TEXT:
            self.fault(column, "is longer than {limit} characters; shorten it", limit=_LONGEST_TEXT)
        return value

    def optional(self, column: str) -> str | None:
        """Plain text, or None if the cell is empty."""
        return self.text(column, "") or None

    def code(self, column: str) -> str:
        """A code that can stand in an MQTT topic."""
        value = self.raw(column)
        if not value:
            self.fault(column, "is empty; fill it in")
        elif not CODE.fullmatch(value):
            self.fault(
                column,
                "{value!r} is no code; use 1 to 64 letters, digits, point, hyphen, underscore",
                value=value,
            )
        return value

    def number(self, column: str, low: float, high: float, default: float | None = None) -> float:
        """A finite number within bounds."""
        value = self.raw(column)
        if not value and default is not None:
            return default
        try:
            number = float(value)
        except ValueError:
            self.fault(column, "{value!r} is no number", value=value) if value else self.fault(
                column, "is empty; fill it in"
            )
            return low
        if not math.isfinite(number) or not low <= number <= high:
            self.fault(column, "{value} is not between {low} and {high}", value=value, low=low, high=high)
            return low
        return number

    def optional_number(self, column: str, low: float, high: float) -> float | None:
        """A number, or None if the cell is empty."""
        return self.number(column, low, high) if self.raw(column) else None

    def count(self, column: str, low: int, high: int, default: int | None = None) -> int:
        """A whole number within bounds."""
        number = self.number(column, low, high, default)
        if not float(number).is_integer():
            self.fault(column, "{value!r} is no whole number", value=self.raw(column))
        return int(number)

    def optional_count(self, column: str, low: int, high: int) -> int | None:
        """A whole number, or None if the cell is empty."""
        return self.count(column, low, high) if self.raw(column) else None

    def choice(self, column: str, options: Iterable[str], default: str | None = None) -> str:
        """One of a few words."""
        value = self.raw(column) or (default or "")
        known = list(options)
        if value not in known:
            self.fault(column, "{value!r} is none of {options}", value=value, options=", ".join(known))
            return known[0]
        return value

    def yes(self, column: str, default: bool) -> bool:
        """yes/no, 1/0, 是/否."""
        value = self.raw(column).lower()
        if not value:
            return default
        if value not in _YES | _NO:
            self.fault(column, "{value!r} is neither yes nor no", value=value)
        return value in _YES

    def phone(self, column: str) -> str:
        """A number to call: digits, perhaps a leading +; blanks and hyphens are taken out."""
        value = re.sub(r"[\s-]", "", self.raw(column))
        if value and not _PHONE.fullmatch(value):
            self.fault(column, "{value!r} is no phone number; write 5 to 20 digits", value=value)
        return value

    def known(self, column: str, value: str, codes: Iterable[str], what: str) -> None:
        """Notes a fault if `value` names nothing that exists."""
        if value and value not in codes:
            self.fault(
                column,
                "there is no {what} {value!r}; import it first, or correct the code",
                what=what,
                value=value,
            )

    def moment(self, column: str, zone: ZoneInfo) -> datetime:
        """A date and time; without an offset it is meant in the county's zone."""
        value = self.raw(column)
        try:
            moment = datetime.fromisoformat(value)
            return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
        except (ValueError, OverflowError):
            self.fault(column, "{value!r} is no time; write 2026-07-01 08:00", value=value)
            return datetime(1970, 1, 1, tzinfo=UTC)


def note_duplicates(rows: Iterable[tuple[int, tuple[str, ...]]], column: str, faults: Faults) -> None:
    """Notes every key that stands in more than one row, with the row that had it first."""
    first: dict[tuple[str, ...], int] = {}
    for number, key in rows:
        if key in first:
            faults.add(
                number,
                column,
                "{key} stands already in row {first}; keep one",
                key=" ".join(key),
                first=first[key],
            )
        else:
            first[key] = number
