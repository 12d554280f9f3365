"""The form of a clock table: one line for each urgency, the allowance in days, hours or minutes."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from steward.cases.models import Urgency
from steward.console.settings.words import DAY, HOUR, MODES
from steward.design.forms import Choice
from steward.kernel.actor import Role
from steward.kernel.clocks.policy import Clock, ClockTable

DEFAULT: Final = "default"
ROWS: Final = (*Urgency.values, DEFAULT)
#: As the line of all others says; no clock at all.
SAME: Final = "same"
NONE: Final = "none"
UNITS: Final[Mapping[str, Any]] = {
    "1440": gettext_lazy("days"),
    "60": gettext_lazy("hours"),
    "1": gettext_lazy("minutes"),
}
RUNGS: Final[Mapping[str, Any]] = {
    "accountable": gettext_lazy("First responder"),
    Role.HEAD_BUTLER: Role.HEAD_BUTLER.label,
    Role.MANAGER: Role.MANAGER.label,
    Role.REGION: Role.REGION.label,
    Role.HQ: Role.HQ.label,
}
PERCENT: Final = Decimal(100)
Typed = dict[str, str]


def shown(table: ClockTable) -> Typed:
    """The table as the form shows it."""
    typed = _stages(table.default)
    for row in ROWS:
        clock = table.default if row == DEFAULT else table.by_urgency.get(row, table.default)
        size = next((u for u in (DAY, HOUR) if clock and clock.minutes and clock.minutes % u == 0), 1)
        typed[f"{row}.amount"] = str(clock.minutes // size) if clock else ""
        typed[f"{row}.unit"] = str(size)
        typed[f"{row}.mode"] = _mode(table, row, clock)
        typed[f"{row}.hours"] = clock.hours if clock and clock.mode != "natural" else ""
    return typed


def _mode(table: ClockTable, row: str, clock: Clock | None) -> str:
    if row != DEFAULT and row not in table.by_urgency:
        return SAME
    return clock.mode if clock else NONE


def _stages(clock: Clock) -> Typed:
    rungs = {who: ratio for ratio, who in clock.ladder}
    return {"warn": _percent(clock.warn_ratio), **{f"rung.{who}": _percent(rungs.get(who)) for who in RUNGS}}


def _percent(ratio: Decimal | None) -> str:
    return "" if ratio is None else f"{(ratio * PERCENT).normalize():f}"


def posted(post: Mapping[str, str]) -> Typed:
    parts = [f"{row}.{part}" for row in ROWS for part in ("amount", "unit", "mode", "hours")]
    return {name: post.get(name, "").strip() for name in (*parts, "warn", *(f"rung.{who}" for who in RUNGS))}


def gathered(typed: Typed, now: ClockTable) -> dict[str, Any]:
    """The raw table. Stages left as they stood stay each clock's own; changed ones hold for every line."""
    own = _stages(now.default) == {name: typed.get(name, "") for name in _stages(now.default)}

    def clock(row: str) -> dict[str, Any] | None:
        if typed.get(f"{row}.mode") == NONE:
            return None
        before = (now.by_urgency.get(row) if row != DEFAULT else None) or now.default
        stages = {"warn_ratio": before.warn_ratio, "ladder": before.ladder} if own else _typed_stages(typed)
        mode = typed.get(f"{row}.mode", "")
        hours = typed.get(f"{row}.hours") if mode != "natural" else before.hours
        return {"minutes": _minutes(typed, row), "mode": mode, "hours": hours or "", **stages}

    urgent = [row for row in Urgency.values if typed.get(f"{row}.mode") != SAME]
    return {"default": clock(DEFAULT), "by_urgency": {row: clock(row) for row in urgent}}


def _minutes(typed: Typed, row: str) -> Any:
    """Whole minutes; what is no number stays as typed."""
    amount, unit = typed.get(f"{row}.amount", ""), typed.get(f"{row}.unit", "")
    try:
        minutes = Decimal(amount) * int(unit if unit in UNITS else 1)
        return int(minutes) if minutes == minutes.to_integral_value() else amount
    except (InvalidOperation, ValueError, OverflowError):
        return amount


def _typed_stages(typed: Typed) -> dict[str, Any]:
    rungs = [(_ratio(typed[f"rung.{who}"]), who) for who in RUNGS if typed.get(f"rung.{who}")]
    numbers = all(isinstance(ratio, Decimal) for ratio, _who in rungs)
    return {"warn_ratio": _ratio(typed.get("warn", "")), "ladder": sorted(rungs) if numbers else rungs}


def _ratio(text: str) -> Any:
    try:
        ratio = Decimal(text) / PERCENT
    except InvalidOperation:
        return text
    return ratio if ratio.is_finite() else text


def rows(typed: Typed, errors: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [_row(row, typed, errors) for row in ROWS]


def _row(row: str, typed: Typed, errors: Mapping[str, Any]) -> dict[str, Any]:
    place = row if row == DEFAULT else f"by_urgency.{row}"
    label = _("All others") if row == DEFAULT else f"{row} {Urgency(row).label}"
    modes: list[Choice] = [*MODES.items()]
    if row != DEFAULT:
        modes = [(SAME, _("As all others")), *modes, (NONE, _("No clock"))]
    found = (_at(f"{place}.{part}", errors) for part in ("minutes", "mode", "hours"))
    return {
        "name": row,
        "label": label,
        **{part: typed.get(f"{row}.{part}", "") for part in ("amount", "unit", "mode", "hours")},
        "modes": modes,
        "errors": [text for text in found if text] or ([errors[place]] if place in errors else []),
    }


def stages(typed: Typed, errors: Mapping[str, Any]) -> dict[str, Any]:
    """When somebody is warned and told, in percent of the allowance."""
    wrong = (text for at, text in errors.items() if ".ladder" in at)
    warned = (text for at, text in errors.items() if at.endswith(".warn_ratio"))
    return {
        "warn": typed.get("warn", ""),
        "warn_error": next(warned, ""),
        "rungs": [(f"rung.{who}", label, typed.get(f"rung.{who}", "")) for who, label in RUNGS.items()],
        "rung_error": next(wrong, ""),
    }


def _at(path: str, errors: Mapping[str, Any]) -> Any:
    return next((text for at, text in errors.items() if at == path or at.startswith(f"{path}.")), "")


def unit_choices() -> Sequence[Choice]:
    return list(UNITS.items())
