"""Whole towns as lists: buildings and homes of real compounds, households invented."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import xlsxwriter

from steward.demo import names
from tests.cutover.conftest import BUILDINGS, CUSTOMERS, UNITS

USES = (("住宅", 92), ("商铺", 5), ("写字楼", 3))
STATES = ("已入住", "已出租", "空置", "装修中")


def compounds(folder: Path) -> Iterator[tuple[str, int, int]]:
    """(name, buildings, homes) of those that state both."""
    with (folder / "compounds" / "harbin_lianjia_compounds.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            blocks = row["buiding_count"].removesuffix("栋")
            homes = row["door_count"].removesuffix("户")
            if blocks.isdecimal() and homes.isdecimal() and 0 < int(blocks) <= int(homes):
                yield row["name"][:14], int(blocks), int(homes)


def lists(folder: Path, most: int, seed: int = 7) -> dict[str, list[tuple[Any, ...]]]:
    """Compounds one after the other until there are ``most`` homes; one household each."""
    rng = Random(seed)  # noqa: S311  made-up people, no secret
    buildings: list[tuple[Any, ...]] = [BUILDINGS]
    units: list[tuple[Any, ...]] = [UNITS]
    people: list[tuple[Any, ...]] = [CUSTOMERS]
    for name, blocks, homes in compounds(folder):
        for block in range(blocks):
            if len(units) > most:
                return {"楼栋": buildings, "房产": units, "业户": people}
            code = f"{name}{block + 1}"
            buildings.append((code, f"{name}{block + 1}栋", "", "2008-06-30"))
            for n in range(homes // blocks + (block < homes % blocks)):
                stair, rest = divmod(n, 68)
                floor, door = divmod(rest, 4)
                room = f"{floor + 1}{door + 1:02d}"
                use = rng.choices([u for u, _w in USES], [w for _u, w in USES])[0]
                area = round(rng.uniform(42, 168), 2)
                units.append((code, str(stair + 1), floor + 1, room, use, rng.choice(STATES), area, "2009-01-15"))
                who = names.person(rng), "个人", "业主", names.phone(rng), "", "2009-03-01", ""
                people.append((f"{code}-{stair + 1}-{room}", *who))
                if len(units) > most:
                    break
    return {"楼栋": buildings, "房产": units, "业户": people}


def workbook(sheets: dict[str, list[tuple[Any, ...]]]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"constant_memory": True, "in_memory": True})
    for name, rows in sheets.items():
        page = book.add_worksheet(name)
        for n, row in enumerate(rows):
            page.write_row(n, 0, row)
    book.close()
    return out.getvalue()
