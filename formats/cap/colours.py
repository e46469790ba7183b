"""The warning colour of the four (红橙黄蓝), and the event, from what senders write in different places.

Order of belief: a field that names a colour, the words 红色 … 蓝色 of the headline, then CAP's severity
(field.md §1.6: 红 Extreme, 橙 Severe, 黄 Moderate, 蓝 Minor). What names none has no colour and is shown so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from core.severity import Severity

_NAMES = {
    "red": Severity.RED,
    "orange": Severity.ORANGE,
    "yellow": Severity.YELLOW,
    "blue": Severity.BLUE,
    "红色": Severity.RED,
    "橙色": Severity.ORANGE,
    "黄色": Severity.YELLOW,
    "蓝色": Severity.BLUE,
    "红": Severity.RED,
    "橙": Severity.ORANGE,
    "黄": Severity.YELLOW,
    "蓝": Severity.BLUE,
}
_OF_SEVERITY = {
    "Extreme": Severity.RED,
    "Severe": Severity.ORANGE,
    "Moderate": Severity.YELLOW,
    "Minor": Severity.BLUE,
}
SEVERITY_OF = {colour: word for word, colour in _OF_SEVERITY.items()}
_IN_TEXT = re.compile("([红橙黄蓝])色预警")
_ONLY_COLOUR = re.compile(r"\b(red|orange|yellow|blue)\b", re.IGNORECASE)
_FIELDS = re.compile("colou?r|awareness_level|颜色|等级|级别|level", re.IGNORECASE)
_EVENT = re.compile(
    "(?:发布|更新|变更|升级|降级|解除|为|将)?(?P<event>[\u4e00-\u9fff]{1,10}?)[红橙黄蓝]色预警"
)

EVENTS = {
    "11A01": "洪水", "11A02": "内涝", "11B01": "台风", "11B02": "龙卷风", "11B03": "暴雨", "11B04": "暴雪",
    "11B05": "寒潮", "11B06": "大风", "11B07": "沙尘暴", "11B09": "高温", "11B14": "雷电", "11B15": "冰雹",
    "11B16": "霜冻", "11B17": "大雾", "11B19": "霾", "11B20": "雷雨大风", "11B21": "道路结冰",
    "11B22": "干旱", "11B23": "海上大风",
}  # fmt: skip
"""Codes of events (GB/T 35561) that such documents are seen to carry; others are shown by the headline."""


def colour_from(
    fields: Iterable[tuple[str, str]], headline: str, severity: str, *, direct: str = ""
) -> Severity | None:
    """The colour; `fields` are names and values of event codes and parameters, `direct` a field for it alone."""
    if (named := _NAMES.get(direct.strip().lower())) is not None:
        return named
    for name, value in fields:
        if _FIELDS.search(name):
            found = _NAMES.get(value.strip().lower())
            if found is None and (word := _ONLY_COLOUR.search(value)):
                found = _NAMES[word[1].lower()]
            if found is not None:
                return found
    if match := _IN_TEXT.search(headline):
        return _NAMES[match[1]]
    return _OF_SEVERITY.get(severity)


def event_from(code: str, headline: str) -> str:
    """The name of an event: of its code, of the headline, else the code itself."""
    if code in EVENTS:
        return EVENTS[code]
    match = _EVENT.search(headline.rpartition("发布")[2] or headline)
    return match["event"] if match else code
