"""What customers are told: the shipped texts, which a project may put in its own words."""

from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from steward.registers.messaging.templates import Template

RECEIVED: Final = Template(
    "praise.received",
    _("Praise: received"),
    gettext_noop("Thank you, we have your kind words (%(number)s)"),
    gettext_noop("We will pass them on to the colleague they are meant for."),
    idle=True,
)
PASSED_ON: Final = Template(
    "praise.passed_on",
    _("Praise: passed on"),
    gettext_noop("Your praise %(number)s has reached our colleague"),
    gettext_noop("It stands in the personal record now. Thank you."),
    idle=True,
)
