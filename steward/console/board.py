"""What the dispatch board shows: cards that wait for somebody, and the day of the technicians."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from steward.cases.declare import Process, process_of
from steward.cases.models import Case, Urgency
from steward.casework.categories import categories
from steward.console.case import case_url
from steward.console.shell import Desk
from steward.console.words import is_with_customer
from steward.design.clockface import ClockFace, clock_face, when
from steward.design.forms import Choice
from steward.kernel.actor import Role
from steward.kernel.scope import ScopedQuerySet
from steward.processes.repair.models import Payer, Repair, State
from steward.registers.org.tree import Place
from steward.registers.workforce.away import away_between
from steward.registers.workforce.models import Skill
from steward.registers.workforce.people import Colleague, with_role

KIND: Final = "repair"
FIRST_HOUR: Final = 8
LAST_HOUR: Final = 20
#: How long a visit is drawn while nobody knows better.
VISIT: Final = timedelta(hours=1)
NARROWEST: Final = 0.6
CARDS: Final = 40
JOBS: Final = 400
KEYS: Final = 8
#: Jobs in one pair of hands at which the bar is full.
FULL: Final = 6


@dataclass(frozen=True)
class Slot:
    """A job on the time axis, from hour to hour of the day; ``track`` where several overlap."""

    number: str
    url: str
    label: str
    title: str
    word: str
    icon: str
    look: str
    start: float
    end: float
    track: int = 0


@dataclass(frozen=True)
class Lane:
    who: Colleague
    key: str
    skills: str
    load: int
    untimed: int
    away: str
    slots: Sequence[Slot]

    @property
    def tracks(self) -> int:
        return max((slot.track for slot in self.slots), default=0) + 1

    @property
    def share(self) -> int:
        return min(self.load, FULL)


@dataclass(frozen=True)
class Card:
    """A case that waits for somebody, or for a somebody to accept (``again``)."""

    case: Case
    detail: Repair
    face: ClockFace
    url: str
    what: str
    skill: str
    skill_title: str
    urgency: str
    payer: str
    again: str
    fits: int
    best: Lane | None

    @property
    def is_decided(self) -> bool:
        return bool(self.case.urgency and self.detail.payer)

    @property
    def why_not(self) -> str:
        return _("no skill for %(what)s") % {"what": self.skill_title} if self.skill else ""


@dataclass(frozen=True)
class Board:
    day: date
    is_today: bool
    now_hour: float
    waiting: Sequence[Card]
    handed: Sequence[Card]
    lanes: Sequence[Lane]

    def card(self, number: str) -> Card | None:
        return next((c for c in (*self.waiting, *self.handed) if c.case.number == number), None)


def read(desk: Desk, where: Place, day: date) -> Board:
    """Three queries: the pool, what the technicians have in hand or finished that day, and who is absent."""
    process = process_of(KIND)
    if process is None:
        raise AssertionError("no repairs here")
    at = timezone.localtime(desk.at, where.tz)
    jobs = list(_jobs(desk, where, day))
    lanes = _lanes(where, jobs, process, day, desk)
    handed = [j for j in jobs if j.state == State.DISPATCHED]
    handed.sort(key=lambda c: (c.next_due_at is None, c.next_due_at or c.received_at))
    return Board(
        day=day,
        is_today=day == at.date(),
        now_hour=at.hour + at.minute / 60,
        waiting=[card(c, lanes, desk) for c in _pool(desk, where)],
        handed=[card(c, lanes, desk) for c in handed[:CARDS]],
        lanes=lanes,
    )


def _pool(desk: Desk, where: Place) -> Iterable[Case]:
    rows = _repairs(desk, where).filter(state=State.RECEIVED, closed_at__isnull=True)
    return rows.order_by(F("next_due_at").asc(nulls_last=True), "received_at", "pk")[:CARDS]


def _jobs(desk: Desk, where: Place, day: date) -> Iterable[Case]:
    begin = datetime.combine(day, time.min, where.tz)
    finished = Q(repair__finished_at__gte=begin, repair__finished_at__lt=begin + timedelta(days=1))
    unfinished = Q(closed_at__isnull=True, repair__finished_at__isnull=True)
    rows = _repairs(desk, where).filter(finished | unfinished, handler__isnull=False)
    return rows.order_by("next_due_at", "pk")[:JOBS]


def _repairs(desk: Desk, where: Place) -> ScopedQuerySet[Case]:
    rows: ScopedQuerySet[Case] = Case.objects.visible_to(desk.actor)
    return rows.filter(project_id=where.id, kind=KIND, is_imported=False).select_related("repair")


# --- cards -------------------------------------------------------------------------------------


def card(case: Case, lanes: Sequence[Lane], desk: Desk) -> Card:
    detail: Repair = case.repair
    known = categories().get(case.category_id or 0)
    skill = known.skill if known else ""
    fitting = [lane for lane in lanes if fits(lane.who, skill) and not lane.away]
    again = next((lane.who.name for lane in lanes if lane.who.id == case.handler_id), "") if case.handler_id else ""
    return Card(
        case=case,
        detail=detail,
        face=clock_face(case.next_due_at, desk.at),
        url=case_url(case.number),
        what=known.title(desk.actor.language) if known else "",
        skill=skill,
        skill_title=str(Skill(skill).label) if skill in Skill.values else skill,
        urgency=str(Urgency(case.urgency).label) if case.urgency in Urgency.values else "",
        payer=str(Payer(detail.payer).label) if detail.payer in Payer.values else "",
        again=again,
        fits=len(fitting),
        best=min(fitting, key=lambda lane: (lane.load, lane.who.id), default=None),
    )


def fits(who: Colleague, skill: str) -> bool:
    return not skill or skill in who.skills


def people(shown: Card, lanes: Sequence[Lane]) -> list[Choice]:
    """Whom to send, the fitting and free ones first, the absent last; why not stands beside the others."""
    ordered = sorted(lanes, key=lambda lane: (bool(lane.away), not fits(lane.who, shown.skill), lane.load, lane.who.id))
    return [(str(lane.who.id), _introduced(lane, shown)) for lane in ordered]


def _introduced(lane: Lane, shown: Card) -> str:
    load = _("%(n)s in hand") % {"n": lane.load} if lane.load else _("free")
    parts = [f"{lane.key} {lane.who.name}".strip(), load]
    if not fits(lane.who, shown.skill):
        parts.append(shown.why_not)
    if lane.away:
        parts.append(lane.away)
    return " · ".join(parts)


# --- lanes -------------------------------------------------------------------------------------


def _lanes(where: Place, jobs: Sequence[Case], process: Process, day: date, desk: Desk) -> list[Lane]:
    open_jobs = [j for j in jobs if j.state not in process.completed_in]
    load = Counter(j.handler_id for j in open_jobs)
    untimed = Counter(j.handler_id for j in open_jobs if not _begin(j))
    found = []
    people = with_role(Role.TECHNICIAN, where.id)
    gone = _absent(people, where, day, desk)
    for n, who in enumerate(people, start=1):
        own = [s for j in jobs if j.handler_id == who.id for s in _slots(j, process, day, where, desk)]
        found.append(
            Lane(
                who=who,
                key=str(n) if n <= KEYS else "",
                skills=_(", ").join(str(Skill(s).label) for s in who.skills if s in Skill.values),
                load=load[who.id],
                untimed=untimed[who.id],
                away=gone.get(who.id, ""),
                slots=_side_by_side(own),
            )
        )
    return found


def _absent(people: Sequence[Colleague], where: Place, day: date, desk: Desk) -> dict[int, str]:
    """Who is not there on that day, from now on where it is today. One query."""
    begin = datetime.combine(day, time(FIRST_HOUR), where.tz)
    end = datetime.combine(day, time(LAST_HOUR), where.tz)
    begin = max(begin, desk.at) if day == desk.at.astimezone(where.tz).date() else begin
    found = away_between([c.id for c in people], begin, max(end, begin + timedelta(minutes=1)))
    return {row.staff_id: row.words for row in reversed(found)}


def _begin(case: Case) -> datetime | None:
    """When somebody is or was there: arrived, promised anew, or by appointment."""
    detail: Repair = case.repair
    if case.state == State.WAITING:
        return case.promised_at
    return detail.arrived_at or detail.appointment_at


def _span(case: Case, at: datetime) -> tuple[datetime, datetime] | None:
    """What is drawn: the visit; without an appointment the hour before it is due."""
    detail: Repair = case.repair
    begin = _begin(case)
    if begin is None:
        return (case.next_due_at - VISIT, case.next_due_at) if case.next_due_at else None
    if detail.finished_at:
        return begin, detail.finished_at
    return begin, max(begin + VISIT, at) if detail.arrived_at and case.state != State.WAITING else begin + VISIT


def _slots(case: Case, process: Process, day: date, where: Place, desk: Desk) -> Iterable[Slot]:
    span = _span(case, desk.at)
    if span is None:
        return
    midnight = datetime.combine(day, time.min, where.tz)
    start, end = ((moment - midnight).total_seconds() / 3600 for moment in span)
    if end <= FIRST_HOUR or start >= LAST_HOUR:
        return
    start = min(max(start, FIRST_HOUR), LAST_HOUR - NARROWEST)
    end = min(max(end, start + NARROWEST), LAST_HOUR)
    look, icon, word = _look(case, process, desk.at)
    yield Slot(
        number=case.number,
        url=case_url(case.number),
        label=case.unit_label or case.place or case.title,
        title=case.title,
        word=word,
        icon=icon,
        look=look,
        start=round(start, 2),
        end=round(end, 2),
    )


def _look(case: Case, process: Process, at: datetime) -> tuple[str, str, str]:
    title = str(process.state_title(case.state))
    if case.state in process.completed_in:
        return "done", "check", _("work done")
    if case.next_due_at is not None and case.next_due_at < at:
        return "late", "alert-triangle", _("%(state)s, late") % {"state": title}
    if case.state == State.WAITING or is_with_customer(process, case.state):
        return "hold", "hourglass", title
    if case.state in (State.DISPATCHED, State.ACCEPTED):
        begin = _begin(case)
        due = "" if begin or not case.next_due_at else " " + _("by %(at)s") % {"at": when(case.next_due_at, at)}
        return "go", "clock", title + due
    return "doing", "progress", title


def _side_by_side(slots: Sequence[Slot]) -> list[Slot]:
    """Overlapping jobs stand under each other: none hides another."""
    ends: list[float] = []
    placed = []
    for slot in sorted(slots, key=lambda s: (s.start, s.end)):
        track = next((n for n, end in enumerate(ends) if end <= slot.start), len(ends))
        ends[track:] = [slot.end] if track == len(ends) else [slot.end, *ends[track + 1 :]]
        placed.append(Slot(**{**vars(slot), "track": track}))
    return placed


def day_of(text: str, today: date) -> date:
    """The day asked for; today for anything that is none, or lies years away."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return today
    return day if abs((day - today).days) < 366 else today
