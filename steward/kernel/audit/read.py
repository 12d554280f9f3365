"""Reading the audit: filtered, newest first, page by page."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Q
from django.utils.translation import gettext as _

from steward.kernel.actor import Actor, Role
from steward.kernel.audit.models import AuditEvent, CompanyEvent
from steward.kernel.errors import InvalidError, NotFoundError

CAP: Final = 1000


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """``company``: the company's own rows, for the head office; otherwise those of ``projects``."""

    projects: frozenset[int] = frozenset()
    company: bool = False
    kind: str = ""
    what: str = ""
    who: str = ""
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Found:
    items: Sequence[Any]
    next_cursor: str


def sees_company(actor: Actor) -> bool:
    return actor.is_system or any(grant.role == Role.HQ for grant in actor.grants)


def events(actor: Actor, wanted: Wanted, *, limit: int, cursor: str | None = None) -> Found:
    """Raises NotFoundError for the company's rows outside the head office, InvalidError for a broken cursor."""
    rows = _rows(actor, wanted)
    if cursor:
        at, pk = _point(cursor)
        rows = rows.filter(at__lte=at).exclude(at=at, pk__gte=pk)
    page = list(rows.order_by("-at", "-pk")[: limit + 1])
    following = ""
    if len(page) > limit:
        last = page[limit - 1]
        following = base64.urlsafe_b64encode(f"{last.at.isoformat()}|{last.pk}".encode()).decode()
    return Found(page[:limit], following)


def of_subject(actor: Actor, kind: str, subject: object, *, project_id: int | None, limit: int = 50) -> list[Any]:
    """What was done to one thing, newest first: of a project, or of the company (for the head office)."""
    if project_id is None:
        rows: Any = CompanyEvent.objects.all() if sees_company(actor) else CompanyEvent.objects.none()
    else:
        rows = AuditEvent.objects.visible_to(actor).filter(project_id=project_id)
    return list(rows.filter(subject_kind=kind, subject_id=str(subject)).order_by("-at", "-pk")[:limit])


def of_subjects(actor: Actor, subjects: Sequence[tuple[str, object]], *, limit: int = 30) -> list[Any]:
    """What was done to any of these in sight, newest first; the company's own rows for the head office. Two queries."""
    wanted = Q(pk__in=[])
    for kind, subject in subjects:
        wanted |= Q(subject_kind=kind, subject_id=str(subject))
    rows: list[Any] = list(AuditEvent.objects.visible_to(actor).filter(wanted).order_by("-at", "-pk")[:limit])
    if sees_company(actor):
        rows += CompanyEvent.objects.filter(wanted).order_by("-at", "-pk")[:limit]
    return sorted(rows, key=lambda row: row.at, reverse=True)[:limit]


def count(actor: Actor, wanted: Wanted) -> int:
    """At most ``CAP``."""
    return len(_rows(actor, wanted).values_list("pk")[:CAP])


def _rows(actor: Actor, wanted: Wanted) -> Any:
    if wanted.company:
        if not sees_company(actor):
            raise NotFoundError(_("There is no such page."))
        rows: Any = CompanyEvent.objects.select_related("personal")
    else:
        rows = AuditEvent.objects.visible_to(actor).filter(project_id__in=wanted.projects).select_related("personal")
    same = {"kind": wanted.kind, "what": wanted.what, "subject_id": wanted.subject}
    rows = rows.filter(**{name: value for name, value in same.items() if value})
    if wanted.who:
        rows = rows.filter(actor_name__contains=wanted.who)
    if wanted.since:
        rows = rows.filter(at__gte=wanted.since)
    return rows.filter(at__lt=wanted.until) if wanted.until else rows


def _point(cursor: str) -> tuple[datetime, int]:
    try:
        at, _bar, pk = base64.urlsafe_b64decode(cursor.encode()).decode().partition("|")
        found = datetime.fromisoformat(at), int(pk)
        if found[0].tzinfo is None or not 0 < found[1] < 2**63:
            raise ValueError(cursor)
    except (binascii.Error, ValueError, UnicodeError) as error:
        raise InvalidError({"cursor": _("This value is not valid.")}) from error
    return found
