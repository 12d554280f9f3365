"""The lists of buildings and units against what the project has."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from steward.registers.cutover.cells import CellError
from steward.registers.cutover.estate import BUILDING_FIELDS, UNIT_FIELDS
from steward.registers.cutover.plan import Part, Plan, remembering, twice
from steward.registers.cutover.sheets import Table
from steward.registers.estate.models import UnitKind, UnitStatus

LONGEST = 40


def buildings(plan: Plan, table: Table, part: Part) -> None:
    seen: dict[str, int] = {}
    for position, row in table.rows():
        code = row["code"]
        if twice(table, seen, code, position):
            continue
        known = plan.estate.buildings.get(code)
        name = row.get("name") or ("" if known else code)
        if known is not None:
            part.compare(known[0], code, BUILDING_FIELDS, known[1:], row)
        else:
            filled = {"name": name, "nicknames": row.get("nicknames") or "", "completed_on": row.get("completed_on")}
            part.new.append({"code": code, **filled})
            part.count(made=True, changed=False)
        plan.estate.name_building(code, name, row.get("nicknames") or "")


def units(plan: Plan, table: Table, part: Part) -> None:
    known, seen = plan.estate.units, dict[str, int]()
    building = remembering(plan.estate.building)
    for position, row in table.rows():
        code = floor = ""
        try:
            code = building(row["building"])
            label = _label(code, row)
            floor = row.get("floor") or ("" if label in known else floor_of(row["room"]))
        except CellError as error:
            table.fault(position, "floor" if code else "building", error.message)
            continue
        if len(label) > LONGEST:
            table.fault(position, "room", _("At most %(n)s characters.") % {"n": LONGEST})
        elif not twice(table, seen, label, position):
            found = known.get(label)
            if found is not None:
                part.compare(found[0], label, UNIT_FIELDS, found[1:], row)
                continue
            part.new.append(_new_unit(row, code, label, floor))
            part.count(made=True, changed=False)
    for row in part.new:  # from here on customers may live in them
        plan.estate.add_unit(row["label"], row["building"], row["room"])


def _label(code: str, row: Mapping[str, Any]) -> str:
    stair = row.get("entrance")
    return f"{code}-{stair}-{row['room']}" if stair else f"{code}-{row['room']}"


def _new_unit(row: Mapping[str, Any], code: str, label: str, floor: str) -> dict[str, Any]:
    return {
        "building": code,
        "entrance": row.get("entrance") or "",
        "floor": floor,
        "room": row["room"],
        "label": label,
        "kind": row.get("kind") or UnitKind.HOME,
        "status": row.get("status") or UnitStatus.OCCUPIED,
        "area": row.get("area"),
        "inside_area": row.get("inside_area"),
        "handed_over_on": row.get("handed_over_on"),
        "nicknames": row.get("nicknames") or "",
    }


def floor_of(room: str) -> str:
    """1203 lies on 12, 0304 on 03, 12A03 on 12A. Raises CellError where a room does not say."""
    if len(room) >= 3 and room[-2:].isdecimal() and room[0].isalnum() and len(room) <= 6:
        return room[:-2]
    raise CellError(_("The room does not tell its floor: fill in the column."))
