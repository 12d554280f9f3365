"""The on-call list: who is rung at night, and when the night is."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Final

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from pydantic import AfterValidator

from steward.kernel import audit, policies
from steward.kernel.actor import Actor, Role
from steward.kernel.clocks import QuietHours, quiet_hours
from steward.kernel.db import retrying
from steward.kernel.errors import InvalidError, NotAllowedError, NotFoundError
from steward.kernel.policies import Policy
from steward.kernel.schema import storable
from steward.registers.org.tree import place
from steward.registers.workforce.away import away_between
from steward.registers.workforce.models import Area, Skill
from steward.registers.workforce.oncall_models import OnCall, OnCallPost
from steward.registers.workforce.people import Colleague, colleagues

KEEPERS: Final = frozenset({Role.MANAGER, Role.HEAD_BUTLER, Role.REGION, Role.HQ})
NOON: Final = 12
LONGEST: Final = 60
WEEK: Final = 7


def _span(text: str) -> str:
    QuietHours.of(text)
    return text


NIGHT: Final = Policy(
    key="desk.night",
    title=_("Night at the desk: from, to"),
    type=Annotated[str, AfterValidator(_span)],
    preset="20:00-08:00",
    source="DOMAIN-RULES 2.1: P2 counts working hours 08:00-20:00; a repair line answers round the clock",
)
NIGHT_POSTS: Final = Policy(
    key="desk.night_posts",
    title=_("Night at the desk: posts that are never empty"),
    type=list[OnCallPost],
    preset=[OnCallPost.TECHNICIAN, OnCallPost.MANAGER],
    source="MISSION DSK-1, ROS-1: at night somebody to send and somebody to decide; our default",
)
NIGHT_SKILLS: Final = Policy(
    key="desk.night_skills",
    title=_("Night at the desk: trades that somebody on call must know"),
    type=list[Skill],
    preset=[Skill.PLUMBING, Skill.ELECTRICAL],
    source="MISSION DSK-1; water and power cannot wait for the morning: our default",
)
#: Posts whose holders are sent with a job.
SENT: Final = (OnCallPost.TECHNICIAN, OnCallPost.SECOND)


@dataclass(frozen=True)
class OnDuty:
    """A post as it is rung; its stand-in next. Away: left the company or the project, absent in that night, or stood
    in for that day."""

    post: str
    name: str
    phone: str
    staff_id: int | None = None
    stand_in_id: int | None = None
    stand_in_name: str = ""
    stand_in_phone: str = ""
    is_away: bool = field(default=False, compare=False)
    stand_in_away: bool = field(default=False, compare=False)

    @property
    def has_stand_in(self) -> bool:
        return self.stand_in_id is not None and not self.stand_in_away

    @property
    def is_empty(self) -> bool:
        """A name on paper that nobody answers for."""
        return self.is_away and not self.has_stand_in

    @property
    def title(self) -> str:
        return str(OnCallPost(self.post).label)


@dataclass(frozen=True)
class Entry:
    """One line as it is typed: a colleague, or a name with a number; and who is rung instead."""

    staff_id: int | None = None
    name: str = ""
    phone: str = ""
    stand_in_id: int | None = None
    stand_in_phone: str = ""


@dataclass(frozen=True)
class Gap:
    """What nobody is on call for: a post, or a trade (``skill``)."""

    what: str
    is_skill: bool = False

    @property
    def title(self) -> str:
        return str(Skill(self.what).label if self.is_skill else OnCallPost(self.what).label)


def _night(project_id: int, at: datetime) -> QuietHours:
    where = place(project_id)
    return QuietHours.of(policies.in_force(NIGHT, lineage=where.lineage, at=at).value, tz=where.tz.key)


def hours(project_id: int, at: datetime) -> str:
    """The night as the policy words it: 20:00-08:00."""
    return str(policies.in_force(NIGHT, lineage=place(project_id).lineage, at=at).value)


def morning(project_id: int, at: datetime) -> datetime:
    """When the desk is open again: ``at`` itself by day."""
    return quiet_hours(_night(project_id, at), at)


def coming_morning(project_id: int, at: datetime) -> datetime:
    """The end of this night, by day that of the next one."""
    night = _night(project_id, at)
    begins = night.spans[0][0]
    evening = at.astimezone(place(project_id).tz).replace(hour=begins.hour, minute=begins.minute, second=0)
    return quiet_hours(night, at if is_night(project_id, at) else evening)


def is_night(project_id: int, at: datetime) -> bool:
    return morning(project_id, at) > at


def duty_date(project_id: int, at: datetime) -> date:
    """The date whose list holds now: after midnight still that of the evening before."""
    local = at.astimezone(place(project_id).tz)
    early = is_night(project_id, at) and local.hour < NOON
    return local.date() - timedelta(days=1) if early else local.date()


def on_call(project_id: int, at: datetime) -> list[OnDuty]:
    """Who is rung now, in the order of the posts. Two queries."""
    return on_call_of(project_id, [duty_date(project_id, at)])[duty_date(project_id, at)]


def on_call_of(project_id: int, days: list[date]) -> dict[date, list[OnDuty]]:
    found: dict[date, list[OnDuty]] = {day: [] for day in days}
    rows = OnCall.objects.in_project(project_id).filter(date__in=days)
    first, second = _stood_in_for(project_id, "staff_id"), _stood_in_for(project_id, "stand_in_id")
    named = list(rows.annotate(is_away=first, stand_in_away=second))
    absent = absent_nights(project_id, days, {s for r in named for s in (r.staff_id, r.stand_in_id) if s})
    for row in named:
        gone = [(s, row.date) in absent for s in (row.staff_id, row.stand_in_id)]
        found[row.date].append(
            _on_duty(row, is_away=row.is_away or gone[0], stand_in_away=row.stand_in_away or gone[1])
        )
    order = {str(post): n for n, post in enumerate(OnCallPost.values)}
    return {day: sorted(rows, key=lambda r: order.get(r.post, 99)) for day, rows in found.items()}


def absent_nights(project_id: int, days: Collection[date], staff: Collection[int]) -> set[tuple[int, date]]:
    """Whoever is absent in a part of the night cannot be counted on. One query, none for nobody."""
    if not days or not staff:
        return set()
    nights = {day: night_of(project_id, day) for day in days}
    gone = away_between(staff, min(b for b, _e in nights.values()), max(e for _b, e in nights.values()))
    return {(a.staff_id, day) for day, night in nights.items() for a in gone if a.overlaps(*night)}


def night_of(project_id: int, day: date) -> tuple[datetime, datetime]:
    """The night that begins on a date, by the policy in force that day."""
    tz = place(project_id).tz
    noon = datetime.combine(day, time(NOON), tz)
    begins, ends = _night(project_id, noon).spans[0][:2]
    over = day + timedelta(days=1) if ends <= begins else day
    return datetime.combine(day, begins, tz), datetime.combine(over, ends, tz)


def _on_duty(row: OnCall, *, is_away: bool, stand_in_away: bool) -> OnDuty:
    known = colleagues()
    gone = [s is not None and not known[s].works_in(row.project_id) for s in (row.staff_id, row.stand_in_id)]
    return OnDuty(
        row.post,
        row.name,
        row.phone,
        row.staff_id,
        row.stand_in_id,
        row.stand_in_name,
        row.stand_in_phone,
        is_away or gone[0],
        stand_in_away or gone[1],
    )


def _stood_in_for(project_id: int, column: str) -> Exists:
    """Whether somebody else looks after the colleague's homes on that date: then nobody counts on the colleague."""
    day = OuterRef("date")
    set_days = Q(cover_from__lte=day) & (Q(cover_until__isnull=True) | Q(cover_until__gt=day))
    areas = Area.objects.in_project(project_id).filter(until__isnull=True, stand_in__isnull=False)
    return Exists(areas.filter(Q(covered=True, cover_from__isnull=True) | set_days, butler_id=OuterRef(column)))


