"""The ground floor: severities, topics, settings and words."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import topics
from core.errors import ConfigurationError
from core.language import translator
from core.roles import Act, Role, allows
from core.settings import Settings, load_settings
from core.severity import Severity, worse


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (Severity.BLUE, Severity.RED, Severity.RED),
        (Severity.ORANGE, Severity.YELLOW, Severity.ORANGE),
        (None, Severity.BLUE, Severity.BLUE),
        (Severity.BLUE, None, Severity.BLUE),
        (None, None, None),
    ],
)
def test_the_worse_of_two_severities(
    one: Severity | None, other: Severity | None, expected: Severity | None
) -> None:
    assert worse(one, other) is expected


@pytest.mark.parametrize(
    ("topic", "exercise", "parts"),
    [
        ("anlan/obs/a1", None, ("obs", "a1")),
        ("anlan/drill/spring-1/obs/a1", "spring-1", ("obs", "a1")),
        ("anlan/drill/spring-1/device/led-1/receipt", "spring-1", ("device", "led-1", "receipt")),
    ],
)
def test_a_topic_taken_apart_is_built_the_same(
    topic: str, exercise: str | None, parts: tuple[str, ...]
) -> None:
    found = topics.split(topic)
    assert found == topics.Topic(exercise, parts)
    assert topics.build(exercise, *parts) == topic


@pytest.mark.parametrize(
    "topic", ["", "anlan", "other/obs/a", "anlan/drill", "anlan/drill/x", "anlan/drill/ü/obs/a"]
)
def test_a_foreign_topic_is_not_ours(topic: str) -> None:
    assert topics.split(topic) is None


def test_a_secret_can_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    secret = tmp_path / "url"
    secret.write_text("postgresql://in-a-file\n")
    monkeypatch.delenv("ANLAN_DATABASE_URL", raising=False)
    monkeypatch.setenv("ANLAN_DATABASE_URL_FILE", str(secret))
    monkeypatch.setenv("ANLAN_SMS__PASSWORD_FILE", str(secret))
    settings = load_settings()
    assert settings.need_database() == "postgresql://in-a-file"
    assert settings.sms.password is not None
    assert settings.sms.password.get_secret_value() == "postgresql://in-a-file"


def test_a_file_setting_is_not_taken_for_a_secret_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANLAN_DISPATCH__SIGNING_KEY_FILE", "/nowhere/key.pem")
    assert load_settings().dispatch.signing_key_file == Path("/nowhere/key.pem")


def test_a_secret_file_that_is_missing_names_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANLAN_MQTT_URL_FILE", "/nowhere/at/all")
    with pytest.raises(ConfigurationError, match="ANLAN_MQTT_URL_FILE"):
        load_settings()


def test_a_wrong_value_names_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANLAN_INGEST__BATCH_MESSAGES", "many")
    with pytest.raises(ConfigurationError, match="ANLAN_INGEST__BATCH_MESSAGES"):
        load_settings()


def test_a_missing_address_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANLAN_DATABASE_URL", raising=False)
    with pytest.raises(ConfigurationError, match="anlan services start"):
        Settings().need_database()


def test_a_configuration_file_is_overridden_by_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "anlan.toml"
    file.write_text('language = "en"\n[web]\nport = 9000\n', encoding="utf-8")
    monkeypatch.setenv("ANLAN_CONFIG", str(file))
    monkeypatch.setenv("ANLAN_WEB__PORT", "9001")
    settings = load_settings()
    assert (settings.language, settings.web.port) == ("en", 9001)


def test_only_a_commander_issues() -> None:
    assert [role for role in Role if allows(role, Act.ISSUE_ORDER)] == [Role.COMMANDER]


def test_an_administrator_moves_no_village() -> None:
    assert not any(
        allows(Role.ADMINISTRATOR, act) for act in (Act.DRAFT_ORDER, Act.ISSUE_ORDER, Act.EMERGENCY_ORDER)
    )


def test_a_room_without_a_catalogue_keeps_its_keys() -> None:
    assert translator("core", "zh")("{n} stations", n=3) == "3 stations"
