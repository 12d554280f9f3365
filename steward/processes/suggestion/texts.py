"""What customers are told: the shipped texts, which a project may put in its own words."""

from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from steward.registers.messaging.templates import Template

RECEIVED: Final = Template(
    "suggestion.received",
    _("Suggestion: received"),
    gettext_noop("Suggestion %(number)s received"),
    gettext_noop("Thank you for your suggestion %(number)s (%(title)s). %(who)s will let you know what we decide."),
    idle=True,
)
ANSWERED: Final = Template(
    "suggestion.answered",
    _("Suggestion: our answer"),
    gettext_noop("Suggestion %(number)s: our answer"),
    "%(answer)s",
    idle=True,
)
