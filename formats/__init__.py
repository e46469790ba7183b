"""Pure codecs, both ways: telemetry formats and signed envelopes.

`FORMATS` names every telemetry format; a decoder takes bytes and a `Context` and gives readings and
faults, and never raises whatever the bytes are. Typhoon tracks and camera reports, which are no
readings, have their own records in `formats.typhoon` and `formats.camera`.
"""

from __future__ import annotations

from formats.decoded import Context, Decoded, Decoder
from formats.observations import decode as _decode_observations
from formats.sl651 import decode_payload as _decode_sl651

FORMATS: dict[str, Decoder] = {"obs": _decode_observations, "sl651": _decode_sl651}

__all__ = ["FORMATS", "Context", "Decoded", "Decoder"]
