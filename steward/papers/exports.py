"""A register leaves the house: as Excel or PDF, counted and written down."""

import io
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal
from itertools import islice
from typing import IO, Any, Final

import xlsxwriter
from django.utils import timezone
from django.utils.translation import gettext as _

from steward.cases.declare import process_of
from steward.kernel import audit
from steward.kernel.actor import Actor
from steward.kernel.db import write
from steward.kernel.errors import ConflictError
from steward.papers.formats import Format
from steward.papers.registers import Column, Register, Row, Wanted
from steward.papers.render import pdf
from steward.registers.org.tree import place, tree

#: A longer list is no paper any more: Excel takes it.
MOST_PRINTED: Final = 300
#: Excel ends at 1,048,576 rows; whoever needs more asks the database.
MOST_ROWS: Final = 200_000
#: In memory up to here, then on disk.
IN_MEMORY: Final = 8 * 1024 * 1024
#: What a spreadsheet would take for a formula once the cell is edited or saved as CSV.
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
#: What Excel allows in no sheet's name.
NOT_A_NAME: Final = re.compile(r"[\[\]:*?/\\']")
Told = Sequence[tuple[Any, Any]]  # the filter in words


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is to be exported, for whom, and the filter in words."""

    register: Register
    actor: Actor
    wanted: Wanted
    told: Told
    at: datetime

    @property
    def title(self) -> str:
        """A register of one kind has that kind's name: 报修登记, 投诉登记."""
        process = process_of(self.wanted.cases.kind) if self.register.name == "cases" else None
        if process is None:
            return str(self.register.title)
        return _("%(kind)s register") % {"kind": process.title}

    def rows(self) -> Iterator[Row]:
        return self.register.read(self.actor, self.wanted)


@dataclass(frozen=True)
class Exported:
    content: IO[bytes]
    filename: str
    count: int


def excel(order: Order) -> Exported:
    """Written row by row: 50,000 rows need no more memory than ten. Raises ConflictError beyond MOST_ROWS."""
    out = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  the answer closes it
    try:
        count = _write(out, order)
    except BaseException:
        out.close()
        raise
    out.seek(0)
    _log(order, "xlsx", count)
    return Exported(out, _filename(order, "xlsx"), count)


