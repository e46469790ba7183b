"""Where a request comes from, which page it may go to, what its errors look like."""

import base64
import hashlib
import json
from http import HTTPStatus
from typing import Any

import pytest
from starlette.requests import HTTPConnection

from app.api.problems import problem, status_of
from app.auth.addresses import client_address, cookie_name, is_local, is_same_origin
from app.auth.identity import SignedIn, SignInNeeded, present, signed_in
from app.auth.login_page import local_path
from app.headers import policy_for
from core import errors
from core.errors import AnlanError, ForbiddenError
from core.roles import Act, Role


def asked(peer: str = "10.0.0.5", **headers: str) -> HTTPConnection:
    """A request from a machine with headers (`_` stands for `-`)."""
    scope: dict[str, Any] = {
        "type": "http",
        "client": (peer, 1),
        "headers": [
            (name.replace("_", "-").lower().encode(), value.encode()) for name, value in headers.items()
        ],
    }
    return HTTPConnection(scope)


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "expected"),
    [
        ("10.0.0.5", "1.2.3.4", [], "10.0.0.5"),
        ("10.0.0.1", "1.2.3.4", ["10.0.0.1"], "1.2.3.4"),
        ("10.0.0.1", "6.6.6.6, 1.2.3.4", ["10.0.0.1"], "1.2.3.4"),
        ("10.0.0.1", "1.2.3.4, 10.0.0.2", ["10.0.0.1", "10.0.0.2"], "1.2.3.4"),
        ("10.0.0.1", "", ["10.0.0.1"], "10.0.0.1"),
    ],
)
def test_only_a_trusted_proxy_is_believed(
    peer: str, forwarded: str, trusted: list[str], expected: str
) -> None:
    assert client_address(asked(peer, x_forwarded_for=forwarded), trusted) == expected


def test_a_forwarded_request_is_not_of_this_machine() -> None:
    assert is_local(asked("127.0.0.1"), [])
    assert is_local(asked("::1"), [])
    assert not is_local(asked("10.0.0.5"), [])
    assert not is_local(asked("127.0.0.1", x_forwarded_for="10.0.0.9"), []), "a proxy here that nobody named"
    assert not is_local(asked("127.0.0.1", x_forwarded_for="10.0.0.9"), ["127.0.0.1"])


@pytest.mark.parametrize(
    ("headers", "same"),
    [
        ({"host": "anlan:8050", "origin": "http://anlan:8050"}, True),
        ({"host": "anlan:8050", "origin": "https://anlan:8050"}, True),
        ({"host": "anlan:8050", "referer": "http://anlan:8050/wall"}, True),
        ({"host": "anlan:8050", "origin": "http://anlan:8051"}, False),
        ({"host": "anlan", "origin": "http://anlan.evil.example"}, False),
        ({"host": "anlan", "origin": "null"}, False),
        ({"host": "anlan"}, False),
        ({}, False),
    ],
)
def test_only_our_own_pages_may_change_something(headers: dict[str, str], same: bool) -> None:
    assert is_same_origin(asked(**headers)) is same


def test_two_installations_on_one_host_keep_their_cookies_apart() -> None:
    names = [cookie_name(asked(host=host)) for host in ("a:8050", "a:8051", "a", "[::1]:8050", "[::1]")]
    assert names == [
        "anlan_session_8050", "anlan_session_8051", "anlan_session", "anlan_session_8050", "anlan_session"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "path"),
    [
        ("/wall", "/wall"),
        ("/orders/3?exercise=x", "/orders/3?exercise=x"),
        ("https://evil.example", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/wall\r\nSet-Cookie: a=b", "/"),
        ("/login?next=/login", "/"),
        ("", "/"),
    ],
)
def test_the_way_back_after_login_stays_here(wanted: str, path: str) -> None:
    assert local_path(wanted) == path


def test_a_page_may_run_its_own_scripts_and_no_other() -> None:
    page = (
        '<script>one()</script><script src="/a.js"></script><script type="application/json">{"a":1}</script>'
    )
    policy = policy_for(page)
    scripts = next(part for part in policy.split("; ") if part.startswith("script-src"))
    hashed = base64.b64encode(hashlib.sha256(b"one()").digest()).decode()
    assert scripts == f"script-src 'self' 'sha256-{hashed}'"
    assert "unsafe" not in scripts and policy_for(page + "<script>two()</script>") != policy


def test_every_error_of_ours_has_a_status() -> None:
    kinds = [
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, AnlanError)
    ]
    for kind in kinds:
        made = kind("x", "y") if kind is errors.InputError else kind("y")
        assert status_of(made) < 500 or kind in (
            AnlanError,
            errors.ConfigurationError,
            errors.UnavailableError,
        )
    assert status_of(SignInNeeded("x")) == 401


def test_a_problem_is_a_document_for_people_and_programs() -> None:
    answer = problem(status_of(errors.InputError("time_range", "x")), "so and so", reason="time_range")
    assert answer.media_type == "application/problem+json"
    assert json.loads(bytes(answer.body)) == {
        "type": "urn:anlan:problem:time_range", "title": HTTPStatus(422).phrase, "status": 422,
        "detail": "so and so", "reason": "time_range",
    }  # fmt: skip


def test_nobody_is_nobody() -> None:
    with pytest.raises(SignInNeeded):
        signed_in()
    person = SignedIn("王工", Role.DUTY, None, "zh")
    mark = present.set(person)
    try:
        assert signed_in() is person and person.may(Act.ACKNOWLEDGE)
        with pytest.raises(ForbiddenError, match="issue_order"):
            person.require(Act.ISSUE_ORDER)
    finally:
        present.reset(mark)
