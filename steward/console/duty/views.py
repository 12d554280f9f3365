"""The duty log, the handover of a shift, the daily brief and the manager's daily check."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from steward.assurance.duty import reads, verbs
from steward.assurance.duty.policies import POINTS
from steward.assurance.duty_models import DailyCheck, DutyEntry, DutyKind, ShiftHandover, ShiftState
from steward.cases.declare import REGISTRY, process_of
from steward.console.actions import Tried
from steward.console.case import case_url
from steward.console.office import place_of_form
from steward.console.shell import Desk, at_desk, page
from steward.design.forms import Choice, Field, Form
from steward.kernel import policies
from steward.kernel.actor import Role
from steward.kernel.errors import ConflictError, InvalidError, NotFoundError, RefusalError
from steward.kernel.schema import Data
from steward.registers.org.tree import Place
from steward.registers.workforce.people import colleagues, name_of
from steward.web.forms import client_uuid, in_words, posted, questions
from steward.web.http import office_only, status_of

KINDS: Final = {
    "incident": (gettext_lazy("Incident"), "late"),
    "case": (pgettext_lazy("duty item", "Case"), "wait"),
    "handover": (gettext_lazy("Hand-over"), "soon"),
    "callback": (gettext_lazy("Callback"), "wait"),
    "alarm": (gettext_lazy("Alarm"), "late"),
}
#: What is asked beside a button, where no form of fields stands.
ASKED: Final[Mapping[str, type[Data]]] = {"answer": verbs.Answer, "force": verbs.Force}
FORMS: Final[Mapping[str, type[Data]]] = {"write": verbs.NewEntry, "offer": verbs.Offer}


@office_only
@require_GET
@at_desk
def show(request: HttpRequest, desk: Desk) -> HttpResponse:
    return _page(request, desk, "", Tried())


def _where(request: HttpRequest, desk: Desk) -> Place:
    """As the address or the form says; who sees several projects at once goes from log to log."""
    code = request.GET.get("project", "")
    if not code or request.method == "POST":
        return place_of_form(request, desk)
    found = next((p for p in desk.places if p.code == code), None)
    if found is None:
        raise NotFoundError(_("There is no such project."))
    return found


def _page_url(name: str, where: Place, desk: Desk) -> str:
    """Back to the same project, where several are in sight."""
    several = desk.chosen is None and len(desk.places) > 1
    return reverse(f"console:{name}") + (f"?{urlencode({'project': where.code})}" if several else "")


def _places(where: Place, desk: Desk) -> list[tuple[str, str, bool]]:
    if desk.chosen is not None:
        return []
    return [(p.name, _page_url("duty", p, desk), p == where) for p in desk.places]


def _page(request: HttpRequest, desk: Desk, name: str, tried: Tried) -> HttpResponse:
    """``name``: the form that was refused, shown again with what was typed."""
    where = _where(request, desk)
    now, waiting = reads.on_duty(where.id), reads.offer_of(where.id)
    mine = now is not None and now.staff_id == desk.actor.staff_id
    context = {
        "where": where,
        "places": _places(where, desk),
        "brief_url": _page_url("duty-brief", where, desk),
        "check_url": _page_url("duty-check", where, desk),
        "duty": now,
        "duty_name": name_of(now.staff_id) if now else "",
        "mine": mine,
        "offer": waiting,
        "offer_words": _offer_words(waiting) if waiting else "",
        "offered": _offered(waiting) if waiting else [],
        "from_me": waiting is not None and waiting.giver_id == desk.actor.staff_id,
        "to_me": waiting is not None and waiting.receiver_id == desk.actor.staff_id,
        "may_force": any(desk.actor.has(role, where.id) for role in verbs.DIRECTORS),
        "items": [_item(i.kind, i.number, i.title, i.room, i.due_at) for i in reads.open_items(where.id, desk.at)],
        "entries": _by_day(reads.entries(where.id), desk),
        "past": [
            (row, name_of(row.giver_id), name_of(row.receiver_id), ShiftState(row.state).label)
            for row in reads.handovers(where.id)
        ],
        "write_form": _form("write", desk, where, tried if name == "write" else Tried()),
        "offer_form": _form("offer", desk, where, tried if name == "offer" else Tried()) if mine else None,
        "refusal": tried.refusal if name not in FORMS else "",
    }
    return page(request, desk, "console/duty/log.jinja", context, here="duty", status=tried.status, tz=where.tz)


def _offer_words(row: Any) -> str:
    return _("%(giver)s offers the shift to %(receiver)s") % {
        "giver": name_of(row.giver_id),
        "receiver": name_of(row.receiver_id),
    }


def _offered(row: ShiftHandover) -> list[dict[str, Any]]:
    """What stood open when the shift was offered: that, and no more, is signed for."""
    return [
        _item(
            i["kind"], i["number"], i["title"], i["room"], datetime.fromisoformat(i["due_at"]) if i["due_at"] else None
        )
        for i in row.open_items
    ]


def _by_day(rows: Sequence[DutyEntry], desk: Desk) -> list[tuple[str, DutyEntry, Any, str]]:
    """Newest first; the day stands above its first line, unless it is today."""
    made, last = [], timezone.localtime(desk.at).date()
    for row in rows:
        local = timezone.localtime(row.happened_at)
        day = "" if local.date() == last else date_format(local, "m-d l")
        last = local.date()
        made.append((day, row, DutyKind(row.kind).label, name_of(row.staff_id)))
    return made


def _item(kind: str, number: str, title: str, room: str, due_at: Any) -> dict[str, Any]:
    label, tone = KINDS[kind]
    url = ""
    if number:
        url = reverse("console:incidents:show", args=[number]) if kind == "incident" else case_url(number)
    return {"label": label, "tone": tone, "number": number, "title": title, "room": room, "due_at": due_at, "url": url}


def _form(name: str, desk: Desk, where: Place, tried: Tried) -> Form:
    people: list[Choice] = [
        (str(c.id), f"{c.name} {c.post}")
        for c in colleagues().values()
        if c.is_active and c.id != desk.actor.staff_id and any(c.has(role, where.id) for role in verbs.OFFICE)
    ]
    kinds: list[Choice] = [("", _("None")), *((p.kind, p.title) for p in REGISTRY.values())]
    values = tried.values if tried.status != 200 else {"happened_at": desk.at, "kind": DutyKind.ROUND.value}
    fields = questions(
        FORMS[name],
        actor=desk.actor,
        options={"receiver": people, "case_kind": kinds},
        values=values,
        errors=tried.errors,
    )
    fields = [replace(f, rows=3) if f.kind == "textarea" else f for f in fields]
    hidden = Field(name="client_uuid", label="", kind="hidden", value=tried.uuid or str(uuid4()))
    return Form(
        action=reverse(f"console:duty-{name}"),
        fields=[hidden, Field(name="project", label="", kind="hidden", value=where.code), *fields],
        submit=pgettext("duty", "Write down") if name == "write" else _("Hand over the shift"),
        errors=[tried.refusal] if tried.refusal else (),
    )


def _done(request: HttpRequest, desk: Desk, name: str, words: str, verb: Callable[[], object]) -> HttpResponse:
    """The verb, then back to the log; a refusal shows the page with everything typed."""
    raw = request.POST.dict()
    uuid = request.POST.get("client_uuid", "")
    try:
        verb()
    except InvalidError as error:
        stray = "" if name in FORMS else in_words(error, ASKED.get(name, verbs.Answer))
        return _page(request, desk, name, Tried(raw, error.fields, stray, 422, uuid))
    except ConflictError as error:
        return _page(request, desk, name, Tried(raw, {}, str(error), status_of(error), uuid))
    messages.success(request, words)
    answer = HttpResponseRedirect(_page_url("duty", place_of_form(request, desk), desk))
    answer.status_code = 303
    return answer


@office_only
@require_POST
@at_desk
def begin(request: HttpRequest, desk: Desk) -> HttpResponse:
    where = place_of_form(request, desk)
    verb = lambda: verbs.go_on_duty(project_id=where.id, actor=desk.actor, at=desk.at)  # noqa: E731
    return _done(request, desk, "begin", _("You are on duty now."), verb)


@office_only
@require_POST
@at_desk
def write(request: HttpRequest, desk: Desk) -> HttpResponse:
    return _done(
        request, desk, "write", _("Written down."), lambda: verbs.write_entry(**_typed(request, desk, "write"))
    )


@office_only
@require_POST
@at_desk
def offer(request: HttpRequest, desk: Desk) -> HttpResponse:
    words = _("The shift is offered.")
    return _done(request, desk, "offer", words, lambda: verbs.offer_shift(**_typed(request, desk, "offer")))


def _typed(request: HttpRequest, desk: Desk, name: str) -> dict[str, Any]:
    where = place_of_form(request, desk)
    raw = posted(FORMS[name], request, actor=desk.actor, project_id=where.id, tz=where.tz, at=desk.at)
    uuid = client_uuid(request)
    return {"project_id": where.id, "actor": desk.actor, "at": desk.at, "client_uuid": uuid, "data": raw}


@office_only
@require_POST
@at_desk
def answer(request: HttpRequest, desk: Desk, pk: int) -> HttpResponse:
    data = {"accept": request.POST.get("accept") == "1", "reason": request.POST.get("reason", "")}
    base: dict[str, Any] = {"project_id": place_of_form(request, desk).id, "pk": pk, "actor": desk.actor, "at": desk.at}
    words = _("Signed: you are on duty now.") if data["accept"] else _("Declined: the colleague stays on duty.")
    return _done(request, desk, "answer", words, lambda: verbs.answer_shift(**base, data=data))


@office_only
@require_POST
@at_desk
def withdraw(request: HttpRequest, desk: Desk, pk: int) -> HttpResponse:
    base: dict[str, Any] = {"project_id": place_of_form(request, desk).id, "pk": pk, "actor": desk.actor, "at": desk.at}
    words = _("Taken back: you stay on duty.")
    return _done(request, desk, "withdraw", words, lambda: verbs.withdraw_shift(**base))


@office_only
@require_POST
@at_desk
def force(request: HttpRequest, desk: Desk, pk: int) -> HttpResponse:
    data = {"reason": request.POST.get("reason", "")}
    base: dict[str, Any] = {"project_id": place_of_form(request, desk).id, "pk": pk, "actor": desk.actor, "at": desk.at}
    return _done(request, desk, "force", _("Done."), lambda: verbs.force_shift(**base, data=data))


@office_only
@require_GET
@at_desk
def brief(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Yesterday in figures, what is late, what will go late today; prints as it stands."""
    where = _where(request, desk)
    found = reads.brief(where.id, desk.at)
    context = {
        "where": where,
        "back": _page_url("duty", where, desk),
        "brief": found,
        "kinds": [(p.title if (p := process_of(kind)) else kind, n) for kind, n in found.by_kind],
        "lists": [(_("Late now"), _work(found.late), "late"), (_("Due today"), _work(found.today), "soon")],
    }
    return page(request, desk, "console/duty/brief.jinja", context, here="duty", tz=where.tz)


