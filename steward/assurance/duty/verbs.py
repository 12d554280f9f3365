"""Verbs of duty. Each is one transaction and safe to repeat."""

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from steward.assurance.duty import reads
from steward.assurance.duty.policies import POINTS
from steward.assurance.duty_models import DailyCheck, Duty, DutyEntry, DutyKind, ShiftHandover, ShiftState
from steward.cases.models import Channel
from steward.casework.intake.opening import open_case
from steward.kernel import audit, policies
from steward.kernel.actor import FIELD_ONLY, Actor, Role
from steward.kernel.db import retrying
from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from steward.kernel.models import Attachment
from steward.kernel.schema import Data, Id, Instant, Line, OptionalId, Text, ask, parse
from steward.registers.org.tree import place
from steward.registers.workforce.people import colleagues

OFFICE: Final = frozenset(Role) - FIELD_ONLY
DIRECTORS: Final = (Role.MANAGER, Role.REGION, Role.HQ)


class NewEntry(Data):
    happened_at: Instant = ask(title=_("Time"))
    kind: DutyKind = ask(title=_("Kind"))
    place: Line = ask("", title=_("Place"))
    person: Line = ask("", max_length=80, title=pgettext_lazy("duty", "Person"))
    text: Text = ask(min_length=2, max_length=2000, title=_("What happened"))
    photos: list[Id] = ask(default=[], max_length=1, title=_("Photos"), kind="photos")
    case_kind: Line = ask("", max_length=20, title=_("Becomes a case"))


class Offer(Data):
    receiver: Id = ask(title=_("Handed over to"), kind="staff")
    items: Text = ask("", max_length=2000, title=_("Still to do"))
    keys: Text = ask("", max_length=1000, title=_("Keys and tools"))


class Answer(Data):
    accept: bool = ask(title=_("Accepted"))
    reason: Line = ask("", title=_("Reason"))


class Force(Data):
    receiver: OptionalId = ask(None, title=_("Handed over to"), kind="staff")
    reason: Line = ask(min_length=2, title=_("Reason"))


def write_entry(
    *, project_id: int, actor: Actor, at: datetime, client_uuid: uuid.UUID, data: Mapping[str, Any]
) -> DutyEntry:
    """A line of the log. The same ``client_uuid`` again returns the first. Raises NotAllowedError, InvalidError."""
    return retrying(lambda: _write(project_id, actor, at, client_uuid, parse(NewEntry, data)))


def _write(project_id: int, actor: Actor, at: datetime, client_uuid: uuid.UUID, data: NewEntry) -> DutyEntry:
    staff_id = _staff(project_id, actor)
    known = DutyEntry.objects.in_project(project_id).filter(staff_id=staff_id, client_uuid=client_uuid).first()
    if known is not None:
        return known
    if data.happened_at > at:
        raise InvalidError({"happened_at": _("This lies in the future.")})
    photo = _own_photo(project_id, actor, data.photos)
    case_id = _case(project_id, actor, at, client_uuid, data) if data.case_kind else None
    return DutyEntry.objects.create(
        project_id=project_id,
        happened_at=data.happened_at,
        recorded_at=at,
        kind=data.kind,
        place=data.place,
        person=data.person,
        text=data.text,
        staff_id=staff_id,
        photo_id=photo,
        case_id=case_id,
        client_uuid=client_uuid,
    )


def _own_photo(project_id: int, actor: Actor, photos: list[int]) -> int | None:
    """An id is no permission: only what this colleague uploaded here."""
    if not photos:
        return None
    own = Attachment.objects.in_project(project_id).filter(pk=photos[0], uploaded_by=actor.key)
    if not own.exists():
        raise InvalidError({"photos": _("There is no such picture here.")})
    return photos[0]


def _case(project_id: int, actor: Actor, at: datetime, client_uuid: uuid.UUID, data: NewEntry) -> int:
    """What needs somebody is received as a case, at the time it was seen."""
    outcome = open_case(
        project_id=project_id,
        kind=data.case_kind,
        actor=actor,
        at=at,
        client_uuid=uuid.uuid5(client_uuid, "case"),
        data={
            "title": data.text.splitlines()[0][:120],
            "description": data.text,
            "place": data.place,
            "channel": Channel.PATROL.value,
            "received_at": data.happened_at.isoformat(),
            "photos": data.photos,
        },
    )
    return int(outcome.case.pk)


