"""What stands open, who is on duty, and yesterday in figures. Project by project: callers have checked the scope."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils.translation import ngettext

from steward.assurance.duty_models import DailyCheck, Duty, DutyEntry, ShiftHandover, ShiftState
from steward.assurance.models import Callback, Incident, IncidentCase
from steward.cases.models import Case, Urgency
from steward.casework.models import Handover, HandoverState
from steward.kernel.models import Outbox
from steward.registers.org.tree import place

MOST: Final = 40
URGENT: Final = (Urgency.P0, Urgency.P1)


@dataclass(frozen=True)
class Item:
    """Something the next shift must know: ``kind`` is incident, case, handover, callback or alarm."""

    kind: str
    number: str
    title: str
    room: str = ""
    due_at: datetime | None = None

    def plain(self) -> dict[str, Any]:
        return {**asdict(self), "due_at": self.due_at.isoformat() if self.due_at else None}


def on_duty(project_id: int) -> Duty | None:
    return Duty.objects.in_project(project_id).filter(until__isnull=True).first()


def offer_of(project_id: int) -> ShiftHandover | None:
    return ShiftHandover.objects.in_project(project_id).filter(state=ShiftState.OFFERED).first()


def handovers(project_id: int, *, limit: int = 10) -> list[ShiftHandover]:
    rows = ShiftHandover.objects.in_project(project_id).exclude(state=ShiftState.OFFERED)
    return list(rows.order_by("-offered_at", "-pk")[:limit])


def entries(project_id: int, *, limit: int = 50) -> list[DutyEntry]:
    """The newest first, with the case each became."""
    rows = DutyEntry.objects.in_project(project_id).select_related("case")
    return list(rows.order_by("-happened_at", "-pk")[:limit])


def open_items(project_id: int, at: datetime) -> list[Item]:
    """What goes on, with its cases in one line; of the other open cases what is P0 or P1, due today or an outside
    ticket; hand-overs nobody answered, callbacks due today, alarms nobody looked at. Five queries."""
    return [
        *_incidents(project_id),
        *_cases(project_id, at),
        *_handovers(project_id),
        *_callbacks(project_id, at),
        *_alarms(project_id),
    ]


def _incidents(project_id: int) -> list[Item]:
    rows = Incident.objects.in_project(project_id).filter(closed_at__isnull=True).order_by("urgency", "opened_at")
    found = rows.annotate(n=Count("links", filter=Q(links__ended_at__isnull=True)))
    return [
        Item("incident", row.number, _with_count(row.title, row.n), row.place, row.expected_at) for row in found[:MOST]
    ]


def _with_count(title: str, n: int) -> str:
    return ngettext("%(title)s (%(n)s case)", "%(title)s (%(n)s cases)", n) % {"title": title, "n": n}


def _cases(project_id: int, at: datetime) -> list[Item]:
    _begin, tonight = day_of(project_id, at.astimezone(place(project_id).tz).date())
    known = IncidentCase.objects.in_project(project_id).filter(
        case_id=OuterRef("pk"), ended_at__isnull=True, incident__closed_at__isnull=True
    )
    rows = Case.objects.in_project(project_id).filter(~Exists(known), closed_at__isnull=True, is_imported=False)
    pressing = Q(urgency__in=URGENT) | Q(next_due_at__lt=tonight) | ~Q(external_number="")
    found = rows.filter(pressing).order_by(F("next_due_at").asc(nulls_last=True), "pk")
    return [
        Item("case", n, t, room, due)
        for n, t, room, due in found.values_list("number", "title", "unit_label", "next_due_at")[:MOST]
    ]


def _handovers(project_id: int) -> list[Item]:
    rows = Handover.objects.in_project(project_id).filter(state=HandoverState.OFFERED).order_by("offered_at", "pk")
    return [
        Item("handover", n, t, room)
        for n, t, room in rows.values_list("case__number", "case__title", "case__unit_label")[:MOST]
    ]


def _callbacks(project_id: int, at: datetime) -> list[Item]:
    _begin, end = day_of(project_id, at.astimezone(place(project_id).tz).date())
    rows = (
        Callback.objects.in_project(project_id).filter(ended_at__isnull=True, due_at__lt=end).order_by("due_at", "pk")
    )
    return [
        Item("callback", n, t, room, due)
        for n, t, room, due in rows.values_list("case__number", "case__title", "case__unit_label", "due_at")[:MOST]
    ]


def _alarms(project_id: int) -> list[Item]:
    """Escalations in inboxes, once for each case."""
    rows = Outbox.objects.in_project(project_id).filter(
        channel="inapp", read_at__isnull=True, payload__template="deadline_late"
    )
    newest: dict[str, Item] = {}
    for subject, payload in rows.order_by("-pk").values_list("subject", "payload")[:MOST]:
        number = payload.get("case", "")
        newest.setdefault(number, Item("alarm", number, subject.removeprefix(number).strip()))
    return list(newest.values())


def day_of(project_id: int, day: date) -> tuple[datetime, datetime]:
    """Half-open, in the project's zone."""
    tz = place(project_id).tz
    return datetime.combine(day, time.min, tz), datetime.combine(day + timedelta(days=1), time.min, tz)


