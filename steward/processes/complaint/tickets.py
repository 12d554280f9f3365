"""Tickets of 12345, the street office, the housing bureau: taken, replied to, returned, disputed, judged.

The complaint itself keeps the earliest deadline that waits for a reply; its official clock runs to that.
"""

from collections.abc import Sequence

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from steward.cases.engine import Step
from steward.cases.models import Case
from steward.casework.customer.telling import CUSTOMERS_LANGUAGE
from steward.processes.complaint import effects, words
from steward.processes.complaint.models import Claim, Complaint, Ruling, Ticket, Verdict
from steward.registers.org.tree import place


def of_case(case: Case) -> list[Ticket]:
    return list(Ticket.objects.in_project(case.project_id).filter(case_id=case.pk).order_by("pk"))


def waiting(rows: Sequence[Ticket]) -> list[Ticket]:
    """Those still owed a reply."""
    return [t for t in rows if t.settled_at is None]


def take(step: Step) -> None:
    _add(step, is_repeat=step.detail.tickets_count > 0)


def take_again(step: Step) -> None:
    """The caller did not wait: a second number, the same matter. The earlier deadline holds, and further up is told."""
    _add(step, is_repeat=True)
    step.rerates = ("official",)
    words.ticket_again(step)


def _add(step: Step, *, is_repeat: bool) -> None:
    case, detail, data = step.case, step.detail, step.data
    due = min([t.due_at for t in waiting(of_case(case))] + [data.due_at])
    Ticket.objects.create(
        project_id=case.project_id,
        case=case,
        source=data.source,
        number=data.ticket_number,
        due_at=data.due_at,
        taken_at=step.happened_at,
        is_repeat=is_repeat,
    )
    case.external_source, case.external_number = data.source, data.ticket_number
    detail.tickets_count += 1
    detail.outside_due_at, detail.outside_reply, detail.outside_replied_at = due, "", None
    detail.outside_verdict = ""


def reply(step: Step) -> None:
    """One text for every number that waits: it is the same matter."""
    _settle(step, step.data.reply)
    step.detail.outside_reply = step.note = step.data.reply


def _settle(step: Step, text: str) -> None:
    rows = Ticket.objects.in_project(step.case.project_id).filter(case_id=step.case.pk, settled_at=None)
    when = step.happened_at
    rows.update(settled_at=when, **({"reply": text, "replied_at": when} if text else {}))
    step.detail.outside_replied_at = when
    step.meets.add("official")


def newest(case: Case) -> Ticket | None:
    return Ticket.objects.in_project(case.project_id).filter(case_id=case.pk).order_by("-pk").first()


def claim(step: Step) -> None:
    """The clock goes on: until they agree, the reply is owed."""
    row = newest(step.case)
    if row is not None:
        row.claim, row.claim_reason, row.claimed_at = step.data.claim, step.data.reason, step.happened_at
        row.ruling = row.ruling_note = ""
        row.ruled_at = None
        row.save()


def ruled(step: Step) -> None:
    """Return accepted: nothing is owed any more. Dispute accepted: the verdict does not count. Refused: as before."""
    row, data = newest(step.case), step.data
    if row is None:
        return
    row.ruling, row.ruling_note, row.ruled_at = data.ruling, data.note, step.happened_at
    row.due_at = data.due_at or row.due_at
    if data.ruling == Ruling.ACCEPTED and row.claim == Claim.DISPUTE:
        row.verdict, step.detail.outside_verdict = "", ""
    row.save()
    if data.ruling == Ruling.ACCEPTED and row.claim == Claim.RETURN:
        row.settled_at = step.happened_at
        row.save()
        if not waiting(of_case(step.case)):
            _settle(step, "")
    elif data.due_at is not None and row.settled_at is None:
        step.detail.outside_due_at = min(t.due_at for t in waiting(of_case(step.case)))
        step.rerates = ("official",)


def verdict(step: Step) -> None:
    """Asked by the authority itself. Not satisfied begins a new round, as if the customer had said so to us."""
    row, data = newest(step.case), step.data
    if row is not None:
        row.verdict, row.verdict_at = data.verdict, step.happened_at
        row.save()
    step.detail.outside_verdict = data.verdict
    step.note = data.note
    if data.verdict == Verdict.UNSATISFIED:
        effects.reopen(step)


def after_verdict(step: Step) -> str:
    return effects.after_call(step)


def draft(case: Case, detail: Complaint, notes: Sequence[str] = ()) -> str:
    """A reply as it is sent to an authority: who complained of what, what was found, done and said. To be read over."""
    with override(CUSTOMERS_LANGUAGE):
        return "\n".join(_sentences(case, detail, notes))


def _sentences(case: Case, detail: Complaint, notes: Sequence[str]) -> list[str]:
    where = place(case.project_id)
    day = timezone.localtime(case.received_at, where.tz)
    known = {
        _("Found: %(text)s"): detail.findings,
        _("Cause: %(text)s"): detail.root_cause,
        _("Our answer to the caller: %(text)s"): detail.answer,
        _("Plan: %(text)s"): detail.plan if detail.plan_approved_by else "",
        _("Done: %(text)s"): detail.solution,
        _("So that it stays away: %(text)s"): detail.corrective_action,
    }
    first = _(
        "Ticket %(number)s: on %(day)s %(project)s received the report “%(title)s”%(unit)s. We looked into it:"
    ) % {
        "number": case.external_number,
        "day": f"{day:%Y-%m-%d %H:%M}",
        "project": where.name,
        "title": case.title,
        "unit": f" ({case.unit_label})" if case.unit_label else "",
    }
    lines = [
        f"{n}. {text % {'text': said}}" for n, (text, said) in enumerate(((t, s) for t, s in known.items() if s), 1)
    ]
    return [first, *lines, *notes, _("Please close the ticket, or tell us what is still missing.")]
