"""The compose file is valid, hardened, without a password, and true to the program."""

import re
import stat
import subprocess
from pathlib import Path

import jsonschema
import pytest

from cli.main import command_names
from cli.roles import ROLES
from cli.services.broker import access_rules
from core.settings import PREFIX, Settings
from tests.deploy import compose

FILE = compose.load()
OURS = sorted(name for name, service in FILE["services"].items() if service.get("image") == "anlan")


def test_follows_the_compose_specification() -> None:
    jsonschema.Draft7Validator(compose.schema()).validate(FILE)


def test_the_schema_would_find_a_slip() -> None:
    broken = {"services": {"web": {**FILE["services"]["web"], "healthchek": {}}}}

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft7Validator(compose.schema()).validate(broken)


def test_every_role_is_a_service_of_its_own() -> None:
    assert set(OURS) == {"migrate", *ROLES}
    for name in OURS:
        assert FILE["services"][name]["command"] == [name]
        assert name in command_names()


@pytest.mark.parametrize("name", sorted(FILE["services"]))
def test_comes_back_is_watched_and_has_no_more_than_it_needs(name: str) -> None:
    service = FILE["services"][name]

    assert service["restart"] in ("unless-stopped", "on-failure")
    assert name == "migrate" or service["healthcheck"]["test"]
    if name != "database":
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert not service["user"].startswith("0")
    for mount in service.get("volumes", []):
        source = mount.split(":")[0]
        assert source in FILE["volumes"] or (compose.ROOT / source).exists()


@pytest.mark.parametrize("name", OURS)
def test_every_variable_is_a_setting(name: str) -> None:
    for variable in FILE["services"][name]["environment"]:
        assert _setting(variable) is not None, variable


@pytest.mark.parametrize("name", sorted(FILE["services"]))
def test_every_secret_is_a_file_that_is_generated_and_granted(name: str, secrets: Path) -> None:
    service = FILE["services"][name]
    granted = set(service.get("secrets", []))

    for variable, value in service.get("environment", {}).items():
        if value.startswith("/run/secrets/"):
            assert value.removeprefix("/run/secrets/") in granted, variable
    for secret in granted:
        assert (secrets / Path(FILE["secrets"][secret]["file"]).name).exists()


def test_only_dispatch_holds_the_signing_key() -> None:
    holders = [
        name for name, service in FILE["services"].items() if "signing_key" in service.get("secrets", [])
    ]

    assert holders == ["dispatch"]


def test_no_password_is_written_down(secrets: Path) -> None:
    for name, service in FILE["services"].items():
        for variable, value in service.get("environment", {}).items():
            if re.search("PASSWORD|SECRET|KEY|DATABASE_URL|MQTT_URL", variable):
                assert value.startswith("/run/secrets"), f"{name}: {variable}"


def test_secrets_are_random_kept_and_closed_to_others(secrets: Path, tmp_path: Path) -> None:
    before = {file.name: file.read_bytes() for file in secrets.iterdir()}
    subprocess.run([compose.ROOT / "deploy/secrets.sh", secrets], check=True, capture_output=True)
    other = tmp_path / "other"
    subprocess.run([compose.ROOT / "deploy/secrets.sh", other], check=True, capture_output=True)

    assert {file.name: file.read_bytes() for file in secrets.iterdir()} == before
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o700
    same = [name for name, content in before.items() if content == (other / name).read_bytes()]
    assert same == ["mqtt_accounts"]


def test_the_brokers_rules_are_the_tested_ones() -> None:
    assert (compose.ROOT / "deploy/mosquitto/acl").read_text() == access_rules()


def test_the_image_holds_every_room() -> None:
    rooms = {folder.name for folder in compose.ROOT.iterdir() if (folder / "__init__.py").exists()}

    assert rooms - {"tests", "bench"} <= set(compose.copies("app"))


def _setting(variable: str) -> object:
    """The setting that a variable sets, by its own name or through a file."""
    for name in (variable, variable.removesuffix("_FILE")):
        model: object = Settings
        for part in name.removeprefix(PREFIX).lower().split("__"):
            field = getattr(model, "model_fields", {}).get(part)
            model = field.annotation if field else None
        if model is not None:
            return model
    return None


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("deploy") / "secrets"
    subprocess.run([compose.ROOT / "deploy/secrets.sh", folder], check=True, capture_output=True)
    return folder
