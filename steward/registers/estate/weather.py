"""Rain: typed in, from a file or a feed; corrected with a record; announced once for a day."""

import csv
import hashlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Annotated, Final, Protocol

from django.utils import timezone
from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _
from pydantic import Field

from steward.kernel import audit, policies
from steward.kernel.actor import Actor, Role
from steward.kernel.db import retrying
from steward.kernel.errors import InvalidError, NotAllowedError, NotFoundError
from steward.kernel.facts import announce
from steward.kernel.policies import Policy
from steward.registers.estate.facts import RainRecorded, RainTakenBack
from steward.registers.estate.weather_models import RainDay, RainSource
from steward.registers.org.tree import place

RAIN_FROM: Final[Policy[Decimal]] = Policy(
    key="weather.rain_from",
    title=_("Rain that shows whether a leak is cured, from"),
    type=Annotated[Decimal, Field(ge=0, le=500, decimal_places=1)],
    preset=Decimal("2.0"),
    source="Steward's preset; a day counts as light rain from 0.1 mm (GB/T 28592-2012), but a drizzle wets no wall",
    unit="mm",
)
MOST: Final = Decimal(2000)
OLDEST: Final = date(2000, 1, 1)
MAY: Final = (Role.DESK, Role.BUTLER, Role.HEAD_BUTLER, Role.MANAGER)
DAY_NAMES: Final = ("day", "date", "date_time", "日期")
RAIN_NAMES: Final = (
    "mm",
    "millimetres",
    "precipmm",
    "precipitation",
    "precipitation_sum",
    "降水量",
    "降水量mm",
    "雨量",
)
LARGEST_FILE: Final = 5_000_000


@dataclass(frozen=True)
class Rain:
    day: date
    millimetres: Decimal


class WeatherFeed(Protocol):
    """Where daily rain can be asked for. Raises OSError or ValueError when it cannot be had now."""

    def daily(self, *, latitude: float, longitude: float, since: date, until: date) -> list[Rain]: ...


@dataclass(frozen=True)
class Difference:
    """A day on record that a file has otherwise."""

    known: RainDay
    millimetres: Decimal


@dataclass
class Sheet:
    """A file as it was read: rows that make sense, what is wrong with the others by line, and what stands against
    the record."""

    rows: list[Rain] = field(default_factory=list)
    errors: dict[int, str] = field(default_factory=dict)
    differing: list[Difference] = field(default_factory=list)

    @property
    def seen(self) -> str:
        """What somebody decides about: another record meanwhile is another question."""
        said = [f"{d.known.day}:{d.known.millimetres}:{d.millimetres}" for d in self.differing]
        return hashlib.sha256("\n".join(said).encode()).hexdigest()[:16]

    def as_csv(self) -> str:
        """The rows that make sense, for the second time they are given."""
        return "date,mm\n" + "".join(f"{row.day},{row.millimetres}\n" for row in self.rows)


class Against(StrEnum):
    """What a file does to the days on record that it has otherwise: nothing at all, leave them, or correct them."""

    ASK = "ask"
    KEEP = "keep"
    CORRECT = "correct"


@dataclass
class Recorded:
    added: int = 0
    corrected: int = 0
    same: int = 0
    kept: int = 0
    rain: int = 0


def record_rain(
    *, project_id: int, day: date, millimetres: Decimal, actor: Actor, at: datetime, reason: str = ""
) -> RainDay:
    """Type in a day, or correct it (then ``reason`` says why). Raises InvalidError, NotAllowedError, NotFoundError."""
    _check(actor, project_id)
    rain = Rain(day, _sane(millimetres))
    _not_ahead(rain.day, project_id, at)

    def do() -> RainDay:
        known = RainDay.objects.in_project(project_id).filter(day=day).first()
        if known is not None and known.millimetres != rain.millimetres and not reason:
            raise InvalidError({"reason": _("Say why the day is corrected.")})
        record_days(project_id=project_id, rows=[rain], source=RainSource.TYPED, actor=actor, at=at, reason=reason)
        return RainDay.objects.in_project(project_id).get(day=day)

    return retrying(do)


