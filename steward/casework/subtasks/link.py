"""The contractor's single-use link: issued, put into words for the chat, used up."""

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from steward.casework.customer import links
from steward.casework.models import Link, SubTaskState
from steward.casework.requests import Asked
from steward.casework.subtasks.queries import get
from steward.casework.subtasks.rights import PURPOSE, must_lead
from steward.kernel.actor import Actor, ActorKind
from steward.kernel.db import write
from steward.kernel.errors import ConflictError
from steward.registers.org.tree import place

#: How long after its due time a contractor's link still opens.
GRACE: Final = timedelta(days=7)
OUR_LANGUAGE: Final = settings.LANGUAGE_CODE
BY_LINK: Final = gettext_noop("%(who)s, please: %(what)s (%(where)s). Report back by %(due)s here:")


def subtask_link(*, project_id: int, pk: int, actor: Actor, at: datetime) -> str:
    """A fresh single-use link for the contractor; earlier ones end. Raises NotFoundError, ConflictError."""
    with write():
        row = get(project_id, pk, actor)
        must_lead(row, actor)
        if not row.contractor or row.state not in (SubTaskState.ASKED, SubTaskState.ACCEPTED):
            raise ConflictError(_("There is nothing to report by link."), rule="subtask.link")
        purpose = f"{PURPOSE}:{row.pk}"
        known = Link.objects.in_project(project_id).filter(case_id=row.case_id, purpose=purpose, used_at__isnull=True)
        known.update(expires_at=at)
        valid = max(row.due_at or at, at) + GRACE - at
        return links.issue_link(
            case=row.case, purpose=purpose, person_name=row.contractor, actor=actor, at=at, valid=valid
        )


def link_words(*, project_id: int, pk: int, actor: Actor, at: datetime) -> str:
    """What is pasted into the contractor's chat, in our own language."""
    row = get(project_id, pk, actor)
    path = f"{settings.PUBLIC_URL}/l/{subtask_link(project_id=project_id, pk=pk, actor=actor, at=at)}/"
    where = row.case.unit_label or row.case.place
    with translation.override(OUR_LANGUAGE):
        due = f"{timezone.localtime(row.due_at, place(project_id).tz):%m-%d %H:%M}" if row.due_at else ""
        said = translate(BY_LINK) % {
            "who": row.contractor,
            "what": row.what,
            "where": where or row.case.number,
            "due": due,
        }
    return f"【{place(project_id).name}】{said}\n{path}"


def use_up(asked: Asked) -> None:
    if asked.actor.kind is not ActorKind.LINK:
        return
    link_id = int(asked.actor.key.removeprefix("link:"))
    rows = Link.objects.in_project(asked.project_id).filter(pk=link_id, used_at__isnull=True)
    if not rows.update(used_at=asked.at):
        raise ConflictError(_("This link was already used."), rule="link.single_use")
