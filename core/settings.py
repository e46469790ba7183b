"""Configuration: `anlan.toml`, overridden by `ANLAN_…` variables (nested by `__`).

A variable `ANLAN_X_FILE` names a file that holds the value of `ANLAN_X` (container secrets).
"""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from core.cadence import Cadence
from core.errors import ConfigurationError
from core.networks import DeviceRule, RouteRule
from core.severity import Severity

PREFIX = "ANLAN_"


class Ingest(BaseModel):
    """The receiver of telemetry."""

    mqtt_url: SecretStr | None = Field(default=None, description="broker login of ingest; default mqtt_url")
    instance: str = Field(
        default="1",
        min_length=1,
        description="name of this instance, one process may hold it; with a share_group, the host's name",
    )
    batch_messages: int = Field(
        default=2000, ge=1, le=10_000, description="messages in one transaction at most"
    )
    batch_wait_ms: int = Field(default=20, ge=1, le=5_000, description="longest wait to fill a transaction")
    future_tolerance_s: int = Field(default=600, ge=0, description="a time further ahead is quarantined")
    ahead_suspect_s: int = Field(
        default=300, ge=0, description="a value whose time is further ahead is suspect (`time_ahead`)"
    )
    clock_suspect_s: int = Field(
        default=600,
        ge=60,
        description="values of a station whose clock is more wrong are suspect (`clock_wrong`)",
    )
    earliest_time: str = Field(default="1990-01-01", description="an earlier observation time is quarantined")
    max_payload_bytes: int = Field(
        default=1_000_000, ge=1000, description="a larger payload is quarantined unread"
    )
    max_values: int = Field(default=5_000, ge=1, description="more values in one message are quarantined")
    max_weeks: int = Field(
        default=60, ge=1, description="of one message with times in more weeks the newest are stored"
    )
    mapping: dict[str, DeviceRule] = Field(
        default={}, description="what devices of sensor networks mean, a table for every kind (below)"
    )
    route: dict[str, RouteRule] = Field(
        default={},
        description="topics of others and ours that they stand for, a table for every filter (below)",
    )
    receive_maximum: int = Field(
        default=1000, ge=1, le=65_535, description="messages the broker may hand over unacknowledged"
    )
    share_group: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9_.-]{0,64}$",
        description="instances that name the same group share the messages; none: each hears them all",
    )
    session_expiry_s: int = Field(
        default=604_800, ge=60, description="the broker keeps what arrives while ingest is away this long"
    )
    snapshots_kept: int = Field(default=20, ge=1, description="newest pictures kept of each camera")
    position_days: int = Field(default=90, ge=1, description="where patrols were is kept this many days")
    warning_senders: list[str] = Field(
        default=[], description="senders of weather warnings that are trusted; others are shown as 未核验"
    )
    images_kept: int = Field(
        default=120, ge=1, le=2_000, description="newest weather images kept of each layer"
    )
    image_hours: int = Field(
        default=24, ge=1, description="a weather image this much older than the newest of its layer goes"
    )
    sl651_host: str = Field(
        default="0.0.0.0", description="address on which SL 651 stations are heard by TCP"
    )
    sl651_port: int | None = Field(
        default=None, ge=0, le=65_535, description="port of it; none: SL 651 by the broker only"
    )
    sl651_connections: int = Field(default=1000, ge=1, description="connections of stations at once")
    sl651_connections_per_address: int = Field(
        default=200, ge=1, description="of them from one address; a mobile network may hide many behind one"
    )
    sl651_idle_s: int = Field(
        default=600, ge=5, description="a connection without a frame for so long is closed"
    )
    sl651_clock_error_s: int = Field(
        default=300, ge=10, description="a station's clock that is wrong by more is set (4AH)"
    )
    sl651_gap_days: int = Field(
        default=7,
        ge=0,
        le=60,
        description="hours without values in so many days are asked for again; 0: never",
    )
    raw_days: int = Field(
        default=7, ge=1, le=400, description="messages are kept as they came for so many days"
    )

    @model_validator(mode="after")
    def _name_after_host(self) -> Self:
        """Containers of one group (`docker compose --scale`) cannot all be told names of their own."""
        if self.share_group and "instance" not in self.model_fields_set:
            self.instance = socket.gethostname()
        return self


