"""How far callbacks reach: in time, reached, rated; by butler, kind and month."""

from datetime import timedelta
from typing import Final, cast

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from steward.console.figures.period import tabs as pages
from steward.console.menu import CALLERS
from steward.console.shell import Desk, at_desk, page
from steward.insight.coverage import By, coverage
from steward.kernel.errors import NotFoundError
from steward.web.http import office_only

MONTHS: Final = 6
DAYS: Final = 90
WAYS: Final = ("butler", "kind", "month")


@office_only
@require_GET
@at_desk
def show(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The last three months; by month the last six."""
    if not any(grant.role in CALLERS for grant in desk.actor.grants):
        raise NotFoundError(_("There is no such page."))
    by = cast("By", request.GET.get("by") if request.GET.get("by") in WAYS else "butler")
    midnight = timezone.localtime(desk.at, desk.tz).replace(hour=0, minute=0, second=0, microsecond=0)
    since = midnight - timedelta(days=DAYS)
    if by == "month":
        first = midnight.replace(day=1)
        for _month in range(MONTHS - 1):
            first = (first - timedelta(days=1)).replace(day=1)
        since = first
    asked = {"actor": desk.actor, "projects": desk.projects, "since": since, "until": desk.at}
    words = {"butler": _("By butler"), "kind": _("By kind"), "month": _("By month")}
    here = reverse("console:coverage")
    context = {
        "pages": pages("coverage"),
        "lines": coverage(**asked, by=by),  # type: ignore[arg-type]
        "whole": coverage(**asked)[0],  # type: ignore[arg-type]
        "since": since,
        "tabs": [{"label": words[w], "url": f"{here}?by={w}", "current": w == by} for w in WAYS],
        "first": words[by],
    }
    return page(request, desk, "console/coverage.jinja", context, here="callbacks")
