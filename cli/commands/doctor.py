"""`anlan doctor`: one line for each thing that must work, and how to mend what does not."""

import argparse

from cli.doctor import State, examine
from core.settings import load_settings

HELP = "what is installed, reachable, late or misconfigured, and how to mend it"

_MARKS = {State.GOOD: "✓", State.WARNING: "!", State.BAD: "✗"}


def configure(parser: argparse.ArgumentParser) -> None:
    """Nothing to choose."""


def run(arguments: argparse.Namespace) -> int:
    """1 when something is bad."""
    findings = []
    for finding in examine(load_settings()):
        findings.append(finding)
        print(f"{_MARKS[finding.state]} {finding.subject}: {finding.text}")
        if finding.mend:
            print(f"    → {finding.mend}")
    bad = sum(finding.state is State.BAD for finding in findings)
    warnings = sum(finding.state is State.WARNING for finding in findings)
    print(f"{bad} bad, {warnings} warnings")
    return 1 if bad else 0
