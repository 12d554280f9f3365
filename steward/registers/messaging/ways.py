"""Which ways out of the house are set up, and for whom."""

import re
from typing import Final

from django.conf import settings

from steward.registers.messaging.models import Via
from steward.registers.org.tree import Place, tree

ROBOTS: Final = (Via.WECOM, Via.DINGTALK, Via.FEISHU)
#: A robot speaks to a group, so a message for three colleagues is said there once.
GROUP: Final = "group"

#: A mainland mobile number, or an international one.
MOBILE: Final = re.compile(r"(?:\+?86)?(1[3-9]\d{9})\Z|(\+\d{7,15})\Z")


def mobile(text: str) -> str:
    """The number an SMS can be sent to; empty for anything else, a landline for one."""
    found = MOBILE.match(re.sub(r"[\s()-]", "", text))
    return (found.group(1) or found.group(2)) if found else ""


def is_customers(recipient: str) -> bool:
    return recipient.startswith("customer:")


def robot_of(here: Place, via: str) -> str:
    """The credential of the nearest group's robot (project before region before company), or empty."""
    codes = [tree().places[node_id].code for node_id in here.lineage]
    robots: dict[str, str] = settings.ROBOTS
    return next((robots[f"{code}:{via}"] for code in (*codes, "*") if f"{code}:{via}" in robots), "")


def configured(here: Place) -> set[str]:
    """What is set up for a place. E-mail always is: where it goes is the server's configuration."""
    found = {str(Via.EMAIL), *(str(via) for via in ROBOTS if robot_of(here, via))}
    return found | {str(Via.SMS)} if settings.SMS_URL else found
