"""A number dialled from the staff phone: it stands in the page, so that it works without network; the look is logged."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from steward.assurance.phones import reveal_to_call
from steward.cases.engine import load
from steward.casework.customer.phones import Look
from steward.field.reading import project_named, tapped_at
from steward.kernel.errors import InvalidError
from steward.web.forms import client_uuid
from steward.web.http import actor_of, field_only


@field_only
@require_POST
def dialled(request: HttpRequest, number: str, whose: str) -> HttpResponse:
    """Dialled without network it arrives later, with the instant of the tap."""
    at, project_id, actor = timezone.now(), project_named(number).id, actor_of(request)
    try:
        tapped, sent = tapped_at(request, at), client_uuid(request)
    except InvalidError:
        # Whoever does not see the case learns nothing of it, not even what is wrong with the request.
        load(project_id, number, actor)
        raise
    look = Look(project_id, number, whose, actor, at, happened_at=tapped, client_uuid=sent)
    reveal_to_call(look)
    return HttpResponse(status=204)
