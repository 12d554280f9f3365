"""One form on a page of its own: shown, tried, shown again with what was typed, or done."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from steward.console.shell import Desk, page
from steward.design.forms import Choice, Field, Form
from steward.kernel.actor import Role
from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from steward.kernel.schema import Data, parse
from steward.web.forms import client_uuid, kind_of, questions
from steward.web.http import status_of

SETTERS = (Role.MANAGER, Role.REGION, Role.HQ)


def ensure_setter(desk: Desk) -> None:
    """For others the page does not exist."""
    if not desk.actor.projects_with(*SETTERS):
        raise NotFoundError(_("There is no such page."))


class Nothing(Data):
    """Only a yes."""


@dataclass(frozen=True)
class Entry:
    """``do`` takes the typed data and the form's identifier; ``back`` is where a success leads, unless ``onward`` has an
    answer to what ``do`` made."""

    title: Any
    form: type[Data]
    do: Callable[[Any, UUID], Any]
    back: str
    here: str
    submit: Any
    onward: Callable[[Any], HttpResponse] | None = None
    icon: str = "check"
    note: Any = ""
    about: Any = ""
    options: Mapping[str, Sequence[Choice]] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    leave_out: frozenset[str] = frozenset()
    #: What goes back as it came, unseen; the verb reads it from the request.
    hidden: Mapping[str, str] = field(default_factory=dict)
    #: What it would do, in sentences: behind a second button, where most know what they do …
    effect: Callable[[Any], list[str]] | None = None
    #: … or always said first; changed after that, it is said anew.
    look_first: bool = False


@dataclass(frozen=True)
class Told:
    """The effect as it is shown, and the mark of the data it belongs to."""

    effect: Sequence[str] = ()
    mark: str = ""


def _told(entry: Entry, data: Data, post: Mapping[str, Any]) -> Told:
    """Nothing more to say once just this was shown, or where nobody asked."""
    mark = hashlib.sha256(data.model_dump_json().encode()).hexdigest()[:16]
    asked = post.get("seen", "") != mark if entry.look_first else post.get("do") == "preview"
    return Told(entry.effect(data), mark) if entry.effect is not None and asked else Told()


def typed(form: type[Data], request: HttpRequest) -> dict[str, Any]:
    """What the browser sent, without what was left empty."""
    raw: dict[str, Any] = {}
    for name, info in form.model_fields.items():
        many = kind_of(info) == "multichoice"
        value: Any = request.POST.getlist(name) if many else request.POST.get(name, "").strip()
        if value:
            raw[name] = value
    return raw


def answer(request: HttpRequest, desk: Desk, entry: Entry) -> HttpResponse:
    """GET: the form. POST: 303 to ``back``, or the form again with each error beside its field."""
    values, errors, refusal, status = dict(entry.values), {}, "", 200
    uuid, told, made = str(uuid4()), Told(), None
    if request.method == "POST":
        uuid = request.POST.get("client_uuid", "")
        values = typed(entry.form, request)
        try:
            data = parse(entry.form, values)
            told = _told(entry, data, request.POST)
            if not told.effect:
                made = entry.do(data, client_uuid(request))
        except InvalidError as refused:
            errors, status = dict(refused.fields), 422
            refusal = "" if set(errors) & set(entry.form.model_fields) else str(refused)
        except (ConflictError, NotAllowedError) as refused:
            refusal, status = str(refused), status_of(refused)
        else:
            if not told.effect:
                messages.success(request, _("%(action)s: done") % {"action": entry.title})
                return entry.onward(made) if entry.onward else see_other(entry.back)
    form = _form(request, desk, entry, values, errors, refusal, uuid, told)
    context = {"entry": entry, "form": form, "effect": told.effect}
    return page(request, desk, "console/organisation/form.jinja", context, here=entry.here, status=status)


def _form(
    request: HttpRequest,
    desk: Desk,
    entry: Entry,
    values: Mapping[str, Any],
    errors: Mapping[str, Any],
    refusal: str,
    uuid: str,
    told: Told,
) -> Form:
    asked = questions(
        entry.form,
        actor=desk.actor,
        options=entry.options,
        values=values,
        errors=errors,
        leave_out=entry.leave_out,
    )
    unseen = entry.look_first and not told.effect
    return Form(
        action=request.get_full_path(),
        fields=[
            Field(name="client_uuid", label="", kind="hidden", value=uuid),
            Field(name="seen", label="", kind="hidden", value=told.mark),
            *(Field(name=name, label="", kind="hidden", value=value) for name, value in entry.hidden.items()),
            *asked,
        ],
        submit=_("Preview the effect") if unseen else entry.submit,
        submit_icon="eye" if unseen else entry.icon,
        preview=_("Preview the effect") if entry.effect and not entry.look_first else "",
        cancel_url=entry.back,
        note=entry.note,
        errors=[refusal] if refusal else (),
    )


def see_other(url: str) -> HttpResponse:
    response = HttpResponseRedirect(url)
    response.status_code = 303
    return response


def acted(request: HttpRequest, back: str, title: Any, do: Callable[[], Any]) -> HttpResponse:
    """A button without questions: done and back, a refusal is said on the page."""
    try:
        do()
    except InvalidError as refused:
        messages.error(request, str(next(iter(refused.fields.values()), refused)))
    except (ConflictError, NotAllowedError) as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("%(action)s: done") % {"action": title})
    return see_other(back)
