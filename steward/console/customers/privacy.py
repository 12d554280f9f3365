"""The privacy box of a customer's page: what the person agreed to, asked for, and who looked."""

from dataclasses import dataclass
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _

from steward.console.shell import Desk
from steward.design.clockface import ClockFace, clock_face, when
from steward.kernel.actor import Role
from steward.kernel.models import AuditEvent
from steward.registers.party.models import ConsentRecord, Customer, DataRequest, Piece, Purpose, Sharing
from steward.registers.party.privacy_models import RequestState
from steward.registers.party.reveals import log_of
from steward.registers.party.verbs import OVERSEERS, VERBS, may

SHOWN: Final = 20


@dataclass(frozen=True)
class Asked:
    """A request about personal data that waits for its answer."""

    row: DataRequest
    face: ClockFace | None
    url: str
    answer_url: str


def to_answer(desk: Desk) -> list[Asked]:
    """What the manager owes an answer, the shortest time first; nobody else is asked. One query."""
    mine = [p for p in desk.projects if desk.actor.has(Role.MANAGER, p)]
    if not mine:
        return []
    rows = DataRequest.objects.visible_to(desk.actor).filter(project_id__in=mine, state=RequestState.OPEN)
    return [_asked(row, desk) for row in rows.select_related("customer").order_by("due_at", "pk")[:SHOWN]]


def _asked(row: DataRequest, desk: Desk) -> Asked:
    file = [row.project_id, row.customer_id]
    answer = f"{reverse('console:customers:act', args=[*file, 'answer'])}?request={row.pk}"
    return Asked(row, _face(row, desk), reverse("console:customers:customer", args=file), answer)


@dataclass(frozen=True)
class Look:
    """A line of the log in words."""

    at: str
    who: str
    what: str
    why: str
    icon: str


def privacy_of(desk: Desk, who: Customer) -> dict[str, Any]:
    """Four statements."""
    consents = ConsentRecord.objects.in_project(who.project_id).filter(customer=who).order_by("at", "pk")
    latest = {c.purpose: c for c in consents}
    requests = DataRequest.objects.in_project(who.project_id).filter(customer=who).order_by("-asked_at")
    sharings = Sharing.objects.in_project(who.project_id).filter(customer=who).order_by("-at")
    oversees = bool(OVERSEERS & desk.actor.roles_in(who.project_id))
    return {
        "who": who,
        "purposes": [(Purpose(p), latest.get(p)) for p in Purpose.values],
        "requests": [
            (r, _asked(r, desk), reverse("console:customers:export", args=[who.project_id, who.pk, r.pk]))
            for r in requests[:10]
        ],
        "sharings": list(sharings[:10]),
        "oversees": oversees,
        "looks": [_look(row, desk) for row in log_of(desk.actor, who.project_id, who.pk)] if oversees else [],
        "kept_words": {"cases": _("cases"), "money": _("money"), "sharing": _("records of passing on")},
        "may_export": oversees,
        "may_answer": may(VERBS["answer"], desk.actor, who.project_id),
    }


def _face(row: DataRequest, desk: Desk) -> ClockFace | None:
    return clock_face(row.due_at, desk.at) if row.state == RequestState.OPEN else None


def _turned(was: Any, now: Any) -> str:
    """What came new has nothing before it."""
    return f"{was} → {now or '—'}" if was else str(now)


def _look(row: AuditEvent, desk: Desk) -> Look:
    personal = getattr(row, "personal", None)
    values: dict[str, Any] = personal.values if personal is not None else {}
    if row.kind == "change":
        verb = VERBS.get(row.what.partition(".")[2])
        title = str(verb.title) if verb else _("Entered the customer")
        said = _("; ").join(_turned(was, now) for was, now in values.values())
        return Look(when(row.at, desk.at), row.actor_name, title, said, "edit")
    piece = str(row.after.get("piece", ""))
    label = str(Piece(piece).label) if piece in Piece.values else piece
    whose = str(values.get("whose", ""))
    return Look(when(row.at, desk.at), row.actor_name, f"{label} {whose}".strip(), row.reason, "eye")
