"""What customers and colleagues are told, in the customer's language."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from steward.cases.engine import Step
from steward.kernel.outbox import Message
from steward.registers.org.tree import place
from steward.registers.workforce.people import name_of

CUSTOMERS_LANGUAGE = "zh-hans"


def to_customer(step: Step, event: str, subject: str, body: str, *, path: str = "") -> None:
    """In the portal's inbox, and by e-mail where the customer has an address."""
    case = step.case
    if case.customer_id is None:
        return
    text = body + (f"\n{settings.PUBLIC_URL}{path}" if path else "")
    recipient = f"customer:{case.customer_id}"
    payload = {"case": case.number, "path": path}
    key = f"{case.number}:{case.round}:{event}"
    step.tell(Message(event=key, recipient=recipient, channel="inapp", subject=subject, body=text, payload=payload))
    email = case.customer.email if case.customer is not None else ""
    if email:
        payload = {**payload, "to": email}
        step.tell(Message(event=key, recipient=recipient, channel="email", subject=subject, body=text, payload=payload))


def to_staff(step: Step, event: str, staff_id: int | None, subject: str, body: str = "") -> None:
    """In a colleague's inbox; nobody is told of their own doing."""
    if staff_id is None or staff_id == step.actor.staff_id:
        return
    payload = {"case": step.case.number, "template": event}
    step.tell(
        Message(
            event=f"{step.case.number}:{step.case.version}:{event}",
            recipient=f"staff:{staff_id}",
            channel="inapp",
            subject=subject,
            body=body,
            payload=payload,
        )
    )


def _headed(step: Step, event: str, staff_id: int | None, message: str, body: str = "") -> None:
    case = step.case
    to_staff(step, event, staff_id, f"{case.number} {say(message)}{case.title}", body)


def relieved(step: Step) -> None:
    """Before the new handler is set: whoever had the job need not go."""
    if step.case.handler_id != step.data.handler:
        _headed(step, "relieved", step.case.handler_id, gettext_noop("Somebody else goes: "))


def given_back(step: Step) -> None:
    _headed(step, "given_back", step.case.accountable_id, gettext_noop("Given back: "), step.data.reason)


def answered(step: Step, *, agreed: bool) -> None:
    """The technician waits for this word before starting."""
    message = gettext_noop("Customer agrees: ") if agreed else gettext_noop("Customer declines: ")
    _headed(step, "answered", step.case.handler_id, message)


def not_fixed(step: Step) -> None:
    _headed(step, "not_fixed", step.case.accountable_id, gettext_noop("Not fixed, reopened: "))


def called_off(step: Step) -> None:
    """Whoever is on the way turns back; the customer knows if the office did it."""
    case = step.case
    _headed(step, "called_off", case.handler_id, gettext_noop("Cancelled: "), step.data.reason)
    if case.handler_id != case.accountable_id:
        _headed(step, "called_off", case.accountable_id, gettext_noop("Cancelled: "), step.data.reason)
    if step.actor.is_staff:
        subject = say(gettext_noop("Repair %(number)s cancelled"), number=case.number)
        text = say(
            gettext_noop("Your repair %(number)s is cancelled: %(reason)s."),
            number=case.number,
            reason=step.data.reason,
        )
        to_customer(step, "cancelled", subject, text)


def clock(at: datetime, project_id: int) -> str:
    """Local time as people say it: 11-21 14:30."""
    return timezone.localtime(at, place(project_id).tz).strftime("%m-%d %H:%M")


def say(message: str, **values: Any) -> str:
    with translation.override(CUSTOMERS_LANGUAGE):
        return _(message) % values


def received(step: Step) -> None:
    case = step.case
    who = name_of(case.accountable_id)
    text = say(
        gettext_noop(
            "We have received your repair %(number)s: %(title)s. %(who)s answers for it until you are satisfied."
        ),
        number=case.number,
        title=case.title,
        who=who,
    )
    if step.actor.is_resident:
        _headed(step, "reported", case.accountable_id, gettext_noop("New report: "), case.description)
    to_customer(step, "received", say(gettext_noop("Repair %(number)s received"), number=case.number), text)


def coming(step: Step) -> None:
    case = step.case
    booked = step.detail.appointment_at
    when = f" ({clock(booked, case.project_id)})" if booked else ""
    text = say(
        gettext_noop("%(who)s has accepted your repair %(number)s%(when)s."),
        who=name_of(case.handler_id),
        number=case.number,
        when=when,
    )
    to_customer(
        step,
        f"coming:{case.version}",
        say(gettext_noop("Repair %(number)s: somebody is coming"), number=case.number),
        text,
    )


def quoted(step: Step, token: str) -> None:
    text = say(
        gettext_noop("The quote for %(number)s (%(title)s) is %(total)s yuan. Work begins only after you agree."),
        number=step.case.number,
        title=step.case.title,
        total=step.detail.quote_total,
    )
    subject = say(gettext_noop("Repair %(number)s: please look at the quote"), number=step.case.number)
    to_customer(step, f"quote:{step.detail.quote_version}", subject, text, path=f"/l/{token}/")


def on_hold(step: Step) -> None:
    text = say(
        gettext_noop("Your repair %(number)s cannot be done now: %(reason)s. The new time is %(when)s."),
        number=step.case.number,
        reason=step.data.reason.label,
        when=clock(step.data.promised_at, step.case.project_id),
    )
    subject = say(gettext_noop("Repair %(number)s: a new time"), number=step.case.number)
    to_customer(step, f"hold:{step.case.version}", subject, text)


def finished(step: Step, token: str) -> None:
    """Done with an amount to confirm; or the quote declined, with a fee to confirm or nothing to pay."""
    done = bool(step.detail.work_done)
    if token:
        message = (
            gettext_noop(
                "Your repair %(number)s is done. Please confirm the amount: %(amount)s yuan. "
                "Pay at the desk or online, never to the technician."
            )
            if done
            else gettext_noop(
                "You declined the quote for %(number)s. Please confirm the call-out fee agreed at reporting: "
                "%(amount)s yuan. Pay at the desk or online, never to the technician."
            )
        )
    else:
        message = gettext_noop("You declined the quote for %(number)s. Nothing was done, and there is nothing to pay.")
    text = say(message, number=step.case.number, amount=step.detail.amount)
    if not done:
        subject = say(gettext_noop("Repair %(number)s: quote declined"), number=step.case.number)
        to_customer(step, "declined", subject, text, path=f"/l/{token}/" if token else "")
        return
    subject = say(gettext_noop("Repair %(number)s is done"), number=step.case.number)
    to_customer(step, "finished", subject, text, path=f"/l/{token}/")


def how_was_it(step: Step, token: str) -> None:
    """Nothing to decide any more: the customer's own rating counts as the callback."""
    text = say(
        gettext_noop("Your repair %(number)s (%(title)s) is finished. Are you satisfied? Please say so here."),
        number=step.case.number,
        title=step.case.title,
    )
    subject = say(gettext_noop("Repair %(number)s: are you satisfied?"), number=step.case.number)
    to_customer(step, "rate", subject, text, path=f"/l/{token}/")


def assigned(step: Step) -> None:
    to_staff(step, "assigned", step.case.handler_id, f"{step.case.number} {step.case.title}")
