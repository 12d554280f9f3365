"""Workbooks in and out: read whole as plain values, written so that no cell can become a formula."""

import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

import xlsxwriter
from django.utils.translation import gettext_lazy as _
from python_calamine import CalamineError, CalamineWorkbook

from steward.kernel.errors import InvalidError

#: A workbook is a zip: what it unpacks to is bounded before anything reads it.
MAX_UNPACKED: Final = 600 * 1024 * 1024
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: How a text begins that a spreadsheet may take for a formula (OWASP: CSV injection).
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")

Rows = list[list[Any]]


def read(content: bytes) -> dict[str, Rows]:
    """Every sheet by its name, as rows of str, float, bool, date or datetime. Raises InvalidError."""
    try:
        if zipfile.is_zipfile(io.BytesIO(content)):
            with zipfile.ZipFile(io.BytesIO(content)) as packed:
                if sum(part.file_size for part in packed.infolist()) > MAX_UNPACKED:
                    raise InvalidError({"file": _("This workbook is too large.")})
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        return {
            name: book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            for name, meta in zip(book.sheet_names, book.sheets_metadata, strict=True)
            if "worksheet" in str(meta.typ).casefold()
        }
    except (CalamineError, zipfile.BadZipFile, OSError, ValueError) as error:
        raise InvalidError({"file": _("This is not a workbook that can be read (.xlsx).")}) from error


class Book:
    """A workbook being written. Texts stay texts: never formulas or links, whatever they begin with."""

    def __init__(self, *, big: bool = False) -> None:
        self._out = io.BytesIO()
        options = {
            "in_memory": True,
            "constant_memory": big,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        self.book = xlsxwriter.Workbook(self._out, options)
        self.heading = self.book.add_format({"bold": True, "bg_color": "#E8EEF4", "border": 1, "text_wrap": True})
        self.day = self.book.add_format({"num_format": "yyyy-mm-dd"})
        # Excel's own apostrophe: editing the cell does not turn it into a formula either.
        self.quoted = self.book.add_format({"quote_prefix": True})
        self.wrong = self.book.add_format({"bg_color": "#FFD9D6", "quote_prefix": True})
        self.wrong_day = self.book.add_format({"bg_color": "#FFD9D6", "num_format": "yyyy-mm-dd"})
        self.words = self.book.add_format({"font_color": "#B42318", "text_wrap": False})

    def sheet(self, name: str, heads: Sequence[str], widths: Sequence[float] = ()) -> Any:
        sheet = self.book.add_worksheet(name)
        for n, width in enumerate(widths):
            sheet.set_column(n, n, width)
        for n, head in enumerate(heads):
            sheet.write_string(0, n, head, self.heading)
        sheet.freeze_panes(1, 0)
        return sheet

    def row(self, sheet: Any, line: int, values: Iterable[Any], wrong: frozenset[int] = frozenset()) -> None:
        for column, value in enumerate(values):
            self.cell(sheet, line, column, value, bad=column in wrong)

    def cell(self, sheet: Any, line: int, column: int, value: Any, *, bad: bool = False) -> None:
        if isinstance(value, str) and value:
            risky = value.startswith(FORMULA)
            form = self.wrong if bad else self.quoted if risky else None
            sheet.write_string(line, column, value[:32_767], form)
        elif isinstance(value, bool):
            sheet.write_boolean(line, column, value, self.wrong if bad else None)
        elif isinstance(value, (int, float, Decimal)):
            sheet.write_number(line, column, float(value), self.wrong if bad else None)
        elif isinstance(value, (date, datetime)):
            sheet.write_datetime(line, column, value, self.wrong_day if bad else self.day)
        elif bad:
            sheet.write_blank(line, column, None, self.wrong)

    def done(self) -> bytes:
        self.book.close()
        return self._out.getvalue()
