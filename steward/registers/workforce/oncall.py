"""The on-call list: who is rung at night, and when the night is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Final

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
from steward.registers.workforce.oncall_models import OnCall, OnCallPost
from steward.registers.workforce.people import colleagues

KEEPERS: Final = frozenset({Role.MANAGER, Role.HEAD_BUTLER, Role.REGION, Role.HQ})
NOON: Final = 12
LONGEST: Final = 60


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


@dataclass(frozen=True)
class OnDuty:
    """A post as it is rung."""

    post: str
    name: str
    phone: str
    staff_id: int | None = None

    @property
    def title(self) -> str:
        return str(OnCallPost(self.post).label)


@dataclass(frozen=True)
class Entry:
    """One line as it is typed: a colleague, or a name with a number."""

    staff_id: int | None = None
    name: str = ""
    phone: str = ""


def _night(project_id: int, at: datetime) -> QuietHours:
    where = place(project_id)
    return QuietHours.of(policies.in_force(NIGHT, lineage=where.lineage, at=at).value, tz=where.tz.key)


def morning(project_id: int, at: datetime) -> datetime:
    """When the desk is open again: ``at`` itself by day."""
    return quiet_hours(_night(project_id, at), at)


def is_night(project_id: int, at: datetime) -> bool:
    return morning(project_id, at) > at


def duty_date(project_id: int, at: datetime) -> date:
    """The date whose list holds now: after midnight still that of the evening before."""
    local = at.astimezone(place(project_id).tz)
    early = is_night(project_id, at) and local.hour < NOON
    return local.date() - timedelta(days=1) if early else local.date()


def on_call(project_id: int, at: datetime) -> list[OnDuty]:
    """Who is rung now, in the order of the posts. One query."""
    return on_call_of(project_id, [duty_date(project_id, at)])[duty_date(project_id, at)]


def on_call_of(project_id: int, days: list[date]) -> dict[date, list[OnDuty]]:
    found: dict[date, list[OnDuty]] = {day: [] for day in days}
    for row in OnCall.objects.in_project(project_id).filter(date__in=days):
        found[row.date].append(OnDuty(row.post, row.name, row.phone, row.staff_id))
    order = {str(post): n for n, post in enumerate(OnCallPost.values)}
    return {day: sorted(rows, key=lambda r: order.get(r.post, 99)) for day, rows in found.items()}


def keeps(actor: Actor, project_id: int) -> bool:
    return bool(KEEPERS & actor.roles_in(project_id))


def set_on_call(
    *, project_id: int, day: date, entries: Mapping[str, Entry], actor: Actor, at: datetime
) -> list[OnDuty]:
    """The list of a date, whole: posts left out are empty. The same again changes nothing.

    Raises NotFoundError, NotAllowedError, InvalidError (naming the post).
    """
    if project_id not in actor.project_ids:
        raise NotFoundError(_("There is no such project."))
    if not keeps(actor, project_id):
        raise NotAllowedError(_("This is not yours to do."), rule="oncall.keeper")
    wanted = {post: _checked(post, entry, project_id) for post, entry in entries.items() if _said(entry)}
    return retrying(lambda: _set(project_id, day, wanted, actor, at))


def _said(entry: Entry) -> bool:
    return bool(entry.staff_id or entry.name.strip() or entry.phone.strip())


def _checked(post: str, entry: Entry, project_id: int) -> OnDuty:
    if post not in OnCallPost.values:
        raise InvalidError({post: _("There is no such post.")})
    name, phone = entry.name.strip(), entry.phone.strip()
    if entry.staff_id is not None:
        who = colleagues().get(entry.staff_id)
        if who is None or not who.is_active or not any(project_id in granted for _role, granted in who.grants):
            raise InvalidError({post: _("There is no such colleague here.")})
        name, phone = who.name, phone or who.phone
    if not name or not phone:
        raise InvalidError({post: _("Name and a number that rings at night are needed.")})
    if not storable(name + phone) or len(name) > LONGEST or len(phone) > LONGEST // 2:
        raise InvalidError({post: _("This is too long, or contains a character that cannot be stored.")})
    return OnDuty(post, name, phone, entry.staff_id)


def _set(project_id: int, day: date, wanted: Mapping[str, OnDuty], actor: Actor, at: datetime) -> list[OnDuty]:
    before = {r.post: r for r in on_call_of(project_id, [day])[day]}
    if before == dict(wanted):
        return list(before.values())
    rows = OnCall.objects.in_project(project_id).filter(date=day)
    rows.delete()
    OnCall.objects.bulk_create(
        [
            OnCall(project_id=project_id, date=day, post=r.post, staff_id=r.staff_id, name=r.name, phone=r.phone)
            for r in wanted.values()
        ]
    )
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
