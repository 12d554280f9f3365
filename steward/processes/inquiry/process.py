"""Inquiry 问询: answered at once, or somebody finds out and answers (MISSION DSK-5)."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from steward.assurance.incidents.together import incident_over, with_incident
from steward.cases.declare import CUSTOMER, DESK, HANDLER, Action, DeadlineRule, Process, by, register
from steward.cases.engine import Step
from steward.casework.nextword import never_silent, update_action
from steward.casework.opening import OpenData
from steward.kernel.actor import Role
from steward.kernel.clocks.policy import Clock, ClockTable
from steward.kernel.policies import Policy
from steward.kernel.schema import Data, Id, Text, ask


class State(models.TextChoices):
    RECEIVED = "received", _("To answer")
    PASSED_ON = "passed_on", _("Being looked into")
    ANSWERED = "answered", _("Answered")


ANSWER: Final = Policy(
    key="inquiry.answer",
    title=_("Inquiry: answered"),
    type=ClockTable,
    preset=ClockTable(default=Clock(minutes=24 * 60)),
    source="seed 002 1.3: response within 24 h",
)


class Answer(Data):
    answer: Text = ask(min_length=1, max_length=2000, title=_("Answer"))


class PassOn(Data):
    handler: Id = ask(title=_("Colleague"), kind="staff")


def _answer(step: Step) -> None:
    step.note = step.data.answer


def _pass_on(step: Step) -> None:
    step.case.handler_id = step.data.handler


OPEN: Final = frozenset({State.RECEIVED, State.PASSED_ON})

inquiry: Final = register(
    Process(
        kind="inquiry",
        title=_("Inquiry"),
        prefix="WX",
        states=State,
        initial=State.RECEIVED,
        terminal=frozenset({State.ANSWERED}),
        open_form=OpenData,
        opened_by=DESK | CUSTOMER,
        road=(State.RECEIVED, State.PASSED_ON, State.ANSWERED),
        milestones={State.RECEIVED: _("Received"), State.PASSED_ON: _("Passed on")},
        todo={State.RECEIVED: _("Answer"), State.PASSED_ON: _("Find out and answer")},
        actions=(
            Action(
                "answer",
                _("Answer"),
                OPEN,
                State.ANSWERED,
                DESK | HANDLER,
                form=Answer,
                effect=_answer,
                public=True,
                primary=True,
                key="A",
            ),
            with_incident(OPEN, {}),
            incident_over(OPEN, State.ANSWERED),
            update_action(OPEN),
            Action("pass_on", _("Pass on"), OPEN, State.PASSED_ON, DESK, form=PassOn, effect=_pass_on),
            Action(
                "ask_again",
                _("Ask again"),
                frozenset({State.ANSWERED}),
                State.RECEIVED,
                CUSTOMER | by(Role.DESK),
                form=Answer,
                effect=_answer,
                public=True,
            ),
        ),
        deadlines=(
            DeadlineRule(
                "answer", _("Answer"), ANSWER, runs_in=OPEN, met_in=frozenset({State.ANSWERED}), from_received=True
            ),
            never_silent(OPEN, done_in=frozenset({State.ANSWERED})),
        ),
    )
)
