"""A number dialled from the staff phone: it stands in the page, so that it works without network; the look is logged."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from steward.assurance.phones import reveal_to_call
from steward.field.reading import project_named
from steward.web.http import actor_of, field_only


@field_only
@require_POST
def dialled(request: HttpRequest, number: str, whose: str) -> HttpResponse:
    where = project_named(number)
    reveal_to_call(project_id=where.id, number=number, whose=whose, actor=actor_of(request), at=timezone.now())
    return HttpResponse(status=204)
