"""What is installed, reachable, late or misconfigured, and how to mend it.

`examine(settings)` returns findings; nothing is changed, sent or published.
"""

from collections.abc import Iterator

from cli.doctor.broker import examine_broker
from cli.doctor.database import examine_database, examine_heartbeat
from cli.doctor.finding import Finding, State
from cli.doctor.machine import examine_machine
from cli.doctor.sms import examine_sms
from cli.doctor.telemetry import examine_telemetry
from cli.doctor.watch import examine_watch
from cli.doctor.web import examine_web
from core.settings import Settings

__all__ = ["Finding", "State", "examine", "examine_role"]


def examine(settings: Settings) -> Iterator[Finding]:
    """Every finding in the order in which a person would look."""
    yield from examine_machine(settings)
    yield from examine_database(settings)
    yield from examine_broker(settings)
    yield from examine_telemetry(settings)
    yield from examine_sms(settings)
    yield from examine_watch(settings)
    yield examine_web(settings)


def examine_role(settings: Settings, role: str) -> Finding:
    """Whether one role lives: the pages answer, the others have told the database lately."""
    return examine_web(settings) if role == "web" else examine_heartbeat(settings, role)
