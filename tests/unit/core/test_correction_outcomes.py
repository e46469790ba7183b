"""What an act makes of a value, where the numbers are made to break it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.corrections import Correction, CorrectionAct, outcome
from core.errors import InputError
from core.observations import Observation
from core.quality import Quality


def test_a_shift_beyond_all_numbers_is_refused() -> None:
    now = datetime.now(UTC)
    held = Observation(1, now, 1.7e308, Quality.NOT_EVALUATED, "", now, "obs")
    with pytest.raises(InputError, match="no number"):
        outcome(Correction(CorrectionAct.CORRECT, shift=1.7e308), held, None, "chen", "unheard_of")
