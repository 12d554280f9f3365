"""A complaint on its page: whose fault it may be, the outside ticket, and what forms begin with."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from steward.cases.models import Case
from steward.casework.screens import SCREENS, Party, Screen
from steward.kernel.actor import Actor
from steward.processes.complaint import members, tickets
from steward.processes.complaint.models import Complaint, Severity, Validity

#: So many who joined stand on the page.
NAMED: Final = 12


def people(case: Case, detail: Complaint) -> Sequence[Party]:
    found: list[Party] = []
    if detail.responsible_unit:
        found.append((_("Responsible unit"), detail.responsible_unit, _verdict(detail)))
    if case.external_number and not case.is_imported:
        found.append((_("Outside ticket"), case.external_source, case.external_number))
    if detail.persons > 1:
        found.append((_("Complain together"), _("%(n)s persons") % {"n": detail.persons}, ""))
        found += _joined(case)
    return found


def _joined(case: Case) -> list[Party]:
    """By name who is in it, the spokesperson first; of a crowd the evidence pack has the rest. One statement."""
    rows = members.of_case(case)
    named = [(_("Spokesperson") if m.is_spokesperson else _("Joined"), m.name, m.unit_label) for m in rows[:NAMED]]
    more = len(rows) - NAMED
    if more > 0:
        named.append(
            (_("Joined"), ngettext("%(n)s more", "%(n)s more", more) % {"n": more}, _("see the evidence pack"))
        )
    return named


def _verdict(detail: Complaint) -> str:
    severity = str(Severity(detail.severity).label) if detail.severity else ""
    validity = str(Validity(detail.validity).label) if detail.validity else ""
    return " · ".join(filter(None, [severity, validity]))


def begin(name: str, case: Case, detail: Complaint, _actor: Actor) -> Mapping[str, Any]:
    """What is known already stands in the form."""
    begins: dict[str, Mapping[str, Any]] = {
        "acknowledge": {"persons": detail.persons},
        "assess": {"severity": detail.severity, "persons": detail.persons},
        "assign": {"responsible_unit": detail.responsible_unit, "handler": case.handler_id},
        "reassign": {"responsible_unit": detail.responsible_unit},
        "investigate": {"cause": detail.cause, "root_cause": detail.root_cause},
        "solve": {"cause": detail.cause, "root_cause": detail.root_cause},
        "ticket_again": {"source": case.external_source},
    }
    if name == "reply":
        return {"reply": detail.outside_reply or tickets.draft(case, detail)}
    return begins.get(name, {})


def choices(name: str, case: Case, _detail: Complaint, _actor: Actor) -> Mapping[str, Sequence[tuple[str, Any]]]:
    if name not in ("hear", "spokesperson", "split_off"):
        return {}
    return {"member": [(str(m.pk), " ".join(filter(None, (m.unit_label, m.name)))) for m in members.of_case(case)]}


def out_of_place(case: Case, detail: Complaint) -> frozenset[str]:
    """Nothing about tickets where none came in, nor about members where nobody joined."""
    waits = detail.outside_due_at is not None and detail.outside_replied_at is None
    found = {"take_ticket"} if waits else {"reply", "ticket_again"}
    if detail.outside_due_at is None:
        found |= {"claim_ticket", "ruling"}
    if detail.outside_replied_at is None:
        found |= {"outside_verdict"}
    # Many may complain together of whom nobody has been entered: then there is nobody to name.
    joined = detail.persons > 1 and bool(members.of_case(case))
    return frozenset(found if joined else found | {"hear", "spokesperson", "split_off"})


def leave_out(name: str, _case: Case, _detail: Complaint, _actor: Actor) -> frozenset[str]:
    """The number of a customer is for other systems; people say room and name."""
    return frozenset({"customer"}) if name == "join" else frozenset()


SCREENS["complaint"] = Screen(
    people=people, begin=begin, choices=choices, leave_out=leave_out, out_of_place=out_of_place
)
