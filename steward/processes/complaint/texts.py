"""What whoever complained is told: the shipped texts, which a project may put in its own words."""

from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from steward.registers.messaging.templates import Template

RECEIVED: Final = Template(
    "complaint.received",
    _("Complaint: received"),
    gettext_noop("Complaint %(number)s received"),
    gettext_noop(
        "Thank you for telling us. Your complaint %(number)s (%(title)s) is with %(who)s, "
        "who answers for it until you have heard from us."
    ),
    gettext_noop("Complaint %(number)s received, %(who)s answers for it."),
)
ANSWERED: Final = Template(
    "complaint.answered",
    _("Complaint: our answer"),
    gettext_noop("Complaint %(number)s: our answer"),
    "%(answer)s",
)
PLANNED: Final = Template(
    "complaint.planned",
    _("Complaint: our plan"),
    gettext_noop("Complaint %(number)s: our plan"),
    gettext_noop("Your complaint %(number)s takes longer: %(plan)s. It will be settled by %(when)s."),
    gettext_noop("Complaint %(number)s takes longer, it will be settled by %(when)s."),
)
SOLVED: Final = Template(
    "complaint.solved",
    _("Complaint: settled"),
    gettext_noop("Complaint %(number)s settled"),
    gettext_noop("Your complaint %(number)s is settled: %(solution)s. We will call to ask whether you agree."),
)
WORD: Final = Template(
    "complaint.word",
    _("Complaint: how it stands"),
    gettext_noop("News on complaint %(number)s"),
    "%(text)s",
    "%(number)s: %(text)s",
)
