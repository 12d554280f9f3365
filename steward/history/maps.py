"""The map file: what the columns of another system's log mean. docs/how-to/import-history.md explains it."""

import tomllib
from pathlib import Path
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.translation import gettext as _
from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from steward.cases.declare import REGISTRY
from steward.cases.models import Channel
from steward.kernel.schema import Data, parse


def _zone(value: Any) -> ZoneInfo:
    try:
        return ZoneInfo(str(value))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(_("This time zone is not known; it is written like Europe/Berlin.")) from error


def _kind(value: str) -> str:
    if value not in REGISTRY:
        raise ValueError(_("There is no such kind of case; choose from: %(n)s.") % {"n": ", ".join(REGISTRY)})
    return value


def _several(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Kind = Annotated[str, AfterValidator(_kind)]
Columns = Annotated[list[str], BeforeValidator(_several)]


class FileForm(Data):
    """How the file is written."""

    encoding: str = "utf-8-sig"
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    quote: str = Field(default='"', min_length=1, max_length=1)
    sheet: str = ""
    # strptime patterns, tried in order; "iso" is 2015-01-31 08:30:00 with or without T, seconds and offset.
    dates: Columns = Field(default=["iso"], min_length=1)
    # What stands for "nothing" beside an empty cell.
    empty: list[str] = []

    # A tab is a delimiter, not white space to be trimmed.
    model_config = {**Data.model_config, "str_strip_whitespace": False}


class ColumnNames(Data):
    """Which column says what. Several names are joined in their order."""

    number: str
    opened: str
    target: str = ""
    closed: str = ""
    title: Columns = []
    text: Columns = []
    place: Columns = []
    category: Columns = Field(default=[], max_length=2)
    channel: str = ""

    def named(self) -> list[str]:
        single = [self.number, self.opened, self.target, self.closed, self.channel]
        return [name for name in (*single, *self.title, *self.text, *self.place, *self.category) if name]


class Matching(Data):
    """A column holding one of some values (upper and lower case alike)."""

    column: str
    values: Columns = Field(min_length=1)

    def test(self) -> frozenset[str]:
        return frozenset(v.casefold() for v in self.values)


class KindRule(Matching):
    kind: Kind


class Kinds(Data):
    """The kind of case: the first rule that holds, else the default."""

    default: Kind
    rules: list[KindRule] = []


class Channels(Data):
    default: Channel = Channel.OTHER
    values: dict[str, Channel] = {}


class Flag(Data):
    """The log's own verdict: compared with ours after loading, and kept on the case's timeline."""

    column: str
    on_time: Columns
    overdue: Columns


class Flags(Data):
    """What else is kept as it was, on the case's timeline: name → column."""

    on_time: Flag | None = None
    keep: dict[str, str] = {}


class Map(Data):
    source: str = Field(min_length=1, max_length=40)
    time_zone: Annotated[Any, BeforeValidator(_zone)]
    file: FileForm = FileForm()
    columns: ColumnNames
    kind: Kinds
    channel: Channels = Channels()
    # Which rows are closed. Without it: those with a closing time.
    closed: Matching | None = None
    flags: Flags = Flags()

    @model_validator(mode="after")
    def _closing_needs_a_time(self) -> Self:
        if self.closed is not None and not self.columns.closed:
            raise ValueError(_("A map with [closed] needs columns.closed, too."))
        return self

    @property
    def zone(self) -> ZoneInfo:
        found: ZoneInfo = self.time_zone
        return found

    def named(self) -> list[str]:
        """Every column that the file must have."""
        names = [*self.columns.named(), *(rule.column for rule in self.kind.rules), *self.flags.keep.values()]
        names += [self.closed.column] if self.closed else []
        names += [self.flags.on_time.column] if self.flags.on_time else []
        return list(dict.fromkeys(names))


def read_map(path: Path) -> Map:
    """Raises InvalidError (naming the entries) or tomllib.TOMLDecodeError."""
    return parse(Map, tomllib.loads(path.read_text(encoding="utf-8")))
