"""Contractors 外判单位: who works here under which contract, what runs out next, and what they still owe."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from steward.casework.models import SubTask, SubTaskState
from steward.casework.subtasks import with_contractors
from steward.console.office import office_place, project_links
from steward.console.organisation import papers
from steward.console.organisation.entry import Entry, Nothing, acted, answer
from steward.console.shell import Desk, at_desk, page
from steward.kernel.errors import NotAllowedError, NotFoundError
from steward.registers.org.tree import Place, place
from steward.registers.workforce import contractors
from steward.registers.workforce.contractors import ContractorData, Expiry, Notice, StaffData
from steward.registers.workforce.models import Contractor, ContractorStaff, Trade
from steward.registers.workforce.paper_retention import months_at
from steward.web.http import office_only

HERE: Final = "contractors"
PAGE: Final = 40
SHOWN: Final = 100
WHAT: Final = {
    "contract": gettext_lazy("Contract"),
    "insurance": gettext_lazy("Insurance"),
    "certificate": gettext_lazy("Certificate"),
}


@office_only
@require_GET
@at_desk
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Paged by order of entry; a constant number of statements."""
    where = office_place(request, desk)
    asked = {name: request.GET.get(name, "").strip()[:60] for name in ("q", "trade", "ended")}
    mark = request.GET.get("cursor", "")
    found = list(_found(desk, where, asked, mark)[: PAGE + 1])
    query = {"project": where.code} | {k: v for k, v in asked.items() if v}
    more = found[PAGE - 1].pk if len(found) > PAGE else 0
    owed = with_contractors(where.id, desk.actor)
    notice = contractors.notice_of(where.id, desk.at)
    context = {
        "where": where,
        "places": project_links(desk, where),
        "filters": _filters(where, asked),
        "narrowed": any(asked.values()),
        "reset_url": _own(where),
        "rows": [_line(row, notice, owed, desk) for row in found[:PAGE]],
        "expiring": _expiring(desk, where),
        "notice": notice,
        "may": contractors.may_keep(desk.actor, where.id),
        "new_url": reverse("console:contractor-new", args=[where.id]),
        "pager": {
            "newer_url": f"?{urlencode(query)}" if mark else "",
            "older_url": f"?{urlencode({**query, 'cursor': more})}" if more else "",
        },
    }
    return page(request, desk, "console/organisation/contractors.jinja", context, here=HERE, tz=where.tz)


def _found(desk: Desk, where: Place, asked: dict[str, str], mark: str) -> Any:
    people = Count("staff", filter=Q(staff__left_at__isnull=True, staff__project_id=where.id))
    rows = Contractor.objects.visible_to(desk.actor).filter(project_id=where.id, ended_at__isnull=not asked["ended"])
    if asked["q"]:
        rows = rows.filter(name__icontains=asked["q"])
    if asked["trade"]:
        rows = rows.filter(trade=asked["trade"])
    if mark.isdecimal() and len(mark) < 16:
        rows = rows.filter(pk__gt=int(mark))
    return rows.annotate(people=people).order_by("pk")


def _own(where: Place) -> str:
    return f"{reverse('console:contractors')}?{urlencode({'project': where.code})}"


def _filters(where: Place, asked: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {"name": "project", "kind": "hidden", "label": "", "value": where.code},
        {"name": "q", "label": _("Firm"), "value": asked["q"]},
        {"name": "trade", "label": _("What for"), "value": asked["trade"], "choices": Trade.choices},
        {
            "name": "ended",
            "label": _("Under contract"),
            "value": asked["ended"],
            "choices": [("1", _("Contract ended"))],
        },
    ]


def _line(row: Contractor, notice: Notice, owed: Sequence[SubTask], desk: Desk) -> dict[str, Any]:
    mine = [s for s in owed if contractors.goes_by(row.name, s.contractor)]
    return {
        "firm": row,
        "people": row.people,  # type: ignore[attr-defined]  # counted by the query
        "url": reverse("console:contractor", args=[row.project_id, row.pk]),
        "contract": _until(row.contract_until, notice),
        "insured": _until(row.insured_until, notice),
        "owed": len(mine),
        "late": sum(_is_late(s, desk) for s in mine),
    }


