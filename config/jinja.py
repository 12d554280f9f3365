"""The Jinja environment of all own pages, and blocks of a page for htmx."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol, cast

import jinja2
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.template.backends.jinja2 import Jinja2
from django.template.backends.utils import csrf_input_lazy, csrf_token_lazy
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.utils.module_loading import import_string
from jinja2_fragments import render_block as _render_block

#: Each is called with the environment once and adds a room's filters and globals.
HOOKS: tuple[str, ...] = ()


class _Translating(Protocol):
    """What jinja2's i18n extension adds to an environment."""

    def install_gettext_callables(self, gettext: object, ngettext: object, **options: object) -> None: ...


def environment(**options: Any) -> jinja2.Environment:
    """Fails on an undefined name instead of printing nothing."""
    options.setdefault("undefined", jinja2.StrictUndefined)
    made = jinja2.Environment(
        autoescape=options.pop("autoescape", True),
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        **options,
    )
    made.policies["ext.i18n.trimmed"] = True
    cast("_Translating", made).install_gettext_callables(
        translation.gettext,
        translation.ngettext,
        newstyle=True,
        pgettext=translation.pgettext,
        npgettext=translation.npgettext,
    )
    made.globals.update(static=static, url=url, current_language=translation.get_language)
    for dotted in HOOKS:
        hook: Callable[[jinja2.Environment], None] = import_string(dotted)
        hook(made)
    return made


def url(name: str, *args: object, **kwargs: object) -> str:
    return reverse(name, args=args, kwargs=kwargs)


def render_block(
    request: HttpRequest,
    template: str,
    block: str,
    context: Mapping[str, object] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    """One block of a page, with the same names in reach as when the whole page is rendered."""
    backend = cast("Jinja2", engines["jinja2"])
    names: dict[str, object] = {
        **(context or {}),
        "request": request,
        "csrf_input": csrf_input_lazy(request),
        "csrf_token": csrf_token_lazy(request),
    }
    for processor in backend.template_context_processors:
        names.update(processor(request))
    return HttpResponse(_render_block(backend.env, template, block, names), status=status)