@dataclass(frozen=True)
class Brief:
    """Yesterday in figures; what is open and late now; what will go late today."""

    day: date
    received: int
    closed: int
    by_kind: Sequence[tuple[str, int]]
    called: int
    satisfied: int
    open: int
    late: Sequence[dict[str, Any]]
    today: Sequence[dict[str, Any]]
    entries: int
    missing_checks: Sequence[date]


def brief(project_id: int, at: datetime) -> Brief:
    """As of ``at``, about the day before. Seven queries."""
    today = at.astimezone(place(project_id).tz).date()
    begin, end = day_of(project_id, today - timedelta(days=1))
    _start, tonight = day_of(project_id, today)
    cases = Case.objects.in_project(project_id).filter(is_imported=False)
    received = cases.filter(received_at__gte=begin, received_at__lt=end)
    kinds = list(received.values_list("kind").annotate(n=Count("pk")).order_by("-n", "kind"))
    standing = cases.filter(closed_at__isnull=True)
    calls = Callback.objects.in_project(project_id).filter(ended_at__gte=begin, ended_at__lt=end)
    made = calls.aggregate(n=Count("pk"), good=Count("pk", filter=Q(rating__gte=3)))
    return Brief(
        day=today - timedelta(days=1),
        received=sum(n for _kind, n in kinds),
        closed=cases.filter(closed_at__gte=begin, closed_at__lt=end).count(),
        by_kind=kinds,
        called=made["n"],
        satisfied=made["good"],
        open=standing.count(),
        late=_rows(standing.filter(next_due_at__lt=at)),
        today=_rows(standing.filter(next_due_at__gte=at, next_due_at__lt=tonight)),
        entries=DutyEntry.objects.in_project(project_id).filter(happened_at__gte=begin, happened_at__lt=end).count(),
        missing_checks=missing_checks(project_id, today),
    )


def _rows(rows: Any) -> list[dict[str, Any]]:
    names = ("number", "kind", "title", "unit_label", "place", "next_due_at", "handler_id", "accountable_id")
    return list(rows.order_by("next_due_at", "pk").values(*names)[:MOST])


def missing_checks(project_id: int, today: date, *, days: int = 7) -> list[date]:
    """Days of the last week without a signed sheet, once sheets are kept at all. Two queries."""
    rows = DailyCheck.objects.in_project(project_id).filter(day__lt=today)
    first = rows.order_by("day").values_list("day", flat=True).first()
    if first is None:
        return []
    since = max(first, today - timedelta(days=days))
    signed = set(rows.filter(day__gte=since).values_list("day", flat=True))
    return [d for d in (since + timedelta(days=n) for n in range((today - since).days)) if d not in signed]
