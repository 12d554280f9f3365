"""The evidence pack of a complaint: all that was promised, said and done about it, ready to stamp."""

from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from steward.assurance.models import CallbackAttempt
from steward.cases.models import Case
from steward.kernel.actor import Actor
from steward.processes.complaint import members, tickets
from steward.processes.complaint.models import Cause, Complaint, Severity, Validity
from steward.registers.messaging import log

#: Of the longest stories; the delivery log has the rest.
MOST_MESSAGES: Final = 80


def read(actor: Actor, case: Case, detail: Complaint) -> dict[str, Any]:
    """What the case history lacks. Six statements."""
    attempts = CallbackAttempt.objects.visible_to(actor).filter(project_id=case.project_id, case_id=case.pk)
    found = log.of_case(actor=actor, project_id=case.project_id, number=case.number)
    return {
        "facts": facts(detail),
        "calls": list(attempts.order_by("pk")),
        "messages": found[:MOST_MESSAGES],
        "more_messages": max(0, len(found) - MOST_MESSAGES),
        "tickets": tickets.of_case(case),
        "members": members.of_case(case),
    }


def facts(detail: Complaint) -> list[tuple[str, str]]:
    """The record of ISO 10002: asked for, assessed, investigated, decided."""
    pairs = [
        (_("What the customer asks for"), detail.remedy),
        (_("Severity"), str(Severity(detail.severity).label) if detail.severity else ""),
        (_("Responsible unit"), detail.responsible_unit),
        (_("What was found"), detail.findings),
        (_("Is it valid"), _verdict(detail)),
        (_("Kind of cause"), str(Cause(detail.cause).label) if detail.cause else ""),
        (_("Root cause"), detail.root_cause),
        (_("Answer to the customer"), detail.answer),
        (pgettext("complaint", "Plan"), detail.plan if detail.plan_approved_by else ""),
        (_("Solution"), detail.solution),
        (_("Corrective action, so that it stays away"), detail.corrective_action),
    ]
    return [(str(label), text) for label, text in pairs if text]


def _verdict(detail: Complaint) -> str:
    label = str(Validity(detail.validity).label) if detail.validity else ""
    return " · ".join(filter(None, (label, detail.validity_reason)))
