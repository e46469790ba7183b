"""交接班: who leaves signs, who comes proves that the alarm is heard at the desk, and confirms.

The proof is a sound: the alarm's own call and then two groups of beeps. How many, only the server knows and
only who hears it can say; a click proves nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection

from alerts.duty.brief import brief
from alerts.orders.actors import Actor, require
from alerts.speech.tones import beeps_wav
from core.errors import ConflictError, ForbiddenError, InputError, NotFoundError
from core.roles import Act
from store import audit
from store import handovers as store
from store.areas import area

MOST_BEEPS = 5
LIFE = timedelta(minutes=5)
"""A test sound can be answered for so long."""
_TRIES = 3
_REST = timedelta(seconds=30)
"""After so many wrong answers in a row, so long a rest: guessing right is one in 25."""
LONGEST_NOTE = 8000
_LONGEST_REMARK = 500


def sign(
    connection: Connection[Any],
    actor: Actor,
    *,
    area_code: str,
    note: str,
    person: str | None,
    at: datetime,
) -> int:
    """The outgoing officer hands the desk of an area over; returns the hand-over's number.

    `person` is the user's own, if known. Raises ConflictError if a signed one waits there already,
    InputError without a note, ForbiddenError, NotFoundError.
    """
    require(connection, actor, Act.HAND_OVER, area(connection, area_code).code)
    text = note.strip()
    if not text:
        raise InputError("note_missing", "write what the next shift must know, or that nothing stands")
    if len(text) > LONGEST_NOTE:
        raise InputError("note_too_long", f"the note has more than {LONGEST_NOTE} characters; shorten it")
    waiting = store.signed_at_desk(connection, area_code)
    if waiting is not None:
        raise ConflictError(
            f"{waiting.outgoing} has signed a hand-over of this desk; it waits to be confirmed"
        )
    stands = brief(connection, area_code, at)
    number = store.sign(
        connection, area_code, note=text, brief=stands.as_json(), outgoing=actor.name, person=person, at=at
    )
    audit.append(
        connection, actor=actor.name, action="duty.sign", subject=f"area/{area_code}",
        detail={
            "handover": number, "note": text, "alarms": len(stands.alarms), "hidden": len(stands.hidden),
            "orders": len(stands.orders), "silent": len(stands.silent),
        },
    )  # fmt: skip
    return number


def take_back(connection: Connection[Any], actor: Actor, number: int, *, at: datetime) -> None:
    """The outgoing officer takes the signature back before anybody confirmed. Raises ConflictError, ForbiddenError."""
    known = _waiting(connection, actor, number)
    if known.outgoing != actor.name:
        raise ForbiddenError(f"only {known.outgoing}, who signed it, can take it back")
    store.withdraw(connection, number, at)
    audit.append(
        connection, actor=actor.name, action="duty.take_back", subject=f"area/{known.area}",
        detail={"handover": number},
    )  # fmt: skip


def ask_sound(
    connection: Connection[Any], actor: Actor, number: int, *, at: datetime, address: str = ""
) -> int:
    """A new test sound for who would confirm; returns its number. Earlier ones count no more.

    Raises ConflictError after too many wrong answers, ForbiddenError for who signed.
    """
    known = _waiting(connection, actor, number)
    _another(known, actor)
    answered = [one for one in store.sounds_of(connection, number, actor.name) if one.answered_at is not None]
    wrong = answered[:_TRIES]
    if len(answered) % _TRIES == 0 and wrong and wrong[0].answered_at is not None:
        rest = wrong[0].answered_at + _REST - at
        if rest > timedelta(0):
            raise ConflictError(
                f"{_TRIES} wrong answers: listen again in {int(rest.total_seconds()) + 1} s, and check the loudspeaker"
            )
    beeps = [1 + secrets.randbelow(MOST_BEEPS) for _ in range(2)]
    return store.add_sound(connection, number, by=actor.name, at=at, beeps=beeps, address=address[:100])


def sound(connection: Connection[Any], actor: Actor, number: int, *, at: datetime) -> bytes:
    """The test sound as a WAV file, for who asked for it alone. Raises NotFoundError, ConflictError."""
    known = store.sound(connection, number)
    if known.asked_by != actor.name:
        raise NotFoundError(f"there is no test sound {number}")
    if known.answered_at is not None or at - known.asked_at > LIFE:
        raise ConflictError("this test sound is used up; ask for a new one")
    store.mark_fetched(connection, number, at)
    return beeps_wav(known.beeps)


def confirm(
    connection: Connection[Any],
    actor: Actor,
    number: int,
    heard: Sequence[int],
    *,
    person: str | None,
    remark: str = "",
    at: datetime,
) -> bool:
    """The incoming officer takes the desk over, if `heard` are the numbers of beeps; False if they are not.

    A wrong answer is kept. Raises ConflictError without a sound that was played within the last minutes,
    ForbiddenError for who signed or without the role.
    """
    known = _waiting(connection, actor, number)
    _another(known, actor)
    if len(heard) != 2 or not all(0 < one <= MOST_BEEPS for one in heard):
        raise InputError("bad_answer", f"say how many beeps each of the two groups had, 1 to {MOST_BEEPS}")
    asked = store.sounds_of(connection, number, actor.name)
    newest = asked[0] if asked else None
    if (
        newest is None
        or newest.answered_at is not None
        or newest.fetched_at is None
        or at - newest.asked_at > LIFE
    ):
        raise ConflictError("play the test sound first: only what was heard at this desk counts")
    store.answer_sound(connection, newest.id, heard, at)
    if list(heard) != newest.beeps:
        return False
    text = remark.strip()[:_LONGEST_REMARK]
    store.confirm(connection, number, incoming=actor.name, person=person, remark=text, at=at)
    audit.append(
        connection, actor=actor.name, action="duty.confirm", subject=f"area/{known.area}",
        detail={
            "handover": number, "outgoing": known.outgoing, "sound": newest.id, "heard": list(heard),
            "tries": known.tries + 1, "remark": text,
        },
    )  # fmt: skip
    return True


def _waiting(connection: Connection[Any], actor: Actor, number: int) -> store.Handover:
    known = store.lock(connection, number)
    require(connection, actor, Act.HAND_OVER, known.area)
    if known.confirmed_at is not None:
        raise ConflictError(f"{known.incoming} has confirmed this hand-over already")
    if known.withdrawn_at is not None:
        raise ConflictError(f"{known.outgoing} has taken this hand-over back")
    return known


def _another(known: store.Handover, actor: Actor) -> None:
    if known.outgoing == actor.name:
        raise ForbiddenError("who hands over cannot confirm it: the next officer signs in and listens")
