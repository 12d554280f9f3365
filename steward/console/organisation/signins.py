"""The link by which a colleague chooses a password: made on one page, shown once on the next."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from steward.console.organisation.entry import Entry, answer
from steward.console.organisation.people import HERE
from steward.console.shell import Desk, at_desk, page
from steward.registers.workforce import assignments, signins, staffing
from steward.web.http import office_only


@office_only
@require_http_methods(["GET", "POST"])
@at_desk
def link(request: HttpRequest, desk: Desk, pk: int) -> HttpResponse:
    row = assignments.staff_of(pk, desk.actor)
    staffing.ensure_leads_everywhere(row, desk.actor)
    back = reverse("console:person", args=[pk])

    def shown(made: str) -> HttpResponse:
        context = {"staff": row, "link": made, "back": back}
        response = page(request, desk, "console/organisation/sign_in.jinja", context, here=HERE)
        response["Cache-Control"] = "no-store"
        return response

    entry = Entry(
        title=_("Sign-in link"),
        about=row.name,
        form=signins.SignIn,
        do=lambda data, _uuid: signins.sign_in_link(staff_id=pk, data=data, actor=desk.actor, at=desk.at),
        back=back,
        onward=shown,
        here=HERE,
        submit=_("Make the link"),
        icon="key",
        note=_("The colleague opens the link and chooses a password; one of before works until then."),
        leave_out=frozenset({"username"}) if row.user_id else frozenset(),
    )
    return answer(request, desk, entry)