def import_rain(
    *,
    project_id: int,
    content: bytes,
    actor: Actor,
    at: datetime,
    against: Against = Against.ASK,
    seen: str = "",
    reason: str = "",
) -> tuple[Sheet, Recorded]:
    """A CSV with a day and millimetres. Lines that make no sense are given back; twice the same changes nothing.

    Where the file has days otherwise than the record, nothing is written until somebody who has ``seen`` them says
    what holds; correcting them needs a reason (InvalidError).
    """
    _check(actor, project_id)
    sheet = read_csv(content, until=_today(project_id, at))

    def do() -> Recorded:
        sheet.differing = _differing(project_id, sheet.rows)
        if sheet.differing and (against == Against.ASK or seen != sheet.seen):
            return Recorded()
        if sheet.differing and against == Against.CORRECT and not reason:
            raise InvalidError({"reason": _("Say why the days on record are corrected.")})
        left = {d.known.day for d in sheet.differing} if against == Against.KEEP else set[date]()
        rows = [row for row in sheet.rows if row.day not in left]
        done = record_days(project_id=project_id, rows=rows, source=RainSource.FILE, actor=actor, at=at, reason=reason)
        done.kept, sheet.differing = len(left), []
        return done

    return sheet, retrying(do) if sheet.rows else Recorded()


def _differing(project_id: int, rows: Sequence[Rain]) -> list[Difference]:
    wanted = {row.day: row.millimetres for row in rows}
    known = RainDay.objects.in_project(project_id).filter(day__range=(min(wanted), max(wanted))).order_by("-day")
    return [
        Difference(row, wanted[row.day]) for row in known if wanted.get(row.day, row.millimetres) != row.millimetres
    ]


def read_csv(content: bytes, *, until: date) -> Sheet:
    """UTF-8 or GB18030, comma, semicolon or tab. Raises InvalidError if the columns are not there."""
    if len(content) > LARGEST_FILE:
        raise InvalidError({"file": _("The file is larger than 5 MB.")})
    text = _decode(content)
    lines = csv.DictReader(io.StringIO(text), delimiter=_separator(text))
    names = {(name or "").strip().lower(): name for name in lines.fieldnames or ()}
    day, rain = _column(names, DAY_NAMES), _column(names, RAIN_NAMES)
    if day is None or rain is None:
        raise InvalidError({"file": _("The file needs a column with the day and one with the rain in mm.")})
    sheet, seen = Sheet(), set[date]()
    for number, line in enumerate(lines, start=2):
        try:
            row = Rain(_day(line[day] or ""), _sane(line[rain]))
            if row.day in seen:
                raise InvalidError({"file": _("This day stands in the file twice.")})
            if not OLDEST <= row.day <= until:
                raise InvalidError({"file": _("This day lies in the future or too far back.")})
        except InvalidError as error:
            sheet.errors[number] = str(error)
            continue
        seen.add(row.day)
        sheet.rows.append(row)
    return sheet


def _decode(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InvalidError({"file": _("The file cannot be read as text.")})


def _separator(text: str) -> str:
    head = text.splitlines()[0] if text else ""
    return max((",", ";", "\t"), key=head.count)


def _column(names: dict[str, str], wanted: Sequence[str]) -> str | None:
    return next((names[name] for name in wanted if name in names), None)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip()[:10].replace("/", "-"))
    except ValueError as error:
        raise InvalidError({"day": _("Enter a day as 2026-11-21.")}) from error


def _sane(value: object) -> Decimal:
    try:
        found = Decimal(str(value).strip())
    except InvalidOperation as error:
        raise InvalidError({"millimetres": _("Enter a number.")}) from error
    if not found.is_finite() or not 0 <= found <= MOST:
        raise InvalidError({"millimetres": _("Rain lies between 0 and 2000 mm a day.")})
    return found.quantize(Decimal("0.1"))


