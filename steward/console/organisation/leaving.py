"""A colleague leaves: jobs in hand passed on, what is answered for handed over, the nights on call."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from steward.cases.declare import process_of
from steward.casework.accountability import jobs, leaving
from steward.casework.accountability.handovers import receivers
from steward.console.organisation.entry import Entry, answer, ensure_setter
from steward.console.organisation.people import HERE, words_of
from steward.console.service.asks import named
from steward.console.shell import Desk, at_desk
from steward.kernel.errors import ConflictError
from steward.kernel.marks import listed, mark
from steward.registers.org.tree import tree
from steward.registers.workforce import assignments, staffing
from steward.registers.workforce.nights import nights_of
from steward.registers.workforce.people import Colleague, colleagues, name_of
from steward.web.http import office_only

#: Nights named in a sentence.
SHOWN: Final = 7


def _nights(days: Sequence[date]) -> str:
    said = _("%(n)s nights on call (%(days)s)")
    shown = listed(f"{day:%m-%d}" for day in days[:SHOWN])
    return said % {"n": len(days), "days": f"{shown}…" if len(days) > SHOWN else shown}


def _on_call(nights: Mapping[int, Sequence[date]], *, besides: int) -> list[Colleague]:
    """Who works wherever the nights are."""
    return [c for c in colleagues().values() if c.id != besides and c.phone and all(c.works_in(p) for p in nights)]


@office_only
@require_http_methods(["GET", "POST"])
@at_desk
def leave(request: HttpRequest, desk: Desk, pk: int) -> HttpResponse:
    """Leaving hands over first: the form says what is open, as far as the viewer sees it."""
    row = assignments.staff_of(pk, desk.actor)
    staffing.ensure_may_release(row, desk.actor)
    work = leaving.open_work(pk, desk.actor)
    takers: dict[int, Colleague] = {c.id: c for p in work for c in receivers(p, besides=pk)}
    nights = nights_of(pk, desk.at)
    lines = [words for p, found in work.items() for words, _link in words_of(desk, pk, tree().places[p], found)]
    lines += [_nights(days) for p, days in nights.items() if p in desk.actor.project_ids]
    said = _("Open: %(what)s.") % {"what": listed(lines)}
    if any(w.in_hand for w in work.values()):
        said = f"{said} {_('Jobs and sub-tasks in hand are given to somebody else first.')}"
    entry = Entry(
        title=_("Leaves the company"),
        about=row.name,
        form=leaving.Leave,
        do=lambda data, uuid: leaving.leave(staff_id=pk, data=data, actor=desk.actor, at=desk.at, client_uuid=uuid),
        back=reverse("console:person", args=[pk]),
        here=HERE,
        submit=_("Hand over and release"),
        icon="logout",
        note=said if lines else _("The sign-in is closed at once, and all posts end."),
        options={
            "receiver": named(list(takers.values()), desk.at),
            "nights": named(_on_call(nights, besides=pk), desk.at),
        },
        leave_out=frozenset(
            name
            for name, asked in (("receiver", any(w.passes_on for w in work.values())), ("nights", bool(nights)))
            if not asked
        ),
    )
    return answer(request, desk, entry)


@office_only
@require_http_methods(["GET", "POST"])
@at_desk
def pass_jobs(request: HttpRequest, desk: Desk, pk: int) -> HttpResponse:
    """All jobs in hand at once, after a look at where each would go."""
    ensure_setter(desk)
    row = assignments.staff_of(pk, desk.actor)
    found = jobs.jobs_of(pk, desk.actor)
    places = {case.project_id for case in found}
    takers = [c for c in colleagues().values() if c.id != pk and places and all(c.works_in(p) for p in places)]
    takers.sort(key=lambda c: not c.skills)

    def do(data: jobs.PassJobs, uuid: UUID) -> None:
        done = jobs.pass_jobs(staff_id=pk, data=data, actor=desk.actor, at=desk.at, client_uuid=uuid)
        left = [f"{p.number} {p.refusal}" for p in done if p.refusal]
        if left:
            said = _("%(n)s passed on. Not passed on: %(left)s")
            raise ConflictError(
                said % {"n": len(done) - len(left), "left": mark("；").join(left)}, rule="jobs.passed_on"
            )

    entry = Entry(
        title=_("Pass on the jobs in hand"),
        about=row.name,
        form=jobs.PassJobs,
        do=do,
        back=reverse("console:person", args=[pk]),
        here=HERE,
        submit=_("Pass on %(n)s jobs") % {"n": len(found)},
        icon="arrow-right",
        note=_("Appointments stay. Work that has begun needs a colleague who goes on with it.")
        if found
        else _("Nothing is in hand."),
        options={"receiver": [("", _("back to those who dispatch")), *named(takers, desk.at)]},
        effect=lambda data: _where_to(jobs.preview(staff_id=pk, data=data, actor=desk.actor), data),
        look_first=True,
    )
    return answer(request, desk, entry)


def _where_to(found: Sequence[jobs.Job], data: jobs.PassJobs) -> list[str]:
    """One line a case."""
    there = _("goes to %(who)s") % {"who": name_of(data.receiver)} if data.receiver else _("back to those who dispatch")
    lines = []
    for job in found:
        case, process = job.case, process_of(job.case.kind)
        what = " ".join(filter(None, (case.number, case.unit_label or case.place, case.title)))
        state = process.state_title(case.state) if process else case.state
        then = there if job.action else _("cannot go back: choose a colleague")
        trade = "" if job.fits else mark("（") + _("other trade") + mark("）")
        lines.append(_("%(what)s, %(state)s: %(then)s") % {"what": what, "state": state, "then": f"{then}{trade}"})
    return lines or [_("Nothing is in hand.")]