def skills_of(row: OnDuty) -> frozenset[str]:
    """What the colleagues of this line know; a company outside is rung for its post alone."""
    known = colleagues()
    there = (row.staff_id if not row.is_away else None, row.stand_in_id if row.has_stand_in else None)
    people = (known.get(staff_id or 0) for staff_id in there)
    return frozenset(skill for who in people if who is not None for skill in who.skills)


def gaps(project_id: int, rows: Sequence[OnDuty], at: datetime) -> list[Gap]:
    """Posts and trades of a night that nobody covers, by the policies in force; and posts given to who is away."""
    lineage = place(project_id).lineage
    held = {row.post for row in rows if not row.is_empty}
    known = {skill for row in rows if row.post in SENT for skill in skills_of(row)}
    posts = policies.in_force(NIGHT_POSTS, lineage=lineage, at=at).value
    skills = policies.in_force(NIGHT_SKILLS, lineage=lineage, at=at).value
    open_posts = dict.fromkeys([p for p in posts if p not in held] + [row.post for row in rows if row.is_empty])
    return [Gap(p) for p in open_posts] + [Gap(s, is_skill=True) for s in skills if s not in known]


def keeps(actor: Actor, project_id: int) -> bool:
    return bool(KEEPERS & actor.roles_in(project_id))


