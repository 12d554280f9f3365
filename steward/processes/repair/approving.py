"""A quote above the company's limit goes to the manager before it goes to the customer 超限额审批."""

from decimal import Decimal
from typing import Final

from django.utils.translation import gettext_lazy as _

from steward.cases.declare import HANDLER, Action, DeadlineRule, Guard, by
from steward.cases.engine import Step
from steward.casework.clocks.sweep import DECIDERS
from steward.casework.customer.links import issue_link
from steward.kernel import policies as figures
from steward.kernel.actor import Role
from steward.processes.repair import ceiling, forms, policies, words
from steward.processes.repair.guards import on_paper
from steward.processes.repair.models import Consent, Quote, State
from steward.registers.org.tree import place

#: Manager level; the region above, where the manager quoted.
APPROVERS: Final = by(Role.MANAGER, Role.REGION)


def limit_of(project_id: int, step: Step) -> Decimal:
    return figures.in_force(policies.LIMIT, lineage=place(project_id).lineage, at=step.at).value


def is_needed(step: Step) -> bool:
    """Above the limit, and above what was approved already: that approval does not cover it."""
    detail = step.detail
    total, approved = detail.quote_total, detail.approved_total
    return total > limit_of(step.case.project_id, step) and (approved is None or total > approved)


def put(step: Step, quote: Quote) -> None:
    """To the manager, to the work where a ceiling covers it, or to the customer: in this order."""
    if is_needed(step):
        withdraw(step)
        step.public = False  # the customer hears of a price when it may be agreed to
        words.approval_asked(step)
    else:
        _on(step, quote)


def _on(step: Step, quote: Quote) -> None:
    if ceiling.covers(step) and ceiling.carry_over(step, quote):
        words.within_ceiling(step)
    else:
        case = step.case
        name = case.customer_name
        words.quoted(step, issue_link(case=case, purpose="consent", person_name=name, actor=step.actor, at=step.at))


def after_quote(step: Step) -> str:
    detail = step.detail
    if is_needed(step):
        return State.APPROVING
    return ceiling.state_after(step) if detail.consent_hash == detail.quote_hash else State.QUOTED


def withdraw(step: Step) -> None:
    detail = step.detail
    detail.approved_total, detail.approved_by, detail.approved_at = None, "", None


def _quote(step: Step) -> Quote | None:
    rows = Quote.objects.in_project(step.case.project_id).filter(case_id=step.case.pk)
    return rows.filter(version=step.detail.quote_version).first()


def _by_another(step: Step) -> bool:
    quote = _quote(step)
    if quote is not None and on_paper(step):  # the key is the clerk's, who signs for nobody
        return step.case.handler_id != step.actor.staff_id
    mine = step.case.handler_id is not None and step.case.handler_id == step.actor.staff_id
    return not mine and quote is not None and quote.made_by != step.actor.key


def approve(step: Step) -> None:
    detail = step.detail
    detail.approved_total, detail.approved_by, detail.approved_at = (
        detail.quote_total,
        step.actor.name,
        step.happened_at,
    )
    step.record["total"] = str(detail.quote_total)
    words.approved(step)
    quote = _quote(step)
    if quote is not None:
        _on(step, quote)


def refuse(step: Step) -> None:
    """Back to the technician with the reason; what was agreed to before stands."""
    step.record["total"] = str(step.detail.quote_total)
    words.approval_refused(step)
    back_to(step, agreed_before(step))


def take_back(step: Step) -> None:
    """By whoever quoted: mistyped, or cheaper after all."""
    step.record["total"] = str(step.detail.quote_total)
    back_to(step, agreed_before(step))


def after_refusal(step: Step) -> str:
    return State.AGREED if step.detail.consent_hash else State.SCOPED


def agreed_before(step: Step) -> Consent | None:
    """The consent that the quote in force was to replace."""
    given = Consent.objects.in_project(step.case.project_id).filter(case_id=step.case.pk, round=step.case.round)
    return given.select_related("quote").order_by("-pk").first()


def back_to(step: Step, earlier: Consent | None) -> None:
    detail, quote = step.detail, earlier.quote if earlier is not None else None
    detail.quote_hash = detail.consent_hash = quote.digest if quote else ""
    detail.quote_total = quote.total if quote else None
    detail.ceiling = earlier.ceiling if earlier is not None else None
    if earlier is not None:
        detail.quote_version = quote.version if quote else 0


BY_ANOTHER: Final = Guard(
    "repair.quote_approved_by_another", _("Whoever quoted, or does the work, does not approve the price."), _by_another
)
WAITS: Final = frozenset({State.APPROVING})
ACTIONS: Final = (
    Action(
        "approve_quote",
        _("Approve the price"),
        WAITS,
        after_quote,
        APPROVERS,
        targets=frozenset({State.QUOTED, State.AGREED}),
        guards=(BY_ANOTHER,),
        effect=approve,
        public=True,
        primary=True,
    ),
    Action(
        "refuse_quote",
        _("Do not approve the price"),
        WAITS,
        after_refusal,
        APPROVERS,
        form=forms.Reason,
        targets=frozenset({State.SCOPED, State.AGREED}),
        guards=(BY_ANOTHER,),
        effect=refuse,
    ),
    Action(
        "take_back_quote",
        _("Take the price back"),
        WAITS,
        after_refusal,
        HANDLER,
        targets=frozenset({State.SCOPED, State.AGREED}),
        effect=take_back,
    ),
)
DECIDERS["repair", "approval"] = Role.MANAGER
CLOCK: Final = DeadlineRule(
    "approval",
    _("Manager's approval"),
    policies.APPROVAL,
    runs_in=WAITS,
    met_in=frozenset({State.QUOTED, State.SCOPED, State.AGREED, State.WORKING}),
    void_in=frozenset({State.DISPATCHED}),
    repeats=True,
)
