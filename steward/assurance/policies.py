"""Figures of the callbacks."""

from typing import Final

from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, ConfigDict

from steward.kernel.policies import Policy


class QuietHours(BaseModel):
    """Local times at which customers are not called, and the spacing of attempts."""

    model_config = ConfigDict(frozen=True)

    spans: tuple[str, ...] = ("12:00-14:00", "20:00-08:30")
    urgent_gap_minutes: int = 180
    attempts: int = 3


QUIET: Final = Policy(
    key="callback.quiet",
    title=_("Callbacks: quiet hours and attempts"),
    type=QuietHours,
    preset=QuietHours(),
    source="MISSION DSK-9; DOMAIN-RULES 3: three tries, urgent ones at least 3 h apart, else on different days",
)
