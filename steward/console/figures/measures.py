"""First responders, and whether customers were ever left without a word."""

from typing import Final, cast

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from steward.console.figures.period import Period, ensure_office, period_of, tabs
from steward.console.shell import Desk, at_desk, page
from steward.insight.responders import By, Told, told
from steward.insight.responders import responders as measured
from steward.insight.silence import silence
from steward.web.http import office_only

WAYS: Final = ("accountable", "kind", "month")


@office_only
@require_GET
@at_desk
def responders(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Who answers for how much, what of it is late, what was passed on."""
    ensure_office(desk)
    period = period_of(request, desk)
    cases = reverse("console:cases")
    rows = [
        (
            row,
            f"{cases}{period.query(accountable=str(row.staff_id))}",
            f"{cases}?accountable={row.staff_id}&state=open",
            f"{cases}?accountable={row.staff_id}&state=overdue",
        )
        for row in measured(**period.asked)
    ]
    context = {"period": period, "pages": tabs("responders"), "rows": rows}
    return page(request, desk, "console/figures/responders.jinja", context, here="complaint-figures")


@office_only
@require_GET
@at_desk
def silent(request: HttpRequest, desk: Desk) -> HttpResponse:
    """In how many cases the customer always heard from us by the time promised."""
    ensure_office(desk)
    period = period_of(request, desk)
    by = cast("By", request.GET.get("by") if request.GET.get("by") in WAYS else "accountable")
    words = {"accountable": _("By first responder"), "kind": _("By kind"), "month": _("By month")}
    here = reverse("console:never-silent")
    context = {
        "period": period,
        "pages": tabs("never-silent"),
        "by": by,
        "first": words[by],
        "ways": [{"label": words[w], "url": f"{here}{period.query(by=w)}", "current": w == by} for w in WAYS],
        "whole": silence(**period.asked),
        "lines": [(line, _cases(line, by, period)) for line in told(**period.asked, by=by)],
    }
    return page(request, desk, "console/figures/silent.jinja", context, here="complaint-figures")


def _cases(line: Told, by: By, period: Period) -> str:
    """The list of a line's cases; a month is narrowed by its days."""
    cases = reverse("console:cases")
    if by == "month":
        return f"{cases}{period.month(line.key)}"
    if by == "accountable" and not line.key:
        return ""
    return f"{cases}{period.query(**{by: line.key})}"
