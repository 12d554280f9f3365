"""The night at the desk: whoever is on call is rung for a case, one after the other, until somebody comes.

Each ring stands on the case with a clock of its own: nobody confirms within the minutes of the policy, and the next
on the list and the duty manager are alarmed.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from steward.cases import engine
from steward.cases.declare import process_of
from steward.cases.facts import CaseClosed
from steward.cases.models import Case, Entry
from steward.casework.categories import categories
from steward.casework.clocks.sweep import WATCHES, Watch, climb
from steward.casework.customer.telling import say
from steward.casework.models import Ring, RingState
from steward.casework.requests import Asked, carry_out, write
from steward.casework.screens import screen_of
from steward.kernel import outbox, policies
from steward.kernel.actor import Actor, Role
from steward.kernel.clocks.policy import Clock, ClockTable
from steward.kernel.clocks.row import VOID
from steward.kernel.errors import ConflictError, InvalidError, RefusalError
from steward.kernel.facts import listens
from steward.kernel.policies import Policy
from steward.kernel.schema import Data, Line, OptionalId, ask, parse
from steward.registers.org.tree import place
from steward.registers.workforce.away import away_now
from steward.registers.workforce.oncall import SENT, OnDuty, on_call
from steward.registers.workforce.oncall_models import OnCallPost
from steward.registers.workforce.people import colleagues, with_role

RINGERS: Final = frozenset({Role.DESK, Role.BUTLER, Role.HEAD_BUTLER, Role.MANAGER})
#: A company outside that is rung first, by the code of the category.
OUTSIDE: Final = {"lift": OnCallPost.LIFT}
LADDER: Final = ((Decimal(2), "manager"), (Decimal(4), "region"))
RUNG: Final = gettext_noop("Night call, please come and confirm: ")

ANSWER: Final = Policy(
    key="desk.on_call_answer",
    title=_("Night at the desk: whoever is on call confirms"),
    type=ClockTable,
    preset=ClockTable(
        default=Clock(minutes=10, warn_ratio=Decimal(1), ladder=LADDER),
        by_urgency={"P0": Clock(minutes=3, warn_ratio=Decimal(1), ladder=LADDER)},
    ),
    source="MISSION DSK-1; the minutes are our default: urgent on site within 30 min leaves time for two more calls",
)


class Missed(Data):
    """Which ring was open when this was asked (its serial; None: none), what became of it (``no_answer``,
    ``declined``), and whom to ring now; empty: the next."""

    seen: OptionalId = ask(None, title=_("Ring as seen"))
    outcome: RingState = ask(RingState.NO_ANSWER, title=_("Outcome"))
    to: Line = ask("", max_length=60, title=_("Whom to ring"))
    note: Line = ask("", max_length=200, title=_("Note"))


class Confirmed(Data):
    seen: OptionalId = ask(None, title=_("Ring as seen"))
    note: Line = ask("", max_length=200, title=_("Note"))


@dataclass(frozen=True)
class Callee:
    """Somebody to ring: why (``title``), and whether the trade fits. ``key`` names the person in a request."""

    name: str
    phone: str
    staff_id: int | None
    post: str
    title: str
    fits: bool

    @property
    def key(self) -> str:
        return f"staff:{self.staff_id}" if self.staff_id else f"phone:{self.phone}"


@dataclass(frozen=True)
class Rung:
    """``refusal``: somebody was rung, but could not be given the job."""

    case: Case
    ring: Ring | None
    refusal: str = ""


# --- whom ----------------------------------------------------------------------------------------------
def to_ring(project_id: int, *, category_id: int | None, at: datetime) -> list[Callee]:
    """In order: a company outside for its own matter, the technicians on call (the right trade first), their
    stand-ins, the duty manager, and where the list is empty whoever could come and is not absent. Three queries."""
    rows = on_call(project_id, at)
    found = categories().get(category_id or 0)
    skill, code = (found.skill, found.code) if found else ("", "")
    sent = [row for row in rows if row.post in SENT]
    first = _there([row for row in rows if OUTSIDE.get(code) == row.post], skill)
    men = sorted(_there(sent, skill), key=lambda c: not c.fits)
    instead = sorted(_stand_ins(sent, skill), key=lambda c: not c.fits)
    chiefs = [row for row in rows if row.post == OnCallPost.MANAGER]
    managers = _there(chiefs, "") + _stand_ins(chiefs, "")
    asleep = _everybody(project_id, skill, managers, at)
    found_once: dict[str, Callee] = {}
    for callee in (*first, *men, *instead, *managers, *asleep):
        if callee.phone:
            found_once.setdefault(callee.key, callee)
    return list(found_once.values())


def _there(rows: Sequence[OnDuty], skill: str) -> list[Callee]:
    """Whoever is away is not rung: the stand-in has the post."""
    return [
        callee for row in rows for callee in ([_first(row, skill)] if not row.is_away else _stand_ins([row], skill))
    ]


def _first(row: OnDuty, skill: str) -> Callee:
    return Callee(row.name, row.phone, row.staff_id, row.post, row.title, _fits(row.staff_id, skill))


def _stand_ins(rows: Sequence[OnDuty], skill: str) -> list[Callee]:
    return [
        Callee(
            r.stand_in_name,
            r.stand_in_phone,
            r.stand_in_id,
            r.post,
            str(_("stand-in: %(post)s") % {"post": r.title}),
            _fits(r.stand_in_id, skill),
        )
        for r in rows
        if r.has_stand_in
    ]


def _fits(staff_id: int | None, skill: str) -> bool:
    who = colleagues().get(staff_id or 0)
    return not skill or (who is not None and skill in who.skills)


def _everybody(project_id: int, skill: str, managers: Sequence[Callee], at: datetime) -> list[Callee]:
    """Not on call: woken only when nobody of the list comes."""
    men = [(c, not skill or skill in c.skills) for c in with_role(Role.TECHNICIAN, project_id)]
    chiefs = [] if managers else [(c, True) for c in with_role(Role.MANAGER, project_id)]
    why = str(_("not on call"))
    everybody = [*sorted(men, key=lambda m: not m[1]), *chiefs]
    gone = away_now([c.id for c, _fits in everybody], at)
    return [Callee(c.name, c.phone, c.id, "", why, f) for c, f in everybody if c.id not in gone]


def of_case(case: Case) -> list[Ring]:
    """Everybody rung for a case that is visible already, in order; who took the job since, comes. Two queries."""
    rows = list(Ring.objects.in_project(case.project_id).filter(case_id=case.pk).order_by("serial"))
    for row in rows:
        _catches_up(row, case)
    return rows


def left_to_ring(case: Case, rings: Sequence[Ring], at: datetime) -> list[Callee]:
    rung = {f"staff:{r.staff_id}" if r.staff_id else f"phone:{r.phone}" for r in rings}
    return [c for c in to_ring(case.project_id, category_id=case.category_id, at=at) if c.key not in rung]


def may_ring(case: Case, actor: Actor) -> bool:
    mine = actor.staff_id is not None and actor.staff_id == case.accountable_id
    return actor.is_staff and (mine or bool(RINGERS & actor.roles_in(case.project_id)))


# --- ringing -------------------------------------------------------------------------------------------
def ring_on_call(*, data: dict[str, Any], **asked: Any) -> Rung:
    """Ring the next on the list, or ``to``; whoever was rung before did not come. A technician is given the job.

    ``asked``: project_id, number, actor, at, client_uuid. Raises NotFoundError, NotAllowedError, ConflictError
    (closed; nobody left), InvalidError. The same again is the same.
    """
    request = Asked(verb="ring_on_call", data=parse(Missed, data), **asked)
    return _give(_once(request, _ring), request)


def confirm_on_call(*, data: dict[str, Any], **asked: Any) -> Ring:
    """Whoever was rung comes. Accepting the job on the phone says the same."""
    request = Asked(verb="confirm_on_call", data=parse(Confirmed, data), **asked)
    return _once(request, _confirm)


def _once(asked: Asked, verb: Callable[[Asked, Case], Ring]) -> Ring:
    return carry_out(asked, verb, of=Ring, named="on_call", may=may_ring)


def _ring(asked: Asked, case: Case) -> Ring:
    rings = of_case(case)
    for known in rings:
        known.save()  # what was read off the phone's own steps
    last = next((r for r in rings if r.state == RingState.RINGING), None)
    _ensure_as_seen(asked, last, rings)
    if last is not None:
        _miss(asked, case, last)
    callee = _wanted(asked, case, rings)
    found = policies.in_force(ANSWER, lineage=place(case.project_id).lineage, at=asked.at)
    row = Ring.begin(
        found.value.clock(case.urgency) or found.value.default,
        version=found.version,
        started_at=asked.at,
        at=asked.at,
        project_id=case.project_id,
        case=case,
        serial=len(rings) + 1,
        post=callee.post,
        staff_id=callee.staff_id,
        name=callee.name,
        phone=callee.phone,
        rung_at=asked.at,
        rung_by=asked.actor.key,
    )
    assert isinstance(row, Ring)
    row.save(force_insert=True)
    _line(asked, case, row)
    _wake(row, case, asked)
    return row


def _ensure_as_seen(asked: Asked, ringing: Ring | None, rings: Sequence[Ring]) -> None:
    """Two at the desk: whoever presses second speaks of a ring that is over, and would cut the new one off."""
    if asked.data.seen == (ringing.serial if ringing else None):
        return
    last = ringing or (rings[-1] if rings else None)
    if last is None or last.state not in (RingState.RINGING, RingState.COMING):
        raise ConflictError(_("Nobody is being rung any more: look again whom to ring."), rule="oncall.as_seen")
    if last.state == RingState.RINGING:
        words, since = _("Somebody else is ringing %(name)s since %(at)s: wait for the answer."), last.rung_at
    else:
        words, since = _("%(name)s comes, said at %(at)s."), last.answered_at or last.rung_at
    at = f"{timezone.localtime(since, place(last.project_id).tz):%H:%M}"
    raise ConflictError(words % {"name": last.name, "at": at}, rule="oncall.as_seen")


def _wanted(asked: Asked, case: Case, rings: Sequence[Ring]) -> Callee:
    everybody = to_ring(case.project_id, category_id=case.category_id, at=asked.at)
    if asked.data.to:
        named = next((c for c in everybody if c.key == asked.data.to), None)
        if named is None:
            raise InvalidError({"to": _("There is no such colleague here.")})
        return named
    left = left_to_ring(case, rings, asked.at)
    if not left:
        raise ConflictError(_("Everybody on the list was rung. Choose whom to ring again."), rule="oncall.nobody_left")
    return left[0]


def _miss(asked: Asked, case: Case, row: Ring) -> None:
    declined = asked.data.outcome == RingState.DECLINED
    row.state = RingState.DECLINED if declined else RingState.NO_ANSWER
    row.answered_at, row.note = asked.at, asked.data.note
    row.end(at=asked.at, outcome=VOID)
    row.save()
    _line(asked, case, row, action="miss_on_call", note=row.note)


def _confirm(asked: Asked, case: Case) -> Ring:
    row = Ring.objects.in_project(case.project_id).filter(case_id=case.pk, state=RingState.RINGING).first()
    if row is None:
        raise ConflictError(_("Nobody is being rung for this case."), rule="oncall.ringing")
    _ensure_as_seen(asked, row, [])
    row.case = case
    _says_yes(row, asked.at, asked.data.note)
    row.save()
    _line(asked, case, row, note=row.note)
    return row


def _says_yes(row: Ring, at: datetime, note: str = "") -> None:
    row.state, row.answered_at, row.note = RingState.COMING, at, note
    row.end(at=at)


def _line(asked: Asked, case: Case, row: Ring, *, action: str = "", note: str = "") -> None:
    data = {"on_call": row.pk, "rung": row.name, "post": row.post, "answer": str(row.state)}
    write(asked, case, data, action=action, note=note)


def _wake(row: Ring, case: Case, asked: Asked) -> None:
    """The phone rings; the message says where to go."""
    if row.staff_id is None or row.staff_id == asked.actor.staff_id:
        return
    payload = {"case": case.number, "template": "on_call", "wakes": True}
    where = case.unit_label or case.place
    message = outbox.Message(
        event=f"on_call:{row.pk}",
        recipient=f"staff:{row.staff_id}",
        channel="inapp",
        subject=f"{case.number} {say(RUNG)}{where} {case.title}",
        payload=payload,
    )
    outbox.post([message], project_id=case.project_id, at=asked.at)


def _give(ring: Ring, asked: Asked) -> Rung:
    """A technician gets the job with the ring: it stands on the phone when the call ends.

    Asked again after somebody else was rung, it stays with whoever has it now.
    """
    case, detail, process = engine.load(asked.project_id, asked.number, asked.actor)
    ring.case = case
    if ring.state not in (RingState.RINGING, RingState.COMING):
        return Rung(case, ring)
    who = colleagues().get(ring.staff_id or 0)
    screen = screen_of(case.kind)
    sends = process.action(screen.sends)
    free = sends is not None and case.state in sends.source and case.handler_id != ring.staff_id
    if who is None or not who.has(Role.TECHNICIAN, case.project_id) or not free:
        return Rung(case, ring)
    for name, data in screen.sending(case, detail, who.id):
        try:
            case = engine.act(
                project_id=case.project_id,
                number=case.number,
                action=name,
                actor=asked.actor,
                at=asked.at,
                client_uuid=uuid.uuid5(asked.client_uuid, name),
                data=data,
            ).case
        except RefusalError as refusal:
            return Rung(case, ring, str(refusal))
    ring.case = case
    return Rung(case, ring)


# --- what follows --------------------------------------------------------------------------------------
def _went_on(case: Case, row: Ring) -> datetime | None:
    """When whoever was rung took the job on his own phone: he comes. Asked where rings are read, not at every step."""
    process = process_of(case.kind)
    sends = process.action(screen_of(case.kind).sends) if process else None
    waits = process is None or sends is None or case.state in (sends.target, process.initial)
    if waits or row.staff_id is None or row.staff_id != case.handler_id or row.state != RingState.RINGING:
        return None
    steps = Entry.objects.in_project(case.project_id).filter(case_id=case.pk, actor_key=f"staff:{row.staff_id}")
    said = steps.exclude(from_state=F("to_state")).order_by("seq").values_list("happened_at", flat=True).last()
    return max(said, row.rung_at) if said is not None else None


def _catches_up(row: Ring, case: Case) -> bool:
    at = _went_on(case, row)
    if at is not None:
        _says_yes(row, at)
    return at is not None


@listens(CaseClosed)
def needs_nobody(fact: CaseClosed) -> None:
    rows = Ring.objects.in_project(fact.project_id).filter(case_id=fact.case.pk, state=RingState.RINGING)
    rows.update(state=RingState.VOID, answered_at=fact.at, ended_at=fact.at, outcome=VOID, next_at=None)


def _told(row: Ring, case: Case, stage: int) -> list[str]:
    """First the next on the list and the duty manager, and whoever rings: it is his turn to go on; then upward.

    Nobody, where the job was taken on the phone meanwhile.
    """
    if _catches_up(row, case):
        row.save()
        return []
    if stage:
        return climb(row, case, stage)
    left = left_to_ring(case, of_case(case), row.due_at or row.rung_at)
    duty = [d for d in on_call(case.project_id, row.rung_at) if d.post == OnCallPost.MANAGER]
    chiefs = [d.stand_in_id if d.is_away else d.staff_id for d in duty if not d.is_empty]
    managers = [s for s in chiefs if s] or [c.id for c in with_role(Role.MANAGER, case.project_id)]
    people = [*[c.staff_id for c in left[:1]], *managers, case.accountable_id]
    return [f"staff:{s}" for s in dict.fromkeys(people) if s]


WATCHES["on_call"] = Watch(Ring, _told, wakes=True, begins="ring_on_call", catches_up=_catches_up)
