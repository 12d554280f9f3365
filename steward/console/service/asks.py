"""What can be asked of a case beside its process's own actions: a form each, posted through its verb."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from steward.cases.declare import Nothing
from steward.cases.models import Case
from steward.casework import subtasks
from steward.casework.accountability import handovers
from steward.casework.models import HandoverCause
from steward.console.shell import Desk
from steward.design.forms import Choice
from steward.kernel.schema import Data
from steward.registers.workforce import contractors
from steward.registers.workforce.away import away_now, there_first
from steward.registers.workforce.models import Trade
from steward.registers.workforce.people import Colleague, name_of

Options = Mapping[str, Sequence[Choice]]


def _none(_case: Case, _desk: Desk) -> Options:
    return {}


def _empty(_case: Case, _desk: Desk) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True)
class Ask:
    """``do`` is the verb; it takes ``data`` where there is a form."""

    name: str
    title: Any
    do: Callable[..., Any]
    form: type[Data] = Nothing
    options: Callable[[Case, Desk], Options] = _none
    begin: Callable[[Case, Desk], Mapping[str, Any]] = _empty
    icon: str = ""


def named(people: Sequence[Colleague], at: datetime) -> list[Choice]:
    """Name and post; whoever is absent stands last, marked. One query."""
    there, gone = there_first(people, at)
    return [
        (str(p.id), " · ".join(filter(None, (p.name, p.post, gone[p.id].words if p.id in gone else "")))) for p in there
    ]


def _receivers(case: Case, desk: Desk) -> Options:
    return {"receiver": named(handovers.receivers(case.project_id, besides=case.accountable_id), desk.at)}


def _absent(case: Case, desk: Desk) -> Mapping[str, Any]:
    """Where whoever answers for it is absent, the order says so."""
    gone = away_now([case.accountable_id], desk.at) if case.accountable_id else {}
    row = gone.get(case.accountable_id or 0)
    if row is None:
        return {}
    said = gettext("%(name)s is absent: %(words)s") % {"name": name_of(row.staff_id), "words": row.words}
    return {"cause": HandoverCause.OFF_SHIFT, "reason": said}


def _askable(case: Case, desk: Desk) -> Options:
    firms = contractors.at_work(project_id=case.project_id, actor=desk.actor)
    return {
        "colleague": named(subtasks.askable(case.project_id, besides=desk.actor.staff_id), desk.at),
        "contractor": [(name, str(Trade(trade).label)) for name, trade in firms],
    }


HANDOVER: Final = (
    Ask("hand-over", _("Hand over"), handovers.offer_handover, handovers.Offer, _receivers, icon="transfer"),
    Ask("take-over", _("Take over"), handovers.accept_handover, icon="user-check"),
    Ask("decline", _("Decline"), handovers.decline_handover, handovers.Decline, icon="circle-x"),
    Ask("withdraw", _("Withdraw the offer"), handovers.withdraw_handover, icon="arrow-back-up"),
    Ask(
        "order",
        _("Hand over by order"),
        handovers.force_handover,
        handovers.Order,
        _receivers,
        _absent,
        icon="user-share",
    ),
)
SUBTASK: Final = Ask("sub-task", _("Ask others"), subtasks.ask_subtask, subtasks.Ask, _askable, icon="users")
ASKS: Final[Mapping[str, Ask]] = {ask.name: ask for ask in (*HANDOVER, SUBTASK)}
