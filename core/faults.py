"""What is wrong with a message or a value: short stable codes and one sentence each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FaultReason(StrEnum):
    """Reasons in the quarantine and in `reason` of a flagged observation; documented, never renamed."""

    # the message as a whole
    NO_ROUTE = "no_route"
    UNKNOWN_EXERCISE = "unknown_exercise"
    EXERCISE_ENDED = "exercise_ended"
    UNKNOWN_STATION = "unknown_station"
    UNKNOWN_CAMERA = "unknown_camera"
    FOREIGN_STATION = "foreign_station"
    FOREIGN_SOURCE = "foreign_source"
    WRONG_PASSWORD = "wrong_password"
    BAD_CODE = "bad_code"
    TOO_LARGE = "too_large"
    TOO_MANY_VALUES = "too_many_values"
    BROKEN_JSON = "broken_json"
    BROKEN_CBOR = "broken_cbor"
    BROKEN_XML = "broken_xml"
    UNSAFE_XML = "unsafe_xml"
    SCHEMA_VIOLATION = "schema_violation"
    NOT_ACTUAL = "not_actual"
    WRONG_SHAPE = "wrong_shape"
    DUPLICATE_KEY = "duplicate_key"
    UNKNOWN_FIELD = "unknown_field"
    EMPTY = "empty"
    # time
    TIME_MISSING = "time_missing"
    TIME_UNREADABLE = "time_unreadable"
    TIME_WITHOUT_ZONE = "time_without_zone"
    TIME_TOO_EARLY = "time_too_early"
    TIME_IN_FUTURE = "time_in_future"
    TIME_SPREAD = "time_spread"
    # values
    UNKNOWN_PROPERTY = "unknown_property"
    WRONG_TYPE = "wrong_type"
    NOT_FINITE = "not_finite"
    BAD_PERIOD = "bad_period"
    BAD_SEQUENCE = "bad_sequence"
    WRONG_UNIT = "wrong_unit"
    UNKNOWN_UNIT = "unknown_unit"
    UNMAPPED_FIELD = "unmapped_field"
    OFFSET_UNKNOWN = "offset_unknown"
    ABOVE_RANGE = "above_range"
    BELOW_RANGE = "below_range"
    MISSING = "missing"
    # telemetry frames
    BAD_FRAME = "bad_frame"
    BAD_CHECKSUM = "bad_checksum"
    BAD_ELEMENT = "bad_element"
    UNKNOWN_ELEMENT = "unknown_element"
    UNKNOWN_FUNCTION = "unknown_function"
    BASE_UNKNOWN = "base_unknown"
    PACKETS_MISSING = "packets_missing"
    # texts, positions and pictures
    MARKUP_IN_TEXT = "markup_in_text"
    OUT_OF_RANGE = "out_of_range"
    BAD_STREAM = "bad_stream"
    BAD_IMAGE = "bad_image"
    BAD_BOUNDS = "bad_bounds"
    # processing
    DECODER_FAILED = "decoder_failed"
    CANNOT_BE_STORED = "cannot_be_stored"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a message; `detail` is a sentence that names the place and what to do."""

    reason: FaultReason
    detail: str


def quoted(text: object, limit: int = 60) -> str:
    """Foreign text inside a sentence: printable ASCII, bounded, safe for logs, SQL and pages' lists."""
    shown = ascii(text)
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"
