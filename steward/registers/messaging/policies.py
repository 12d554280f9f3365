"""When and how messages leave the house, by project."""

from typing import Annotated, Final, Literal

from django.utils.translation import gettext_lazy as _
from pydantic import Field, StringConstraints

from steward.kernel.policies import Policy

HOUSE: Final = "Steward's preset"
TIME: Final = r"([01]\d|2[0-3]):[0-5]\d"
Window = Annotated[str, StringConstraints(pattern=rf"^{TIME}-{TIME}$")]
Minutes = Annotated[int, Field(ge=0, le=240)]
CustomerVia = Literal["sms", "email"]
StaffVia = Literal["sms", "email", "wecom", "dingtalk", "feishu"]
UrgencyName = Literal["P0", "P1", "P2", "P3"]

QUIET: Final = Policy[str](
    key="messages.quiet_hours",
    title=_("Customers are not messaged from … to"),
    type=Window,
    preset="22:00-08:00",
    source="Noise Pollution Prevention Law, article 88: night is 22:00 to 06:00; until 08:00: Steward's preset",
    help=_("Local time of the project. Both ends the same: never quiet."),
)
AWAKE: Final = Policy[list[UrgencyName]](
    key="messages.at_night_for",
    title=_("Urgencies that may be messaged at night"),
    type=list[UrgencyName],
    preset=["P0", "P1"],
    source=f"{HOUSE}: P0 and P1 are worked on at night, so the customer waits for word",
)
MERGE: Final = Policy[int](
    key="messages.merge_minutes",
    title=_("Several updates to a customer become one within"),
    type=Minutes,
    preset=5,
    source=HOUSE,
    unit=_("minutes"),
)
CUSTOMER_ORDER: Final = Policy[list[CustomerVia]](
    key="messages.customer_channels",
    title=_("Customers are reached by, in this order"),
    type=list[CustomerVia],
    preset=["sms", "email"],
    source=HOUSE,
    help=_("The next is used where there is no address for the one before, or it failed for good."),
)
STAFF_URGENT: Final = Policy[list[StaffVia]](
    key="messages.staff_urgent_channels",
    title=_("Staff are alarmed outside the app by"),
    type=list[StaffVia],
    preset=["sms", "wecom", "dingtalk", "feishu"],
    source=HOUSE,
    help=_("Danger to life, and escalations from the stage below on: by all of these that are set up."),
)
STAFF_STAGE: Final = Policy[int](
    key="messages.staff_stage",
    title=_("Escalations leave the app from stage"),
    type=Annotated[int, Field(ge=1, le=9)],
    preset=2,
    source=f"{HOUSE}: stage 1 is the first responder's, who works in the app; from 2 on it is the manager's",
)
STAFF_ORDINARY: Final = Policy[list[StaffVia]](
    key="messages.staff_digest_channels",
    title=_("Other notices to staff leave the app by"),
    type=list[StaffVia],
    preset=[],
    source=f"{HOUSE}: they stand in the app",
)
STAFF_DIGEST: Final = Policy[int](
    key="messages.staff_digest_minutes",
    title=_("… gathered into one every"),
    type=Annotated[int, Field(ge=1, le=1440)],
    preset=30,
    source=HOUSE,
    unit=_("minutes"),
)
