"""Full-width marks belong to Chinese sentences: no template sets one between words for every reader."""

import re
from pathlib import Path

import pytest
from django.utils import translation

from steward.kernel.marks import listed, mark

ROOT = Path(__file__).resolve().parent.parent.parent / "steward"
CODE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
#: The gallery of the design is a drawn page in Chinese.
PAGES = sorted(path for path in ROOT.rglob("*.jinja") if not path.name.startswith("gallery"))


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_template_writes_a_full_width_mark_for_everybody(page: Path) -> None:
    assert not re.findall("[，；：、]", CODE.sub("", page.read_text()))


def test_marks_follow_the_reader() -> None:
    with translation.override("zh-hans"):
        assert (listed(["水工", "电工"]), mark("；")) == ("水工、电工", "；")
    with translation.override("en"):
        assert (listed(["Plumbing", "Electrical"]), mark("；")) == ("Plumbing, Electrical", "; ")
