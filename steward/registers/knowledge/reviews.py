"""When an answer is due for another look, its owner is told: once for each review date."""

from datetime import datetime, timedelta

from django.utils import translation
from django.utils.translation import gettext as _

from steward.kernel import outbox
from steward.kernel.cron import recurs
from steward.registers.knowledge.models import Article
from steward.registers.org.models import Level
from steward.registers.org.tree import place, tree
from steward.registers.workforce.people import colleagues


@recurs("knowledge.reviews", every=timedelta(hours=1))
def remind(at: datetime) -> None:
    """The day is the owner's own. Those who left are not told: their articles stand in the review list."""
    tomorrow = (at + timedelta(days=1)).date()  # ahead of every zone's own date
    for row in Article.objects.filter(is_active=True, review_on__lte=tomorrow):
        owner = colleagues().get(row.owner_id)
        if owner is not None and owner.is_active and row.review_on <= at.astimezone(place(owner.node_id).tz).date():
            _tell(row, owner.node_id, at)


def _tell(row: Article, node_id: int, at: datetime) -> None:
    with translation.override("zh-hans"):
        subject = _("Is this answer still right? %(question)s") % {"question": row.question}
        body = _("It was to be looked at again on %(day)s.") % {"day": row.review_on.isoformat()}
    message = outbox.Message(
        event=f"knowledge:{row.pk}:{row.review_on.isoformat()}",
        recipient=f"staff:{row.owner_id}",
        channel="inapp",
        subject=subject,
        body=body,
        payload={"template": "knowledge.review", "article": row.pk},
    )
    outbox.post([message], project_id=_project(row.node_id or node_id), at=at)


def _project(node_id: int) -> int:
    """Where the message is filed: the project itself, or the first one of a region or the company."""
    if place(node_id).level == Level.PROJECT:
        return node_id
    below = tree().projects_under.get(place(node_id).path, frozenset())
    return min(below, default=node_id)
