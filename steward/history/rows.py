"""From the cells of a row to the data of a past case, as the map says."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time
from typing import Any, Final

from django.utils.translation import gettext as _

from steward.cases.models import Channel
from steward.history.maps import Map
from steward.history.tables import Cell

TITLE: Final = 120
PLACE: Final = 200
DATE_ONLY: Final = 10
LAST_SECOND: Final = time(23, 59, 59)


class RowError(Exception):
    """The row cannot be understood."""


Cells = Sequence[Cell]


class Translator:
    """Reads the rows of one file; what the map says is worked out once."""

    def __init__(self, plan: Map, header: Sequence[str]) -> None:
        self.plan = plan
        self.width = len(header)
        self.zone = plan.zone
        self.at = {name: header.index(name) for name in plan.named()}
        self.empty = frozenset({"", *plan.file.empty})
        columns = plan.columns
        self.title, self.text = self._places(columns.title), self._places(columns.text)
        self.place, self.category = self._places(columns.place), self._places(columns.category)
        self.number, self.channel = self.at[columns.number], self.at.get(columns.channel)
        self.flags = [(name, self.at[column]) for name, column in _flags(plan).items()]
        self.rules = [(self.at[rule.column], rule.test(), rule.kind) for rule in plan.kind.rules]
        self.channels = {k.casefold(): v for k, v in plan.channel.values.items()}
        self.closed = plan.closed.test() if plan.closed else frozenset()
        self.patterns = [_pattern(p) for p in plan.file.dates]

    def _places(self, names: Sequence[str]) -> list[int]:
        return [self.at[name] for name in names]

    def __call__(self, cells: Cells) -> dict[str, Any]:
        """Raises RowError for what cannot be read; whether it can be true is judged elsewhere."""
        if len(cells) > self.width and any(cells[self.width :]):
            raise RowError(_("more cells than the file has columns"))
        if len(cells) < self.width:
            cells = [*cells, *[""] * (self.width - len(cells))]
        number = self._word(cells[self.number])
        opened, whole_day = self._instant(cells, self.plan.columns.opened)
        category = tuple(self._parts(cells, self.category))
        place = ", ".join(self._parts(cells, self.place))
        title = " ".join(self._parts(cells, self.title)) or (category[-1] if category else number)
        text = "\n".join(self._parts(cells, self.text))
        # What is too long for its column is told in full in the description.
        text = "\n".join(part for part in (title * (len(title) > TITLE), place * (len(place) > PLACE), text) if part)
        return {
            **_given(number=number, opened=opened),
            "target": self._target(cells),
            "closed": self._closed(cells, opened, opened_whole_day=whole_day),
            "kind": self._kind(cells),
            "category": category,
            "channel": self._channel(cells),
            "place": place[:PLACE],
            "title": title[:TITLE],
            "text": text,
            "flags": {name: self._word(cells[index]) for name, index in self.flags},
        }

    def _word(self, value: Cell) -> str:
        text = value.strip() if isinstance(value, str) else str(value)[:19]
        return "" if text in self.empty else text

    def _parts(self, cells: Cells, places: Sequence[int]) -> list[str]:
        return [text for index in places if (text := self._word(cells[index]))]

    def _kind(self, cells: Cells) -> str:
        for index, values, kind in self.rules:
            if self._word(cells[index]).casefold() in values:
                return kind
        return self.plan.kind.default

    def _channel(self, cells: Cells) -> Channel:
        said = self._word(cells[self.channel]).casefold() if self.channel is not None else ""
        return self.channels.get(said, self.plan.channel.default)

    def _target(self, cells: Cells) -> datetime | None:
        target, whole_day = self._instant(cells, self.plan.columns.target)
        if target is None or not whole_day:
            return target
        # "By the 12th" is kept until the 12th ends.
        return datetime.combine(self._day(target), LAST_SECOND, self.zone).astimezone(UTC)

    def _closed(self, cells: Cells, opened: datetime | None, *, opened_whole_day: bool) -> datetime | None:
        closed, whole_day = self._instant(cells, self.plan.columns.closed)
        if self.plan.closed is not None:
            self._agrees(self.plan.closed.column, cells, closed)
        if closed and whole_day and opened and not opened_whole_day and self._day(closed) == self._day(opened):
            return opened
        return closed

    def _agrees(self, column: str, cells: Cells, closed: datetime | None) -> None:
        said = self._word(cells[self.at[column]]).casefold() in self.closed
        if said and closed is None:
            raise RowError(_("said to be closed, but without a closing time"))
        if closed is not None and not said:
            raise RowError(_("said to be open, but with a closing time"))

    def _instant(self, cells: Cells, column: str) -> tuple[datetime | None, bool]:
        """The instant, and whether only its day was given."""
        if not column:
            return None, False
        value = cells[self.at[column]]
        if isinstance(value, str):
            value = value.strip()
            if value in self.empty:
                return None, False
        try:
            moment, whole_day = self._moment(value)
            # Naive times are local. Where the clock is set back the first of the two is meant; a time that
            # the clock skips is read with the offset before (RFC 5545).
            local = moment if moment.tzinfo else moment.replace(tzinfo=self.zone)
            return local.astimezone(UTC), whole_day
        except (ValueError, OverflowError) as error:
            shown = {"column": column, "value": str(value)[:40]}
            raise RowError(_("%(column)s is no date that the map knows: %(value)s") % shown) from error

    def _moment(self, value: Cell) -> tuple[datetime, bool]:
        if isinstance(value, datetime):
            return value, False
        if isinstance(value, date):
            return datetime.combine(value, time()), True
        for read in self.patterns:
            try:
                return read(value)
            except ValueError:
                continue
        raise ValueError(value)

    def _day(self, instant: datetime) -> date:
        return instant.astimezone(self.zone).date()


def _flags(plan: Map) -> dict[str, str]:
    flag = plan.flags.on_time
    return {**plan.flags.keep, **({"on_time": flag.column} if flag else {})}


def _pattern(pattern: str) -> Callable[[str], tuple[datetime, bool]]:
    if pattern == "iso":
        return lambda text: (datetime.fromisoformat(text), len(text) <= DATE_ONLY)
    whole_day = not any(sign in pattern for sign in ("%H", "%I", "%c", "%X"))
    return lambda text: (datetime.strptime(text, pattern), whole_day)  # noqa: DTZ007  the map's zone is added after


def _given(**values: Any) -> dict[str, Any]:
    """An empty cell is a missing value, and is named as such."""
    return {name: value for name, value in values.items() if value not in ("", None)}
