"""Numbers as Chinese people say them. Pure.

espeak-ng reads 108.52 as 一百八五二 and 10052 as 十千五十二 (recipes.md §5), so it never sees a digit.
"""

from __future__ import annotations

DIGITS = "零一二三四五六七八九"
_STEPS = ("", "十", "百", "千")
_GROUPS = ("", "万", "亿", "万亿")
LARGEST = 10 ** (4 * len(_GROUPS)) - 1


def digit_by_digit(digits: str, *, telephone: bool = False) -> str:
    """Each digit by itself; on the telephone 1 is 幺, so that it is not heard as 7."""
    words = "".join(DIGITS[int(one)] for one in digits)
    return words.replace("一", "幺") if telephone else words


def cardinal(number: int) -> str:
    """A whole number: 10052 → 一万零五十二, 12 → 十二, 2000 → 两千. Beyond 10¹⁶ digit by digit."""
    if number < 0:
        return "负" + cardinal(-number)
    if number > LARGEST:
        return digit_by_digit(str(number))
    if number == 0:
        return DIGITS[0]
    words = ""
    gap = False
    for place in reversed(range(len(_GROUPS))):
        group = number // 10 ** (4 * place) % 10_000
        if group == 0:
            gap = gap or bool(words)
            continue
        if words and (gap or group < 1000):
            words += DIGITS[0]
        words += _group(group, leading=not words, with_unit=place > 0) + _GROUPS[place]
        gap = False
    return words


def decimal(text: str) -> str:
    """A number as written: 3.42 → 三点四二, -0.5 → 负零点五, 007 → 零零七, 1,200 → 一千二百."""
    sign = "负" if text.startswith("-") else ""
    whole, point, fraction = text.lstrip("+-").replace(",", "").partition(".")
    padded = len(whole) > 1 and whole.startswith("0")
    words = digit_by_digit(whole) if padded else cardinal(int(whole or "0"))
    return sign + words + ("点" + digit_by_digit(fraction) if point and fraction else "")


def _group(group: int, *, leading: bool, with_unit: bool) -> str:
    """One to 9999 without its 万 or 亿. 十二 only at the very beginning, 一十二 elsewhere."""
    if with_unit and group == 2:
        return "两"
    words = ""
    gap = False
    for step in reversed(range(4)):
        digit = group // 10**step % 10
        if digit == 0:
            gap = gap or bool(words)
            continue
        if gap:
            words += DIGITS[0]
            gap = False
        if step == 3 and digit == 2:
            words += "两千"
        elif step == 1 and digit == 1 and leading and not words:
            words += "十"
        else:
            words += DIGITS[digit] + _STEPS[step]
    return words