def set_on_call(
    *, project_id: int, day: date, entries: Mapping[str, Entry], actor: Actor, at: datetime
) -> list[OnDuty]:
    """The list of a date, whole: posts left out are empty. The same again changes nothing.

    Raises NotFoundError, NotAllowedError, InvalidError (naming the post; a night that is over).
    """
    must_keep(project_id, actor)
    wanted = {post: checked(post, entry, project_id) for post, entry in entries.items() if _said(entry)}
    return retrying(lambda: set_rows(project_id, day, wanted, actor, at))


def set_post(
    *, project_id: int, post: str, entries: Mapping[date, Entry], actor: Actor, at: datetime
) -> dict[date, list[OnDuty]]:
    """One post on several dates; the others stay. All or nothing. Raises like ``set_on_call``, naming the date."""
    must_keep(project_id, actor)
    wanted: dict[date, OnDuty | None] = {}
    faults: dict[str, Any] = {}
    for day, entry in entries.items():
        try:
            wanted[day] = checked(post, entry, project_id) if _said(entry) else None
        except InvalidError as error:
            faults[day.isoformat()] = next(iter(error.fields.values()))
    if faults:
        raise InvalidError(faults)
    return retrying(lambda: _set_days(project_id, post, wanted, actor, at))


def repeat_week(*, project_id: int, first: date, actor: Actor, at: datetime) -> int:
    """What is empty in the seven nights from ``first`` is filled from the week before. How many lines were filled."""
    must_keep(project_id, actor)
    return retrying(lambda: _repeat(project_id, first, actor, at))


def _repeat(project_id: int, first: date, actor: Actor, at: datetime) -> int:
    days = [first + timedelta(days=n) for n in range(WEEK)]
    known = on_call_of(project_id, [*days, *(day - timedelta(days=WEEK) for day in days)])
    people = {s for rows in known.values() for r in rows for s in (r.staff_id, r.stand_in_id) if s}
    absent = absent_nights(project_id, days, people)
    filled = 0
    for day in days:
        held = {r.post: r for r in known[day]}
        missing = {
            r.post: r
            for r in known[day - timedelta(days=WEEK)]
            if r.post not in held and (r.staff_id, day) not in absent and _is_here(r, project_id)
        }
        if missing and day >= duty_date(project_id, at):
            set_rows(project_id, day, held | missing, actor, at)
            filled += len(missing)
    return filled


def _is_here(row: OnDuty, project_id: int) -> bool:
    """Whoever left since is not put on the list again."""
    try:
        entry = Entry(row.staff_id, row.name, row.phone, row.stand_in_id, row.stand_in_phone)
        return checked(row.post, entry, project_id) is not None
    except InvalidError:
        return False


