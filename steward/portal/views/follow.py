"""How far it is, for whoever holds a link: to be looked at, and nothing else. No pictures, no record, no money."""

from django.http import HttpRequest, HttpResponse

from steward.portal import words
from steward.portal.road import late_lines, road
from steward.portal.views.seat import Seat


def progress(request: HttpRequest, seat: Seat) -> HttpResponse:
    view, now = seat.view, seat.at
    context = {
        "look": words.look(view.case.kind, view.case.state),
        "road": road(view, now),
        "late": late_lines(view, now),
        "next": view.next_word(),
    }
    return seat.show(request, "follow", context)
