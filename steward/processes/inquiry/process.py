"""Inquiry 问询: answered at once, or somebody finds out and answers (MISSION DSK-5)."""

from datetime import timedelta
from typing import ClassVar, Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from steward.assurance.incidents.together import incident_over, with_incident
from steward.cases.declare import CUSTOMER, DESK, HANDLER, Action, DeadlineRule, Process, by, register
from steward.cases.engine import Step
from steward.casework.clocks.nextword import never_silent, update_action
from steward.casework.customer.telling import to_customer, to_staff
from steward.casework.intake.opening import OpenData
from steward.kernel import policies
from steward.kernel.actor import Role
from steward.kernel.clocks.policy import Clock, ClockTable
from steward.kernel.errors import InvalidError
from steward.kernel.policies import Policy
from steward.kernel.schema import Data, Id, Line, OptionalId, Text, ask
from steward.processes.inquiry.models import Inquiry, State
from steward.registers.knowledge import articles as knowledge
from steward.registers.messaging.templates import Template
from steward.registers.org.tree import place
from steward.registers.workforce.people import must_work_in

ANSWERED: Final = Template(
    "inquiry.answered", _("Inquiry: our answer"), gettext_noop("Your question %(number)s: our answer"), "%(answer)s"
)
ANSWER: Final = Policy(
    key="inquiry.answer",
    title=_("Inquiry: answered"),
    type=ClockTable,
    preset=ClockTable(default=Clock(minutes=24 * 60)),
    source="seed 002 1.3: response within 24 h",
)


FIRST_CONTACT: Final = Policy(
    key="inquiry.first_contact",
    title=_("Inquiry: counts as answered at first contact within (minutes)"),
    type=int,
    preset=15,
    source="MISSION DSK-5: answered at first contact; a quarter of an hour is ours",
)


class Answer(Data):
    answer: Text = ask(min_length=1, max_length=4000, title=_("Answer"))
    article: OptionalId = ask(None, title=_("From the knowledge base"), kind="article")

    staff_only: ClassVar[frozenset[str]] = frozenset({"article"})


class Again(Data):
    answer: Text = ask(min_length=1, max_length=2000, title=_("Question"))


class Keep(Data):
    question: Line = ask(min_length=2, max_length=200, title=_("Question"))
    answer: Text = ask(min_length=2, max_length=4000, title=_("Answer"))


class PassOn(Data):
    handler: Id = ask(title=_("Colleague"), kind="staff")


def _received(step: Step) -> None:
    if step.actor.is_resident:
        to_staff(step, "reported", [step.case.accountable_id], gettext_noop("New question: "), step.case.description)


def _answer(step: Step) -> None:
    case, data, lineage = step.case, step.data, place(step.case.project_id).lineage
    step.note = data.answer
    if data.article is not None and data.article not in {a.id for a in knowledge.of_place(lineage)}:
        raise InvalidError({"article": _("There is no such entry.")})
    step.detail.article_id = data.article
    minutes = policies.in_force(FIRST_CONTACT, lineage=lineage, at=step.at).value
    quick = step.happened_at - case.received_at <= timedelta(minutes=minutes)
    step.detail.at_first_contact = quick and step.from_state == State.RECEIVED and case.round == 1
    to_customer(step, "answered", ANSWERED, answer=data.answer)


def _ask_again(step: Step) -> None:
    """The answer was none: whoever gave it hears so, and whoever answers for it."""
    case = step.case
    step.note = step.data.answer
    people = [case.handler_id, case.accountable_id]
    to_staff(step, "asked_again", people, gettext_noop("Asked again, the answer did not help: "), step.data.answer)
    step.reopen()


def _keep(step: Step) -> None:
    """What had to be found out once is found in the knowledge base the next time."""
    days = policies.in_force(knowledge.REVIEW, lineage=place(step.case.project_id).lineage, at=step.at).value
    row = knowledge.save_article(
        article_id=None,
        node_id=step.case.project_id,
        actor=step.actor,
        at=step.at,
        question=step.data.question,
        answer=step.data.answer,
        owner=step.actor.staff_id,
        review_on=knowledge.next_review(at=step.at, days=days),
    )
    step.detail.article_id = row.pk


def _pass_on(step: Step) -> None:
    must_work_in(step.case.project_id, handler=step.data.handler)
    step.case.handler_id = step.data.handler
    to_staff(step, "assigned", [step.case.handler_id], gettext_noop("Question to answer: "), step.case.description)


OPEN: Final = frozenset({State.RECEIVED, State.PASSED_ON})

inquiry: Final = register(
    Process(
        kind="inquiry",
        title=_("Inquiry"),
        prefix="WX",
        states=State,
        initial=State.RECEIVED,
        terminal=frozenset({State.ANSWERED}),
        detail=Inquiry,
        open_form=OpenData,
        opened_by=DESK | CUSTOMER,
        confirms_open=_received,
        road=(State.RECEIVED, State.PASSED_ON, State.ANSWERED),
        milestones={
            State.RECEIVED: _("Received"),
            State.PASSED_ON: _("Passed on"),
            State.ANSWERED: pgettext_lazy("milestone", "Answered"),
        },
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
                form=Again,
                effect=_ask_again,
                public=True,
            ),
            Action(
                "keep",
                _("Keep the answer in the knowledge base"),
                frozenset({State.ANSWERED}),
                None,
                by(Role.DESK, Role.HEAD_BUTLER, Role.MANAGER),
                form=Keep,
                effect=_keep,
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
