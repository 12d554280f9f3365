"""One request about one case that its process does not declare: who asks what; answered once, with a line."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.utils.translation import gettext_lazy as _

from steward.cases.engine import load
from steward.cases.models import Case, CaseRow
from steward.casework.lines import answered_before, digest_of, write_line
from steward.kernel.actor import Actor
from steward.kernel.db import retrying
from steward.kernel.errors import ConflictError, NotAllowedError

R = TypeVar("R", bound=CaseRow)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """About a case (``number``), or about a row that hangs on one (``pk``), for whoever may not see the case.

    ``happened_at``: when it was tapped on a phone without network; bounded, and kept beside our own time.
    """

    project_id: int
    verb: str
    data: Any
    actor: Actor
    at: datetime
    client_uuid: uuid.UUID
    number: str = ""
    pk: int = 0
    happened_at: datetime | None = None

    @property
    def when(self) -> datetime:
        return self.happened_at or self.at

    @property
    def digest(self) -> str:
        return digest_of(self.number, self.pk, self.verb, self.data.model_dump(mode="json") if self.data else {})


def answered(asked: Asked, *, of: type[R], named: str) -> R | None:
    """The row that the line of the first time calls ``named``; None where this was not asked before."""
    known = answered_before(asked.project_id, asked.actor, asked.client_uuid, asked.digest)
    if known is None:
        return None
    found: R = of.objects.in_project(asked.project_id).select_related("case").get(pk=known.data[named])
    return found


def carry_out(
    asked: Asked,
    verb: Callable[[Asked, Case], R],
    *,
    of: type[R],
    named: str,
    may: Callable[[Case, Actor], bool],
) -> R:
    """The row that ``verb`` wrote; asked again, the row of the first time.

    Raises NotFoundError, NotAllowedError, ConflictError (closed, or brought in from elsewhere), and what ``verb`` does.
    """

    def once() -> R:
        known = answered(asked, of=of, named=named)
        if known is not None:
            return known
        case, _detail, _process = load(asked.project_id, asked.number, asked.actor)
        if not may(case, asked.actor):
            raise NotAllowedError(_("This is not yours to do."), rule="case.role")
        if case.closed_at is not None or case.is_imported:
            raise ConflictError(_("Not possible in this state: the case has moved on."), rule="case.state")
        return verb(asked, case)

    return retrying(once)


def write(
    asked: Asked,
    case: Case,
    data: Mapping[str, Any],
    *,
    action: str = "",
    note: str = "",
    changes: Mapping[str, Any] | None = None,
) -> None:
    """The line of the request; what follows from it (another ``action``) does not bear its identifier."""
    own = not action
    write_line(
        case,
        action=action or asked.verb,
        actor=asked.actor,
        at=asked.at,
        note=note,
        data=data,
        client_uuid=asked.client_uuid if own else None,
        digest=asked.digest if own else "",
        changes=changes,
        happened_at=asked.happened_at,
    )
