"""Reads: plain rows in a constant number of queries, always through ``visible_to``."""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from steward.cases.declare import Process, process_of
from steward.cases.models import Case, Deadline, Entry
from steward.casework.categories import categories
from steward.casework.models import CaseFile
from steward.kernel.actor import Actor
from steward.kernel.errors import InvalidError
from steward.kernel.prepared import Prepared
from steward.kernel.rows import in_projects
from steward.kernel.scope import ScopedQuerySet
from steward.registers.workforce.people import name_of

ROW: Final = (
    "id",
    "project_id",
    "number",
    "kind",
    "state",
    "title",
    "urgency",
    "category_id",
    "unit_label",
    "place",
    "customer_name",
    "channel",
    "accountable_id",
    "handler_id",
    "received_at",
    "next_due_at",
    "next_due_key",
    "promised_at",
    "closed_at",
    "updated_at",
    "is_imported",
    "external_number",
    "imported_target_at",
)
_TIMELINE: Final = Prepared(
    lambda concerned, project, case: Entry.objects.in_project(project).filter(concerned, case_id=case).order_by("seq")
)
BROKEN_CURSOR: Final = _("This page mark is broken. Start at the first page.")
COUNT_CAP: Final = 1000
#: BX-YX-261121-0042, 101001240754: six digits in a row stand in no room, and hardly in a title.
LOOKS_LIKE_A_NUMBER: Final = re.compile(r"[\w./#-]*\d{6}[\w./#-]*", re.ASCII)
MAX_LIMIT: Final = 200


@dataclass(frozen=True, kw_only=True)
class CaseFilter:
    """What a list is narrowed to. Empty means no narrowing."""

    projects: frozenset[int] = frozenset()
    kind: str = ""
    states: tuple[str, ...] = ()
    is_open: bool | None = None
    is_imported: bool | None = None
    overdue_at: datetime | None = None
    handler_id: int | None = None
    accountable_id: int | None = None
    category_id: int | None = None
    urgency: str = ""
    text: str = ""
    since: datetime | None = None
    until: datetime | None = None
    ids: frozenset[int] | None = None  # those a figure counted


@dataclass(frozen=True)
class Page:
    items: list[dict[str, Any]]
    next_cursor: str | None


def find(actor: Actor, wanted: CaseFilter) -> ScopedQuerySet[Case]:
    """Visible cases that match."""
    return Case.objects.visible_to(actor).filter(_condition(wanted))


def _condition(wanted: CaseFilter) -> Q:
    exact: Mapping[str, Any] = {
        "kind": wanted.kind,
        "handler_id": wanted.handler_id,
        "accountable_id": wanted.accountable_id,
        "category_id": wanted.category_id,
        "urgency": wanted.urgency,
        "state__in": wanted.states,
        "received_at__gte": wanted.since,
        "received_at__lt": wanted.until,
    }
    parts = [Q(**{name: value}) for name, value in exact.items() if value]
    if wanted.projects:
        parts.append(in_projects(wanted.projects))
    if wanted.ids is not None:
        parts.append(Q(pk__in=wanted.ids))
    if wanted.is_open is not None:
        parts.append(Q(closed_at__isnull=wanted.is_open))
    if wanted.is_imported is not None:
        parts.append(Q(is_imported=wanted.is_imported))
    if wanted.overdue_at is not None:
        parts.append(Q(closed_at__isnull=True, is_imported=False, next_due_at__lt=wanted.overdue_at))
    if wanted.text:
        parts.append(_matches(wanted.text))
    return Q(*parts)


def _matches(text: str) -> Q:
    """Number, room, name or words of the title. Free text is for narrowed lists, not for the company."""
    if "\x00" in text:
        raise InvalidError({"q": _("Contains a character that cannot be stored.")})
    if LOOKS_LIKE_A_NUMBER.fullmatch(text):
        # Answered by indexes. Looking through rooms, names and titles besides takes 50 times longer at 120,000 cases.
        return _numbered(text.upper()) | (Q(external_number=text) & ~Q(external_number=""))
    return (
        Q(number__startswith=text.upper())
        | Q(external_number=text)
        | Q(unit_label__startswith=text)
        | Q(customer_name__startswith=text)
        | Q(title__contains=text)
    )


def _numbered(start: str) -> Q:
    """This number, or those that begin so; bounds as in ``numbers.last_serial``."""
    found = Q(number=start)
    for bound in (start, f"{start}-"):
        found |= Q(number__gte=f"{bound}0", number__lte=f"{bound}Z999999")
    return found


