"""The weather log: yesterday's rain typed in, a file, and what follows for leaks."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from steward.console.menu import CALLERS
from steward.console.shell import Desk, at_desk, page
from steward.design.forms import Field
from steward.kernel import policies
from steward.kernel.errors import InvalidError, NotAllowedError, NotFoundError
from steward.registers.estate import weather
from steward.registers.org.tree import Place, place
from steward.web.http import office_only, status_of

DAYS: Final = 45
#: Differing days shown before a file is taken over; the rest is counted.
SHOWN: Final = 60


@office_only
@require_http_methods(["GET", "POST"])
@at_desk
def show(request: HttpRequest, desk: Desk) -> HttpResponse:
    if not any(grant.role in CALLERS for grant in desk.actor.grants):
        raise NotFoundError(_("There is no such page."))
    typed = request.POST if request.method == "POST" else request.GET
    where = _project(desk, typed.get("project", ""))
    errors: Mapping[str, Any] = {}
    sheet, status = None, 200
    if request.method == "POST" and where is not None:
        try:
            sheet = _write(request, desk, where)
            if sheet is None or not (sheet.errors or sheet.differing):
                return _again(where)
        except _Unanswered as asked:
            errors, status, sheet = asked.fields, 422, asked.sheet
        except InvalidError as error:
            errors, status = error.fields, 422
        except NotAllowedError as error:
            errors, status = {"day": str(error)}, status_of(error)
    context = {
        "where": where,
        "places": desk.places,
        "fields": _fields(desk, where, typed, errors) if where else [],
        "file_error": errors.get("file", ""),
        "why": Field(
            name="why",
            label=_("Reason"),
            kind="text",
            value=typed.get("why", ""),
            error=errors.get("why", ""),
            help=_("Needed where the file's figures are to hold."),
        ),
        "sheet": sheet,
        "more": max(0, len(sheet.differing) - SHOWN) if sheet else 0,
        "shown": SHOWN,
        "rows": weather.log_of(desk.actor, where.id, until=_today(desk, where), days=DAYS) if where else [],
        "from_mm": policies.in_force(weather.RAIN_FROM, lineage=where.lineage, at=desk.at).value if where else "",
    }
    return page(request, desk, "console/weather.jinja", context, here="callbacks", status=status)


def _project(desk: Desk, wanted: str) -> Place | None:
    if wanted.isdecimal() and len(wanted) < 16 and int(wanted) in desk.actor.project_ids:
        return place(int(wanted))
    return desk.chosen


def _today(desk: Desk, where: Place) -> date:
    return timezone.localtime(desk.at, where.tz).date()


def _fields(desk: Desk, where: Place, typed: Mapping[str, Any], errors: Mapping[str, Any]) -> list[Field]:
    """A day, its rain, and why where it is corrected."""
    yesterday = (_today(desk, where) - timedelta(days=1)).isoformat()
    words = (
        ("day", _("Day"), "date", yesterday, True),
        ("millimetres", _("Rain in mm"), "decimal", "", True),
        ("reason", _("Reason, if a day is corrected"), "text", "", False),
    )
    return [
        Field(name=n, label=label, kind=kind, required=needed, value=typed.get(n, begun), error=errors.get(n, ""))  # type: ignore[arg-type]
        for n, label, kind, begun, needed in words
    ]


def _write(request: HttpRequest, desk: Desk, where: Place) -> weather.Sheet | None:
    """Raises InvalidError naming the field."""
    upload = request.FILES.get("file")
    again = request.POST.get("csv", "")
    if upload is None and not again:
        _typed_in(request, desk, where)
        return None
    content = again.encode() if upload is None else upload.read(weather.LARGEST_FILE + 1)
    sheet, done = _file(request, desk, where, content)
    if not sheet.differing:
        text = _("%(added)s days added, %(corrected)s corrected, %(same)s known already, %(kept)s left as they were.")
        say = messages.warning if sheet.errors else messages.success
        told = {"added": done.added, "corrected": done.corrected, "same": done.same, "kept": done.kept}
        say(request, text % told)
    return sheet


class _Unanswered(Exception):  # noqa: N818  no error: the page asks again
    def __init__(self, sheet: weather.Sheet, fields: Mapping[str, Any]) -> None:
        super().__init__()
        self.sheet, self.fields = sheet, fields


def _file(request: HttpRequest, desk: Desk, where: Place, content: bytes) -> tuple[weather.Sheet, weather.Recorded]:
    against = request.POST.get("against", "")
    asked: dict[str, Any] = {"project_id": where.id, "content": content, "actor": desk.actor, "at": desk.at}
    try:
        return weather.import_rain(
            **asked,
            against=weather.Against(against) if against in set(weather.Against) else weather.Against.ASK,
            seen=request.POST.get("seen", ""),
            reason=request.POST.get("why", "").strip()[:200],
        )
    except InvalidError as error:
        if "reason" not in error.fields:
            raise
        sheet, _none = weather.import_rain(**asked)
        raise _Unanswered(sheet, {"why": error.fields["reason"]}) from error


def _typed_in(request: HttpRequest, desk: Desk, where: Place) -> None:
    try:
        day = date.fromisoformat(request.POST.get("day", ""))
    except ValueError as error:
        raise InvalidError({"day": _("Enter a day as 2026-11-21.")}) from error
    try:
        millimetres = Decimal(request.POST.get("millimetres", "").strip())
    except InvalidOperation as error:
        raise InvalidError({"millimetres": _("Enter a number.")}) from error
    reason = request.POST.get("reason", "").strip()[:200]
    row = weather.record_rain(
        project_id=where.id, day=day, millimetres=millimetres, actor=desk.actor, at=desk.at, reason=reason
    )
    messages.success(request, _("%(day)s: %(mm)s mm written down.") % {"day": row.day, "mm": row.millimetres})


def _again(where: Place) -> HttpResponse:
    response = HttpResponseRedirect(f"{reverse('console:weather')}?project={where.id}")
    response.status_code = 303
    return response
