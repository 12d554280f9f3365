"""What of a person is shown before anybody has asked for more (MISSION PTY-4)."""

from typing import Final

HEAD: Final = 3
TAIL: Final = 4


def mask_phone(phone: str) -> str:
    """``138****1234``; an extension line keeps its area code. Too short to hide anything: all stars."""
    if "*" in phone:
        return phone
    area, dash, rest = phone.strip().partition("-")
    if dash and area.isdecimal():
        return f"{area}-{'*' * max(4, len(rest) - TAIL)}{rest[-TAIL:]}" if len(rest) > TAIL else f"{area}-****"
    digits = phone.strip()
    if len(digits) <= HEAD + TAIL:
        return "*" * len(digits)
    return f"{digits[:HEAD]}{'*' * (len(digits) - HEAD - TAIL)}{digits[-TAIL:]}"
