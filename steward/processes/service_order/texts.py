"""What customers are told: the shipped texts, which a project may put in its own words."""

from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from steward.registers.messaging.templates import Template

RECEIVED: Final = Template(
    "service_order.received",
    _("Service on request: ordered"),
    gettext_noop("Order %(number)s received"),
    gettext_noop("Your order %(number)s: %(item)s × %(quantity)s, %(amount)s yuan. We will confirm the time."),
)
ARRANGED: Final = Template(
    "service_order.arranged",
    _("Service on request: arranged"),
    gettext_noop("Order %(number)s arranged"),
    gettext_noop("%(who)s takes care of your order %(number)s: %(when)s."),
    gettext_noop("Order %(number)s: %(who)s, %(when)s."),
)
DONE: Final = Template(
    "service_order.done",
    _("Service on request: done"),
    gettext_noop("Order %(number)s is done"),
    gettext_noop("Your order %(number)s is done: %(amount)s yuan. Pay at the desk or online. Were you satisfied?"),
    alone=True,
)
CANCELLED: Final = Template(
    "service_order.cancelled",
    _("Service on request: cancelled"),
    gettext_noop("Order %(number)s cancelled"),
    gettext_noop("Your order %(number)s is cancelled: %(reason)s."),
)
WORD: Final = Template(
    "service_order.word",
    _("Service on request: how it stands"),
    gettext_noop("News on order %(number)s"),
    "%(text)s",
    "%(number)s: %(text)s",
)
