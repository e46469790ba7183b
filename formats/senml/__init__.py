"""SenML (RFC 8428), JSON and CBOR: packs of records that share base names, times, units and values.

`decode` reads either form (a JSON pack begins with `[` or white space, a CBOR one with 8 or 9 as its first
hexadecimal digit); `encode_json` and `encode_cbor` write packs for drills.
"""

from __future__ import annotations

from formats.senml.decode import decode
from formats.senml.encode import encode_cbor, encode_json
from formats.senml.resolve import Resolved, resolve

__all__ = ["Resolved", "decode", "encode_cbor", "encode_json", "resolve"]