def go_on_duty(*, project_id: int, actor: Actor, at: datetime) -> Duty:
    """Begin where nobody is on duty. Raises ConflictError naming whoever is."""
    return retrying(lambda: _begin(project_id, _staff(project_id, actor), at))


def _begin(project_id: int, staff_id: int, at: datetime) -> Duty:
    now = reads.on_duty(project_id)
    if now is not None and now.staff_id == staff_id:
        return now
    if now is not None:
        raise ConflictError(_("Somebody is on duty: take over from them."), rule="duty.one_at_a_time")
    return Duty.objects.create(project_id=project_id, staff_id=staff_id, since=at)


def offer_shift(
    *, project_id: int, actor: Actor, at: datetime, client_uuid: uuid.UUID, data: Mapping[str, Any]
) -> ShiftHandover:
    """Whoever is on duty offers the shift, with what stands open now. Raises NotAllowedError, ConflictError."""
    return retrying(lambda: _offer(project_id, actor, at, client_uuid, parse(Offer, data)))


def _offer(project_id: int, actor: Actor, at: datetime, client_uuid: uuid.UUID, data: Offer) -> ShiftHandover:
    staff_id = _staff(project_id, actor)
    rows = ShiftHandover.objects.in_project(project_id)
    known = rows.filter(giver_id=staff_id, client_uuid=client_uuid).first()
    if known is not None:
        return known
    now = reads.on_duty(project_id)
    if now is None or now.staff_id != staff_id:
        raise NotAllowedError(_("Only whoever is on duty hands it over."), rule="duty.by_whoever_is_on_duty")
    if rows.filter(state=ShiftState.OFFERED).exists():
        raise ConflictError(_("An offer waits for its answer already."), rule="duty.one_offer")
    _ensure_receiver(project_id, data.receiver, staff_id)
    return ShiftHandover.objects.create(
        project_id=project_id,
        giver_id=staff_id,
        receiver_id=data.receiver,
        offered_at=at,
        items=data.items,
        keys=data.keys,
        open_items=[item.plain() for item in reads.open_items(project_id, at)],
        client_uuid=client_uuid,
    )


def _ensure_receiver(project_id: int, receiver: int, giver: int) -> None:
    found = colleagues().get(receiver)
    fits = found is not None and found.is_active and any(found.has(role, project_id) for role in OFFICE)
    if not fits or receiver == giver:
        raise InvalidError({"receiver": _("This colleague cannot take over here.")})


def answer_shift(*, project_id: int, pk: int, actor: Actor, at: datetime, data: Mapping[str, Any]) -> ShiftHandover:
    """The receiver signs or declines; on signing the duty passes at this instant."""
    return retrying(lambda: _answer(project_id, pk, actor, at, parse(Answer, data)))


def _answer(project_id: int, pk: int, actor: Actor, at: datetime, data: Answer) -> ShiftHandover:
    row = _handover(project_id, pk, actor)
    if row.receiver_id != actor.staff_id:
        raise NotAllowedError(_("Only the receiver answers."), rule="duty.receiver_accepts")
    wanted = ShiftState.ACCEPTED if data.accept else ShiftState.DECLINED
    if row.state == wanted:
        return row
    if not data.accept and not data.reason:
        raise InvalidError({"reason": _("This field is required.")})
    return _settle(row, wanted, actor, at, data.reason)


def withdraw_shift(*, project_id: int, pk: int, actor: Actor, at: datetime) -> ShiftHandover:
    """The giver takes an unanswered offer back: the wrong colleague, or one who does not come."""
    return retrying(lambda: _withdraw(project_id, pk, actor, at))


def _withdraw(project_id: int, pk: int, actor: Actor, at: datetime) -> ShiftHandover:
    row = _handover(project_id, pk, actor)
    if row.giver_id != actor.staff_id:
        raise NotAllowedError(_("Only whoever offered the shift takes it back."), rule="duty.giver_withdraws")
    return row if row.state == ShiftState.WITHDRAWN else _settle(row, ShiftState.WITHDRAWN, actor, at, "")


def force_shift(*, project_id: int, pk: int, actor: Actor, at: datetime, data: Mapping[str, Any]) -> ShiftHandover:
    """A manager decides an offer that nobody answers; with a reason, on the record."""
    return retrying(lambda: _force(project_id, pk, actor, at, parse(Force, data)))


