"""The layouts keep the house's promises: strict CSP, right language, nothing to query."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.http import Http404
from django.test import RequestFactory, override_settings
from django.urls import resolve
from django.utils import translation

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("/design/", "/design/intake/", "/design/dispatch/", "/design/counter/", "/design/phone/", "/design/plain/")


class Offences(HTMLParser):
    """Collects what a strict content security policy would block, and the ids that stand twice."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        self.found += [f"{tag} {name}" for name in names if name == "style" or name.startswith("on")]
        if tag == "style" or (tag == "script" and "src" not in names):
            self.found.append(f"inline {tag}")
        if names.get("id"):
            self.ids.append(str(names["id"]))


def page(path: str, language: str = "zh-hans") -> str:
    """The page without any middleware, and without a database: pytest-django would refuse a query."""
    with translation.override(language):
        return str(resolve(path).func(RequestFactory().get(path)).content.decode())


@pytest.mark.parametrize("path", PAGES)
def test_nothing_inline_and_no_id_twice(path: str) -> None:
    seen = Offences()
    seen.feed(page(path))

    assert seen.found == []
    assert len(seen.ids) == len(set(seen.ids))


@pytest.mark.parametrize("path", PAGES)
def test_the_page_says_its_language(path: str) -> None:
    assert '<html lang="zh-Hans"' in page(path)
    assert '<html lang="en"' in page(path, "en")


def test_words_of_the_shell_follow_the_language() -> None:
    assert "待办" in page("/design/")
    assert "To do" in page("/design/", "en")


@pytest.mark.parametrize("path", PAGES)
def test_the_gallery_is_absent_in_production(path: str) -> None:
    with override_settings(DEBUG=False, DEMO=False, TESTING=False), pytest.raises(Http404):
        page(path)


def test_every_icon_that_is_drawn_is_in_the_sheet() -> None:
    listed = set((ROOT / "scripts/icons.txt").read_text(encoding="utf-8").split())
    html = "".join(page(path) for path in PAGES)
    scripts = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "steward").rglob("static/*/*.js"))
    templates = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "steward").rglob("*.jinja"))
    used = set(re.findall(r'class="i i-([a-z0-9-]+)[ "]', html + templates))
    used |= set(re.findall(r'\bicon\("([a-z0-9-]+)"', templates + scripts))

    assert used - listed == set()


def test_the_tokens_alone_hold_colours_of_both_skins() -> None:
    """Every variable a style sheet reads is defined somewhere in ours, Tabler's or WeUI's names aside."""
    sheets = {
        file.name: file.read_text(encoding="utf-8") for file in (ROOT / "steward/design/static/design").glob("*.css")
    }
    everything = "".join(sheets.values())
    defined = set(re.findall(r"(--[\w-]+):", everything))
    read = set(re.findall(r"var\((--[\w-]+)", everything))

    assert {name for name in read - defined if not name.startswith(("--tblr", "--weui"))} == {"--s", "--e"}
