"""What each action of a repair changes, up to the finished work. Prices: quoting.py; money: settling.py."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from steward.cases.engine import Step
from steward.cases.models import Case
from steward.casework.categories import category_by_code
from steward.casework.clocks.nextword import SILENCE
from steward.kernel import policies
from steward.kernel.errors import InvalidError
from steward.processes.repair import ceiling, quoting, settling, words
from steward.processes.repair.guards import PAPER, agreed_amount, on_paper
from steward.processes.repair.models import Repair, State, UsedPart
from steward.processes.repair.policies import PAUSING
from steward.processes.repair.visits import ensure_free
from steward.registers.billing.models import ItemKind
from steward.registers.billing.prices import Price, prices
from steward.registers.org.tree import place


def opened(step: Step) -> None:
    """Payer as decided at intake; a published rate told and accepted at reporting is consent."""
    detail, data = step.detail, step.data
    detail.payer = data.payer or ""
    if step.case.origin_id is not None and not detail.payer:
        detail.payer = "common"
        detail.first_payer = _payer_of_origin(step.case)
    if data.flat_rate:
        item = _price_list(step).get(data.flat_rate)
        if item is None or item.kind not in (ItemKind.FLAT, ItemKind.CALL_OUT):
            raise InvalidError({"flat_rate": _("There is no such published rate.")})
        detail.flat_rate_code, detail.flat_rate_name = item.code, item.name
        detail.flat_rate_kind, detail.flat_rate_amount = item.kind, item.price


def _payer_of_origin(case: Case) -> str:
    """Whose work the first case was; ours where another system, or nobody, knew."""
    rows = Repair.objects.in_project(case.project_id).filter(case_id=case.origin_id or 0)
    found = rows.values_list("first_payer", "payer").first()
    return next(filter(None, found), "") if found is not None else ""


def _price_list(step: Step) -> Mapping[str, Price]:
    return prices(lineage=place(step.case.project_id).lineage, at=step.at).items


def assess(step: Step) -> None:
    data, case = step.data, step.case
    case.urgency = data.urgency
    step.detail.payer, step.detail.payer_name = data.payer, data.payer_name
    if data.category:
        found = category_by_code(case.kind, data.category, case.project_id)
        if found is None:
            raise InvalidError({"category": _("There is no such category.")})
        case.category_id = found.id


def dispatch(step: Step) -> None:
    ensure_free(step)
    words.relieved(step)
    step.case.handler_id = step.data.handler
    step.detail.appointment_at = step.data.appointment_at
    words.assigned(step)


def redispatch(step: Step) -> None:
    """Somebody else in the middle of the job (sick, left): accepts, comes and looks; the customer's consent stands."""
    step.detail.hold_reason = step.detail.resume_state = ""
    step.case.promised_at = None
    dispatch(step)


def take(step: Step) -> None:
    step.case.handler_id = step.record["handler"] = step.actor.staff_id
    words.coming(step)


def accept(step: Step) -> None:
    words.coming(step)


def give_back(step: Step) -> None:
    step.case.handler_id = step.record["handler"] = None
    step.record["reason"] = step.data.reason
    words.given_back(step)


def arrive(step: Step) -> None:
    step.detail.arrived_at = step.happened_at


def contain(step: Step) -> None:
    """Recorded as such: containment, not work."""
    step.detail.containment, step.detail.contained_at = step.data.what, step.happened_at
    _photos(step, step.data.photos, "contain")


def confirm_scope(step: Step) -> None:
    detail, data = step.detail, step.data
    detail.cause, detail.scope_text, detail.scope_confirmed_by = data.cause, data.scope, data.confirmed_by
    if data.payer is not None:
        detail.payer = data.payer
    _photos(step, data.photos, "before")


def suspend(step: Step) -> None:
    """Not now: reason, new promised time, customer told. Only an allowed reason stops the clocks."""
    case, data = step.case, step.data
    allowed = policies.in_force(PAUSING, lineage=place(case.project_id).lineage, at=step.at).value
    step.detail.hold_reason, step.detail.resume_state = data.reason, case.state
    case.promised_at = step.promises[SILENCE] = data.promised_at
    if data.reason in allowed:
        step.pause_reason = data.reason
    words.on_hold(step)


def resume(step: Step) -> str:
    state: str = step.detail.resume_state or State.ACCEPTED
    step.detail.hold_reason = step.detail.resume_state = ""
    step.case.promised_at = None
    return state


def finish(step: Step) -> None:
    detail, data = step.detail, step.data
    detail.work_done, detail.labour_minutes = data.work_done, data.labour_minutes
    detail.site_cleaned = data.site_cleaned
    quoting.add(step)
    ceiling.ensure_within(step)
    agreed = agreed_amount(step)
    detail.amount = agreed if data.amount is None else data.amount
    _photos(step, data.photos_before, "before")
    _photos(step, data.photos_after, PAPER if on_paper(step) else "after")
    _use_parts(step)
    settling.complete(step)


def _use_parts(step: Step) -> None:
    """Parts by the price list's name, or by their own where the list has none."""
    known, case = _price_list(step), step.case
    rows = []
    for n, part in enumerate(step.data.parts, start=1):
        item = known.get(part.code)
        if not (item or part.name):
            raise InvalidError({f"parts.{n - 1}.code": _("Not on the price list in force.")})
        name = item.name if item else part.name
        row = UsedPart(project_id=case.project_id, case=case, round=case.round, position=n, code=part.code, name=name)
        row.quantity = part.quantity
        rows.append(row)
    UsedPart.objects.bulk_create(rows)


def say(step: Step) -> None:
    step.note = step.data.text
    _photos(step, step.data.photos, "note")


def tell(step: Step) -> None:
    say(step)
    words.word(step)


def _photos(step: Step, ids: list[int], label: str) -> None:
    step.files.extend((pk, label) for pk in ids)
