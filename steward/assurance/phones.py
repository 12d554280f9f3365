"""Numbers for a callback: while it is open, one look is one click, and the case is the reason."""

from dataclasses import replace

from steward.assurance.models import Callback
from steward.casework.customer.phones import Look, reveal_phone


def reveal_to_call(look: Look) -> str:
    """As ``reveal_phone``, also after the case was closed while its callback is open."""
    rows = Callback.objects.visible_to(look.actor).filter(project_id=look.project_id, case__number=look.number)
    return reveal_phone(replace(look, to_call_back=rows.filter(ended_at__isnull=True).exists()))