def _until(on: date | None, notice: Notice) -> dict[str, Any] | None:
    """A day with its look and its words."""
    return {"on": on, "tone": notice.tone(on), "words": _left((on - notice.today).days)} if on else None


def _left(days: int) -> str:
    if days < 0:
        return ngettext("ran out %(n)s day ago", "ran out %(n)s days ago", -days) % {"n": -days}
    if days == 0:
        return _("runs out today")
    return ngettext("%(n)s day left", "%(n)s days left", days) % {"n": days}


def _is_late(row: SubTask, desk: Desk) -> bool:
    return row.state != SubTaskState.REPORTED and row.due_at is not None and row.due_at < desk.at


def _expiring(desk: Desk, where: Place) -> list[tuple[Expiry, Any, str, str]]:
    return [
        (e, WHAT[e.what], _left(e.left), reverse("console:contractor", args=[where.id, e.contractor_id]))
        for e in contractors.expiring(project_id=where.id, actor=desk.actor, at=desk.at)[:SHOWN]
    ]


@office_only
@require_GET
@at_desk
def show(request: HttpRequest, desk: Desk, project_id: int, pk: int) -> HttpResponse:
    row = contractors.get(project_id=project_id, contractor_id=pk, actor=desk.actor)
    where = _office(desk, project_id)
    notice = contractors.notice_of(project_id, desk.at)
    people = ContractorStaff.objects.visible_to(desk.actor).filter(project_id=project_id, contractor_id=pk)
    current, earlier = papers.lines(row, desk)
    context = {
        "firm": row,
        "papers": [(shown, _until(shown.row.valid_until, notice) if shown.row else None) for shown in current],
        "earlier": earlier,
        "where": where,
        "back": _own(where),
        "contract": _until(row.contract_until, notice),
        "insured": _until(row.insured_until, notice),
        "ended": row.ended_at.astimezone(where.tz).date() if row.ended_at else None,
        "people": [
            (
                p,
                _until(p.certified_until, notice),
                reverse("console:contractor-staff-left", args=[project_id, pk, p.pk]),
            )
            for p in people.order_by("left_at", "pk")[:SHOWN]
        ],
        "owed": [
            (s, _is_late(s, desk), reverse("console:case", args=[s.case.number]))
            for s in with_contractors(project_id, desk.actor)
            if contractors.goes_by(row.name, s.contractor)
        ],
        "may": contractors.may_keep(desk.actor, project_id) and row.ended_at is None,
        "may_read": contractors.may_keep(desk.actor, project_id),
        "months": months_at(project_id, desk.at),
        "urls": {
            n: reverse(f"console:contractor-{n}", args=[project_id, pk]) for n in ("change", "end", "paper", "staff")
        },
        "renew_url": f"{reverse('console:contractor-new', args=[project_id])}?{urlencode({'like': pk})}",
    }
    return page(request, desk, "console/organisation/contractor.jinja", context, here=HERE, tz=where.tz)


def _office(desk: Desk, project_id: int) -> Place:
    if project_id not in desk.actor.project_ids:
        raise NotFoundError(_("There is no such project."))
    return place(project_id)


def _kept(desk: Desk, project_id: int) -> Place:
    where = _office(desk, project_id)
    if not contractors.may_keep(desk.actor, project_id):
        raise NotAllowedError(_("The project manager keeps the contractors."), rule="contractor.by_manager")
    return where


def _shown(row: Contractor) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in ContractorData.model_fields}
    return {name: v.isoformat() if isinstance(v, date) else v for name, v in values.items()}


