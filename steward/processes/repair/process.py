"""Repair 报修, from the first call to the callback (MISSION DSK-3)."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from steward.cases.declare import CUSTOMER, DESK, HANDLER, OFFICE, Action, DeadlineRule, Process, by, register
from steward.kernel.actor import Role
from steward.processes.repair import effects, forms, guards, policies, words
from steward.processes.repair.models import Repair, State

S = State
BEFORE_VISIT: Final = frozenset({S.RECEIVED, S.DISPATCHED, S.ACCEPTED})
ON_THE_JOB: Final = frozenset({S.ON_SITE, S.SCOPED, S.QUOTED, S.AGREED, S.WORKING})
FINISHED: Final = frozenset({S.DONE, S.SETTLING, S.CLOSED})
OPEN: Final = frozenset(S) - {S.CLOSED, S.CANCELLED}
DISPATCHERS: Final = by(Role.DESK, Role.HEAD_BUTLER, Role.MANAGER)
CALLERS: Final = by(Role.BUTLER, Role.HEAD_BUTLER, Role.DESK)
STAFF: Final = OFFICE | by(Role.TECHNICIAN)


def at(*states: str) -> frozenset[str]:
    return frozenset(states)


repair: Final = register(
    Process(
        kind="repair",
        title=_("Repair"),
        prefix="BX",
        states=State,
        initial=S.RECEIVED,
        terminal=at(S.CLOSED, S.CANCELLED),
        detail=Repair,
        open_form=forms.OpenRepair,
        opened_by=STAFF | CUSTOMER,
        on_open=effects.opened,
        confirms_open=words.received,
        completed_in=FINISHED,
        road=(S.RECEIVED, S.DISPATCHED, S.ACCEPTED, S.ON_SITE, S.QUOTED, S.AGREED, S.WORKING, S.DONE, S.SETTLING, S.CLOSED),
        todo={
            S.RECEIVED: _("Dispatch"),
            S.DISPATCHED: _("Waiting for the technician to accept"),
            S.ACCEPTED: _("Visit"),
            S.ON_SITE: _("Confirm the work together"),
            S.SCOPED: _("Quote"),
            S.QUOTED: _("Get the customer's answer"),
            S.AGREED: _("Start work"),
            S.WORKING: _("Finish the work"),
            S.WAITING: _("Resume at the promised time"),
            S.DONE: _("Have the amount confirmed"),
            S.SETTLING: _("Take the payment, call back"),
        },
        actions=(
            Action("assess", _("Decide urgency and payer"), BEFORE_VISIT | ON_THE_JOB, None, DESK,
                   form=forms.Assess, effect=effects.assess, key="U"),
            Action("dispatch", _("Dispatch"), at(S.RECEIVED, S.DISPATCHED), S.DISPATCHED, DISPATCHERS, form=forms.Dispatch,
                   guards=(guards.PAYER_DECIDED, guards.HANDLER_FITS), effect=effects.dispatch, primary=True, key="D"),
            Action("take", _("Take the job"), at(S.RECEIVED), S.ACCEPTED, by(Role.TECHNICIAN),
                   guards=(guards.PAYER_DECIDED,), effect=effects.take, primary=True, public=True),
            Action("accept", _("Accept"), at(S.DISPATCHED), S.ACCEPTED, HANDLER, effect=effects.accept, primary=True, public=True),
            Action("give_back", _("Give back"), at(S.DISPATCHED, S.ACCEPTED), S.RECEIVED, HANDLER, form=forms.Reason,
                   effect=effects.give_back),
            Action("arrive", _("I have arrived"), at(S.ACCEPTED), S.ON_SITE, HANDLER, effect=effects.arrive, primary=True, public=True),
            Action("contain", _("Contain the emergency"), at(S.ON_SITE, S.SCOPED, S.QUOTED), None, HANDLER, form=forms.Contain,
                   guards=(guards.EMERGENCY,), effect=effects.contain, public=True),
            Action("confirm_scope", _("Confirm the work together"), at(S.ON_SITE), S.SCOPED, HANDLER, form=forms.ConfirmScope,
                   effect=effects.confirm_scope, primary=True, public=True),
            Action("quote", _("Quote"), at(S.SCOPED, S.QUOTED, S.AGREED, S.WORKING), S.QUOTED, HANDLER, form=forms.MakeQuote,
                   effect=effects.make_quote, primary=True, public=True, key="E"),
            Action("consent", _("Customer agrees"), at(S.QUOTED), S.AGREED, CUSTOMER | HANDLER | DESK, form=forms.GiveConsent,
                   guards=(guards.QUOTE_UNCHANGED, guards.WAY_FITS), effect=effects.consent, public=True, primary=True, link="consent", key="Y"),
            Action("decline_quote", _("Customer declines"), at(S.QUOTED), effects.after_work, CUSTOMER | HANDLER | DESK, form=forms.Decline,
                   targets=at(S.DONE, S.SETTLING), effect=effects.decline_quote, public=True, link="consent", key="X"),
            Action("start", _("Start work"), at(S.SCOPED, S.AGREED), S.WORKING, HANDLER,
                   guards=(guards.CONSENTED,), effect=effects.start, primary=True, public=True),
            Action("suspend", _("Cannot be done now"), at(S.ACCEPTED) | ON_THE_JOB, S.WAITING, HANDLER | DISPATCHERS, form=forms.Suspend,
                   guards=(guards.NEW_TIME, guards.CUSTOMER_TOLD), effect=effects.suspend, public=True, key="H"),
            Action("resume", _("Resume"), at(S.WAITING), effects.resume, HANDLER | DISPATCHERS,
                   targets=at(S.ACCEPTED) | ON_THE_JOB, primary=True, public=True),
            Action("finish", _("Work done"), at(S.WORKING), effects.after_work, HANDLER, form=forms.Finish, targets=at(S.DONE, S.SETTLING),
                   guards=(guards.SITE_CLEAN, guards.WITHIN_AGREED), effect=effects.finish, public=True, primary=True),
            Action("confirm_amount", _("Confirm the amount"), at(S.DONE), S.SETTLING, CUSTOMER | HANDLER | DESK, form=forms.ConfirmAmount,
                   guards=(guards.AMOUNT_MATCHES, guards.WAY_FITS), effect=effects.confirm_amount, public=True, primary=True, link="amount"),
            Action("pay", _("Take payment"), at(S.SETTLING), effects.settled, by(Role.CASHIER), form=forms.Pay,
                   targets=at(S.SETTLING, S.CLOSED), effect=effects.pay, public=True, primary=True),
            Action("waive", _("Waive the amount"), at(S.SETTLING), effects.settled, by(Role.MANAGER), form=forms.Reason,
                   targets=at(S.SETTLING, S.CLOSED), effect=effects.waive),
            Action("put_on_bill", _("Put on the next bill"), at(S.SETTLING), effects.settled, by(Role.CASHIER),
                   targets=at(S.SETTLING, S.CLOSED), effect=effects.put_on_bill, public=True),
            Action("callback", _("Record the callback"), at(S.DONE, S.SETTLING), effects.called_back, CALLERS, form=forms.CallBack,
                   targets=at(S.DONE, S.SETTLING, S.CLOSED, S.RECEIVED), guards=(guards.NOT_HANDLER,), effect=effects.call_back, key="B"),
            Action("rate", _("Rate"), FINISHED, effects.called_back, CUSTOMER, form=forms.Rate,
                   targets=FINISHED | {S.RECEIVED}, effect=effects.rate, public=True, link="rate"),
            Action("reopen", _("Not fixed: reopen"), FINISHED, S.RECEIVED, CUSTOMER | DESK, form=forms.Reason, effect=effects.reopen, public=True),
            Action("cancel", _("Cancel"), BEFORE_VISIT, S.CANCELLED, CUSTOMER | DISPATCHERS, form=forms.Reason, public=True),
            Action("say", _("Note for colleagues"), OPEN, None, STAFF, form=forms.Say, effect=effects.say),
            Action("tell", _("Tell the customer"), OPEN, None, DESK | HANDLER, form=forms.Say, effect=effects.tell, public=True),
        ),
        deadlines=(
            DeadlineRule("response", _("Accepted"), policies.RESPONSE, runs_in=at(S.RECEIVED, S.DISPATCHED),
                         met_in=OPEN - {S.RECEIVED, S.DISPATCHED}, from_received=True),
            DeadlineRule("arrival", _("On site"), policies.ARRIVAL, runs_in=BEFORE_VISIT, met_in=ON_THE_JOB | FINISHED,
                         pauses_in=at(S.WAITING), from_received=True),
            DeadlineRule("consent", _("Customer's answer"), policies.CONSENT, runs_in=at(S.QUOTED),
                         met_in=at(S.AGREED, S.WORKING) | FINISHED, pauses_in=at(S.WAITING)),
            DeadlineRule("completion", _("Work done"), policies.COMPLETION, runs_in=OPEN - FINISHED, met_in=FINISHED,
                         pauses_in=at(S.WAITING), from_received=True),
            DeadlineRule("callback", _("Callback"), policies.CALLBACK, runs_in=at(S.DONE, S.SETTLING), met_in=frozenset()),
            DeadlineRule("payment", _("Payment"), policies.PAYMENT, runs_in=at(S.SETTLING), met_in=frozenset()),
        ),
    )
)
