"""What to say while the form is being filled in: in order, worded by what is known so far."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from steward.casework.categories import category_by_code
from steward.console.promises import Promise
from steward.console.shell import Desk
from steward.kernel.marks import mark
from steward.registers.org.tree import Place

#: What to ask first, by the category's code, else by the kind; safety before facts.
ASK: Final[dict[str, Any]] = {
    "leak": gettext_lazy(
        "Does the water reach a lamp or a socket? Can the valve be closed? Is the flat below wet too?"
    ),
    "drain": gettext_lazy(
        "Does it rise back or only run off slowly? Kitchen, bathroom or balcony? Is the neighbour's blocked too?"
    ),
    "water": gettext_lazy("Is the water off everywhere or at one tap? Since when? Is the valve at the meter open?"),
    "power": gettext_lazy(
        "Is the whole flat dark or part of it? Did a breaker trip? Please do not switch it on again if it smells burnt."
    ),
    "lift": gettext_lazy(
        "Is anybody inside? How many, any child, old or pregnant person, anybody unwell? Tell them: do not force the door, help is on its way."
    ),
    "heating": gettext_lazy("Which rooms stay cold, and since when? Is there a hiss or a drip at the manifold?"),
    "door": gettext_lazy("Is anybody locked in or out? Is a stove on, a child or an old person alone inside?"),
    "wall": gettext_lazy("Which wall or ceiling, how large, does it grow when it rains?"),
    "complaint": gettext_lazy(
        "What happened, when, where, who was there? What would settle it for you? How shall we reach you with the answer?"
    ),
    "inquiry": gettext_lazy("What would you like to know, for which room, until when do you need it?"),
    "repair": gettext_lazy("What exactly does not work, since when, was it repaired before? When is somebody at home?"),
}


def script(
    desk: Desk, where: Place | None, kind: str, values: Mapping[str, Any], promise: Promise | None
) -> list[tuple[str, str]]:
    """(heading, words). Read-back and promise speak of this very call."""
    code = str(values.get("category", ""))
    ask = ASK.get(code) if kind == "repair" else None
    found = [
        (
            pgettext("script", "Opening"),
            _("Hello, this is %(name)s of the service centre. How can I help?") % {"name": desk.actor.name},
        ),
        (pgettext("script", "Ask"), str(ask or ASK.get(kind) or _("What is it about, since when, and which room?"))),
        (pgettext("script", "Say it back"), _read_back(desk, where, kind, code, values)),
        (pgettext("script", "Promise"), _promise(promise)),
    ]
    if kind == "repair":
        costs = _("Looking and first aid are as told. For parts we quote first; work begins after you agree.")
        found.append((pgettext("script", "Costs beforehand"), costs))
    closing = _("I answer for this until it is settled. Is there anything else?")
    return [*found, (pgettext("script", "Closing"), closing)]


def _read_back(desk: Desk, where: Place | None, kind: str, code: str, values: Mapping[str, Any]) -> str:
    category = category_by_code(kind, code, where.id) if where and code else None
    said = str(values.get("description", "")).strip().replace("\n", mark("，"))[:80]
    known = [
        str(values.get("reporter_name", "")),
        str(values.get("unit_label", "") or values.get("place", "")),
        category.title(desk.actor.language) if category else "",
        said,
    ]
    parts = [part for part in known if part]
    if len(parts) < 2:
        return _("Let me repeat: which room, what happened, since when. Is that right?")
    return _("Let me repeat: %(what)s. Is that right?") % {"what": mark("，").join(parts)}


def _promise(promise: Promise | None) -> str:
    if promise is None or not promise.clocks:
        return _("Say who answers and by when; promise nothing that does not stand under “After saving”.")
    name = next((c.name for c in promise.send if c.staff_id == promise.send_to), "")
    first = promise.clocks[0] if not promise.is_urgent else promise.clocks[min(1, len(promise.clocks) - 1)]
    if name:
        return _("%(name)s comes. %(clock)s by %(due)s at the latest.") % {
            "name": name,
            "clock": first.title,
            "due": first.due,
        }
    return _("%(clock)s by %(due)s at the latest; if that changes, we tell you before.") % {
        "clock": first.title,
        "due": first.due,
    }
