"""One block of a page as an answer to htmx."""

from collections.abc import Mapping
from typing import cast

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.template.backends.jinja2 import Jinja2
from django.template.backends.utils import csrf_input_lazy, csrf_token_lazy
from jinja2_fragments import render_block as render_part


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
    return HttpResponse(render_part(backend.env, template, block, names), status=status)
