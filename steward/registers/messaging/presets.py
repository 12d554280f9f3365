"""Shipped texts that belong to no single process: what colleagues are told outside the app, and joined messages."""

from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from steward.registers.messaging.templates import Template

WARN: Final = Template(
    "staff.deadline_warn",
    _("To staff: little time left"),
    gettext_noop("%(number)s: little time left"),
    gettext_noop("%(deadline)s of %(number)s (%(title)s) is due %(when)s."),
    for_staff=True,
)
LATE: Final = Template(
    "staff.deadline_late",
    _("To staff: time is up"),
    gettext_noop("%(number)s is late"),
    gettext_noop(
        "%(deadline)s of %(number)s (%(title)s) was due %(when)s. Escalated to you (stage %(stage)s). %(why)s"
    ),
    gettext_noop("Late: %(number)s %(deadline)s, due %(when)s, stage %(stage)s"),
    for_staff=True,
)
JOINED: Final = Template(
    "customer.joined",
    _("Several updates in one"),
    gettext_noop("%(count)s updates from your service centre"),
    gettext_noop("What is new:\n\n%(texts)s"),
    gettext_noop("%(count)s updates: %(texts)s"),
)
DIGEST: Final = Template(
    "staff.digest",
    _("To staff: several notices in one"),
    gettext_noop("%(count)s notices"),
    gettext_noop("Since the last mail:\n\n%(texts)s"),
    gettext_noop("%(count)s notices: %(texts)s"),
    for_staff=True,
)