def _write(out: IO[bytes], order: Order) -> int:
    book = xlsxwriter.Workbook(out, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    try:
        count = _Sheet(book, order).fill()
        _about(book, order, count)
    finally:
        book.close()
    return count


class _Sheet:
    """The rows of a register in a worksheet; every text is written as text."""

    def __init__(self, book: Any, order: Order) -> None:
        self.order = order
        self.tz = timezone.get_current_timezone()
        self.page = book.add_worksheet(NOT_A_NAME.sub(" ", order.title)[:31])
        self.head = book.add_format({"bold": True, "bg_color": "#E8EEF0", "border": 1, "text_wrap": True})
        self.instant = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        self.money = book.add_format({"num_format": "#,##0.00"})
        # Excel's own mark that a cell is text, whatever it begins with: the content stays as it was typed.
        self.guarded = book.add_format({"quote_prefix": True})

    def fill(self) -> int:
        columns = self.order.register.columns
        for n, column in enumerate(columns):
            self.page.set_column(n, n, column.width)
            self.page.write_string(0, n, str(column.title), self.head)
        self.page.freeze_panes(1, 0)
        count = 0
        for count, row in enumerate(islice(self.order.rows(), MOST_ROWS + 1), start=1):
            if count > MOST_ROWS:
                raise ConflictError(
                    _("More than %(n)s rows: narrow the filter.") % {"n": MOST_ROWS}, rule="papers.most_rows"
                )
            for n, column in enumerate(columns):
                self._cell(count, n, column, column.say(row))
        self.page.autofilter(0, 0, count, len(columns) - 1)
        return count

    def _cell(self, line: int, n: int, column: Column, value: Any) -> None:
        if value is None or value == "":
            return
        if column.kind == "instant":
            self.page.write_datetime(line, n, naive(value, self.tz), self.instant)
        elif column.kind in ("money", "number"):
            self.page.write_number(line, n, value, self.money if column.kind == "money" else None)
        else:
            text = str(value)
            self.page.write_string(line, n, text, self.guarded if text.startswith(FORMULA) else None)


def naive(value: datetime, tz: tzinfo) -> datetime:
    """Excel knows no zones: local time of the project in sight."""
    return value.astimezone(tz).replace(tzinfo=None)


def _about(book: Any, order: Order, count: int) -> None:
    """Who took what out, when, narrowed to what: in the file itself."""
    page = book.add_worksheet(_("About this file"))
    page.set_column(0, 0, 18)
    page.set_column(1, 1, 60)
    when = f"{timezone.localtime(order.at):%Y-%m-%d %H:%M}"
    lines = [(_("Projects"), _projects(order)), *order.told, (_("Rows"), count), (_("Exported"), when)]
    for n, (label, value) in enumerate([*lines, (_("By"), order.actor.name)]):
        page.write_string(n, 0, str(label))
        page.write_string(n, 1, str(value))


def _projects(order: Order) -> str:
    known = tree().places
    return _(", ").join(known[p].name for p in sorted(order.wanted.projects) if p in known)


def paper(order: Order, sheet: Format) -> Exported:
    """A register on paper. Raises ConflictError beyond MOST_PRINTED rows."""
    found = list(islice(order.rows(), MOST_PRINTED + 1))
    if len(found) > MOST_PRINTED:
        words = _("More than %(n)s rows are no paper any more: narrow the filter, or take Excel.")
        raise ConflictError(words % {"n": MOST_PRINTED}, rule="papers.most_printed")
    columns = [c for c in order.register.columns if sheet is Format.A4 or not c.spare]
    context = {
        "title": order.title,
        "projects": _projects(order),
        "told": order.told,
        "columns": columns,
        "width": sum(c.weight for c in columns),
        "rows": [[(_word(c, c.say(row)), c.kind) for c in columns] for row in found],
        "total": _total(columns, found),
        "printed_at": order.at,
        "printed_by": order.actor.name,
    }
    content = io.BytesIO(pdf("papers/register.jinja", context, sheet))
    _log(order, "pdf", len(found))
    return Exported(content, _filename(order, "pdf"), len(found))


def _word(column: Column, value: Any) -> str:
    if value is None or value == "":
        return ""
    if column.kind == "instant":
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    return f"{value:,.2f}" if column.kind == "money" else str(value)


def _total(columns: Sequence[Column], rows: Sequence[Row]) -> str:
    money = next((c for c in columns if c.kind == "money"), None)
    if money is None:
        return ""
    valid = (row for row in rows if row.get("payment__voided_at") is None)
    return f"{sum((money.say(row) for row in valid), Decimal(0)):,.2f}"


def _filename(order: Order, ending: str) -> str:
    codes = [place(p).code for p in order.wanted.projects]
    where = f"-{codes[0]}" if len(codes) == 1 else ""
    return f"{order.title}{where}-{timezone.localtime(order.at):%Y%m%d-%H%M}.{ending}"


def _log(order: Order, ending: str, count: int) -> None:
    """In the project's audit; the company's where the list spans several."""
    projects = sorted(order.wanted.projects)
    with write():
        audit.record(
            project_id=projects[0] if len(projects) == 1 else None,
            actor=order.actor,
            at=order.at,
            what=f"{order.register.name}.export",
            subject_kind="register",
            subject_id=order.register.name,
            label=order.title,
            after={
                "rows": count,
                "as": ending,
                "projects": [place(p).code for p in projects],
                "filter": {str(label): str(value) for label, value in order.told},
            },
            kind="export",
        )
