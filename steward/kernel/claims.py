"""When somebody says it happened: claimed, bounded, never taken on trust."""

from datetime import datetime, timedelta
from typing import Annotated, Final

from django.utils.translation import gettext_lazy as _
from pydantic import Field

from steward.kernel.errors import InvalidError
from steward.kernel.policies import Policy

#: Two clocks differ by a little.
SKEW: Final = timedelta(minutes=5)
LATE_ENTRY: Final = Policy(
    key="case.happened_at_bound",
    title=_("How far back an action may be dated (hours)"),
    type=Annotated[int, Field(ge=0, le=24 * 366)],
    preset=72,
    source="HOUSE: happened_at is claimed, bounded and flagged",
)


def bounded(claimed: datetime, *, began: datetime, before: datetime | None, hours: int, at: datetime) -> datetime:
    """The claimed instant, between what led to it and now, at most ``hours`` back. Raises InvalidError."""
    if claimed > at + SKEW:
        raise InvalidError({"happened_at": _("This lies in the future.")})
    if claimed < began or claimed < at - timedelta(hours=hours):
        raise InvalidError({"happened_at": _("This lies too far back.")})
    if before is not None and claimed < before - SKEW:
        raise InvalidError({"happened_at": _("This lies before the step that led here.")})
    return min(max(claimed, before or claimed), at)
