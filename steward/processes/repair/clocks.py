"""The clocks of a repair: what each runs in, what meets it, what stops it (MISSION DSK-3, DSK-8)."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from steward.cases.declare import DeadlineRule
from steward.casework.clocks.nextword import never_silent
from steward.processes.repair import (
    acceptance,
    approving,
    policies,
    settling,
)
from steward.processes.repair.stages import BEFORE_VISIT, FINISHED, ON_THE_JOB, OPEN, S, at

CLOCKS: Final = (
    DeadlineRule(
        "response",
        _("Accepted"),
        policies.RESPONSE,
        runs_in=at(S.RECEIVED, S.DISPATCHED),
        met_in=OPEN - {S.RECEIVED, S.DISPATCHED},
        from_received=True,
    ),
    DeadlineRule(
        "arrival",
        _("On site"),
        policies.ARRIVAL,
        runs_in=BEFORE_VISIT,
        met_in=ON_THE_JOB | FINISHED,
        pauses_in=at(S.WAITING),
        from_received=True,
    ),
    approving.CLOCK,
    DeadlineRule(
        "consent",
        _("Customer's answer"),
        policies.CONSENT,
        runs_in=at(S.QUOTED),
        met_in=at(S.AGREED, S.WORKING) | FINISHED,
        pauses_in=at(S.WAITING),
        void_in=at(S.DISPATCHED, S.APPROVING),
        repeats=True,
    ),
    DeadlineRule(
        "promise",
        _("Promised time"),
        policies.PROMISE,
        runs_in=at(S.WAITING),
        met_in=OPEN - {S.WAITING},
        repeats=True,
        until=lambda case: case.promised_at,
    ),
    DeadlineRule(
        "completion",
        _("Work done"),
        policies.COMPLETION,
        runs_in=OPEN - FINISHED,
        met_in=FINISHED,
        pauses_in=at(S.WAITING),
        from_received=True,
    ),
    DeadlineRule(
        "callback",
        _("Callback"),
        policies.CALLBACK,
        runs_in=at(S.CHECKING, S.DONE, S.SETTLING),
        met_in=frozenset(),
    ),
    acceptance.CLOCK,
    DeadlineRule(
        "payment",
        _("Payment"),
        policies.PAYMENT,
        runs_in=at(S.SETTLING),
        met_in=frozenset(),
        concerns=settling.is_owed,
    ),
    never_silent(OPEN, done_in=FINISHED),
)
