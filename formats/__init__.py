"""Pure codecs, both ways: telemetry formats and signed envelopes.

`FORMATS` names every telemetry format; a decoder takes bytes and a `Context` and gives readings and
faults, and never raises whatever the bytes are. Warnings, typhoon tracks, pictures of
the weather and camera reports, which are no readings, have their own records in `formats.cap`, `formats.typhoon`,
`formats.weather_image` and `formats.camera`.
"""

from __future__ import annotations

from formats import chirpstack, things_stack, thingsboard
from formats.decoded import Context, Decoded, Decoder
from formats.mapping import NO_MAPPINGS, Mappings
from formats.observations import decode as _decode_observations
from formats.senml import decode as _decode_senml
from formats.sl651 import decode_payload as _decode_sl651

FORMATS: dict[str, Decoder] = {
    "obs": _decode_observations,
    "sl651": _decode_sl651,
    "senml": _decode_senml,
    "tts": things_stack.decode,
    "chirpstack": chirpstack.decode,
    "thingsboard": thingsboard.decode,
}

__all__ = ["FORMATS", "NO_MAPPINGS", "Context", "Decoded", "Decoder", "Mappings"]
