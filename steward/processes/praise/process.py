"""Praise 表扬: thanked for, looked into, and written into the person's record (MISSION DSK-6)."""

from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from steward.cases.declare import CUSTOMER, OFFICE, Action, DeadlineRule, Guard, Process, by, register
from steward.cases.engine import Step
from steward.casework.clocks.nextword import never_silent, update_action
from steward.casework.customer.telling import to_customer, to_staff
from steward.casework.intake.opening import OpenData
from steward.kernel.actor import Role
from steward.kernel.clocks.policy import Clock, ClockTable
from steward.kernel.policies import Policy
from steward.kernel.schema import Data, Line, OptionalId, Text, ask
from steward.processes.praise import texts
from steward.processes.praise.models import Gift, Praise, State
from steward.registers.org.tree import place
from steward.registers.workforce.commendations import commend
from steward.registers.workforce.people import colleagues

PASS_ON: Final = Policy(
    key="praise.pass_on",
    title=_("Praise: passed on"),
    type=ClockTable,
    preset=ClockTable(default=Clock(minutes=3 * 24 * 60)),
    source="seed 001: praise is registered and reaches the person; three days is ours",
)


class OpenPraise(OpenData):
    about: Line = ask("", max_length=80, title=pgettext_lazy("praise", "Whom is it for"))
    way: Gift = ask(Gift.WORDS, title=pgettext_lazy("praise", "How"))


class PassOn(Data):
    staff: OptionalId = ask(None, title=pgettext_lazy("praise", "Colleague"), kind="staff")
    team: Line = ask("", max_length=80, title=pgettext_lazy("praise", "Or the whole team"))
    verified: Text = ask("", max_length=1000, title=_("What happened"))


def _opened(step: Step) -> None:
    step.detail.about, step.detail.way = step.data.about, step.data.way


def _received(step: Step) -> None:
    if step.actor.is_resident:
        to_staff(step, "reported", [step.case.accountable_id], gettext_noop("Praise: "), step.case.description)
    to_customer(step, "received", texts.RECEIVED)


def _pass_on(step: Step) -> None:
    case, detail, data = step.case, step.detail, step.data
    detail.staff_id, detail.team, detail.verified = data.staff, data.team, data.verified
    commend(
        staff_id=data.staff,
        team=data.team,
        project_id=case.project_id,
        source=case.number,
        text=case.description or case.title,
        at=step.happened_at,
    )
    to_staff(step, "praised", [data.staff], gettext_noop("A customer thanks you: "), case.description)
    to_customer(step, "passed_on", texts.PASSED_ON)


def _somebody(step: Step) -> bool:
    return step.data.staff is not None or bool(step.data.team)


def _works_here(step: Step) -> bool:
    """Also guards and cleaners, who have no account: by the place they belong to."""
    found = colleagues().get(step.data.staff) if step.data.staff is not None else None
    if found is None:
        return step.data.staff is None
    here = place(step.case.project_id).lineage
    return found.works_in(step.case.project_id) or (found.is_active and found.node_id in here)


def _another(step: Step) -> bool:
    return step.data.staff is None or step.data.staff != step.actor.staff_id


NAMED: Final = Guard("praise.named", _("Say who or which team is praised."), _somebody)
WORKS_HERE: Final = Guard("praise.works_here", _("There is no such colleague here."), _works_here)
BY_ANOTHER: Final = Guard("praise.by_another", _("Nobody writes praise into the own record."), _another)

S = State
RECEIVED: Final = frozenset({S.RECEIVED})

praise: Final = register(
    Process(
        kind="praise",
        title=_("Praise"),
        prefix="BY",
        states=S,
        initial=S.RECEIVED,
        terminal=frozenset({S.PASSED_ON}),
        detail=Praise,
        open_form=OpenPraise,
        opened_by=OFFICE | CUSTOMER,
        on_open=_opened,
        confirms_open=_received,
        road=(S.RECEIVED, S.PASSED_ON),
        milestones={S.RECEIVED: _("Received"), S.PASSED_ON: pgettext_lazy("milestone", "Passed on")},
        todo={S.RECEIVED: _("Find out whom it is for and pass it on")},
        actions=(
            Action(
                "pass_on",
                pgettext_lazy("praise", "Pass on"),
                RECEIVED,
                S.PASSED_ON,
                by(Role.DESK, Role.HEAD_BUTLER, Role.MANAGER),
                form=PassOn,
                guards=(NAMED, WORKS_HERE, BY_ANOTHER),
                effect=_pass_on,
                primary=True,
                key="A",
            ),
            update_action(RECEIVED),
        ),
        deadlines=(
            DeadlineRule(
                "pass_on",
                pgettext_lazy("praise", "Passed on"),
                PASS_ON,
                runs_in=RECEIVED,
                met_in=frozenset({S.PASSED_ON}),
                from_received=True,
            ),
            never_silent(RECEIVED, done_in=frozenset({S.PASSED_ON})),
        ),
    )
)
