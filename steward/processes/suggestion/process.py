"""Suggestion 建议: routed to whoever can act on it, answered with a decision, counted (MISSION DSK-6)."""

from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from steward.cases.declare import CUSTOMER, DESK, HANDLER, OFFICE, Action, DeadlineRule, Process, by, register
from steward.cases.engine import Step
from steward.casework.clocks.nextword import never_silent, update_action
from steward.casework.customer.telling import to_customer, to_staff
from steward.casework.forms import Say
from steward.casework.intake.opening import OpenData
from steward.kernel.actor import Role
from steward.kernel.clocks.policy import Clock, ClockTable
from steward.kernel.policies import Policy
from steward.kernel.schema import Data, Id, Line, Text, ask
from steward.processes.suggestion import texts
from steward.processes.suggestion.models import Decision, State, Suggestion
from steward.registers.workforce.people import must_work_in, name_of

ANSWER: Final = Policy(
    key="suggestion.answer",
    title=_("Suggestion: answered"),
    type=ClockTable,
    preset=ClockTable(default=Clock(minutes=7 * 24 * 60)),
    source="seed 001: suggestions are routed and answered; a week as for the callback of ordinary matters (seed 003)",
)


class Route(Data):
    responsible_unit: Line = ask(min_length=1, max_length=80, title=_("Responsible unit"))
    handler: Id = ask(title=pgettext_lazy("suggestion", "Handler"), kind="staff")


class Decide(Data):
    decision: Decision = ask(title=pgettext_lazy("suggestion", "Decision"))
    answer: Text = ask(min_length=2, max_length=2000, title=_("Answer"))


def _received(step: Step) -> None:
    if step.actor.is_resident:
        message = gettext_noop("New suggestion: ")
        to_staff(step, "reported", [step.case.accountable_id], message, step.case.description)
    to_customer(step, "received", texts.RECEIVED, who=name_of(step.case.accountable_id))


def _route(step: Step) -> None:
    must_work_in(step.case.project_id, handler=step.data.handler)
    step.case.handler_id = step.data.handler
    step.detail.responsible_unit = step.data.responsible_unit
    to_staff(step, "assigned", [step.case.handler_id], gettext_noop("Suggestion to decide on: "), step.case.description)


def _answer(step: Step) -> None:
    step.note = step.data.answer
    step.detail.decision = step.data.decision
    to_customer(step, "answered", texts.ANSWERED, answer=step.data.answer)


def _said(step: Step) -> None:
    step.note = step.data.text
    step.files.extend((pk, "note") for pk in step.data.photos)


S = State
OPEN: Final = frozenset({S.RECEIVED, S.ROUTED})

suggestion: Final = register(
    Process(
        kind="suggestion",
        title=_("Suggestion"),
        prefix="JY",
        states=S,
        initial=S.RECEIVED,
        terminal=frozenset({S.ANSWERED, S.CANCELLED}),
        detail=Suggestion,
        open_form=OpenData,
        opened_by=OFFICE | CUSTOMER | by(Role.TECHNICIAN),
        confirms_open=_received,
        road=(S.RECEIVED, S.ROUTED, S.ANSWERED),
        milestones={
            S.RECEIVED: _("Received"),
            S.ROUTED: pgettext_lazy("suggestion", "With the responsible unit"),
            S.ANSWERED: pgettext_lazy("milestone", "Answered"),
        },
        todo={S.RECEIVED: _("Route to whoever can act on it"), S.ROUTED: _("Decide and answer")},
        actions=(
            Action("route", _("Route"), OPEN, S.ROUTED, DESK, form=Route, effect=_route, primary=True, key="D"),
            Action(
                "answer",
                _("Answer"),
                OPEN,
                S.ANSWERED,
                DESK | HANDLER,
                form=Decide,
                effect=_answer,
                public=True,
                primary=True,
                key="Y",
            ),
            update_action(OPEN),
            Action("say", _("Note for colleagues"), OPEN, None, OFFICE | HANDLER, form=Say, effect=_said),
            Action("cancel", _("Withdraw"), OPEN, S.CANCELLED, CUSTOMER | by(Role.MANAGER), public=True),
        ),
        deadlines=(
            DeadlineRule(
                "answer", _("Answer"), ANSWER, runs_in=OPEN, met_in=frozenset({S.ANSWERED}), from_received=True
            ),
            never_silent(OPEN, done_in=frozenset({S.ANSWERED})),
        ),
    )
)
