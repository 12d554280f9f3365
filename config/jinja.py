"""The Jinja environment of all own pages. Blocks of a page for htmx: steward/design/blocks.py."""

from collections.abc import Callable
from functools import cache
from typing import Any, Protocol, cast

import jinja2
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.utils.module_loading import import_string

#: Each is called with the environment once and adds a room's filters and globals.
HOOKS: tuple[str, ...] = ("steward.design.environment.install",)


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
    # A page names some twenty files; where each lies stands while the program runs.
    made.globals.update(static=cache(static), url=url, current_language=translation.get_language)
    for dotted in HOOKS:
        hook: Callable[[jinja2.Environment], None] = import_string(dotted)
        hook(made)
    return made


def url(name: str, *args: object, **kwargs: object) -> str:
    return reverse(name, args=args, kwargs=kwargs)
