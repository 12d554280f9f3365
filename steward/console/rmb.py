"""Amounts in capital numerals, as Chinese receipts write them: 286.50 → 贰佰捌拾陆元伍角整."""

from decimal import Decimal
from typing import Final

DIGITS: Final = "零壹贰叁肆伍陆柒捌玖"
PLACES: Final = ("", "拾", "佰", "仟")
GROUPS: Final = ("", "万", "亿", "万亿")


def capitals(amount: Decimal) -> str:
    """Two decimals; 整 closes an amount without 分. Negative amounts begin with 负."""
    cents = int((abs(amount) * 100).to_integral_value())
    yuan, rest = divmod(cents, 100)
    jiao, fen = divmod(rest, 10)
    text = f"{_whole(yuan)}元" if yuan else ""
    if jiao:
        text += f"{DIGITS[jiao]}角"
    elif fen and yuan:
        text += "零"
    if fen:
        text += f"{DIGITS[fen]}分"
    sign = "负" if amount < 0 else ""
    return f"{sign}{text or '零元'}" + ("" if fen else "整")


def _whole(number: int) -> str:
    """Groups of four; one 零 for any gap."""
    text, gap = "", False
    for n in range(len(GROUPS) - 1, -1, -1):
        group = number // 10 ** (4 * n) % 10_000
        if not group:
            gap = bool(text)
            continue
        if text and (gap or group < 1000):
            text += "零"
        text += _four(group) + GROUPS[n]
        gap = False
    return text


def _four(group: int) -> str:
    text, gap = "", False
    for n in range(3, -1, -1):
        digit = group // 10**n % 10
        if not digit:
            gap = bool(text)
            continue
        text += ("零" if gap else "") + DIGITS[digit] + PLACES[n]
        gap = False
    return text
