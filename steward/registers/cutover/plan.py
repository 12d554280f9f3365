"""What an import would do, as data: the checking fills it, the preview counts it, the loading writes it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from steward.registers.cutover.cells import CellError
from steward.registers.cutover.estate import Estate
from steward.registers.cutover.sheets import Sheet, Table


@dataclass(frozen=True)
class Change:
    """An existing row that a row of the file makes different."""

    pk: int
    label: str
    before: dict[str, Any]
    after: dict[str, Any]


@dataclass
class Part:
    """One list: rows to write and rows to change. A row of a file may make several, or none: the counts are the file's."""

    new: list[dict[str, Any]] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    rows_new: int = 0
    rows_changed: int = 0
    rows_same: int = 0

    def count(self, *, made: bool, changed: bool) -> None:
        self.rows_new += made
        self.rows_changed += changed and not made
        self.rows_same += not made and not changed

    def compare(self, pk: int, label: str, names: tuple[str, ...], known: tuple[Any, ...], row: dict[str, Any]) -> None:
        """An empty cell says nothing: what is known stays."""
        after = {n: row[n] for n, old in zip(names, known, strict=True) if row.get(n) is not None and row[n] != old}
        if after:
            before = {n: old for n, old in zip(names, known, strict=True) if n in after}
            self.changed.append(Change(pk, label, before, after))
        self.count(made=False, changed=bool(after))


@dataclass
class Plan:
    """``parts`` by list. People and occupancies follow from the rows of the customers' list."""

    project_id: int
    zone: ZoneInfo
    today: date
    estate: Estate
    tables: list[Table]
    strange: list[str]
    parts: dict[str, Part] = field(default_factory=dict)
    occupancies: Part = field(default_factory=Part)
    # Contacts that a customer's second and third phone make: no rows of their own list.
    numbers: Part = field(default_factory=Part)
    people: Any = None

    def table(self, sheet: Sheet) -> Table | None:
        return next((t for t in self.tables if t.sheet is sheet), None)

    @property
    def faulty(self) -> bool:
        return any(t.faults for t in self.tables)

    def midnight(self, on: date) -> datetime:
        return datetime.combine(on, time(), self.zone)


def twice(table: Table, seen: dict[Any, int], key: Any, position: int) -> bool:
    """The same thing in two rows of one file: which of them is right nobody can know."""
    first = seen.setdefault(key, position)
    if first == position:
        return False
    table.fault(position, "", _("The same as row %(n)s.") % {"n": table.numbers[first]})
    return True


def remembering(read: Callable[[str], str]) -> Callable[[str], str]:
    """Ask once for each wording; a refusal is remembered too."""
    known: dict[str, str | CellError] = {}

    def ask(said: str) -> str:
        if said not in known:
            try:
                known[said] = read(said)
            except CellError as error:
                known[said] = error
        found = known[said]
        if isinstance(found, CellError):
            raise found
        return found

    return ask