def _set_days(
    project_id: int, post: str, wanted: Mapping[date, OnDuty | None], actor: Actor, at: datetime
) -> dict[date, list[OnDuty]]:
    before = on_call_of(project_id, list(wanted))
    for day, row in wanted.items():
        others = {r.post: r for r in before[day] if r.post != post}
        set_rows(project_id, day, others | ({post: row} if row else {}), actor, at)
    return on_call_of(project_id, list(wanted))


def must_keep(project_id: int, actor: Actor) -> None:
    if project_id not in actor.project_ids:
        raise NotFoundError(_("There is no such project."))
    if not keeps(actor, project_id):
        raise NotAllowedError(_("This is not yours to do."), rule="oncall.keeper")


def _said(entry: Entry) -> bool:
    return bool(entry.staff_id or entry.name.strip() or entry.phone.strip() or entry.stand_in_id)


def checked(post: str, entry: Entry, project_id: int) -> OnDuty:
    if post not in OnCallPost.values:
        raise InvalidError({post: _("There is no such post.")})
    name, phone = entry.name.strip(), entry.phone.strip()
    if entry.staff_id is not None:
        who = _colleague(post, entry.staff_id, project_id)
        name, phone = who.name, phone or who.phone
    if not name or not phone:
        raise InvalidError({post: _("Name and a number that rings at night are needed.")})
    if not storable(name + phone) or len(name) > LONGEST or len(phone) > LONGEST // 2:
        raise InvalidError({post: _("This is too long, or contains a character that cannot be stored.")})
    return OnDuty(post, name, phone, entry.staff_id, *_stand_in(post, entry, project_id))


def _colleague(post: str, staff_id: int, project_id: int) -> Colleague:
    who = colleagues().get(staff_id)
    if who is None or not who.is_active or not any(project_id in granted for _role, granted in who.grants):
        raise InvalidError({post: _("There is no such colleague here.")})
    return who


def _stand_in(post: str, entry: Entry, project_id: int) -> tuple[int | None, str, str]:
    if entry.stand_in_id is None:
        return None, "", ""
    who = _colleague(post, entry.stand_in_id, project_id)
    phone = entry.stand_in_phone.strip() or who.phone
    if entry.stand_in_id == entry.staff_id:
        raise InvalidError({post: _("The stand-in is somebody else.")})
    if not phone or not storable(phone) or len(phone) > LONGEST // 2:
        raise InvalidError({post: _("Name and a number that rings at night are needed.")})
    return who.id, who.name, phone


def set_rows(project_id: int, day: date, wanted: Mapping[str, OnDuty], actor: Actor, at: datetime) -> list[OnDuty]:
    before = {r.post: r for r in on_call_of(project_id, [day])[day]}
    if before == dict(wanted):
        return list(before.values())
    if day < duty_date(project_id, at):
        raise InvalidError({day.isoformat(): _("That night is over: its list stays as it was.")})
    OnCall.objects.in_project(project_id).filter(date=day).delete()
    OnCall.objects.bulk_create([_row(project_id, day, r) for r in wanted.values()])
    audit.record(
        project_id=project_id,
        actor=actor,
        at=at,
        what="oncall.set",
        subject_kind="workforce.oncall",
        subject_id=day.isoformat(),
        before={post: r.staff_id for post, r in before.items()},
        after={post: r.staff_id for post, r in wanted.items()},
    )
    return on_call_of(project_id, [day])[day]


def _row(project_id: int, day: date, r: OnDuty) -> OnCall:
    return OnCall(
        project_id=project_id,
        date=day,
        post=r.post,
        staff_id=r.staff_id,
        name=r.name,
        phone=r.phone,
        stand_in_id=r.stand_in_id,
        stand_in_name=r.stand_in_name,
        stand_in_phone=r.stand_in_phone,
    )
