"""What is written is valid by the schema of OASIS, and is read back as it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from core.severity import Severity
from core.warnings import Circle, MessageType, Reference, Status, WarnedArea, WarningInfo, WarningMessage
from formats.cap import decode, encode
from formats.cap.standard import schema_violations

SAMPLES = Path(__file__).parents[3] / "samples" / "cap"
SENT = datetime(2026, 7, 15, 0, 12, tzinfo=UTC)
WHOLE = WarningMessage(
    sender="weather@demo.cn", identifier="N-2", sent=SENT, status=Status.EXERCISE, message_type=MessageType.UPDATE,
    scope="Restricted", source="演示", restriction="内部", codes=("IPAWSv1.0",), note="演示数据", incidents="I1",
    references=(Reference("N-1", "weather@demo.cn", datetime(2026, 7, 14, 22, tzinfo=UTC)),),
    infos=(
        WarningInfo(
            event="暴雨", language="zh-CN", category=("Met", "Safety"), response_types=("Evacuate",),
            urgency="Immediate", severity="Extreme", certainty="Observed", colour=Severity.RED, audience="公众",
            event_codes=(("GB/T 35561", "11B03"),), effective=SENT, onset=SENT,
            expires=datetime(2026, 7, 15, 6, tzinfo=UTC), sender_name="演示县气象台", headline="暴雨红色预警 <&>",
            description="两\n行", instruction="转移", web="https://example.cn/", contact="0574",
            parameters=(("color", "red"),),
            areas=(WarnedArea("演示县", (((29.1, 121.5), (29.6, 121.5), (29.6, 122.1), (29.1, 121.5)),),
                              (Circle(29.47, 121.87, 12.5),), (("GB/T 2260", "330225"),)),),
        ),
    ),
)  # fmt: skip


def test_a_whole_message_goes_and_comes_back() -> None:
    assert decode(encode(WHOLE)) == ([WHOLE], [])


def test_the_samples_written_anew_are_valid_and_mean_the_same() -> None:
    for path in sorted(SAMPLES.glob("*.[xcj]*")):
        for message in decode(path.read_bytes())[0]:
            written = encode(message)
            assert schema_violations(etree.fromstring(written)) == [], path.name
            again = decode(written)[0][0]
            assert [(info.event, info.colour, info.expires) for info in again.infos] == [
                (info.event, info.colour, info.expires) for info in message.infos
            ]
            assert again.sent == message.sent


@given(st.text(st.characters(blacklist_categories=["Cc", "Cs", "Cf"]), max_size=80))
def test_no_text_breaks_the_document(text: str) -> None:
    info = replace(WHOLE.infos[0], headline=text, description=text, colour=None, parameters=())
    messages, faults = decode(encode(replace(WHOLE, infos=(info,), note=text)))
    assert faults == []
    assert messages[0].infos[0].headline == text.strip()[:500]