def record_days(
    *,
    project_id: int,
    rows: Iterable[Rain],
    source: RainSource,
    actor: Actor,
    at: datetime,
    reason: str = "",
) -> Recorded:
    """Write days, in order; the caller holds the transaction and has checked who may. What a person typed in or
    loaded stands above what a feed says later."""
    wanted = {row.day: row.millimetres for row in rows}
    known = {r.day: r for r in RainDay.objects.in_project(project_id).filter(day__in=list(wanted))}
    threshold = policies.in_force(RAIN_FROM, lineage=place(project_id).lineage, at=at).value
    done, fresh, rain = Recorded(), list[RainDay](), list[RainDay]()
    for day in sorted(wanted):
        row = known.get(day)
        if row is None:
            row = RainDay(project_id=project_id, day=day, millimetres=wanted[day], source=source)
            row.entered_at, row.entered_by_name = at, actor.name
            fresh.append(row)
            done.added += 1
        elif row.millimetres == wanted[day] or (source == RainSource.FEED != row.source):
            done.same += 1
            continue
        else:
            _correct(row, wanted[day], source, actor, at, reason)
            done.corrected += 1
        if row.millimetres >= threshold and row.announced_at is None:
            row.announced_at = at
            rain.append(row)
        elif row.millimetres < threshold and row.announced_at is not None:
            _take_back(row, actor, at)
    RainDay.objects.bulk_create(fresh)
    _announce(rain, [r for r in rain if r not in fresh], actor, at)
    done.rain = len(rain)
    return done


def _correct(row: RainDay, millimetres: Decimal, source: RainSource, actor: Actor, at: datetime, reason: str) -> None:
    audit.record(
        project_id=row.project_id,
        actor=actor,
        at=at,
        what="weather.correct",
        subject_kind="estate.rainday",
        subject_id=row.day.isoformat(),
        before={"millimetres": str(row.millimetres), "source": row.source},
        after={"millimetres": str(millimetres), "source": source.value},
        reason=reason or translate("from the weather service"),
    )
    row.millimetres, row.source, row.entered_at, row.entered_by_name = millimetres, source, at, actor.name
    row.save(update_fields=["millimetres", "source", "entered_at", "entered_by_name"])


def _take_back(row: RainDay, actor: Actor, at: datetime) -> None:
    row.announced_at = None
    row.save(update_fields=["announced_at"])
    announce(RainTakenBack(id=_id(row), project_id=row.project_id, at=at, actor=actor, day=row.day))


def _announce(rain: list[RainDay], corrected: list[RainDay], actor: Actor, at: datetime) -> None:
    for row in corrected:
        row.save(update_fields=["announced_at"])
    for row in rain:
        announce(
            RainRecorded(
                id=_id(row), project_id=row.project_id, at=at, actor=actor, day=row.day, millimetres=row.millimetres
            )
        )


def _id(row: RainDay) -> str:
    return f"rain:{row.project_id}:{row.day.isoformat()}"


def first_rain_after(project_id: int, day: date) -> date | None:
    """The first day after this one on which enough rain fell, as far as the log knows."""
    rows = RainDay.objects.in_project(project_id).filter(day__gt=day, announced_at__isnull=False)
    return rows.order_by("day").values_list("day", flat=True).first()


def log_of(actor: Actor, project_id: int, *, until: date, days: int = 60) -> list[RainDay]:
    """The latest days on record, newest first. One query."""
    rows = RainDay.objects.visible_to(actor).filter(project_id=project_id, day__lte=until)
    return list(rows.filter(day__gt=until - timedelta(days=days)).order_by("-day"))


def _check(actor: Actor, project_id: int) -> None:
    if project_id not in actor.project_ids:
        raise NotFoundError(_("There is no such project."))
    if not any(actor.has(role, project_id) for role in MAY):
        raise NotAllowedError(_("This is not yours to do."), rule="weather.role")


def _not_ahead(day: date, project_id: int, at: datetime) -> None:
    if not OLDEST <= day <= _today(project_id, at):
        raise InvalidError({"day": _("This day lies in the future or too far back.")})


def _today(project_id: int, at: datetime) -> date:
    return timezone.localtime(at, place(project_id).tz).date()
