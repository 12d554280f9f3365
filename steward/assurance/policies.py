"""Figures of the callbacks."""

from typing import Final

from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, ConfigDict, Field, field_validator

from steward.kernel import clocks
from steward.kernel.clocks.policy import Clock, ClockTable
from steward.kernel.policies import Policy


class QuietHours(BaseModel):
    """Local times at which customers are not called, and the spacing of attempts."""

    model_config = ConfigDict(frozen=True)

    spans: tuple[str, ...] = ("12:00-14:00", "20:00-08:30")
    urgent_gap_minutes: int = Field(default=180, ge=0, le=7 * 24 * 60)
    attempts: int = Field(default=3, ge=1, le=20)

    @field_validator("spans")
    @classmethod
    def _spans(cls, spans: tuple[str, ...]) -> tuple[str, ...]:
        try:
            clocks.QuietHours.of(*spans)
        except ValueError as error:
            raise ValueError(_("Write times like 12:00-14:00, 20:00-08:30, and leave some time to call.")) from error
        return spans


QUIET: Final = Policy(
    key="callback.quiet",
    title=_("Callbacks: quiet hours and attempts"),
    type=QuietHours,
    preset=QuietHours(),
    source="MISSION DSK-9; DOMAIN-RULES 3: three tries, urgent ones at least 3 h apart, else on different days",
)


class CallbackRule(BaseModel):
    """The first rule that fits a completed case holds. Empty fields fit every case.

    By when the courtesy call is due is the process's own callback clock; a kind without one has no callback.
    """

    model_config = ConfigDict(frozen=True)

    kinds: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    leaks: bool | None = None
    calls: bool = True
    after_rain: bool = False

    def fits(self, *, kind: str, category: str, is_leak: bool) -> bool:
        return (
            (not self.kinds or kind in self.kinds)
            and (not self.categories or category in self.categories)
            and (self.leaks is None or self.leaks == is_leak)
        )


RULES: Final[Policy[tuple[CallbackRule, ...]]] = Policy(
    key="callback.rules",
    title=_("Callbacks: which cases are called about, and which again after rain"),
    type=tuple[CallbackRule, ...],
    preset=(
        # Water from a pipe shows without rain.
        CallbackRule(kinds=("repair",), categories=("leak", "pipe")),
        CallbackRule(kinds=("repair",), leaks=True, after_rain=True),
    ),
    source="seed 003: leaks after the first rain following the repair, all others as their process says; MISSION DSK-9",
)


class AfterRain(BaseModel):
    """Hours from the first calling time after the rain; days from completion until nobody waits for rain any more."""

    model_config = ConfigDict(frozen=True)

    hours: int = Field(default=72, ge=1, le=24 * 30)
    fallback_days: int = Field(default=90, ge=1, le=366)


AFTER_RAIN: Final = Policy(
    key="callback.after_rain",
    title=_("Callbacks after rain: by when, and after how long without rain"),
    type=AfterRain,
    preset=AfterRain(hours=72, fallback_days=90),
    source="DOMAIN-RULES 3: fallback 90 days; three days after the rain: Steward's preset",
)
RAIN_CLOCK: Final = Policy(
    key="callback.rain_clock",
    title=_("Callbacks after rain: made"),
    type=ClockTable,
    preset=ClockTable(default=Clock(minutes=72 * 60)),
    source="callback.after_rain says by when; only warnings and stages are taken from here",
)