class Derive(BaseModel):
    """What is computed from observations, behind the receiver's back."""

    event_dry_h: int = Field(
        default=6, ge=1, le=24, description="a rain event is over after so many hours without rain"
    )


class Retention(BaseModel):
    """How long things are kept; 0 days is for ever. The hours and days of readings always are."""

    hour: int = Field(default=3, ge=0, le=23, description="hour of the county's day from which old things go")
    water_days: int = Field(
        default=0, ge=0, description="levels, flows, storage, gates and pumps; 0: for ever"
    )
    rain_days: int = Field(default=0, ge=0, description="rain, evaporation and soil moisture; 0: for ever")
    tide_days: int = Field(default=0, ge=0, description="tide levels; 0: for ever")
    weather_days: int = Field(
        default=0, ge=0, description="wind, pressure, temperature, humidity; 0: for ever"
    )
    housekeeping_days: int = Field(
        default=400, ge=0, description="battery, signal and status of stations; 0: for ever"
    )
    derived_days: int = Field(
        default=400,
        ge=0,
        description="sliding sums, residuals and areal means, which can be computed again; 0: for ever",
    )
    forecasts_days: int = Field(
        default=30, ge=0, description="points of forecasts; how good they were is kept for ever; 0: for ever"
    )
    exercises_days: int = Field(
        default=400, ge=0, description="readings of an exercise, from its end; 0: for ever"
    )
    quarantine_days: int = Field(
        default=180,
        ge=0,
        description="messages that were settled or given up, from then, and wishes to retry; 0: for ever",
    )
    station_texts_days: int = Field(
        default=400, ge=0, description="texts that stations sent, from their receipt; 0: for ever"
    )
    login_attempts_days: int = Field(default=180, ge=0, description="attempts to sign in; 0: for ever")
    sessions_days: int = Field(default=30, ge=0, description="sessions, from their end; 0: for ever")
    heartbeats_days: int = Field(default=30, ge=0, description="processes that went for good; 0: for ever")


class Alerts(BaseModel):
    """The alarm evaluator."""

    delays: bool = Field(
        default=True, description="limits count after their on-delay and are left after their off-delay"
    )
    off_delay_s: int = Field(
        default=1800,
        ge=0,
        le=86400,
        description="a limit without an off-delay of its own is left for so long",
    )
    late_floor_s: int = Field(
        default=1800, ge=0, description="an observation older than this (and 3 periods) calls nobody"
    )
    acknowledge_blue_after_s: int = Field(
        default=0,
        ge=0,
        description="an alarm that was never worse than blue and returned so long ago is acknowledged by itself;"
        " 0: never",
    )
    quiet_hours: str = Field(
        default="22:00-07:00",
        pattern=r"^(([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d)?$",
        description="local hours in which a call for blue waits for their end; empty: never",
    )
    handover_minutes: int = Field(
        default=15,
        ge=1,
        le=240,
        description="a change of shift not confirmed for so long is an open hand-over",
    )
    verify_leader_s: int = Field(
        default=300, ge=60, description="待核实 that nobody has decided for so long: the leader is called"
    )
    verify_commander_s: int = Field(
        default=600, ge=60, description="… for so long: the commanders are called"
    )
    group_wait_s: int = Field(
        default=30, ge=0, le=300, description="what is new and not red waits so long for others of its group"
    )
    group_interval_s: int = Field(
        default=300, ge=0, description="between a group's notice and the next for what is not worse"
    )
    group_interval_red_s: int = Field(default=60, ge=0, description="the same, where what is new is red")
    repeat_red_s: int = Field(default=300, ge=60, description="red not acknowledged: called again")
    repeat_orange_s: int = Field(default=600, ge=60, description="the same for orange")
    repeat_yellow_s: int = Field(default=1800, ge=60, description="the same for yellow")
    repeat_blue_s: int = Field(default=14400, ge=60, description="the same for blue")
    most_calls: int = Field(default=10, ge=4, description="of one desk in ten minutes")
    flood_above: int = Field(
        default=10, ge=1, description="more alarms than this at a desk in ten minutes are a flood of alarms"
    )
    flood_below: int = Field(default=5, ge=1, description="fewer than this end the flood")

    @property
    def cadence(self) -> Cadence:
        """In what rhythm desks are called."""
        repeats = (self.repeat_blue_s, self.repeat_yellow_s, self.repeat_orange_s, self.repeat_red_s)
        return Cadence(
            self.group_wait_s,
            self.group_interval_s,
            self.group_interval_red_s,
            dict(zip(Severity, repeats, strict=True)),
            self.most_calls,
            self.flood_above,
            self.flood_below,
        )


