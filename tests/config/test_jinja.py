"""Own pages: marked strings are translated, values escaped, undefined names fail, one block renders alone."""

from collections.abc import Iterator

import jinja2
import pytest
from django.template import engines
from django.template.backends.jinja2 import Jinja2
from django.test import RequestFactory
from django.utils import translation

from config.jinja import environment
from steward.design.blocks import render_block

FORMS = {
    "{{ _('English') }}": "英文",
    "{{ gettext('English') }}": "英文",
    "{% trans %}English{% endtrans %}": "英文",
    "{% trans %}\n  English\n{% endtrans %}": "英文",
    "{{ _('no %(n)s such', n=3) }}": "no 3 such",
    "{{ ngettext('%(num)s <b>', '%(num)s <i>', 2) }}": "2 <i>",
    "{% trans n=1 %}{{ n }} row{% pluralize %}{{ n }} rows{% endtrans %}": "1 row",
    "{{ pgettext('a place', 'nowhere') }}": "nowhere",
}


@pytest.fixture(autouse=True)
def chinese() -> Iterator[None]:
    with translation.override("zh-hans"):
        yield


@pytest.mark.parametrize(("source", "shown"), FORMS.items())
def test_every_form_speaks_the_language_of_the_request(source: str, shown: str) -> None:
    assert environment().from_string(source).render() == shown


def test_the_language_is_asked_at_each_rendering() -> None:
    page = environment().from_string("{{ _('English') }}")
    with translation.override("en"):
        assert page.render() == "English"
    assert page.render() == "英文"


def test_values_are_escaped_in_translations_too() -> None:
    page = environment().from_string("{{ who }}{% trans %}by {{ who }}{% endtrans %}{{ _('unto %(who)s', who=who) }}")
    assert page.render(who="<b>") == "&lt;b&gt;by &lt;b&gt;unto &lt;b&gt;"


def test_an_undefined_name_is_an_error() -> None:
    with pytest.raises(jinja2.UndefinedError, match="custmer"):
        environment().from_string("{{ custmer }}").render()


def test_static_and_url_are_in_reach() -> None:
    page = environment().from_string("{{ static('a.css') }} {{ url('health') }}")
    assert page.render() == "/static/a.css /health"


def test_a_block_is_rendered_with_the_names_of_its_page(monkeypatch: pytest.MonkeyPatch) -> None:
    page = "out {% block rows %}{{ request.path }} {{ n }} {{ csrf_input }}{% endblock %} out"
    backend = engines["jinja2"]
    assert isinstance(backend, Jinja2)
    monkeypatch.setattr(backend.env, "loader", jinja2.DictLoader({"page.jinja": page}))
    answer = render_block(RequestFactory().get("/here"), "page.jinja", "rows", {"n": 3}, status=422)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert text.startswith('/here 3 <input type="hidden" name="csrfmiddlewaretoken"')
    assert "out" not in text
