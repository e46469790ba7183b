"""Every property that a notice or an order may name has a name in both languages."""

from __future__ import annotations

import pytest

from core.language import translator
from core.properties import PROPERTIES


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(("room", "prefix"), [("alerts", "property."), ("app", "property ")])
def test_every_property_has_a_name(room: str, prefix: str, language: str) -> None:
    words = translator(room, language)
    named = [*PROPERTIES, "rainfall_sliding", "rise_rate", "fall_rate"]
    assert [name for name in named if words(prefix + name) == prefix + name] == []