@office_only
@require_http_methods(["GET", "POST"])
@at_desk
def engage(request: HttpRequest, desk: Desk, project_id: int) -> HttpResponse:
    """A new contract; ``like``: the next one of a firm that is here already."""
    where = _kept(desk, project_id)
    like = request.GET.get("like", "")
    values: dict[str, Any] = {}
    if like.isdecimal() and len(like) < 16:
        old = contractors.get(project_id=project_id, contractor_id=int(like), actor=desk.actor)
        values = {
            **_shown(old),
            "contract_no": "",
            "contract_from": old.contract_until.isoformat(),
            "contract_until": "",
        }

    def do(data: ContractorData, _uuid: UUID) -> None:
        contractors.engage(project_id=project_id, data=data, actor=desk.actor, at=desk.at)

    entry = Entry(
        title=_("Next contract") if values else _("New contractor"),
        about=where.name,
        form=ContractorData,
        do=do,
        back=_own(where),
        here=HERE,
        submit=_("Save"),
        values=values,
    )
    return answer(request, desk, entry)


def _to_keep(desk: Desk, project_id: int, pk: int) -> Contractor:
    row = contractors.get(project_id=project_id, contractor_id=pk, actor=desk.actor)
    _kept(desk, project_id)
    return row


def _about(request: HttpRequest, desk: Desk, row: Contractor, **told: Any) -> HttpResponse:
    """A form about a firm, that leads back to it."""
    back = reverse("console:contractor", args=[row.project_id, row.pk])
    return answer(request, desk, Entry(**{"about": row.name, "back": back, "here": HERE, "submit": _("Save"), **told}))


@office_only
@require_http_methods(["GET", "POST"])
@at_desk
def change(request: HttpRequest, desk: Desk, project_id: int, pk: int) -> HttpResponse:
    row = _to_keep(desk, project_id, pk)

    def do(data: ContractorData, _uuid: UUID) -> None:
        seen = request.POST.get("version", "")
        contractors.amend(project_id=project_id, contractor_id=pk, data=data, actor=desk.actor, at=desk.at, seen=seen)

    return _about(
        request,
        desk,
        row,
        title=_("Change the contractor"),
        form=ContractorData,
        do=do,
        values=_shown(row),
        hidden={"version": contractors.mark_of(row)},
    )


@office_only
@require_http_methods(["GET", "POST"])
@at_desk
def end(request: HttpRequest, desk: Desk, project_id: int, pk: int) -> HttpResponse:
    row = _to_keep(desk, project_id, pk)
    owed = sum(contractors.goes_by(row.name, s.contractor) for s in with_contractors(project_id, desk.actor))
    still = _("%(n)s sub-tasks are still with them: give these to somebody else.") % {"n": owed}
    asked: dict[str, Any] = {"project_id": project_id, "contractor_id": pk, "actor": desk.actor, "at": desk.at}
    return _about(
        request,
        desk,
        row,
        title=pgettext("contractor", "End the contract"),
        form=Nothing,
        do=lambda _data, _uuid: contractors.end_contract(**asked),
        submit=pgettext("contractor", "End the contract"),
        icon="x",
        note=still if owed else _("They work here no longer from now on; what they did stays on record."),
    )


@office_only
@require_http_methods(["GET", "POST"])
@at_desk
def staff(request: HttpRequest, desk: Desk, project_id: int, pk: int) -> HttpResponse:
    """Somebody the firm sends; ``person``: with what is known of them."""
    row = _to_keep(desk, project_id, pk)

    def do(data: StaffData, _uuid: UUID) -> None:
        contractors.send_staff(project_id=project_id, contractor_id=pk, data=data, actor=desk.actor, at=desk.at)

    return _about(
        request,
        desk,
        row,
        title=_("Add somebody they send"),
        form=StaffData,
        do=do,
        icon="user-plus",
        note=_("The same name and phone again brings duty and certificate up to date."),
    )


@office_only
@require_POST
@at_desk
def left(request: HttpRequest, desk: Desk, project_id: int, pk: int, person: int) -> HttpResponse:
    _kept(desk, project_id)
    return acted(
        request,
        reverse("console:contractor", args=[project_id, pk]),
        _("No longer here"),
        lambda: contractors.withdraw_staff(project_id=project_id, staff_id=person, actor=desk.actor, at=desk.at),
    )
