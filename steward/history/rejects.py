"""The annotated file: rows that were not loaded, as they came, with the reason beside them. Opens in Excel."""

import csv
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import xlsxwriter
from django.utils.translation import gettext as _

from steward.history.tables import Cell

#: A text that begins so would run as a formula.
DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r")


class Rejects:
    """Made when the first row comes back; no row, no file."""

    def __init__(self, path: Path, header: Sequence[str]) -> None:
        self.path = path
        self.header = [*header, _("Line in the file"), _("Not loaded because")]
        self.count = 0
        self._sheet: Any = None
        self._book: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        if self._book is not None:
            self._book.close()

    def add(self, line: int, cells: Sequence[Cell], reason: str) -> None:
        if self._book is None:
            self._open()
            self._write(self.header)
        width = len(self.header) - 2
        own = [*cells[:width], *[""] * (width - len(cells))]
        self.count += 1
        self._write([*own, str(line), reason])

    def _open(self) -> None:
        if self.path.suffix.lower() == ".xlsx":
            self._book = xlsxwriter.Workbook(str(self.path), {"constant_memory": True})
            self._sheet = self._book.add_worksheet()
            return
        # The mark at the start tells Excel that this is UTF-8; bytes that were no characters go back as they came.
        self._book = self.path.open("w", encoding="utf-8-sig", errors="surrogateescape", newline="")
        self._sheet = csv.writer(self._book)

    def _write(self, cells: Sequence[Cell]) -> None:
        texts = [_shown(cell) for cell in cells]
        if self.path.suffix.lower() != ".xlsx":
            self._sheet.writerow([_harmless(text) for text in texts])
            return
        row = self.count if texts != self.header else 0
        for column, text in enumerate(texts):
            self._sheet.write_string(row, column, text.encode(errors="replace").decode())


def _shown(cell: Cell) -> str:
    return cell.isoformat(" ") if isinstance(cell, datetime) else cell.isoformat() if isinstance(cell, date) else cell


def _harmless(text: str) -> str:
    if not text.startswith(DANGEROUS):
        return text
    try:
        float(text)
    except ValueError:
        return f"'{text}"
    return text
