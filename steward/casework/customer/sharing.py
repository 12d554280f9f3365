"""Copy to WeChat: words for the customer with a fresh single-use link that fits the state."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from steward.cases.declare import Process
from steward.cases.engine import load
from steward.cases.models import Case
from steward.casework.customer.links import issue_link
from steward.kernel.actor import FIELD_ONLY, Actor
from steward.kernel.db import write
from steward.kernel.errors import ConflictError, NotAllowedError
from steward.registers.org.tree import place
from steward.registers.workforce.people import name_of

CUSTOMERS_LANGUAGE: Final = "zh-hans"
#: Where nothing is to be answered: how far it is. Nothing can be done with such a link.
FOLLOW: Final = "follow"


@dataclass(frozen=True)
class Shared:
    """Words to paste, and the token of the link within them (empty once the case is closed and asks nothing)."""

    case: Case
    text: str
    token: str
    purpose: str = ""


def share(*, project_id: int, number: str, actor: Actor, at: datetime, purpose: str = "") -> Shared:
    """What to pass on in the customer's chat, with a fresh link where the state waits for the customer.

    ``purpose``: that answer and no other is asked for. Raises NotFoundError out of scope, NotAllowedError for those
    who do not speak for the office, ConflictError when ``purpose`` has nothing to answer now.
    """
    case, _detail, process = load(project_id, number, actor)
    if not speaks(actor, case):
        raise NotAllowedError(_("This is not yours to do."), rule="case.role")
    asked = purpose_of(process, case, purpose)
    if purpose and asked != purpose:
        raise ConflictError(_("Not possible in this state: the case has moved on."), rule="case.state")
    asked = asked or (FOLLOW if case.closed_at is None else "")
    token = ""
    if asked:
        with write():
            name = case.reporter_name or case.customer_name
            token = issue_link(case=case, purpose=asked, person_name=name, actor=actor, at=at)
    with translation.override(CUSTOMERS_LANGUAGE):
        return Shared(case, _words(case, process, asked, f"/l/{token}/" if token else ""), token, asked)


def speaks(actor: Actor, case: Case) -> bool:
    """Who talks with the customer of this case: the office, its handler, whoever answers for it."""
    if not actor.is_staff:
        return False
    office = bool(actor.roles_in(case.project_id) - FIELD_ONLY)
    return office or (actor.staff_id is not None and actor.staff_id in (case.handler_id, case.accountable_id))


def purpose_of(process: Process, case: Case, wanted: str = "") -> str:
    """What the customer can answer now; the primary one where there are several and none is ``wanted``."""
    found = [a for a in process.actions if a.link and case.state in a.source and wanted in ("", a.link)]
    found.sort(key=lambda a: not a.primary)
    return found[0].link if found else ""


def _words(case: Case, process: Process, purpose: str, path: str) -> str:
    asked = {
        "consent": _("Please look at the quote and give your answer; work begins only after you agree"),
        "amount": _("The work is done. Please confirm the amount; pay at the desk or online, never to the technician"),
        "rate": _("Please tell us how we did"),
        FOLLOW: _("How far it is, at any time"),
    }
    text = _("Your %(kind)s %(number)s “%(title)s”: %(state)s.") % {
        "kind": process.title,
        "number": case.number,
        "title": case.title,
        "state": process.state_title(case.state),
    }
    who = name_of(case.handler_id) or name_of(case.accountable_id)
    if who:
        text += _(" %(who)s is in charge.") % {"who": who}
    if path:
        text += f"\n{asked.get(purpose, _('Please answer here'))}：\n{settings.PUBLIC_URL}{path}"
    return f"【{place(case.project_id).name}】{text}"
