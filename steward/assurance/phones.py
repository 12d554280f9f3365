"""Numbers for a callback: while it is open, one look is one click, and the case is the reason."""

from datetime import datetime

from steward.assurance.models import Callback
from steward.casework.customer.phones import reveal_phone
from steward.kernel.actor import Actor


def reveal_to_call(*, project_id: int, number: str, whose: str, actor: Actor, at: datetime) -> str:
    """As ``casework.customer.phones.reveal_phone``, also after the case was closed while its callback is open."""
    rows = Callback.objects.visible_to(actor).filter(project_id=project_id, case__number=number)
    return reveal_phone(
        project_id=project_id,
        number=number,
        whose=whose,
        actor=actor,
        at=at,
        to_call_back=rows.filter(ended_at__isnull=True).exists(),
    )
