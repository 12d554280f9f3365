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


def mask_id(number: str) -> str:
    """``310105********``: six digits that name a place, then stars; a short one is all stars."""
    plain = number.strip()
    return plain[:6] + "*" * 8 if len(plain) > 10 else "*" * len(plain)


def mask_name(name: str) -> str:
    """``王**``: for lines that outlive the person's data."""
    plain = name.strip()
    return plain[:1] + "*" * min(len(plain) - 1, 3) if len(plain) > 1 else "*" * len(plain)


def mask_plate(plate: str) -> str:
    """``沪A***62K``."""
    plain = plate.strip()
    return f"{plain[:2]}{'*' * (len(plain) - 5)}{plain[-3:]}" if len(plain) > 6 else "*" * len(plain)
