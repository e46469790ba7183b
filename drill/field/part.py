"""What every part of the simulated field is given, and how it learns that it must end."""

from __future__ import annotations

import signal
import threading
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from core.settings import Settings
from drill.field.behaviour import Behaviour, behaviour_of
from drill.scenario import Scenario
from drill.storm.scenario import Storm, storm_of
from drill.story import Story

if TYPE_CHECKING:
    from drill.county.model import Model
    from drill.storm.simulation import Simulation

KEYS_FILE = "device-keys.json"
"""In the field's folder: device code → private Ed25519 key (raw, base64url), by `anlan field prepare`."""


@dataclass(frozen=True)
class Part:
    """One process of the field."""

    settings: Settings
    scenario: Scenario
    story: Story

    @cached_property
    def storm(self) -> Storm:
        return storm_of(self.scenario)

    @cached_property
    def model(self) -> Model:
        from drill.county.model import load_model

        return load_model()

    @cached_property
    def simulation(self) -> Simulation:
        """The storm over the county; about half a second (numpy is loaded only where it is needed)."""
        from drill.storm.simulation import simulate

        return simulate(self.model, self.storm.fixes, self.storm.begin, self.storm.end)

    @cached_property
    def behaviour(self) -> Behaviour:
        return behaviour_of(self.scenario)

    @property
    def folder(self) -> Path:
        """Where the field keeps what devices and phones remember."""
        folder = self.settings.home / "field"
        folder.mkdir(parents=True, exist_ok=True)
        return folder


def until_told_to_end() -> threading.Event:
    """An event that SIGTERM and SIGINT set."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    return stopping
