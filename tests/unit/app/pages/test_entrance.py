"""Which page an address means, in which exercise and language."""

import pytest

from app.auth.identity import SignedIn
from app.pages.entrance import entrance, exercise_of
from app.pages.words import language_of
from core.roles import Act, Role


@pytest.mark.parametrize(
    ("path", "name"),
    [("/", "desk"), ("/wall", "wall"), ("/wall/", "wall"), ("/orders", "orders"), ("/orders/new", "compose"),
     ("/orders/17", "order")],
)  # fmt: skip
def test_a_path_is_a_page(path: str, name: str) -> None:
    found = entrance(path)
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize(
    "path", ["/nowhere", "/orders/x", "/orders/-1", "/orders/1/2", "/orders/" + "9" * 40]
)
def test_other_paths_are_none(path: str) -> None:
    assert entrance(path) is None


def test_an_order_is_known_by_its_number() -> None:
    found = entrance("/orders/17")
    assert found is not None
    assert found.order == 17


def test_the_composer_needs_the_right_to_draft() -> None:
    found = entrance("/orders/new")
    assert found is not None
    assert found.act is Act.DRAFT_ORDER


@pytest.mark.parametrize(
    ("search", "exercise"),
    [
        ("", None),
        ("?alarm=3", None),
        ("?exercise=drill-1", "drill-1"),
        ("?exercise=", None),
        ("?a=1&exercise=x", "x"),
    ],
)
def test_the_address_names_the_exercise(search: str, exercise: str | None) -> None:
    assert exercise_of(search) == exercise


@pytest.mark.parametrize(
    ("own", "cookies", "language"),
    [
        ("zh", {}, "zh"),
        ("en", {}, "en"),
        ("zh", {"anlan_language": "en"}, "en"),
        ("en", {"anlan_language": "xx"}, "zh"),
    ],
)
def test_the_cookie_wins_over_the_own_language(own: str, cookies: dict[str, str], language: str) -> None:
    assert language_of(SignedIn("chen", Role.DUTY, None, own), cookies) == language
