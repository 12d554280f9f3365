"""What everybody affected is told; a project may put it in its own words."""

from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from steward.registers.messaging.templates import Template

EXAMPLES: Final = {
    "title": gettext_noop("No water in building 3"),
    "place": "3-2",
    "text": gettext_noop("The pump is being repaired."),
}

OPENED: Final = Template(
    "incident.opened",
    _("Incident: notice"),
    gettext_noop("%(title)s"),
    gettext_noop("%(place)s: %(text)s Expected end: %(when)s. We know of it, you need not report it again."),
    gettext_noop("%(title)s: %(text)s Expected end: %(when)s."),
    examples=EXAMPLES,
)
UPDATED: Final = Template(
    "incident.updated",
    _("Incident: news"),
    gettext_noop("%(title)s: news"),
    gettext_noop("%(place)s: %(text)s Expected end: %(when)s."),
    gettext_noop("%(title)s: %(text)s Expected end: %(when)s."),
    examples=EXAMPLES,
)
CLOSED: Final = Template(
    "incident.closed",
    _("Incident: over"),
    gettext_noop("%(title)s: over"),
    gettext_noop("%(place)s: %(text)s Thank you for your patience. If something is still wrong, please tell us."),
    gettext_noop("%(title)s, over: %(text)s"),
    examples=EXAMPLES,
)
