"""What a person's reply means. Pure.

People answer "1", "１", "好", "收到。", "知道了", "壹", or with numbers, cumulative or not; they are asked
for the cumulative number (累计). An automatic reply of a phone is no answer (field.md §2.15).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum


class Meaning(StrEnum):
    """`other` was not understood: it is shown, and the calls go on."""

    HEARD = "heard"
    ACTED = "acted"
    CANNOT = "cannot"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Reply:
    """`people` is the number of persons moved so far (cumulative), if one was told."""

    meaning: Meaning
    people: int | None = None


_HEARD = {
    "1", "y", "一", "嗯", "壹", "好", "幺", "是", "行", "阅", "👌", "👍", "ok", "了解", "可以", "嗯嗯",
    "好嘞", "好滴", "好的", "已知", "已阅", "收到", "收悉", "明白", "是的", "清楚", "照办", "知悉",
    "知道", "遵命", "yes", "已收到", "已知悉", "收到了", "明白了", "知道了", "马上到", "马上办",
    "马上去", "okay", "收到谢谢", "立即执行", "谢谢收到", "roger", "received",
}  # fmt: skip
_CANNOT = {
    "0",
    "零",
    "〇",
    "n",
    "no",
    "无法",
    "不能",
    "不行",
    "去不了",
    "无法执行",
    "无法到岗",
    "做不到",
    "cannot",
}
_CANNOT_WORDS = ("无法", "不能", "去不了", "来不了", "做不到", "没办法", "到不了", "过不去", "执行不了")
_HEARD_WORDS = ("收到", "知道了", "明白", "好的", "已知悉", "已到岗", "已到位", "在岗", "正在转移", "马上")
_AUTOMATIC = (
    "自动回复",
    "稍后联系",
    "稍后回复",
    "正在开会",
    "正在开车",
    "不方便接听",
    "automaticreply",
    "autoreply",
)
_NOT_YET = ("未收到", "没收到", "没有收到", "收不到", "不知道", "不明白", "不清楚")
_NOTHING_YET = (
    "未转移",
    "没有转移",
    "没转移",
    "尚未转移",
    "还没转移",
    "无人转移",
    "无需转移",
    "不需转移",
    "不用转移",
)

_DIGITS = {one: value for value, one in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2} | {
    one: value for value, one in enumerate("零壹贰叁肆伍陆柒捌玖")
}  # fmt: skip
_STEPS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_CHINESE = "".join([*_DIGITS, *_STEPS, "万"])
_NUMBER = rf"(\d{{1,6}}|[{_CHINESE}]{{1,9}})"
_MOST_PEOPLE = 999_999
"""As six digits: 九九九九九九九九万 is no number of persons, and no integer of the database."""
_TOTAL = re.compile(
    rf"(?:累计|共计|合计|总计|一共|共)(?:已)?(?:转移|撤离|安置|疏散)?(?:群众|村民|人员)?[:了]?{_NUMBER}[人名位]?"
)
_MOVED = re.compile(
    rf"(?:转移|撤离|安置|疏散|撤出|搬离)(?:完毕|完成)?(?:群众|村民|人员|人数|人)?[:,了]?"
    rf"(?:{_NUMBER}户)?[,]?{_NUMBER}(?:[人名位]|$|[,。])"
)
_PEOPLE = re.compile(
    rf"^[已共]?{_NUMBER}[人名位](?:[,。]?(?:已|全部|都)?(?:转移|撤离|安置)(?:完毕|完成|好|了)*)?$"
)
_ALONE = re.compile(r"^\d{1,6}$")
_DONE = re.compile(r"(?:已|全部|都)+(?:经)?(?:转移|撤离|疏散|安置)(?:完|完毕|完成|到位|好|了)")


def parse(text: str) -> Reply:
    """Reads a reply. Full-width forms, blanks and punctuation do not matter.

    A bare number other than 0 and 1 is a number of persons moved. Of a cumulative and a plain number the
    cumulative one counts.

    >>> parse("收到。已转移 12 人")
    Reply(meaning=<Meaning.ACTED: 'acted'>, people=12)
    """
    plain = _plain(text)
    word = plain.strip(",。!?")
    if not word:
        return Reply(Meaning.OTHER)
    if word in _CANNOT:
        return Reply(Meaning.CANNOT)
    if word in _HEARD:
        return Reply(Meaning.HEARD)
    if any(sign in word for sign in _AUTOMATIC):
        return Reply(Meaning.OTHER)
    people = None if any(sign in word for sign in _NOTHING_YET) else _people(word)
    if people:
        return Reply(Meaning.ACTED, people)
    if any(sign in word for sign in _CANNOT_WORDS):
        return Reply(Meaning.CANNOT)
    if any(sign in word for sign in _NOT_YET):
        return Reply(Meaning.OTHER)
    if _DONE.search(word):
        return Reply(Meaning.ACTED)
    if any(sign in word for sign in _HEARD_WORDS) or re.match(r"^(?:1|好)(?:[,。!]|$)", word):
        return Reply(Meaning.HEARD)
    return Reply(Meaning.OTHER)


def _plain(text: str) -> str:
    """Narrow forms, lower case, no blanks; every kind of pause a comma or a full stop."""
    narrow = unicodedata.normalize("NFKC", text).casefold()
    narrow = re.sub(r"[.．。]+(?!\d)", "。", narrow)
    narrow = re.sub(r"[,，、;；~～\n\r\t]+", ",", narrow)
    narrow = re.sub(r"\s+", "", narrow)
    return re.sub(r"[\"'“”‘’「」()【】\[\]]", "", narrow)


def _people(word: str) -> int | None:
    if _ALONE.match(word):
        return int(word)
    for pattern in (_TOTAL, _MOVED, _PEOPLE):
        match = pattern.search(word)
        if match is not None:
            people = _number(match.groups()[-1])
            return people if people is not None and people <= _MOST_PEOPLE else None
    return None


def _number(text: str) -> int | None:
    if text.isascii():
        return int(text)
    high, ten_thousand, low = text.partition("万")
    if not ten_thousand:
        return _below_ten_thousand(text)
    left, right = _below_ten_thousand(high), _below_ten_thousand(low) if low else 0
    return None if left is None or right is None else left * 10_000 + right


def _below_ten_thousand(text: str) -> int | None:
    if all(one in _DIGITS for one in text):
        return int("".join(str(_DIGITS[one]) for one in text)) if text else None
    total, digit = 0, None
    for one in text:
        if one in _DIGITS:
            digit = _DIGITS[one]
        elif one in _STEPS:
            total += (1 if digit is None else digit) * _STEPS[one]
            digit = None
    return total + (digit or 0)
