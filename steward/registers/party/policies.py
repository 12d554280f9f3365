"""Figures of privacy as policies: how soon a request is answered, how long what is kept."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, ConfigDict, Field

from steward.kernel import policies
from steward.kernel.policies import InForce, Policy
from steward.registers.org.tree import place


class Answering(BaseModel):
    """Days from asking to the answer; one extension to the cap, told to the person."""

    model_config = ConfigDict(frozen=True)

    days: int = Field(default=15, ge=1, le=365)
    cap_days: int = Field(default=30, ge=1, le=365)


ANSWERING: Final = Policy(
    key="privacy.answering",
    title=_("Requests about personal data: days to answer"),
    type=Answering,
    preset=Answering(),
    source="PIPL §50 (a timely answer); 15 days, 30 at most: GB/T 35273 practice (DOMAIN-RULES 7.2)",
)


class Retention(BaseModel):
    """Years that a record outlives its end. Until then a person's name stays in it, masked from everyday use."""

    model_config = ConfigDict(frozen=True)

    case_years: int = Field(default=3, ge=1, le=100)
    money_years: int = Field(default=30, ge=1, le=100)
    sharing_years: int = Field(default=3, ge=1, le=100)


RETENTION: Final = Policy(
    key="privacy.retention",
    title=_("Personal data: how long records are kept"),
    type=Retention,
    preset=Retention(),
    source="repairs and callbacks 3 y (sample schedule, DOMAIN-RULES 7.1; CC §188 limitation 3 y); "
    "vouchers 30 y (accounting archives); records of giving data to others 3 y (NDR §12)",
)


def in_force(policy: Policy[Any], *, project_id: int, at: datetime) -> InForce[Any]:
    return policies.in_force(policy, lineage=place(project_id).lineage, at=at)


def years_before(at: datetime, years: int) -> datetime:
    """The same day that many years ago; 29 February becomes the 28th."""
    try:
        return at.replace(year=at.year - years)
    except ValueError:
        return (at - timedelta(days=1)).replace(year=at.year - years)


def years_after(at: datetime, years: int) -> datetime:
    return years_before(at, -years)
