"""The daily brief goes to the managers every morning, once."""

from datetime import datetime, timedelta

from django.utils import translation
from django.utils.translation import gettext as _

from steward.assurance.duty.policies import BRIEF_HOUR
from steward.assurance.duty.reads import Brief, brief
from steward.kernel import outbox, policies
from steward.kernel.actor import Role
from steward.kernel.cron import recurs
from steward.registers.org.models import Level
from steward.registers.org.tree import Place, tree
from steward.registers.workforce.people import with_role


@recurs("duty.brief", every=timedelta(hours=1))
def send_briefs(at: datetime) -> None:
    """Where it is the hour of the brief; a project's zone decides, and a day has one."""
    for where in tree().places.values():
        if where.level == Level.PROJECT and _is_hour(where, at):
            send(where, at)


def _is_hour(where: Place, at: datetime) -> bool:
    return at.astimezone(where.tz).hour == policies.in_force(BRIEF_HOUR, lineage=where.lineage, at=at).value


def send(where: Place, at: datetime) -> None:
    """To every manager's inbox; the same day again changes nothing."""
    managers = with_role(Role.MANAGER, where.id)
    if not managers:
        return
    found = brief(where.id, at)
    with translation.override("zh-hans"):
        subject, body = _("Daily brief of %(day)s") % {"day": found.day}, words(found)
    event = f"brief:{where.id}:{found.day.isoformat()}"
    outbox.post(
        [
            outbox.Message(event=event, recipient=f"staff:{who.id}", channel="inapp", subject=subject, body=body)
            for who in managers
        ],
        project_id=where.id,
        at=at,
    )


def words(found: Brief) -> str:
    figures = {
        "received": found.received,
        "closed": found.closed,
        "called": found.called,
        "open": found.open,
        "late": len(found.late),
        "today": len(found.today),
    }
    return (
        _(
            "Yesterday: %(received)s received, %(closed)s closed, %(called)s called back. "
            "Now: %(open)s open, %(late)s late, %(today)s due today."
        )
        % figures
    )
