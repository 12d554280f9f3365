"""The workbooks that go out: the template to fill in, and a company's own one with what is wrong in it."""

from typing import Any

from django.utils.translation import gettext as _

from steward.kernel.excel import Book
from steward.registers.cutover.plan import Plan
from steward.registers.cutover.sheets import FAULTS, NOTES, SHEETS, Table


def template() -> bytes:
    """Four lists with one example each, and a sheet that says what goes where."""
    book = Book()
    for sheet in SHEETS:
        columns = [c for c in sheet.columns if not c.extra]
        heads = [c.heads[0] + ("*" if c.required else "") for c in columns]
        page = book.sheet(sheet.name, heads, [c.width for c in columns])
        book.row(page, 1, [c.example for c in columns])
    notes = book.sheet(NOTES, [_("List"), _("Column"), _("Required"), _("What to write")], [10, 16, 8, 70])
    lines = [
        (sheet.name, c.heads[0], _("yes") if c.required else "", _said(c.hint))
        for sheet in SHEETS
        for c in sheet.columns
        if not c.extra
    ]
    general = (
        _("The first row of each list is an example: write over it."),
        _("Lists that you do not need may be left out or empty."),
        _("An empty cell leaves what is known as it is."),
        _("The same file may be loaded again: what has not changed is left alone."),
    )
    for n, line in enumerate([*lines, *(("", "", "", text) for text in general)], start=1):
        book.row(notes, n, line)
    return book.done()


def _said(hint: Any) -> str:
    return str(hint)


def annotated(plan: Plan) -> bytes:
    """The workbook as given, wrong cells red and a last column that says what is wrong with the row."""
    book = Book(big=True)
    for table in plan.tables:
        _annotate(book, table)
    return book.done()


def _annotate(book: Book, table: Table) -> None:
    by_row: dict[int, list[tuple[int, str]]] = {}
    for fault in table.faults:
        place = table.place.get(fault.column, -1)
        head = table.sheet[fault.column].heads[0] + ":" if fault.column else ""
        by_row.setdefault(fault.row or table.head_row + 1, []).append((place, head + fault.message))
    width = max((len(row) for row in table.raw), default=0)
    at = _fault_column(table, width)
    page = book.book.add_worksheet(table.given_name[:31])
    page.set_column(0, max(width - 1, 0), 14)
    page.set_column(at, at, 60)
    for line, row in enumerate(table.raw):
        found = by_row.get(line + 1, ())
        if line == table.head_row:
            for column, head in enumerate(row[:at]):
                page.write_string(line, column, str(head), book.heading)
            page.write_string(line, at, FAULTS if not found else _join(found), book.heading)
            continue
        book.row(page, line, row[:at], frozenset(place for place, _message in found))
        if found:
            page.write_string(line, at, _join(found), book.words)
    page.freeze_panes(table.head_row + 1, 0)
    if by_row and table.raw:
        page.autofilter(table.head_row, 0, len(table.raw) - 1, at)


def _join(found: Any) -> str:
    return ";".join(message for _place, message in found)


def _fault_column(table: Table, width: int) -> int:
    """The column of an earlier round is written over."""
    head = [str(cell) for cell in table.raw[table.head_row]] if table.raw else []
    return head.index(FAULTS) if FAULTS in head else width
