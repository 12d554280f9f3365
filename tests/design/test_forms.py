"""Any description becomes a form in which nothing typed is lost and errors stand beside their field."""

import re
from typing import Any

import pytest
from django.template import engines
from django.utils import translation

from steward.design.forms import Field, Form

RENDER = '{% import "design/forms.jinja" as forms %}{{ forms.form(form, "") }}'
KINDS = (
    "text", "textarea", "int", "decimal", "money", "bool", "choice", "multichoice", "date", "datetime",
    "unit", "staff", "lines", "photos", "signature", "phone", "password", "hidden", "suggested",
)  # fmt: skip


def shown(*fields: Any, **form: Any) -> str:
    with translation.override("en"):
        template = engines["jinja2"].from_string(RENDER)
        return str(template.render({"form": Form(action="/go/", submit="Save", fields=fields, **form)}))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_asks_under_its_name(kind: Any) -> None:
    extra: dict[str, Any] = {"columns": (Field(name="item", label="Item"),)} if kind == "lines" else {}
    extra |= {"choices": (("a", "A"), ("b", "B"))} if kind in ("choice", "multichoice") else {}

    html = shown(Field(name="question", label="Ask", kind=kind, **extra))

    assert re.search(r'name="question(-0-item)?"', html)
    assert ("Ask" in html) == (kind != "hidden")


def test_what_was_typed_comes_back_escaped_with_the_error_beside_it() -> None:
    html = shown(Field(name="title", label="Title", value='<b>"leak"</b>', error="Too short."))

    assert "<b>" not in html
    assert 'value="&lt;b&gt;&#34;leak&#34;&lt;/b&gt;"' in html
    error_id = re.search(r'aria-describedby="([\w-]+)"', html)
    assert error_id
    assert re.search(rf'id="{error_id[1]}".*Too short\.', html)


def test_a_chosen_answer_stays_chosen() -> None:
    choices = (("1", "One"), ("2", "Two"))

    few = shown(Field(name="n", label="N", kind="choice", choices=choices, value=2))
    many = shown(Field(name="n", label="N", kind="choice", choices=[(str(n), str(n)) for n in range(20)], value="7"))
    several = shown(Field(name="n", label="N", kind="multichoice", choices=choices, value=[1, 2]))

    assert re.findall(r'value="(\d+)" checked', few) == ["2"]
    assert re.findall(r'value="(\d+)" selected', many) == ["7"]
    assert re.findall(r'value="(\d+)" checked', several) == ["1", "2"]


def test_lines_keep_their_rows_and_show_which_cell_is_wrong() -> None:
    columns = (Field(name="item", label="Item"), Field(name="quantity", label="Quantity", kind="decimal"))
    rows = [{"item": "valve", "quantity": "x", "errors": {"quantity": "Not a number."}}, {"item": "pipe"}]

    html = shown(Field(name="parts", label="Parts", kind="lines", columns=columns, value=rows))
    body = html.split("<template>")[0]

    assert re.findall(r'name="(parts-\d+-\w+)"', body) == [
        "parts-0-item", "parts-0-quantity", "parts-1-item", "parts-1-quantity"
    ]  # fmt: skip
    assert body.index("Not a number.") < body.index("parts-1-item")


def test_pictures_make_it_a_multipart_form() -> None:
    assert 'enctype="multipart/form-data"' in shown(Field(name="p", label="P", kind="photos"))
    assert "enctype" not in shown(Field(name="t", label="T"))


def test_a_password_is_never_sent_back() -> None:
    assert "secret" not in shown(Field(name="password", label="P", kind="password", value="secret"))


def test_plain_dicts_describe_too_but_a_wrong_key_is_refused() -> None:
    assert 'name="title"' in shown({"name": "title", "label": "Title"})
    with pytest.raises(TypeError, match="lable"):
        shown({"name": "title", "lable": "Title"})
