"""The texts of messages: shipped, chosen for a place, shown as the reader gets them, with their history."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from steward.console.shell import Desk, at_desk, page
from steward.design.forms import Field
from steward.kernel.errors import InvalidError, NotFoundError
from steward.registers.messaging.models import MessageTemplate
from steward.registers.messaging.operations import WRITERS, back_to_preset, check_words, may_write, set_template
from steward.registers.messaging.templates import (
    PARTS,
    REGISTRY,
    Template,
    Words,
    example_of,
    preset,
    words_of,
)
from steward.registers.org.tree import Place, place, tree
from steward.web.http import office_only


def _guard(desk: Desk) -> None:
    if not desk.actor.projects_with(*WRITERS):
        raise NotFoundError(_("There is no such page."))


def _places(desk: Desk) -> list[Place]:
    """Where this colleague chooses the words: every node whose projects they all lead."""
    return [p for p in tree().places.values() if may_write(desk.actor, p.id)]


def _asked(request: HttpRequest, desk: Desk) -> tuple[Place, str]:
    asked = request.GET.get("place", "")
    places = _places(desk)
    start = desk.chosen if desk.chosen in places else places[0]
    here = next((p for p in places if p.code == asked), start)
    language = request.GET.get("language", "")
    assert here is not None
    return here, language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def _filters(here: Place, language: str, desk: Desk) -> list[dict[str, Any]]:
    return [
        {
            "name": "place",
            "label": _("Place"),
            "value": here.code,
            "choices": [(p.code, p.name) for p in _places(desk)],
        },
        {"name": "language", "label": _("Language"), "value": language, "choices": settings.LANGUAGES},
    ]


@office_only
@require_GET
@at_desk
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    _guard(desk)
    here, language = _asked(request, desk)
    query = urlencode({"place": here.code, "language": language})
    rows = []
    for template in REGISTRY.values():
        words = words_of(template, lineage=here.lineage, language=language)
        shown = words.filled(example_of(template, language))
        url = f"{reverse('console:message-text', args=[template.key])}?{query}"
        rows.append({"template": template, "words": shown, "own": words.version != "preset", "url": url})
    context = {"rows": rows, "filters": _filters(here, language, desk), "log_url": reverse("console:messages")}
    return page(request, desk, "console/messages/texts.jinja", context, here="messages")


@office_only
@require_http_methods(["GET", "POST"])
@at_desk
def edit(request: HttpRequest, desk: Desk, key: str) -> HttpResponse:
    _guard(desk)
    template = REGISTRY.get(key)
    if template is None:
        raise NotFoundError(_("There is no such message."))
    here, language = _asked(request, desk)
    typed: Mapping[str, str] | None = None
    errors: Mapping[str, Any] = {}
    if request.method == "POST":
        typed = {part: request.POST.get(part, "") for part in (*PARTS, "note")}
        try:
            if _done(request, desk, template, here, language, typed):
                return _back(here, language)
        except InvalidError as error:
            errors = error.fields
    return _form(request, desk, template, here, language, typed, errors)


def _done(
    request: HttpRequest, desk: Desk, template: Template, here: Place, language: str, typed: Mapping[str, str]
) -> bool:
    """False for a preview: nothing is kept, the words are only checked."""
    chosen: dict[str, Any] = {"key": template.key, "node_id": here.id, "language": language, "note": typed["note"]}
    do = request.POST.get("do", "")
    if do == "preset":
        back_to_preset(**chosen, actor=desk.actor, at=desk.at)
        messages.success(request, _("The shipped text is used again."))
        return True
    if do == "keep":
        set_template(**chosen, words=typed, actor=desk.actor, at=desk.at)
        messages.success(request, _("Kept. From now on messages say this."))
        return True
    check_words(template, typed)
    return False


def _form(
    request: HttpRequest,
    desk: Desk,
    template: Template,
    here: Place,
    language: str,
    typed: Mapping[str, str] | None,
    errors: Mapping[str, Any],
) -> HttpResponse:
    words = words_of(template, lineage=here.lineage, language=language)
    now = {part: (typed or {}).get(part, getattr(words, part)) for part in PARTS}
    seen = Words(now["subject"], now["body"], now["short"]).filled(example_of(template, language))
    context = {
        "template": template,
        "here": here,
        "language": language,
        "fields": _fields(now, (typed or {}).get("note", ""), errors),
        "placeholders": example_of(template, language).items(),
        "seen": seen,
        "shipped": preset(template, language),
        "own": words.version != "preset",
        "history": _history(template, language),
        "client_uuid": request.POST.get("client_uuid", "") or uuid4(),
        "action": f"?{urlencode({'place': here.code, 'language': language})}",
        "back_url": f"{reverse('console:message-texts')}?{urlencode({'place': here.code, 'language': language})}",
    }
    status = 422 if errors else 200
    return page(request, desk, "console/messages/text.jinja", context, here="messages", status=status)


def _fields(now: Mapping[str, str], note: str, errors: Mapping[str, Any]) -> list[Field]:
    def one(name: str, label: str, kind: Any, **more: Any) -> Field:
        return Field(name=name, label=label, kind=kind, error=errors.get(name, ""), **more)

    return [
        one("subject", _("Subject"), "text", value=now["subject"], required=True),
        one("body", _("Text in the app and by e-mail"), "textarea", value=now["body"], rows=6, required=True),
        one(
            "short",
            _("Text of the SMS"),
            "textarea",
            value=now["short"],
            rows=2,
            required=True,
            help=_("The link follows by itself. 70 characters with signature and link are one SMS."),
        ),
        one("note", _("Why"), "text", value=note),
    ]


def _history(template: Template, language: str) -> list[tuple[MessageTemplate, str]]:
    rows = MessageTemplate.objects.filter(key=template.key, language=language).order_by("-pk")[:20]
    return [(row, place(row.node_id).name if row.node_id else _("Whole company")) for row in rows]


def _back(here: Place, language: str) -> HttpResponse:
    query = urlencode({"place": here.code, "language": language})
    response = HttpResponseRedirect(f"{reverse('console:message-texts')}?{query}")
    response.status_code = 303
    return response