def list_cases(actor: Actor, wanted: CaseFilter, *, cursor: str | None = None, limit: int = 50) -> Page:
    """Newest first, keyset paged. One query. Raises InvalidError for a broken cursor."""
    after = Q()
    if cursor:
        at, pk = decode_cursor(cursor)
        # The plain bound first: an index starts there, which it cannot do at an OR.
        after = Q(received_at__lte=at) & (Q(received_at__lt=at) | Q(id__lt=pk))
    limit = max(1, min(limit, MAX_LIMIT))
    found = _newest(limit + 1)(Case.scope(actor), _condition(wanted), after)
    more = len(found) > limit
    items = [dress(row, actor) for row in found[:limit]]
    last = found[limit - 1] if more else None
    return Page(items, encode_cursor(last["received_at"], last["id"]) if last else None)


@lru_cache(maxsize=8)
def _newest(limit: int) -> Prepared[dict[str, Any]]:
    return Prepared(
        lambda scope, wanted, after: (
            Case.objects.within(scope).filter(wanted, after).order_by("-received_at", "-id").values(*ROW)[:limit]
        )
    )


def queue(actor: Actor, wanted: CaseFilter, *, limit: int = 100) -> list[dict[str, Any]]:
    """Work in order of time left; cases without a running clock come last. One query.

    History from another system is no work.
    """
    rows = (
        find(actor, wanted)
        .filter(closed_at__isnull=True, is_imported=False)
        .order_by(F("next_due_at").asc(nulls_last=True), "received_at", "id")
    )
    return [dress(row, actor) for row in rows.values(*ROW)[:limit]]


def capped_count(actor: Actor, wanted: CaseFilter) -> int:
    """How many match, at most 1000 (shown as 999+): a full count grows with the table."""
    return find(actor, wanted).order_by()[:COUNT_CAP].count()


def dress(row: dict[str, Any], actor: Actor) -> dict[str, Any]:
    """Names from reference data instead of joins."""
    category = categories().get(row["category_id"] or 0)
    row["state_title"], row["kind_title"], row["todo"] = _words(row["kind"], row["state"], get_language())
    row["category"] = category.title(actor.language) if category else ""
    row["accountable_name"] = name_of(row["accountable_id"])
    row["handler_name"] = name_of(row["handler_id"])
    return row


@lru_cache(maxsize=1024)
def _words(kind: str, state: str, language: str | None) -> tuple[str, str, str]:
    """Titles of state and kind and what is to do, in the active language: looked up once, not for every row."""
    process = process_of(kind)
    if process is None:
        return state, kind, ""
    return str(process.state_title(state)), str(process.title), str(process.todo.get(state, ""))


def encode_cursor(at: datetime, pk: int) -> str:
    return base64.urlsafe_b64encode(f"{at.isoformat()}|{pk}".encode()).decode()


def decode_cursor(cursor: str) -> tuple[datetime, int]:
    """Raises InvalidError for anything that we did not hand out."""
    try:
        at, pk = base64.b64decode(cursor.encode(), altchars=b"-_", validate=True).decode().split("|")
        instant = datetime.fromisoformat(at)
        row = int(pk)
    except (ValueError, binascii.Error, UnicodeError) as error:
        raise InvalidError({"cursor": BROKEN_CURSOR}) from error
    if instant.tzinfo is None or not 0 < row < 2**63:
        raise InvalidError({"cursor": BROKEN_CURSOR})
    return instant, row


def summary(row: Deadline, process: Process) -> dict[str, Any]:
    """Plain data for the API and the pages."""
    rule = process.deadline(row.key)
    kept = ("key", "started_at", "due_at", "ended_at", "outcome", "minutes", "mode", "policy_version")
    return {
        **{name: getattr(row, name) for name in kept},
        "title": str(rule.title) if rule else row.key,
        "paused": row.is_paused,
        "pause_reason": row.pauses[-1]["reason"] if row.is_paused else "",
    }


def timeline(actor: Actor, case: Case) -> list[Entry]:
    """The case's entries, newest last; residents see what concerns them."""
    concerned = Q() if actor.is_staff or actor.is_system else Q(is_public=True)
    return _TIMELINE(concerned, case.project_id, case.pk)


def files(actor: Actor, case: Case) -> Sequence[CaseFile]:
    rows = CaseFile.objects.in_project(case.project_id).filter(case_id=case.pk).select_related("attachment")
    if not actor.is_staff:
        rows = rows.filter(is_public=True)
    return list(rows.order_by("seq", "pk"))
