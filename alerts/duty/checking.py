"""What is wrong with a shift or a chain before it is kept: the same for the import and for the page. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from core.call_chains import CallChain, Member, MemberKind
from core.duty import LONGEST_ROTA, Shift
from core.errors import InputError
from core.topics import CODE

LONGEST_NAME = 200
MOST_MEMBERS = 40
MOST_TOGETHER = 10
"""So many persons at most share one turn."""
OLDEST_YEAR = 2000
"""A rota is counted from its first day: an earlier one is a slip of the pen."""


@dataclass(frozen=True, slots=True)
class Fault:
    """`column` is wrong: `reason` is stable, `text` with `facts` says what to do (in the catalogue of `cli`)."""

    column: str
    reason: str
    text: str
    facts: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.column}: {self.text.format(**self.facts)}"


@dataclass(frozen=True, slots=True)
class Known:
    """What can be named: codes of areas, persons (and whether they are in use), and posts that anybody holds."""

    areas: frozenset[str]
    persons: Mapping[str, bool]
    posts: frozenset[str]


def refuse(faults: Iterable[Fault]) -> None:
    """Raises InputError for the first fault."""
    for fault in faults:
        raise InputError(fault.reason, str(fault))


def shift_faults(shift: Shift, known: Known) -> Iterator[Fault]:
    """Every fault of a shift."""
    yield from _head(shift.code, shift.name, shift.area, known)
    if not shift.days or not set(shift.days) <= set(range(1, 8)):
        yield Fault("days", "bad_days", "choose the days of the week on which it begins")
    if not 0 < len(shift.rota) <= LONGEST_ROTA or not all(
        0 < len(one) <= MOST_TOGETHER for one in shift.rota
    ):
        yield Fault(
            "rota", "bad_rota", "a rota has 1 to {turns} turns of 1 to {persons} persons each",
            {"turns": LONGEST_ROTA, "persons": MOST_TOGETHER},
        )  # fmt: skip
    if not OLDEST_YEAR <= shift.first_day.year < 2100:
        yield Fault("first_day", "bad_day", "choose a first day between 2000 and 2099")
    for person in sorted({one for entry in shift.rota for one in entry}):
        yield from _person("rota", person, known)


def chain_faults(chain: CallChain, known: Known) -> Iterator[Fault]:
    """Every fault of a chain."""
    yield from _head(chain.code, chain.name, chain.area, known)
    if not 0 < len(chain.members) <= MOST_MEMBERS:
        yield Fault("members", "bad_members", "a chain calls 1 to {most} members", {"most": MOST_MEMBERS})
    for member in dict.fromkeys(chain.members):
        yield from _member(member, known)


def _member(member: Member, known: Known) -> Iterator[Fault]:
    if member.area is not None:
        yield from _there("members", "area", member.area, known.areas)
    if member.kind is MemberKind.PERSON:
        yield from _person("members", member.name, known)
    elif member.kind is MemberKind.POST:
        yield from _there("members", "post", member.name, known.posts)


def _head(code: str, name: str, area: str, known: Known) -> Iterator[Fault]:
    if not CODE.fullmatch(code):
        yield Fault(
            "code", "bad_code", "{value!r} is no code; use 1 to 64 letters, digits, point, hyphen, underscore",
            {"value": code},
        )  # fmt: skip
    yield from text_faults("name", name)
    yield from _there("area", "area", area, known.areas)


def text_faults(column: str, text: str) -> Iterator[Fault]:
    """What keeps a text from being a plain name."""
    if not text.strip():
        yield Fault(column, "empty", "is empty; fill it in")
    if any(unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Co") for letter in text):
        yield Fault(column, "bad_text", "holds control or invisible characters; type it again")
    if "<" in text or ">" in text:
        yield Fault(column, "bad_text", "holds < or >; names are plain text, take the markup out")
    if len(text) > LONGEST_NAME:
        yield Fault(
            column, "too_long", "is longer than {limit} characters; shorten it", {"limit": LONGEST_NAME}
        )


def _person(column: str, code: str, known: Known) -> Iterator[Fault]:
    if code not in known.persons:
        yield from _there(column, "person", code, known.persons)
    elif not known.persons[code]:
        yield Fault(
            column, "not_in_use", "the person {value!r} is not in use and is never called; name another",
            {"value": code},
        )  # fmt: skip


def _there(column: str, what: str, value: str, codes: Iterable[str]) -> Iterator[Fault]:
    if value not in codes:
        yield Fault(
            column, f"unknown_{what}", "there is no {what} {value!r}; import it first, or correct the code",
            {"what": what, "value": value},
        )  # fmt: skip
