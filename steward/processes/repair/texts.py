"""What customers are told about a repair: the shipped texts, which a project may put in its own words."""

from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from steward.registers.messaging.templates import Template

RECEIVED: Final = Template(
    "repair.received",
    _("Repair: received"),
    gettext_noop("Repair %(number)s received"),
    gettext_noop("We have received your repair %(number)s: %(title)s. %(who)s answers for it until you are satisfied."),
    gettext_noop("Repair %(number)s received, %(who)s answers for it."),
)
COMING: Final = Template(
    "repair.coming",
    _("Repair: somebody is coming"),
    gettext_noop("Repair %(number)s: somebody is coming"),
    gettext_noop("%(who)s has accepted your repair %(number)s%(when)s."),
    gettext_noop("%(who)s comes for repair %(number)s%(when)s."),
    examples={"when": " (11-21 14:30)"},
)
QUOTED: Final = Template(
    "repair.quoted",
    _("Repair: quote to agree to"),
    gettext_noop("Repair %(number)s: please look at the quote"),
    gettext_noop("The quote for %(number)s (%(title)s) is %(total)s yuan. Work begins only after you agree."),
    gettext_noop("Quote for repair %(number)s: %(total)s yuan, please answer:"),
    alone=True,
)
WITHIN: Final = Template(
    "repair.within_ceiling",
    _("Repair: more was needed, within the ceiling"),
    gettext_noop("Repair %(number)s: more was needed"),
    gettext_noop(
        "More was needed for %(number)s (%(title)s): it now comes to %(total)s yuan, within the %(ceiling)s yuan "
        "that you agreed to. You need not answer."
    ),
    gettext_noop("Repair %(number)s now comes to %(total)s yuan, within the %(ceiling)s yuan you agreed to."),
)
ON_HOLD: Final = Template(
    "repair.on_hold",
    _("Repair: a new time"),
    gettext_noop("Repair %(number)s: a new time"),
    gettext_noop("Your repair %(number)s cannot be done now: %(reason)s. The new time is %(when)s."),
    gettext_noop("Repair %(number)s: the new time is %(when)s (%(reason)s)."),
)
FINISHED: Final = Template(
    "repair.finished",
    _("Repair: done, amount to confirm"),
    gettext_noop("Repair %(number)s is done"),
    gettext_noop(
        "Your repair %(number)s is done. Please confirm the amount: %(amount)s yuan. "
        "Pay at the desk or online, never to the technician."
    ),
    gettext_noop("Repair %(number)s is done, please confirm %(amount)s yuan:"),
    alone=True,
)
DECLINED_FEE: Final = Template(
    "repair.declined_fee",
    _("Repair: quote declined, call-out fee to confirm"),
    gettext_noop("Repair %(number)s: quote declined"),
    gettext_noop(
        "You declined the quote for %(number)s. Please confirm the call-out fee agreed at reporting: "
        "%(amount)s yuan. Pay at the desk or online, never to the technician."
    ),
    gettext_noop("Repair %(number)s: quote declined, please confirm the call-out fee of %(amount)s yuan:"),
    alone=True,
)
DECLINED: Final = Template(
    "repair.declined",
    _("Repair: quote declined, nothing to pay"),
    gettext_noop("Repair %(number)s: quote declined"),
    gettext_noop("You declined the quote for %(number)s. Nothing was done, and there is nothing to pay."),
    gettext_noop("Repair %(number)s: quote declined, nothing to pay."),
)
RATE: Final = Template(
    "repair.rate",
    _("Repair: are you satisfied?"),
    gettext_noop("Repair %(number)s: are you satisfied?"),
    gettext_noop("Your repair %(number)s (%(title)s) is finished. Are you satisfied? Please say so here."),
    gettext_noop("Repair %(number)s is finished. Are you satisfied?"),
    alone=True,
    idle=True,
)
CANCELLED: Final = Template(
    "repair.cancelled",
    _("Repair: cancelled by us"),
    gettext_noop("Repair %(number)s cancelled"),
    gettext_noop("Your repair %(number)s is cancelled: %(reason)s."),
)
WORD: Final = Template(
    "repair.word",
    _("Repair: how it stands"),
    gettext_noop("News on %(number)s"),
    "%(text)s",
    "%(number)s: %(text)s",
)
