"""SL 651-2014 水文监测数据通信规约: telemetry of Chinese hydrological stations, both codings, both ways.

Pure: no sockets, no clock, no store. From bytes to what they say:

    reader = StreamReader()                      # one for each connection
    for found in reader.feed(data):              # frames, and noise with a reason
        whole = assembler.add(found, now)        # packets become whole transfers
        decoded = decode(whole, Context(facts))  # readings, picture, text, status …
        … store and commit …
        if decoded.needs_confirmation:
            send(confirm(whole, now, End.ESC))   # only after the commit

`downlink` holds what the centre asks and sets, `encode` what stations send.
"""

from __future__ import annotations

from formats.sl651.assembly import Assembler, Gap, GivenUp
from formats.sl651.body import HourTime, Item, Parameter, PeriodQuery
from formats.sl651.decode import Decoded, decode
from formats.sl651.downlink import (
    Link,
    clock_settings,
    confirm,
    deny,
    query_bases,
    query_clock,
    query_elements,
    query_now,
    query_period,
    query_picture,
    query_status,
    query_version,
    set_clock,
)
from formats.sl651.facts import Context, StationFacts, default_facts, station_codes
from formats.sl651.frame import Coding, End, Frame, read_frame
from formats.sl651.functions import Function
from formats.sl651.payload import decode_payload, read_frames
from formats.sl651.status import StationStatus
from formats.sl651.stream import Noise, StreamReader

__all__ = [
    "Assembler", "Coding", "Context", "Decoded", "End", "Frame", "Function", "Gap", "GivenUp", "HourTime",
    "Item", "Link", "Noise", "Parameter", "PeriodQuery", "StationFacts", "StationStatus", "StreamReader",
    "clock_settings", "confirm", "decode", "decode_payload", "default_facts", "deny", "query_bases",
    "query_clock", "query_elements", "query_now", "query_period", "query_picture", "query_status",
    "query_version", "read_frame", "read_frames", "set_clock", "station_codes",
]  # fmt: skip