def _work(rows: Any) -> list[dict[str, Any]]:
    return [
        {**row, "url": case_url(row["number"]), "who": name_of(row["handler_id"]) or name_of(row["accountable_id"])}
        for row in rows
    ]


@office_only
@require_http_methods(["GET", "POST"])
@at_desk
def check(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Today's sheet, to be ticked and signed; the days without one."""
    where = _where(request, desk)
    refusal: RefusalError | None = None
    if request.method == "POST":
        try:
            verbs.sign_check(project_id=where.id, actor=desk.actor, at=desk.at, data=_ticked(request.POST))
        except (InvalidError, ConflictError) as error:
            refusal = error
        else:
            messages.success(request, _("Done."))
            answer = HttpResponseRedirect(_page_url("duty-check", where, desk))
            answer.status_code = 303
            return answer
    today = timezone.localtime(desk.at, where.tz).date()
    context = {
        "where": where,
        "back": _page_url("duty", where, desk),
        "today": today,
        "points": policies.in_force(POINTS, lineage=where.lineage, at=desk.at).value,
        "sheet": DailyCheck.objects.visible_to(desk.actor).filter(project_id=where.id, day=today).first(),
        "missing": reads.missing_checks(where.id, today),
        "may": desk.actor.has(Role.MANAGER, where.id),
        "typed": request.POST,
        "errors": refusal.fields if isinstance(refusal, InvalidError) else {},
        "refusal": str(refusal) if isinstance(refusal, ConflictError) else "",
        "name_of": name_of,
    }
    status = status_of(refusal) if refusal else 200
    return page(request, desk, "console/duty/check.jinja", context, here="duty", status=status, tz=where.tz)


def _ticked(post: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """``point-CODE`` is 1 or 0, ``note-CODE`` says what is not in order; what is not answered is left out."""
    answered = [name.removeprefix("point-") for name in post if name.startswith("point-")]
    return {code: {"ok": post[f"point-{code}"] == "1", "note": post.get(f"note-{code}", "")} for code in answered}
