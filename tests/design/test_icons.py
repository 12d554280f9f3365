"""The icon sheet: one mask for each listed name, and a build that stops at a misspelt one."""

import importlib.util
from pathlib import Path
from types import ModuleType
from urllib.parse import unquote

import pytest

SVG = (
    '<!-- tags: [x] -->\n<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24" '
    'stroke="currentColor" class="icon">\n  <path d="M5 12h14" />\n</svg>\n'
)


@pytest.fixture
def build() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_icons", Path(__file__).parents[2] / "scripts/build_icons.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def drawings(tmp_path: Path) -> Path:
    for folder, name in (("outline", "minus"), ("filled", "bell")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"{name}.svg").write_text(SVG, encoding="utf-8")
    return tmp_path


def test_each_name_becomes_one_rule(build: ModuleType, drawings: Path) -> None:
    rules = build.sheet(drawings, ["minus", "bell-f"]).splitlines()[1:]

    assert [rule.split("{")[0] for rule in rules] == [".i-minus", ".i-bell-f"]
    drawn = unquote(rules[0])
    assert "tags" not in drawn
    assert "class" not in drawn
    assert "stroke='#000'" in drawn
    assert "#" not in rules[0]  # a bare # would end the address


def test_a_misspelt_name_stops_the_build(build: ModuleType, drawings: Path) -> None:
    with pytest.raises(SystemExit, match="minsu"):
        build.sheet(drawings, ["minus", "minsu"])
