"""Marks between words, as whoever reads them writes them: full-width ones have no place in an English page."""

from collections.abc import Iterable
from typing import Final

from django.utils.translation import get_language

PLAIN: Final = {"，": ", ", "、": ", ", "；": "; ", "：": ": ", "（": " (", "）": ")"}


def mark(chinese: str) -> str:
    """The mark itself for readers of Chinese, its plain counterpart for others."""
    return chinese if (get_language() or "").startswith("zh") else PLAIN[chinese]


def listed(words: Iterable[object], between: str = "、") -> str:
    return mark(between).join(str(word) for word in words)
