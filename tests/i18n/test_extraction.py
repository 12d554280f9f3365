"""The extraction finds every form of marking a string, and the check every way of leaving one untranslated."""

import shutil
from pathlib import Path

import pytest

from steward.cli import messages

SAMPLE = Path(__file__).parent / "sample"
PAGE = "steward/desk/jinja2/desk/page.jinja"
CODE = "steward/desk/strings.py"

IN_THE_PAGE = {
    ("", "underscore", ""),
    ("", "function", ""),
    ("", "%(n)s with a value", ""),
    ("", "%(num)s item", "%(num)s items"),
    ("a unit of time", "in context", ""),
    ("a unit of time", "%(num)s second", "%(num)s seconds"),
    ("", "block", ""),
    ("", "block for %(who)s", ""),
    ("", "%(count)s block", "%(count)s blocks"),
    ("", "block over two lines", ""),
    ("a place", "block in context", ""),
    ("", "attribute", ""),
    ("", "single quotes", ""),
    ("", "set", ""),
    ("", "default argument", ""),
    ("", "argument", ""),
    ("", "filtered", ""),
    ("", "condition", ""),
    ("", "do", ""),
    ("", "in a mapping", ""),
}
IN_THE_CODE = {
    ("", "py underscore", ""),
    ("", "py lazy", ""),
    ("", "py noop", ""),
    ("", "py %(n)s row", "py %(n)s rows"),
    ("", "py %(n)s lazy row", "py %(n)s lazy rows"),
    ("py context", "py in context", ""),
    ("py context", "py lazy in context", ""),
    ("py context", "py %(n)s in context", "py %(n)s all in context"),
    ("py context", "py %(n)s lazy in context", "py %(n)s all lazy in context"),
    ("", "py joined over two lines", ""),
    ("", "py in an f-string", ""),
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one package, `desk`, that has a catalogue of its own."""
    shutil.copytree(SAMPLE, tmp_path, dirs_exist_ok=True)
    (tmp_path / "steward/desk/locale").mkdir()
    (tmp_path / "config").mkdir()
    return tmp_path


def found_in(project: Path, name: str) -> set[tuple[str, str, str]]:
    return {(*text.key, text.plural) for text in messages.extract(project / name, project)}


def translate(project: Path, *, where: str = "steward/desk", **changes: str) -> Path:
    """Fills the catalogue with translations that keep their placeholders; ``changes`` replaces some."""
    messages.update(project)
    path = messages.catalogue(project / where)
    lines = []
    source = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith(("msgid ", "msgid_plural ")):
            source = line.split(" ", 1)[1].strip('"')
        made = line
        if line.startswith("msgstr") and source:
            made = f'{line.split(" ")[0]} "{changes.get(source, "译文 " + source)}"'
        lines.append(made)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_every_form_in_a_template_is_found(project: Path) -> None:
    assert found_in(project, PAGE) == IN_THE_PAGE


def test_every_form_in_python_is_found(project: Path) -> None:
    assert found_in(project, CODE) == IN_THE_CODE


def test_check_names_each_missing_translation_with_its_place(project: Path) -> None:
    faults = messages.faults(project)
    assert len(faults) == len(IN_THE_PAGE) + len(IN_THE_CODE)
    assert f"{PAGE}:2: no translation: 'underscore'" in faults


def test_a_complete_catalogue_passes_and_update_leaves_it_alone(project: Path) -> None:
    path = translate(project)
    before = path.read_bytes()
    assert messages.faults(project) == []
    assert messages.update(project) == []
    assert path.read_bytes() == before


def test_a_fuzzy_translation_does_not_count(project: Path) -> None:
    path = translate(project)
    text = path.read_text(encoding="utf-8").replace('msgid "underscore"', '#, fuzzy\nmsgid "underscore"')
    path.write_text(text, encoding="utf-8")
    assert messages.faults(project) == [f"{PAGE}:2: no translation: 'underscore'"]


@pytest.mark.parametrize(
    ("msgid", "wrong"),
    [
        ("%(n)s with a value", "一个值"),
        ("%(n)s with a value", "%(m)s 个值"),
        ("%(num)s items", "许多"),
        ("underscore", "%(n)s 个"),
        ("underscore", "{n} 个"),
    ],
)
def test_placeholders_must_agree(project: Path, msgid: str, wrong: str) -> None:
    translate(project, **{msgid: wrong})
    assert len(messages.faults(project)) == 1
    assert repr(wrong) in messages.faults(project)[0]


def test_two_packages_may_not_translate_one_text_differently(project: Path) -> None:
    path = translate(project)
    other = messages.catalogue(project / "steward/portal")
    other.parent.mkdir(parents=True)
    text = path.read_text(encoding="utf-8").replace('"译文 underscore"', '"别的"')
    other.write_text(text, encoding="utf-8")
    assert len(messages.faults(project)) == 1
    assert "'underscore' is translated differently" in messages.faults(project)[0]


def test_a_text_translated_in_another_package_is_not_asked_for_again(project: Path) -> None:
    translate(project)
    page = project / "steward/portal/jinja2/portal/page.jinja"
    page.parent.mkdir(parents=True)
    page.write_text('{{ _("underscore") }}{{ _("new") }}', encoding="utf-8")
    (project / "steward/portal/locale").mkdir()
    messages.update(project)
    text = messages.catalogue(project / "steward/portal").read_text(encoding="utf-8")
    assert 'msgid "new"' in text
    assert 'msgid "underscore"' not in text


def test_update_can_be_limited_to_a_package(project: Path) -> None:
    assert messages.update(project, (project / "steward/portal",)) == []
    assert messages.update(project, (project / "steward/desk",)) == [messages.catalogue(project / "steward/desk")]


def test_compile_does_only_what_changed(project: Path) -> None:
    translate(project)
    assert messages.compile_stale(project) == 1
    assert messages.compile_stale(project) == 0
