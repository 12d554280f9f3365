"""Around every page of the field face: bottom bar, skin, and what the page's scripts need to know."""

import uuid
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from steward.cases.declare import process_of
from steward.design.clockface import when
from steward.design.shell import MenuItem, Person, Shell
from steward.kernel.actor import Actor


def shell_of(actor: Actor, *, current: str = "", todo: int | None = None, pool: int | None = None) -> Shell:
    """``current``: jobs, pool, me, or nothing where the page leads one step at a time and shows no bar."""
    tabs = (
        ("jobs", pgettext("bottom bar", "To do"), reverse("field-jobs"), "clipboard-check", todo),
        ("pool", pgettext("bottom bar", "Open jobs"), reverse("field-pool"), "inbox", pool),
        ("me", pgettext("bottom bar", "Me"), reverse("field-me"), "user-circle", None),
    )
    menu = tuple(
        MenuItem(label=label, url=url, icon=icon, current=key == current, count=count or None)
        for key, label, url, icon, count in tabs
    )
    return Shell(
        product=_("Steward"),
        home_url=reverse("field-jobs"),
        menu=menu if current else (),
        user=Person(name=actor.name),
        language=actor.language,
        language_url=reverse("language"),
        sign_out_url=reverse("sign-out"),
        demo=settings.DEMO,
        demo_url=reverse("sign-in") if settings.DEMO else "",
        theme="auto",
    )


def page(request: HttpRequest, actor: Actor, **context: Any) -> dict[str, Any]:
    """The context of a page; ``words`` are spoken by its scripts."""
    return {
        "owner": actor.key,
        "words": words(),
        "replay_url": reverse("field-replay"),
        "worker_url": reverse("field-worker"),
        "now": timezone.now(),
        "when": when,
        "uuid4": uuid.uuid4,
        "targets": targets(),
        **context,
    }


def targets(kind: str = "repair") -> dict[str, str]:
    """The state each action leads to, for a phone that goes on without network; what is computed is left out."""
    process = process_of(kind)
    actions = process.actions if process else ()
    return {a.name: str(a.target) for a in actions if isinstance(a.target, str)}


def words() -> dict[str, str]:
    """What the scripts say, in the reader's language."""
    return {
        "offline": _("No network: just go on working"),
        "sending": _("Sending what is stored"),
        "waiting": _("Stored on this phone, not sent yet"),
        "stored": _("Stored. It is sent as soon as there is network."),
        "items": _("{n} to send"),
        "photos": _("{n} photos"),
        "sign_in": _("Signed out. {n} items are kept: sign in to send them."),
        "refused": _("The office is looking at it"),
        "kept_here": _("Refused, kept on this phone"),
        "sent": _("Sent: {n}"),
        "needs_network": _("This needs the network."),
        "failed": _("The server did not answer properly. It is kept and tried again."),
        "refresh": _("This page was open for too long. Reload it."),
        "others": _("{n} items of another person wait on this phone until that person signs in."),
        "go_on": _("Go on with the job"),
        "since": _("the first since {at}"),
        "none": _("Everything is sent."),
        "copied": _("Copied"),
        "at_least_one": _("Choose at least one item."),
        "sign_first": _("Please sign first"),
        "full": _("This phone has no room left to store it. Send it where there is network."),
    }
