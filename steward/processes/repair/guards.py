"""Rules of a repair beyond role and state. Their names stand in docs/rules.md."""

from datetime import timedelta
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext_lazy as _

from steward.assurance.callbacks import URGENT
from steward.cases.declare import Guard
from steward.cases.engine import Step
from steward.casework.models import CaseFile
from steward.kernel.actor import ActorKind, Role
from steward.kernel.claims import SKEW
from steward.processes.repair.models import CUSTOMER_PAYS, Consent, ConsentWay, State
from steward.registers.billing.models import ItemKind
from steward.registers.workforce.people import colleagues

YEAR: Final = timedelta(days=366)
# Pictures that show the fault as it was found.
BEFORE: Final = ("before", "contain")
#: Purpose of an actor made by ``paper``: what a signed sheet says is entered afterwards.
PAPER: Final = "paper"


def customer_pays(step: Step) -> bool:
    return step.detail.payer in CUSTOMER_PAYS


def has_consent(step: Step) -> bool:
    """Consent to exactly the quote in force."""
    return bool(step.detail.quote_hash) and step.detail.consent_hash == step.detail.quote_hash


def agreed_amount(step: Step) -> Decimal:
    """What was agreed to: the consented quote, the accepted flat rate, or nothing."""
    detail = step.detail
    agreed: Decimal | None = None
    if customer_pays(step) and detail.quote_hash:
        agreed = detail.quote_total if has_consent(step) else None
    elif customer_pays(step) and detail.flat_rate_kind == ItemKind.FLAT:
        agreed = detail.flat_rate_amount
    return agreed or Decimal(0)


def _may_start(step: Step) -> bool:
    return not customer_pays(step) or _price_accepted(step)


def _price_accepted(step: Step) -> bool:
    """Consent to the quote in force, a quote of nothing, or a flat rate accepted at reporting."""
    detail = step.detail
    if has_consent(step):
        return _given_before(step)
    if detail.quote_hash and detail.quote_total == 0:
        return True
    return not detail.quote_hash and detail.flat_rate_kind == ItemKind.FLAT


def _given_before(step: Step) -> bool:
    """Entered late, work still cannot have begun before the customer agreed; phones' clocks may differ a little."""
    rows = Consent.objects.in_project(step.case.project_id).filter(case_id=step.case.pk)
    given = rows.filter(quote_hash=step.detail.quote_hash).order_by("given_at").first()
    return given is None or given.given_at <= step.happened_at + SKEW


def _payer_may_change(step: Step) -> bool:
    """Work begun as free of charge cannot become the customer's by a stroke of the pen: quote first."""
    begun = step.case.state == State.WORKING
    return not begun or step.data.payer not in CUSTOMER_PAYS or _price_accepted(step)


def _handler_fits(step: Step) -> bool:
    return is_technician(step.data.handler, step.case.project_id)


def is_technician(staff_id: int | None, project_id: int) -> bool:
    found = colleagues().get(staff_id or 0)
    return found is not None and found.is_active and found.has(Role.TECHNICIAN, project_id)


def _way_fits(step: Step) -> bool:
    """Each way of consenting belongs to somebody: a resident cannot record a call, nor the desk a signature."""
    way, actor = step.data.way, step.actor
    if way == ConsentWay.PAPER:
        return on_paper(step) and bool(step.data.signature)
    if actor.kind is ActorKind.LINK:
        return bool(way == ConsentWay.LINK)
    if actor.is_resident:
        return bool(way == ConsentWay.PORTAL)
    if way == ConsentWay.SIGNATURE:
        return step.case.handler_id == actor.staff_id and _is_fresh(step)
    return way == ConsentWay.CALL and bool(step.data.call_reference) and actor.staff_id != step.case.handler_id


def on_paper(step: Step) -> bool:
    return step.actor.is_staff and step.actor.purpose == PAPER


def _is_fresh(step: Step) -> bool:
    """A signature is given for one thing: the one under the quote does not confirm the amount."""
    if not step.data.signature:
        return False
    used = CaseFile.objects.in_project(step.case.project_id).filter(attachment_id=step.data.signature)
    return not used.exists()


def _has_picture_before(step: Step) -> bool:
    rows = CaseFile.objects.in_project(step.case.project_id).filter(case_id=step.case.pk, label__in=BEFORE)
    # The photo of the signed sheet, which must be there, says how it was found.
    return on_paper(step) or bool(step.data.photos_before) or rows.exists()


def _nothing_owed(step: Step) -> bool:
    """A price agreed to for work that was done, and not charged yet, does not go away by calling off the rework."""
    return step.case.round == 1 or not has_consent(step)


PAYER_DECIDED: Final = Guard(
    "repair.payer_decided",
    _("Decide first how urgent it is and who pays."),
    lambda s: bool(s.detail.payer and s.case.urgency),
)
HANDLER_FITS: Final = Guard(
    "repair.handler_is_technician", _("This colleague is not a technician of the project."), _handler_fits
)
EMERGENCY: Final = Guard(
    "repair.containment_emergency_only",
    _("Containment without consent is for emergencies (P0, P1) only."),
    lambda s: s.case.urgency in URGENT,
)
QUOTE_UNCHANGED: Final = Guard(
    "repair.consent_binds_quote",
    _("The quote has changed. Please look at the new one."),
    lambda s: s.data.quote_hash == s.detail.quote_hash,
)
WAY_FITS: Final = Guard(
    "repair.consent_witnessed",
    _(
        "Consent needs a signature on the technician's phone, the customer's own answer, or the reference of a recorded call."
    ),
    _way_fits,
)
CONSENTED: Final = Guard(
    "repair.no_work_before_consent", _("No work before the customer has agreed to the price."), _may_start
)
PAYER_AGREED: Final = Guard("repair.no_work_before_consent", CONSENTED.message, _payer_may_change)
NEW_TIME: Final = Guard(
    "repair.new_time_ahead",
    _("The new promised time must lie ahead, within a year."),
    lambda s: s.happened_at < s.data.promised_at < s.happened_at + YEAR,
)
CUSTOMER_TOLD: Final = Guard(
    "repair.customer_told", _("Tell the customer first."), lambda s: bool(s.data.customer_told)
)
PHOTO_BEFORE: Final = Guard("repair.photo_before", _("Add a picture from before the work."), _has_picture_before)
SITE_CLEAN: Final = Guard("repair.site_cleaned", _("Leave the site clean first."), lambda s: bool(s.data.site_cleaned))
WITHIN_AGREED: Final = Guard(
    "repair.amount_within_agreed",
    _("More than agreed: quote again."),
    lambda s: s.data.amount is None or s.detail.ceiling is not None or s.data.amount <= agreed_amount(s),
)
AMOUNT_MATCHES: Final = Guard(
    "repair.amount_confirmed",
    _("The amount has changed. Please look again."),
    lambda s: s.data.amount == s.detail.amount,
)
NOTHING_OWED: Final = Guard(
    "repair.not_cancelled_while_owed", _("An amount is still owed on this case."), _nothing_owed
)
NOT_HANDLER: Final = Guard(
    "repair.callback_by_another",
    _("Whoever did the work does not make the callback."),
    lambda s: s.case.handler_id is None or s.case.handler_id != s.actor.staff_id,
)
