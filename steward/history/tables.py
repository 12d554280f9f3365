"""Reading a table from CSV (plain or gz) or Excel: a header, then rows of cells, one at a time."""

import csv
import gzip
import io
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any, Final

from python_calamine import CalamineError, CalamineWorkbook

from steward.history.maps import FileForm

Cell = str | datetime | date
LARGEST_CELL: Final = 16 * 1024 * 1024
GZIP: Final = b"\x1f\x8b"
ZIP: Final = b"PK\x03\x04"


class TableError(Exception):
    """The file cannot be read as the map says."""


@dataclass(frozen=True)
class Table:
    """``rows`` yields (line in the file, cells); ``done`` says how much of ``size`` has been read."""

    header: list[str]
    rows: Iterator[tuple[int, list[Cell]]]
    size: int
    done: Callable[[], int]
    is_excel: bool = False


@contextmanager
def open_table(path: Path, form: FileForm) -> Iterator[Table]:
    """Raises TableError where the file is not what it should be, also in the midst of its rows."""
    with ExitStack() as stack:
        raw = stack.enter_context(path.open("rb"))
        start = raw.read(4)
        raw.seek(0)
        try:
            yield _excel(path, form) if start == ZIP else _text(raw, start, form, path, stack)
        except (csv.Error, UnicodeError, EOFError, gzip.BadGzipFile, LookupError, CalamineError) as error:
            raise TableError(f"{path.name}: {error}") from error


def _text(raw: IO[bytes], start: bytes, form: FileForm, path: Path, stack: ExitStack) -> Table:
    csv.field_size_limit(LARGEST_CELL)
    stream: Any = stack.enter_context(gzip.GzipFile(fileobj=raw)) if start.startswith(GZIP) else raw
    encoding = "utf-8-sig" if form.encoding.lower().replace("_", "-") in ("utf-8", "utf8") else form.encoding
    # A byte that is no character spoils its own row, not the file: the row comes back as it was.
    wrapper = io.TextIOWrapper(stream, encoding=encoding, errors="surrogateescape", newline="")
    text = stack.enter_context(wrapper)
    reader = csv.reader(text, delimiter=form.delimiter, quotechar=form.quote)
    header = next(reader, None)
    if header is None:
        raise TableError(f"{path.name} is empty")
    return Table([name.strip() for name in header], _lines(reader), path.stat().st_size, raw.tell)


def _lines(reader: Any) -> Iterator[tuple[int, list[Cell]]]:
    line = reader.line_num + 1
    for cells in reader:
        if cells:
            yield line, cells
        line = reader.line_num + 1


def _excel(path: Path, form: FileForm) -> Table:
    book = CalamineWorkbook.from_path(str(path))
    names = book.sheet_names
    if form.sheet and form.sheet not in names:
        raise TableError(f"{path.name} has no sheet {form.sheet!r}, only: {', '.join(names)}")
    sheet = book.get_sheet_by_name(form.sheet) if form.sheet else book.get_sheet_by_index(0)
    read = [0]

    def rows() -> Iterator[tuple[int, list[Cell]]]:
        for cells in lines:
            read[0] += 1
            if any(cell != "" for cell in cells):
                yield read[0] + 1, [_cell(cell) for cell in cells]

    lines = sheet.iter_rows()
    header = next(lines, None)
    if header is None:
        raise TableError(f"{path.name} is empty")
    return Table([str(c).strip() for c in header], rows(), sheet.height, lambda: read[0], is_excel=True)


def _cell(value: Any) -> Cell:
    """Excel keeps numbers as floats: 101001240734.0 was typed without its point."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value if isinstance(value, (date, datetime)) else str(value)
