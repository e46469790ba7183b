"""docs/scenarios.md tells what there is."""

from __future__ import annotations

import re
from pathlib import Path

from drill.field.parts import PARTS
from drill.scenario import names
from formats import typhoon

TEXT = (Path(__file__).parents[3] / "docs" / "scenarios.md").read_text(encoding="utf-8")


def test_every_scenario_and_part_is_told() -> None:
    for name in (*names(), *PARTS):
        assert f"`{name}`" in TEXT


def test_the_typhoon_in_the_text_is_one_that_is_read() -> None:
    found = re.search(r"```json\n(.*?)```", TEXT, re.DOTALL)
    assert found is not None
    read, faults = typhoon.decode(found[1].encode())
    assert faults == []
    assert read is not None
    assert len(read.fixes) == 2


def test_every_reason_of_a_refusal_is_told() -> None:
    source = (Path(__file__).parents[3] / "drill" / "field" / "device.py").read_text()
    reasons = re.findall(r'return "([a-z_]+)"', source)
    assert len(reasons) > 6
    for reason in reasons:
        assert f"`{reason}`" in TEXT
