"""Two steps that have a page and no API: the desk's words with a firm's link, and what the firm does with it."""

import re
from typing import TYPE_CHECKING

from django.db import transaction
from django.test import Client
from django.urls import reverse

from tests.week.compound import Compound

if TYPE_CHECKING:
    from tests.week.play import Do

LINK = re.compile(r"/l/([^/\s]+)/")
SENT = re.compile(r'name="client_uuid"[^>]*value="([^"]+)"')


def link(compound: Compound, do: "Do") -> tuple[int, str]:
    """The button beside the sub-task; the words that come back are for the firm's chat."""
    desk = Client()
    desk.force_login(compound.company.users[do.who])
    with transaction.atomic():  # what is refused is undone to here, not to the test's beginning
        page = desk.post(reverse("console:subtask-link", args=[compound.project_id, do.data["pk"]]))
    found = LINK.search(page.content.decode())
    return page.status_code, found[1] if found else ""


def report(do: "Do") -> tuple[int, str]:
    """Opened on a phone without any sign-in, filled in, sent; a link that is over shows no form."""
    phone, url = Client(), f"/l/{do.data['token']}/"
    page = phone.get(url)
    sent = SENT.search(page.content.decode())
    form = {"report": do.data["report"], "client_uuid": sent[1] if sent else do.data["client_uuid"]}
    return phone.post(url, form).status_code, ""
