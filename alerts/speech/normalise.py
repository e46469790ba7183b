"""From a written order to the words that are said: numbers, units, times, dates, levels. Pure.

The result holds Hanzi and pauses only: no digit and no Latin letter reaches the speech engine, which
would read both wrongly (recipes.md §5).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from alerts.speech.numerals import decimal, digit_by_digit

_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_SIGNED = rf"(?:(?<![\d.])[+-])?(?:{_NUMBER})"

_UNITS = {
    "m³/s": "立方米每秒",
    "m3/s": "立方米每秒",
    "立方米/秒": "立方米每秒",
    "立方米/s": "立方米每秒",
    "km/h": "公里每小时",
    "公里/小时": "公里每小时",
    "mm/h": "毫米每小时",
    "毫米/小时": "毫米每小时",
    "m/s": "米每秒",
    "米/秒": "米每秒",
    "km²": "平方公里",
    "km2": "平方公里",
    "m³": "立方米",
    "m3": "立方米",
    "m²": "平方米",
    "m2": "平方米",
    "mm": "毫米",
    "cm": "厘米",
    "km": "公里",
    "m": "米",
    "hPa": "百帕",
    "kW": "千瓦",
    "kV": "千伏",
    "V": "伏",
    "min": "分钟",
    "h": "小时",
    "s": "秒",
    "t": "吨",
    "kg": "千克",
    "°C": "摄氏度",
    "℃": "摄氏度",
    "°": "度",
}
_UNIT = "|".join(re.escape(unit) for unit in sorted(_UNITS, key=len, reverse=True))
_AFTER_UNIT = r"(?![A-Za-z0-9²³])"

_ROMAN = {"Ⅰ": "一", "Ⅱ": "二", "Ⅲ": "三", "Ⅳ": "四", "I": "一", "II": "二", "III": "三", "IV": "四"}

_MEASURES = "米|人|个|户|次|名|处|座|台|条|艘|辆|小时|天|点|分钟|秒|公里|厘米|毫米|立方米|平方|吨|倍|村|成|组"
"""Before these, 2 is said 两."""

_LETTERS = {
    "A": "诶", "B": "必", "C": "西", "D": "弟", "E": "伊", "F": "艾弗", "G": "吉", "H": "艾尺", "I": "艾",
    "J": "杰", "K": "开", "L": "艾勒", "M": "艾姆", "N": "恩", "O": "欧", "P": "批", "Q": "丘", "R": "阿尔",
    "S": "艾丝", "T": "提", "U": "优", "V": "维", "W": "达布流", "X": "艾克斯", "Y": "歪", "Z": "贼",
}  # fmt: skip

_SIGNS = {
    "≥": "大于等于",
    "≤": "小于等于",
    ">": "大于",
    "<": "小于",
    "=": "等于",
    "+": "加",
    "×": "乘",
    "&": "和",
}

_WIDE = str.maketrans("０１２３４５６７８９．％＋－：／～", "0123456789.%+-:/~")


def spoken(text: str) -> str:
    """The words of a text, with Chinese punctuation for pauses.

    >>> spoken("水位 3.42 m，14:05 超警戒")
    '水位三点四二米，十四点零五分超警戒'
    """
    words = (
        text.translate(_WIDE).replace("㎜", "mm").replace("㎝", "cm").replace("㎞", "km").replace("㎡", "m²")
    )
    for pattern, say in _RULES:
        words = pattern.sub(say, words)
    return _pauses(words)


def _date(match: re.Match[str]) -> str:
    year, month, day = match.groups()
    return f"{digit_by_digit(year)}年{decimal(str(int(month)))}月{decimal(str(int(day)))}日"


def _time(match: re.Match[str]) -> str:
    hour, minute, second = match.groups()
    words = ("两" if int(hour) == 2 else decimal(str(int(hour)))) + "点"
    if int(minute) or second:
        words += _two_digits(minute) + "分"
    return words + (_two_digits(second) + "秒" if second else "")


def _two_digits(text: str) -> str:
    return digit_by_digit(text) if text.startswith("0") else decimal(text)


def _percent(match: re.Match[str]) -> str:
    number = decimal(match[1])
    return ("负" if number.startswith("负") else "") + "百分之" + number.removeprefix("负")


def _temperature(match: re.Match[str]) -> str:
    number = decimal(match[1])
    return ("零下" if number.startswith("负") else "") + number.removeprefix("负") + "摄氏度"


def _with_unit(match: re.Match[str]) -> str:
    unit = _UNITS[match[2]]
    return ("两" if match[1] == "2" else decimal(match[1])) + unit


def _fraction(match: re.Match[str]) -> str:
    return f"{decimal(match[2])}分之{decimal(match[1])}"


def _telephone(match: re.Match[str]) -> str:
    return digit_by_digit(re.sub(r"\D", "", match[0]), telephone=True)


def _hotline(match: re.Match[str]) -> str:
    return match[1] + digit_by_digit(match[2], telephone=True)


def _spelled(match: re.Match[str]) -> str:
    return "".join(
        digit_by_digit(one) if one.isdigit() else _LETTERS.get(one.upper(), "") for one in match[0]
    )


def _pauses(words: str) -> str:
    """Brackets and blanks as pauses; what cannot be said is left out."""
    words = words.translate(_PAUSES)
    words = re.sub(r"[^一-鿿〇，。！？、；]", "", words)
    words = re.sub(r"[，、]*([。！？])[，、。！？]*", r"\1", words)
    return re.sub(r"，[，、]*", "，", words).strip("，、")


_PAUSES = str.maketrans(
    dict.fromkeys("【】「」『』（）()[]《》“”\"':：;；|\n\r\t/—…·,", "，")
) | str.maketrans(".!?", "。！？")

Say = str | Callable[[re.Match[str]], str]

_RULES: tuple[tuple[re.Pattern[str], Say], ...] = (
    (re.compile(r"(Ⅰ|Ⅱ|Ⅲ|Ⅳ|(?<![A-Za-z])(?:IV|I{1,3}))(?=\s*级)"), lambda match: _ROMAN[match[1]]),
    (re.compile(r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)"), _date),
    (re.compile(r"(?<!\d)(\d{4})(?=\s*年)"), lambda match: digit_by_digit(match[1])),
    (re.compile(r"(?<![\d:])(\d{1,2}):([0-5]\d)(?::([0-5]\d))?(?![\d:])"), _time),
    (re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)"), _telephone),
    (re.compile(r"(?<!\d)0\d{2,3}-\d{7,8}(?!\d)"), _telephone),
    (re.compile(r"((?:电话|热线|拨打|致电|号码|拨)\s*[为是:]?\s*)(\d{3,12})(?!\d)"), _hotline),
    (re.compile(r"(?<![\d.])\d{7,}(?![\d.])"), lambda match: digit_by_digit(match[0])),
    (re.compile(r"(?<![A-Za-z\d])(?<!\d\s)[A-Za-z]+-?\d+(?![\d.])"), _spelled),
    (re.compile(rf"({_SIGNED})\s*[~～–—](?=\s*[+-]?\d)"), lambda match: decimal(match[1]) + "到"),
    (re.compile(rf"(?<![\d.])({_NUMBER})-(?=\d)"), lambda match: decimal(match[1]) + "到"),
    (re.compile(r"(?<![\d.])(\d{1,2})/(\d{1,2})(?![\d./])"), _fraction),
    (re.compile(rf"({_SIGNED})\s*%"), _percent),
    (re.compile(rf"({_SIGNED})\s*(?:°C|℃)"), _temperature),
    (re.compile(rf"(?<=万)\s*({_UNIT}){_AFTER_UNIT}"), lambda match: _UNITS[match[1]]),
    (re.compile(rf"({_SIGNED})\s*({_UNIT}){_AFTER_UNIT}"), _with_unit),
    (re.compile(r"(?<![\d.])\+(?=\d)"), "加"),
    (re.compile(rf"(?<![\d.,第+-])2(?=\s*(?:{_MEASURES}))"), "两"),
    (re.compile(_SIGNED), lambda match: decimal(match[0])),
    (re.compile(r"[A-Za-z]+"), _spelled),
    (re.compile(r"[≥≤><=+×&]"), lambda match: _SIGNS[match[0]]),
    (re.compile(r"[~～](?=[零两一-鿿])"), "到"),
)
"""In this order: what is more special comes first."""