class Dispatch(BaseModel):
    """What sends orders, and the only holder of the signing key."""

    mqtt_url: SecretStr | None = Field(default=None, description="broker login of dispatch; default mqtt_url")
    signing_key_file: Path | None = Field(
        default=None, description="Ed25519 private key (PEM) that signs device commands"
    )
    key_id: str = Field(default="anlan-1", description="name of the signing key in envelopes")
    answer_wait_s: int = Field(default=90, ge=5, description="unanswered for this long: next attempt")
    attempts: int = Field(
        default=3, ge=1, le=20, description="calls to one person before the superior is called"
    )
    device_wait_s: int = Field(default=30, ge=2, description="a device silent for this long: next attempt")
    audio_dir: Path = Field(
        default=Path("audio"), description="folder of rendered speech (below the state folder)"
    )
    audio_url: str | None = Field(
        default=None, description="where devices fetch rendered speech; default the pages' own address"
    )
    public_steps: list[str] = Field(
        default=["check:leader", "issue:commander"],
        description="approvals of a public order, in order: step:role",
    )
    repeats: int = Field(default=3, ge=1, le=10, description="times a loudspeaker says a text")
    countersign_s: int = Field(default=1800, ge=60, description="time for 补签 after 紧急先行")


class Sms(BaseModel):
    """The SMS gateway (Kannel's sendsms interface) and where it calls back."""

    url: str | None = Field(default=None, description="sendsms address of Kannel")
    user: str = Field(default="anlan", description="sendsms user")
    password: SecretStr | None = Field(default=None, description="sendsms password")
    callback_listen: str = Field(
        default="127.0.0.1:8061", description="host:port on which dispatch hears the gateway"
    )
    callback_url: str | None = Field(
        default=None, description="address by which the gateway reaches it; default from listen"
    )
    callback_secret: SecretStr | None = Field(default=None, description="secret part of the call-back path")
    signature: str = Field(
        default="演示县防指", description="registered 【签名】 that begins every message, 2 to 18 characters"
    )
    sender: str = Field(default="1069", description="number that messages come from and answers go to")
    per_second: int = Field(default=20, ge=1, description="messages a second that the gateway takes")


class Web(BaseModel):
    """The pages and the HTTP interface."""

    host: str = Field(default="127.0.0.1", description="address to listen on")
    port: int = Field(default=8050, ge=0, le=65535, description="port to listen on")
    secure_cookie: bool = Field(
        default=False, description="session cookie only over https; set it behind a TLS proxy"
    )
    session_hours: int = Field(default=12, ge=1, description="a session ends after this many hours")
    kiosk_days: int = Field(
        default=90, ge=1, description="a wall screen signed in by token stays so for this many days"
    )
    metrics_token: SecretStr | None = Field(
        default=None, description="bearer token for /metrics and /readyz; without it loopback only"
    )
    max_body_bytes: int = Field(default=1_000_000, ge=10_000, description="a larger request is refused")
    trusted_proxies: list[str] = Field(default=[], description="addresses whose X-Forwarded-For is believed")