def _force(project_id: int, pk: int, actor: Actor, at: datetime, data: Force) -> ShiftHandover:
    row = _handover(project_id, pk, actor)
    if not any(actor.has(role, project_id) for role in DIRECTORS):
        raise NotAllowedError(_("Only a manager forces a handover."), rule="duty.forced_by_manager")
    if row.state == ShiftState.FORCED:
        return row
    if data.receiver is not None:
        _ensure_receiver(project_id, data.receiver, row.giver_id)
        row.receiver_id = data.receiver
    done = _settle(row, ShiftState.FORCED, actor, at, data.reason)
    audit.record(
        project_id=project_id,
        actor=actor,
        at=at,
        what="duty.force",
        subject_kind="assurance.shifthandover",
        subject_id=row.pk,
        after={"giver": row.giver_id, "receiver": row.receiver_id},
        reason=data.reason,
    )
    return done


def _settle(row: ShiftHandover, state: ShiftState, actor: Actor, at: datetime, reason: str) -> ShiftHandover:
    """One answer counts; the duty passes without a gap."""
    offers = ShiftHandover.objects.in_project(row.project_id).filter(pk=row.pk, state=ShiftState.OFFERED)
    answer = {"state": state, "answered_at": at, "answered_by": actor.key, "reason": reason}
    if not offers.update(receiver_id=row.receiver_id, **answer):
        raise ConflictError(_("This offer was answered already."), rule="duty.one_answer")
    if state not in (ShiftState.DECLINED, ShiftState.WITHDRAWN):
        running = Duty.objects.in_project(row.project_id).filter(until__isnull=True, staff_id=row.giver_id)
        running.update(until=at)
        Duty.objects.create(project_id=row.project_id, staff_id=row.receiver_id, since=at)
    row.refresh_from_db()
    return row


def _handover(project_id: int, pk: int, actor: Actor) -> ShiftHandover:
    found = ShiftHandover.objects.visible_to(actor).filter(project_id=project_id, pk=pk).first()
    if found is None:
        raise NotFoundError(_("There is no such handover."))
    return found


def sign_check(*, project_id: int, actor: Actor, at: datetime, data: Mapping[str, Any]) -> DailyCheck:
    """Today's sheet: every point of the policy answered, signed once. ``data``: code → {ok, note}.

    Raises NotAllowedError (managers only), InvalidError naming the point, ConflictError once it is signed.
    """
    if not actor.has(Role.MANAGER, project_id):
        raise NotAllowedError(_("The manager signs the daily check."), rule="duty.check_by_manager")
    where = place(project_id)
    today = at.astimezone(where.tz).date()
    asked = _points(project_id, at)
    if wrong := {p.code: fault for p in asked if (fault := _fault(_given(data, p.code)))}:
        raise InvalidError(wrong)
    points = [_point(p.code, p.title, _given(data, p.code)) for p in asked]
    return retrying(lambda: _sign(project_id, _staff(project_id, actor), today, points, at))


def _points(project_id: int, at: datetime) -> Any:
    return policies.in_force(POINTS, lineage=place(project_id).lineage, at=at).value


def _given(data: Mapping[str, Any], code: str) -> Mapping[str, Any]:
    answer = data.get(code)
    return answer if isinstance(answer, Mapping) else {}


def _note(given: Mapping[str, Any]) -> str:
    return str(given.get("note", "")).strip()[:300]


def _fault(given: Mapping[str, Any]) -> Any:
    """A point is in order, or says what is not."""
    if "ok" not in given:
        return _("This field is required.")
    return "" if given["ok"] or _note(given) else _("Say what is not in order.")


def _point(code: str, title: str, given: Mapping[str, Any]) -> dict[str, Any]:
    return {"code": code, "title": title, "ok": bool(given["ok"]), "note": _note(given)}


def _sign(project_id: int, staff_id: int, day: date, points: list[dict[str, Any]], at: datetime) -> DailyCheck:
    known = DailyCheck.objects.in_project(project_id).filter(day=day).first()
    if known is not None and known.points == points and known.staff_id == staff_id:
        return known
    if known is not None:
        raise ConflictError(_("Today's sheet is signed already."), rule="duty.check_once")
    return DailyCheck.objects.create(project_id=project_id, day=day, staff_id=staff_id, points=points, signed_at=at)


def _staff(project_id: int, actor: Actor) -> int:
    if project_id not in actor.project_ids:
        raise NotFoundError(_("There is no such project."))
    if actor.staff_id is None or not actor.roles_in(project_id) & OFFICE:
        raise NotAllowedError(_("This is not yours to do."), rule="duty.office")
    return actor.staff_id
