"""Which passwords are taken, and how long a guesser waits."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.auth.passwords import check_strength, hash_password, verify_password
from app.auth.throttle import PACES, Bucket, wait_s
from core.errors import InputError

NOW = datetime(2026, 7, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "password",
        "Password123",
        "qwertyuiop1!",
        "1234567890123",
        "9876543210",
        "aaaaaaaaaaaa",
        "abababababab",
        "admin123456",
        "wang-gong-2026",
        "x" * 257,
    ],
)
def test_a_password_that_is_tried_first_is_refused(password: str) -> None:
    with pytest.raises(InputError):
        check_strength(password, "wang-gong")


@pytest.mark.parametrize("password", ["Sturdy-Heron-77", "水位超警戒就转移人员啊", "correct horse battery"])
def test_a_long_one_that_is_nobodys_first_guess_is_taken(password: str) -> None:
    check_strength(password, "wang-gong")


def test_only_the_right_password_fits_and_nobody_has_none() -> None:
    hashed = hash_password("Sturdy-Heron-77")
    assert hashed.startswith("$argon2id$") and "Sturdy" not in hashed
    assert verify_password(hashed, "Sturdy-Heron-77")
    assert not verify_password(hashed, "Sturdy-Heron-78")
    assert not verify_password(None, "no user has this hash"), "an unknown user has no password at all"
    assert not verify_password("not a hash", "x")


@pytest.mark.parametrize(
    ("bucket", "failures", "expected"),
    [
        (Bucket.STRANGER, 2, 0),
        (Bucket.STRANGER, 3, 1),
        (Bucket.STRANGER, 6, 8),
        (Bucket.STRANGER, 13, 900),
        (Bucket.STRANGER, 10_000, 900),
        (Bucket.ADDRESS, 4, 0),
        (Bucket.ADDRESS, 500, 60),
        (Bucket.BROWSER, 4, 0),
        (Bucket.BROWSER, 500, 15),
    ],
)
def test_the_wait_doubles_up_to_a_bound(bucket: Bucket, failures: int, expected: float) -> None:
    assert wait_s(bucket, failures, NOW, NOW) == expected


def test_who_waited_long_enough_is_heard() -> None:
    assert wait_s(Bucket.STRANGER, 6, NOW - timedelta(seconds=8), NOW) == 0
    assert wait_s(Bucket.STRANGER, 6, NOW - timedelta(seconds=5), NOW) == 3


@given(st.sampled_from(Bucket), st.integers(0, 10**9), st.integers(0, 10**6))
def test_the_wait_is_never_negative_nor_beyond_its_bound(bucket: Bucket, failures: int, ago: int) -> None:
    assert 0 <= wait_s(bucket, failures, NOW - timedelta(seconds=ago), NOW) <= PACES[bucket].longest_s
