"""Runs the simulated field: each part its own process."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from cli.roles import program
from cli.supervise import Program, Supervisor
from core.settings import load_settings
from drill.field.part import Part
from drill.field.parts import PARTS, part_runner
from drill.scenario import STORM, Scenario, scenario
from drill.storm.scenario import storm_of
from drill.story import Story


def run(code: str, speed: float) -> None:
    """Runs every part as its own process until SIGTERM; what dies is started again."""
    load_settings().need_mqtt()
    origin = datetime.now(UTC).replace(microsecond=0)
    Supervisor(programs(code, speed, origin)).run()


def programs(code: str, speed: float, origin: datetime, log: Path | None = None) -> list[Program]:
    """The field's processes, for a supervisor; `origin` is when the story begins (now)."""
    scenario(code, STORM)
    words = ("--scenario", code, "--speed", f"{speed:g}", "--origin", origin.isoformat())
    return [replace(program("field", "part", name, *words, log=log), name=f"field-{name}") for name in PARTS]


def run_part(name: str, code: str, speed: float, origin: datetime) -> None:
    """One part, in this process."""
    chosen: Scenario = scenario(code, STORM)
    story = Story(origin, storm_of(chosen).start, speed)
    part_runner(name)(Part(load_settings(), chosen, story))
