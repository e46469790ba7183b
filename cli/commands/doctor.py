"""`anlan doctor`: one line for each thing that must work, and how to mend what does not."""

import argparse

from cli.doctor import State, examine, examine_role
from cli.roles import ROLES
from core.settings import load_settings

HELP = "what is installed, reachable, late or misconfigured, and how to mend it"

_MARKS = {State.GOOD: "✓", State.WARNING: "!", State.BAD: "✗"}


def configure(parser: argparse.ArgumentParser) -> None:
    """Everything, or one role for a container's health check."""
    parser.add_argument("--role", choices=ROLES, help="only whether this role lives")


def run(arguments: argparse.Namespace) -> int:
    """1 when something is bad."""
    settings = load_settings()
    findings = []
    for finding in [examine_role(settings, arguments.role)] if arguments.role else examine(settings):
        findings.append(finding)
        print(f"{_MARKS[finding.state]} {finding.subject}: {finding.text}")
        if finding.mend:
            print(f"    → {finding.mend}")
    bad = sum(finding.state is State.BAD for finding in findings)
    warnings = sum(finding.state is State.WARNING for finding in findings)
    print(f"{bad} bad, {warnings} warnings")
    return 1 if bad else 0