class Performance(BaseModel):
    """By what the load of a desk is judged (field.md §1.4: ISA-18.2, EEMUA 191)."""

    hour_target: float = Field(default=6, gt=0, description="alarms of one desk in an hour, on average: good")
    hour_most: float = Field(default=12, gt=0, description="the same, still manageable")
    ten_minutes_target: float = Field(default=1, gt=0, description="alarms in ten minutes, on average: good")
    ten_minutes_most: float = Field(default=2, gt=0, description="the same, still manageable")
    flood_share_percent: float = Field(default=1, ge=0, le=100, description="of the time in flood, at most")
    chattering_count: int = Field(default=3, ge=2, description="so many turns of a condition are chattering")
    chattering_s: float = Field(default=60, gt=0, description="within this time")
    fleeting_s: float = Field(default=60, gt=0, description="a condition gone so soon is fleeting")
    stale_hours: float = Field(default=24, gt=0, description="an alarm that stands longer is stale")
    stale_most: int = Field(default=5, ge=0, description="stale alarms, at most")
    top_share_percent: float = Field(
        default=5, ge=0, le=100, description="share of the ten loudest sources, at most"
    )
    acknowledge_red_s: float = Field(default=300, gt=0, description="red is acknowledged within this time")
    acknowledge_orange_s: float = Field(
        default=300, gt=0, description="orange is acknowledged within this time"
    )
    acknowledge_yellow_s: float = Field(
        default=900, gt=0, description="yellow is acknowledged within this time"
    )
    acknowledge_blue_s: float = Field(default=900, gt=0, description="blue is acknowledged within this time")


class Watch(BaseModel):
    """What the centre knows of its own health, and when that is too late."""

    canary_mqtt_url: SecretStr | None = Field(
        default=None, description="broker login of the canary; default mqtt_url"
    )
    canary_every_s: float = Field(default=60, ge=1, description="the canary crosses its limit so often")
    canary_late_s: float = Field(
        default=180, ge=3, description="without a passage from MQTT to dispatch for so long: alarm"
    )
    canary_hours: int = Field(default=24, ge=1, le=720, description="passages are kept for so many hours")
    silent_s: float = Field(default=60, ge=5, description="a role without a sign of life for so long: alarm")
    ingest_late_s: float = Field(
        default=60, ge=1, description="ingest behind what it receives by more: alarm"
    )
    evaluator_late_s: float = Field(
        default=30, ge=1, description="a fresh reading waits for the evaluator longer: alarm"
    )
    dispatch_late_s: float = Field(
        default=60, ge=1, description="a due call waits for dispatch longer: alarm"
    )
    clock_off_s: float = Field(
        default=2, gt=0, description="the clock of a role and of the database may differ by so much"
    )
    clock_unsynchronised_s: float = Field(
        default=900,
        ge=0,
        description="a machine whose clock is not known to be synchronised for so long: alarm; 0: never",
    )
    watcher_late_s: float = Field(
        default=300, ge=30, description="the watcher on another machine did not look for so long: alarm"
    )
    secret: SecretStr | None = Field(
        default=None,
        min_length=16,
        description="shared with the watcher, at least 16 characters; none: nobody can watch from outside",
    )


class Watcher(BaseModel):
    """`anlan watch` on a second machine; calls by the `sms` settings of that machine, or by a command."""

    url: str | None = Field(default=None, description="the centre's pages, as http://centre:8050")
    name: str = Field(
        default="watch", pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$", description="name of this watcher"
    )
    numbers: list[str] = Field(default=[], description="telephone numbers that are called, in this order")
    command: list[str] = Field(
        default=[],
        description="program with its words that calls too, as a modem's; {number} and {text} are replaced",
    )
    poll_s: float = Field(default=10, ge=0.5, description="it looks so often")
    silence_s: float = Field(default=60, ge=2, description="no heartbeat heard for so long: calls")
    repeat_s: float = Field(default=300, ge=1, description="calls again so often until somebody answers")
    calls: int = Field(default=12, ge=1, description="calls for one trouble at most, if nobody answers")


