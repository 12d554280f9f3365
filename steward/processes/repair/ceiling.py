"""Not more than … 约定上限: a sum agreed to with the consent, up to which parts and labour may be added."""

from decimal import Decimal

from django.utils.translation import gettext as _

from steward.cases.engine import Step
from steward.design.environment import money
from steward.kernel.errors import InvalidError
from steward.processes.repair.guards import agreed_amount, customer_pays
from steward.processes.repair.models import Consent, Quote, State


def ensure_above_quote(step: Step) -> None:
    """Raises InvalidError: less than the quote would be no ceiling but another price."""
    ceiling, total = step.data.ceiling, step.detail.quote_total
    if ceiling is not None and ceiling < total:
        text = _("The ceiling must be at least the quote's %(total)s.")
        raise InvalidError({"ceiling": text % {"total": money(total)}})


def covers(step: Step) -> bool:
    """Whether the quote in force stays within what was agreed to beforehand."""
    detail = step.detail
    return customer_pays(step) and detail.ceiling is not None and detail.quote_total <= detail.ceiling


def carry_over(step: Step, quote: Quote) -> bool:
    """The consent with its ceiling holds for the new quote too, by the same person's word; False if there is none."""
    rows = Consent.objects.in_project(step.case.project_id).filter(case_id=step.case.pk, round=step.case.round)
    given = rows.order_by("-pk").first()
    if given is None or given.ceiling is None:
        return False
    given.pk, given.quote, given.quote_hash, given.amount = None, quote, quote.digest, quote.total
    given._state.adding = True  # noqa: SLF001  a copy
    given.save(force_insert=True)
    step.detail.consent_hash = quote.digest
    return True


def state_after(step: Step) -> str:
    """Work that has begun goes on; else it may begin."""
    return State.WORKING if step.from_state == State.WORKING else State.AGREED


def ensure_within(step: Step) -> None:
    """Raises InvalidError naming the field: above the ceiling nothing is owed before a new consent."""
    detail, amount = step.detail, step.data.amount
    if amount is None or detail.ceiling is None:
        return
    if amount > detail.ceiling:
        raise InvalidError({"amount": above(detail.ceiling)})
    if amount > agreed_amount(step):
        text = _("More than the items come to: add them from the price list; up to %(ceiling)s nobody is asked again.")
        raise InvalidError({"amount": text % {"ceiling": money(detail.ceiling)}})


def above(ceiling: Decimal) -> str:
    text = _("Above the agreed ceiling of %(ceiling)s: quote the higher price and have the customer agree first.")
    return text % {"ceiling": money(ceiling)}
