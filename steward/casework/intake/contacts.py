"""Contacts that are no new case: a wrong number, somebody asking after an open case, a word settled at once."""

import uuid
from datetime import datetime
from typing import Any, Final

from django.db.models import Count
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from steward.cases.engine import load
from steward.cases.models import Case, Channel, Entry
from steward.casework.customer.sharing import CUSTOMERS_LANGUAGE, speaks
from steward.casework.lines import answered_before, digest_of, write_line
from steward.casework.models import ContactOutcome, DeskContact
from steward.kernel import outbox
from steward.kernel.actor import FIELD_ONLY, Actor
from steward.kernel.db import retrying
from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from steward.kernel.schema import storable

LONGEST: Final = 500


def note_contact(
    *,
    project_id: int,
    outcome: ContactOutcome,
    actor: Actor,
    at: datetime,
    client_uuid: uuid.UUID,
    channel: Channel = Channel.PHONE,
    case: Case | None = None,
    visit: uuid.UUID | None = None,
    who: str = "",
    note: str = "",
) -> DeskContact:
    """Count a contact; the same ``client_uuid`` again is the same contact.

    Raises NotFoundError (project out of reach), NotAllowedError (not the office), InvalidError (note).
    """
    if project_id not in actor.project_ids:
        raise NotFoundError(_("There is no such project."))
    if not _is_office(actor, project_id):
        raise NotAllowedError(_("This is not yours to do."), rule="contact.office")
    given: dict[str, Any] = {"channel": channel, "outcome": outcome, "case": case, "visit": visit}
    given |= {"staff_id": actor.staff_id, "who": who.strip()[:60], "note": _clean(note), "at": at}
    return retrying(lambda: _count(project_id, actor, client_uuid, given))


def _count(project_id: int, actor: Actor, client_uuid: uuid.UUID, given: dict[str, Any]) -> DeskContact:
    rows = DeskContact.objects.in_project(project_id)
    found, _new = rows.get_or_create(
        project_id=project_id, actor_key=actor.key, client_uuid=client_uuid, defaults=given
    )
    return found


def _is_office(actor: Actor, project_id: int) -> bool:
    return actor.is_staff and bool(actor.roles_in(project_id) - FIELD_ONLY)


def _clean(note: str) -> str:
    words = note.strip()
    if not storable(words):
        raise InvalidError({"note": _("Contains a character that cannot be stored.")})
    return words[:LONGEST]


def ask_again(
    *,
    project_id: int,
    number: str,
    actor: Actor,
    at: datetime,
    client_uuid: uuid.UUID,
    channel: Channel = Channel.PHONE,
    note: str = "",
) -> Case:
    """The customer asks after an open case: a line in its timeline, a word to its people, one contact.

    Raises NotFoundError (out of scope), NotAllowedError (does not speak for the office),
    ConflictError (closed: that is a reopening or a new case). The same ``client_uuid`` again changes nothing.
    """
    words = _clean(note)
    return retrying(lambda: _ask_again(project_id, number, actor, at, client_uuid, channel, words))


def _ask_again(
    project_id: int, number: str, actor: Actor, at: datetime, client_uuid: uuid.UUID, channel: Channel, note: str
) -> Case:
    case, _detail, _process = load(project_id, number, actor)
    if not speaks(actor, case):
        raise NotAllowedError(_("This is not yours to do."), rule="case.role")
    digest = digest_of(number, "asked_again", note)
    if answered_before(project_id, actor, client_uuid, digest) is not None:
        return case
    if case.closed_at is not None or case.is_imported:
        raise ConflictError(_("This case is closed: reopen it, or take a new one."), rule="contact.open_case")
    write_line(
        case,
        action="asked_again",
        actor=actor,
        at=at,
        note=note,
        data={"channel": channel},
        client_uuid=client_uuid,
        digest=digest,
    )
    times = times_asked(project_id, case.pk)
    outbox.post(_words(case, actor, times, note), project_id=project_id, at=at)
    given = {"channel": channel, "outcome": ContactOutcome.ASKED_AGAIN, "case": case, "note": note, "at": at}
    _count(project_id, actor, client_uuid, {**given, "staff_id": actor.staff_id, "who": case.reporter_name})
    return case


def times_asked(project_id: int, case_id: int) -> int:
    """How often the customer has asked after a case."""
    return Entry.objects.in_project(project_id).filter(case_id=case_id, action="asked_again").count()


def _words(case: Case, actor: Actor, times: int, note: str) -> list[outbox.Message]:
    """To whoever works on it and whoever answers for it, not to the one who took the call."""
    told = dict.fromkeys(i for i in (case.handler_id, case.accountable_id) if i and i != actor.staff_id)
    with translation.override(CUSTOMERS_LANGUAGE):
        subject = f"{case.number} " + gettext("The customer asks again (%(n)s): ") % {"n": times} + case.title
    return [
        outbox.Message(
            event=f"{case.number}:{case.version}:asked_again",
            recipient=f"staff:{staff_id}",
            channel="inapp",
            subject=subject,
            body=note,
            payload={"case": case.number, "template": "asked_again"},
        )
        for staff_id in told
    ]


def counted(actor: Actor, project_ids: frozenset[int], *, since: datetime, until: datetime) -> dict[str, int]:
    """Contacts by outcome in a span, half-open. One query."""
    rows = DeskContact.objects.visible_to(actor).filter(project_id__in=project_ids, at__gte=since, at__lt=until)
    return {row["outcome"]: row["n"] for row in rows.values("outcome").annotate(n=Count("pk")).order_by()}
