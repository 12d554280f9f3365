"""What a changed category would mean, in sentences: for those who take calls, and for the cases that have it."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from steward.assurance.policies import RULES, CallbackRule
from steward.cases.declare import REGISTRY
from steward.cases.models import Urgency
from steward.casework.categories import CategoryRow, keys, of_kind
from steward.console.settings.words import clock_words
from steward.console.shell import Desk
from steward.insight.categorizing import DAYS, UNUSED, received_with, use_of
from steward.kernel import policies
from steward.kernel.actor import Role
from steward.kernel.marks import listed
from steward.registers.billing.prices import prices
from steward.registers.org.tree import Place
from steward.registers.workforce.models import Skill
from steward.registers.workforce.people import colleagues


def changed(row: CategoryRow, then: Mapping[str, Any], *, desk: Desk, here: Place) -> list[str]:
    lines = [_used(row, desk)]
    if then["name"] != row.name:
        said = _(
            "They read “%(then)s” from now on, older ones too. Where the meaning changes, retire it and add a new one."
        )
        lines.append(said % {"then": then["name"]})
    if then["urgency"] != row.urgency:
        lines += _urgency(row, then["urgency"], desk, here)
    if then["skill"] != row.skill:
        lines.append(_skill(then["skill"], desk))
    if then["is_leak"] != row.is_leak:
        lines.append(_callback(row, is_leak=then["is_leak"], desk=desk, here=here))
    return lines if len(lines) > 1 else [*lines, _("Nothing at intake would change.")]


def added(kind: str, then: Mapping[str, Any], *, desk: Desk, here: Place) -> list[str]:
    """A new one: who would be proposed, and when it is called back."""
    lines = [_("Offered at intake and to residents from now on; no case changes.")]
    if then["urgency"]:
        lines += [_clocks(kind, then["urgency"], desk, here)]
    if then["skill"]:
        lines.append(_skill(then["skill"], desk))
    return lines


def retired(row: CategoryRow, *, desk: Desk, here: Place) -> list[str]:
    lines = [_used(row, desk), _("Offered no more at intake, to residents and in the API; cases keep the word.")]
    rows = of_kind(row.kind, row.node_id or 0)
    before, after = keys(rows), keys([c for c in rows if row.id not in (c.id, c.parent_id)])
    moved = [c for c in rows if c.id in after and before.get(c.id) != after[c.id]]
    if moved:
        language = get_language() or ""
        said = listed(f"{c.title(language)} {before.get(c.id) or '—'} → {after[c.id]}" for c in moved)
        lines.append(_("Keys at intake move: %(moved)s") % {"moved": said})
    items = [p for p in prices(lineage=here.lineage, at=desk.at).items.values() if p.category == row.code]
    if items:
        lines.append(
            _("%(n)s items of the price list are offered first for it; they stay on the list.") % {"n": len(items)}
        )
    if any(row.code in rule.categories for rule in _rules(desk, here)):
        lines.append(_("A rule of the callbacks names it: cases that have it are still called about by that rule."))
    return lines


def _used(row: CategoryRow, desk: Desk) -> str:
    use = use_of([row.id], actor=desk.actor, projects=desk.actor.project_ids, at=desk.at).get(row.id, UNUSED)
    said = _("%(open)s open cases have it, %(recent)s were received with it in the last %(days)s days.")
    return said % {"open": use.open, "recent": use.recent, "days": DAYS}


def _urgency(row: CategoryRow, then: str, desk: Desk, here: Place) -> Iterator[str]:
    if then:
        yield _clocks(row.kind, then, desk, here)
    had = received_with(row.id, actor=desk.actor, projects=desk.actor.project_ids, at=desk.at)
    if row.urgency and sum(had.values()):
        said = _("Of the %(n)s cases of the last %(days)s days %(same)s were taken at %(now)s as preset so far.")
        same = had.get(row.urgency, 0)
        yield said % {"n": sum(had.values()), "days": DAYS, "same": same, "now": urgency_words(row.urgency)}
    yield _("Open cases keep their urgency and their clocks.")


def _clocks(kind: str, urgency: str, desk: Desk, here: Place) -> str:
    """The promises that begin with the call."""
    process = REGISTRY[kind]
    found = []
    for rule in process.deadlines:
        if process.initial in rule.runs_in and rule.until is None and not rule.renews:
            table = policies.in_force(rule.policy, lineage=here.lineage, at=desk.at).value
            found.append(f"{rule.title} {clock_words(table.clock(urgency))}")
    said = _("Preset at intake: %(urgency)s (%(clocks)s)")
    return said % {"urgency": urgency_words(urgency), "clocks": listed(found)}


def urgency_words(urgency: str) -> str:
    return f"{urgency} {Urgency(urgency).label}" if urgency in Urgency.values else _("none preset")


def _skill(skill: str, desk: Desk) -> str:
    if not skill:
        return _("Every technician is proposed alike.")
    able = [
        c
        for c in colleagues().values()
        if c.is_active and skill in c.skills and any(c.has(Role.TECHNICIAN, p) for p in desk.actor.project_ids)
    ]
    label = Skill(skill).label
    if not able:
        return _("Nobody in sight has the skill %(skill)s: nobody would be proposed first.") % {"skill": label}
    return _("%(n)s technicians have the skill %(skill)s and are proposed first.") % {"n": len(able), "skill": label}


def _callback(row: CategoryRow, *, is_leak: bool, desk: Desk, here: Place) -> str:
    now, then = (
        callback_words(row.kind, row.code, is_leak=leak, desk=desk, here=here) for leak in (row.is_leak, is_leak)
    )
    return _("Callback: %(then)s (now: %(now)s). Callbacks begun stay as they are.") % {"then": then, "now": now}


def callback_words(kind: str, code: str, *, is_leak: bool, desk: Desk, here: Place) -> str:
    """How cases of the category are called back here."""
    process = REGISTRY[kind]
    if not any(rule.key == "callback" for rule in process.deadlines):
        return _("not called back")
    fitting = (rule for rule in _rules(desk, here) if rule.fits(kind=kind, category=code, is_leak=is_leak))
    rule = next(fitting, CallbackRule())
    if not rule.calls:
        return _("not called back")
    return _("in time, and again after rain") if rule.after_rain else _("in time")


def _rules(desk: Desk, here: Place) -> tuple[CallbackRule, ...]:
    return policies.in_force(RULES, lineage=here.lineage, at=desk.at).value
