"""Lay a workbook beside the project, and tell what would come of it."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from steward.kernel import excel
from steward.kernel.errors import InvalidError
from steward.kernel.marks import listed
from steward.registers.cutover import people, rooms, sheets
from steward.registers.cutover.estate import UNIT_FIELDS, Estate
from steward.registers.cutover.plan import Part, Plan
from steward.registers.cutover.sheets import Sheet, Table
from steward.registers.org.tree import place

#: Examples and errors shown on the page; all of them stand in the annotated workbook.
SHOWN: Final = 50

Layer = Callable[[Plan, Table, Part], None]
LAYERS: Final[tuple[tuple[Sheet, Layer], ...]] = (
    (sheets.BUILDINGS, rooms.buildings),
    (sheets.UNITS, rooms.units),
    (sheets.CUSTOMERS, people.customers),
    (sheets.CONTACTS, people.contacts),
)


def check(*, project_id: int, content: bytes, at: datetime) -> Plan:
    """Reads only. Raises InvalidError where this is no workbook, or none of its sheets is known."""
    tables, strange = sheets.recognise(excel.read(content))
    if not tables:
        names = listed(s.name for s in sheets.SHEETS)
        raise InvalidError({"file": _("None of the lists was found in it: %(names)s.") % {"names": names}})
    zone = place(project_id).tz
    plan = Plan(project_id, zone, at.astimezone(zone).date(), Estate(project_id), tables, strange)
    for table in tables:
        sheets.read(table)
    if any(t.sheet is not sheets.BUILDINGS for t in tables):
        plan.estate.load_units(*(UNIT_FIELDS if plan.table(sheets.UNITS) else ()))
    for sheet, lay in LAYERS:
        found = plan.table(sheet)
        if found is not None:
            part = plan.parts[sheet.key] = Part()
            lay(plan, found, part)
    return plan


def summary(plan: Plan) -> dict[str, Any]:
    """What the page and the command line show, and what the loading must find again."""
    return {
        "lists": [_list(table, plan.parts[table.sheet.key]) for table in plan.tables],
        "changes": [c for t in plan.tables for c in _examples(t, plan.parts[t.sheet.key])][:SHOWN],
        "faults": [
            {"sheet": t.given_name, "row": f.row, "column": _head(t, f.column), "message": f.message}
            for t in plan.tables
            for f in sorted(t.faults, key=lambda f: f.row)[:SHOWN]
        ][:SHOWN],
        "fault_count": sum(len(t.faults) for t in plan.tables),
        "strange": plan.strange,
    }


def _list(table: Table, part: Part) -> dict[str, Any]:
    return {
        "key": table.sheet.key,
        "name": table.given_name,
        "rows": len(table.numbers),
        "new": part.rows_new,
        "changed": part.rows_changed,
        "same": part.rows_same,
        "faulty": len(table.bad) or len(table.faults),
        "ignored": table.ignored,
    }


def counts(found: dict[str, Any]) -> list[tuple[Any, ...]]:
    """What somebody said yes to."""
    return [tuple(row[k] for k in ("key", "rows", "new", "changed", "same", "faulty")) for row in found["lists"]]


def _head(table: Table, key: str) -> str:
    return table.sheet[key].heads[0] if key else ""


def _examples(table: Table, part: Part) -> Iterator[dict[str, str]]:
    for change in part.changed[:SHOWN]:
        for name, value in change.after.items():
            yield {
                "sheet": table.given_name,
                "label": change.label,
                "column": _head(table, name),
                "before": said(change.before[name]),
                "after": said(value),
            }


def said(value: Any) -> str:
    label = getattr(value, "label", value)
    return "" if label is None else str(label)
