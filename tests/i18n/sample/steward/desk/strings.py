"""One string in each form Python code may use."""

from django.utils.translation import gettext as _
from django.utils.translation import (
    gettext_lazy,
    gettext_noop,
    ngettext,
    ngettext_lazy,
    npgettext,
    npgettext_lazy,
    pgettext,
    pgettext_lazy,
)

FOUND = (
    _("py underscore"),
    gettext_lazy("py lazy"),
    gettext_noop("py noop"),
    ngettext("py %(n)s row", "py %(n)s rows", 2),
    ngettext_lazy("py %(n)s lazy row", "py %(n)s lazy rows", 2),
    pgettext("py context", "py in context"),
    pgettext_lazy("py context", "py lazy in context"),
    npgettext("py context", "py %(n)s in context", "py %(n)s all in context", 2),
    npgettext_lazy("py context", "py %(n)s lazy in context", "py %(n)s all lazy in context", 2),
    _("py joined over two lines"),
    f"{_('py in an f-string')}",
)