class FieldSimulation(BaseModel):
    """The simulated field of a demo (never used in operation)."""

    mqtt_url: SecretStr | None = Field(default=None, description="broker login of the telemetry gateway")
    accounts_file: Path | None = Field(
        default=None, description="JSON of broker accounts of simulated devices"
    )
    verify_key_file: Path | None = Field(
        default=None, description="Ed25519 public key (PEM) that devices trust"
    )
    smsc: str | None = Field(default=None, description="host:port of Kannel's fake SMS centre")
    sl651: str | None = Field(
        default=None,
        description="host:port where the centre hears SL 651 stations; none: they use the broker",
    )


class _FileSecrets(PydanticBaseSettingsSource):
    """Reads `ANLAN_X_FILE` as the content of `ANLAN_X`."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        raise NotImplementedError

    def __call__(self) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for variable, path in os.environ.items():
            name = variable.removeprefix(PREFIX).removesuffix("_FILE").lower()
            if not (variable.startswith(PREFIX) and variable.endswith("_FILE")) or _is_setting(
                f"{name}_file"
            ):
                continue
            if not _is_setting(name):
                continue
            try:
                content = Path(path).read_text(encoding="utf-8").strip()
            except OSError as error:
                raise ConfigurationError(f"{variable} names a file that cannot be read: {error}") from error
            *outer, last = name.split("__")
            place = values
            for key in outer:
                place = place.setdefault(key, {})
            place[last] = content
        return values


def _is_setting(name: str) -> bool:
    model: Any = Settings
    for part in name.split("__"):
        fields = getattr(model, "model_fields", {})
        if part not in fields:
            return False
        model = fields[part].annotation
    return True


class Settings(BaseSettings):
    """Every setting, with its default and meaning; documented in docs/configuration.md."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        extra="ignore",
    )

    database_url: SecretStr | None = Field(default=None, description="PostgreSQL with TimescaleDB")
    mqtt_url: SecretStr | None = Field(default=None, description="the broker: mqtt://user:password@host:port")
    home: Path = Field(default=Path(".anlan"), description="state folder")
    language: str = Field(
        default="zh", pattern="^(zh|en)$", description="language of messages and first page: zh or en"
    )
    time_zone: str = Field(default="Asia/Shanghai", description="zone in which people read times")
    log_level: str = Field(
        default="info", pattern="^(debug|info|warning|error)$", description="debug, info, warning or error"
    )
    ingest: Ingest = Ingest()
    derive: Derive = Derive()
    retention: Retention = Retention()
    alerts: Alerts = Alerts()
    dispatch: Dispatch = Dispatch()
    sms: Sms = Sms()
    web: Web = Web()
    performance: Performance = Performance()
    watch: Watch = Watch()
    watcher: Watcher = Watcher()
    field: FieldSimulation = FieldSimulation()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (
            init_settings,
            env_settings,
            _FileSecrets(settings_cls),
            TomlConfigSettingsSource(settings_cls, os.environ.get("ANLAN_CONFIG", "anlan.toml")),
        )

    @property
    def audio_address(self) -> str:
        """Where devices fetch rendered speech, without a slash at its end."""
        own = f"http://{self.web.host}:{self.web.port}/audio"
        return (self.dispatch.audio_url or own).rstrip("/")

    def need_database(self) -> str:
        """The database's address, or an error that says how to give one."""
        return _need(self.database_url, "ANLAN_DATABASE_URL")

    def need_mqtt(self, own: SecretStr | None = None) -> str:
        """The broker's address (`own` if the role has its own login), or an error that says how."""
        return _need(own or self.mqtt_url, "ANLAN_MQTT_URL")


def _need(value: SecretStr | None, variable: str) -> str:
    if value is None:
        raise ConfigurationError(
            f"{variable} is not set. Set it, or start the embedded services: "
            'eval "$(./anlan services env)" after ./anlan services start.'
        )
    return value.get_secret_value()


def load_settings() -> Settings:
    """Reads the configuration; a wrong value becomes one readable sentence per fault."""
    try:
        return Settings()
    except ValidationError as error:
        faults = "; ".join(
            f"{PREFIX}{'__'.join(str(part).upper() for part in fault['loc'])}: {fault['msg']}"
            for fault in error.errors()
        )
        raise ConfigurationError(f"the configuration cannot be used: {faults}") from error
