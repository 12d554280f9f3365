"""Rooms as people say them: ``5#1203``, ``5栋2单元1203室``, ``5-2-1203``, ``521203``, ``听松楼1203``.

One normal form on both sides: what is typed, and the keys a unit is found by.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

# Longer words first: 号楼 before 楼.
BUILDING: Final = re.compile(r"号院|号楼|#楼|栋楼|幢楼|栋|幢|座|楼|#")
ENTRANCE: Final = re.compile(r"单元|门洞|门|梯")
DOOR: Final = re.compile(r"[室房号户]+$")
NUMERAL: Final = re.compile(r"[〇零一二两三四五六七八九十]+(?=号院|号楼|栋|幢|座|楼|单元|门洞|门|梯|层|室|号|$)")
DIGITS: Final = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
SEPARATORS: Final = re.compile(r"[\s\-‐-―_/\\|.,、，。·~]+")
BESIDE_HAN: Final = re.compile(r"(?<=[㐀-鿿])(?=[0-9a-z])")
# Storeys that builders rename: what people say → what stands on the door, and back.
RENAMED: Final = (("3a", "4"), ("12a", "13"), ("12b", "14"), ("13a", "14"))


def normal(text: str) -> str:
    """The normal form of a room as typed: lower case, half width, parts joined by ``-``. Stable."""
    form = text
    while (again := _once(form)) != form:
        form = again
    return form


def _once(text: str) -> str:
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).strip()
    plain = NUMERAL.sub(lambda found: numeral(found[0]), plain)
    plain = ENTRANCE.sub("-", BUILDING.sub("-", DOOR.sub("", plain)))
    plain = BESIDE_HAN.sub("-", plain)
    return SEPARATORS.sub("-", plain).strip("-")


def numeral(text: str) -> str:
    """Chinese numerals up to ninety-nine, or digit by digit: 十二 → 12, 一二〇三 → 1203."""
    if "十" not in text:
        return "".join(str(DIGITS[c]) for c in text)
    tens, _ten, ones = text.partition("十")
    if "十" in ones or len(tens) > 1 or len(ones) > 1:
        return text
    return str((DIGITS[tens] if tens else 1) * 10 + (DIGITS[ones] if ones else 0))


def unit_keys(*, buildings: Iterable[str], entrance: str, room: str, own: Iterable[str] = ()) -> set[str]:
    """Every normal form a unit answers to. ``buildings``: code, name and nicknames of its building; ``own``: its own.

    With and without the entrance, with and without leading zeros, in one run of digits, the room alone.
    """
    blocks = {form for name in buildings for form in _zeros(normal(name))} - {""}
    rooms = doors(normal(room))
    stair = normal(entrance)
    keys = rooms | ({normal(name) for name in own} - {""})
    for block in blocks:
        for door in rooms:
            keys.add(f"{block}-{door}")
            parts = [block, door]
            if stair:
                keys.add(f"{block}-{stair}-{door}")
                parts = [block, stair, door]
            if block.isascii():
                keys.update({"".join(parts), f"{block}{door}"})
    return keys


def _zeros(part: str) -> Sequence[str]:
    short = part.lstrip("0")
    return (part, short) if short and short != part else (part,)


def doors(room: str) -> set[str]:
    """A room's normal form and what else people call it: without leading zeros, by the storey's plain number."""
    found = set(_zeros(room))
    for door, spoken in RENAMED:
        found |= {spoken + d[len(door) :] for d in tuple(found) if d.startswith(door)}
    return found
