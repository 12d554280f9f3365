"""What a new figure would have meant, in one or two sentences."""

from typing import Any, Final

from django.utils.translation import gettext as _

from steward.assurance.policies import RULES
from steward.console.shell import Desk
from steward.insight import preview
from steward.kernel.clocks.policy import ClockTable
from steward.kernel.policies import Policy
from steward.registers.org.tree import Place, tree

KEEPS: Final = preview.DAYS


def is_measured(policy: Policy[Any]) -> bool:
    """Whether there is something to recompute."""
    return policy.key == RULES.key or (policy.type is ClockTable and preview.is_measured(policy))


def words(policy: Policy[Any], now: Any, then: Any, *, desk: Desk, here: Place) -> str:
    projects = tree().projects_under[here.path] & desk.actor.project_ids
    if policy.key == RULES.key:
        return _calls(preview.calls(now, then, actor=desk.actor, projects=projects, at=desk.at))
    if not is_measured(policy):
        return _("Nothing past can be recomputed for this figure: it holds for what happens from then on.")
    return _clocks(preview.clocks(policy, then, actor=desk.actor, projects=projects, at=desk.at))


def _clocks(effect: preview.Effect) -> str:
    if not effect.cases:
        return _("In the last %(days)s days no clock of this kind ran here.") % {"days": preview.DAYS}
    past = _(
        "Of the %(n)s cases of the last %(days)s days, %(then)s would have been late by the new rule (now %(now)s)."
    )
    running = _(
        "%(running)s clocks run now and keep their old version; if they began under the new rule,"
        " %(sooner)s would be due earlier and %(later)s later."
    )
    said = past % {"n": effect.cases, "days": preview.DAYS, "then": effect.late_then, "now": effect.late_now}
    said += " " + running % {"running": effect.running, "sooner": effect.sooner, "later": effect.later}
    return said + (
        " " + _("Only the newest %(n)s clocks were looked at.") % {"n": preview.MOST} if effect.capped else ""
    )


def _calls(found: preview.Calls) -> str:
    if not found.cases:
        return _("In the last %(days)s days no callback began here.") % {"days": preview.DAYS}
    said = _(
        "Of the %(n)s cases with a callback in the last %(days)s days, %(then)s would be called about (now %(now)s),"
        " %(rain_then)s of them again after rain (now %(rain_now)s). Callbacks already begun stay as they are."
    )
    return said % {
        "days": preview.DAYS,
        "n": found.cases,
        "then": found.called_then,
        "now": found.called_now,
        **_rain(found),
    }


def _rain(found: preview.Calls) -> dict[str, int]:
    return {"rain_then": found.rain_then, "rain_now": found.rain_now}
