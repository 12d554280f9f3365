"""What the layouts need around a page. Faces fill these in; the layouts never query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise
PRODUCT = _("Steward")


@dataclass(frozen=True, kw_only=True)
class MenuItem:
    """An entry of the left menu or of the phone's tab bar; children make the second level."""

    label: Text
    url: str
    icon: str = "circle"
    current: bool = False
    count: int | None = None
    children: Sequence[MenuItem] = ()
    key: str = ""  # shortcut from every page but its own

    @property
    def is_open(self) -> bool:
        return any(child.current for child in self.children)


@dataclass(frozen=True, kw_only=True)
class ProjectChoice:
    code: str
    name: str
    url: str
    current: bool = False


@dataclass(frozen=True, kw_only=True)
class Person:
    """The one who is signed in: name and post as the top bar shows them."""

    name: str
    post: Text = ""
    profile_url: str = ""

    @property
    def initial(self) -> str:
        return self.name[:1]


@dataclass(frozen=True, kw_only=True)
class Language:
    code: str  # Django's code: zh-hans, en
    label: str  # in its own language


@dataclass(frozen=True, kw_only=True)
class Shell:
    """Everything around the page. An empty URL hides its control."""

    product: Text = PRODUCT
    home_url: str = "/"
    project: str = ""
    projects: Sequence[ProjectChoice] = ()
    search_url: str = ""
    search_query: str = ""
    menu: Sequence[MenuItem] = ()
    user: Person | None = None
    todo_count: int | None = None
    todo_url: str = ""
    language: str = "zh-hans"
    languages: Sequence[Language] = field(
        default=(Language(code="zh-hans", label="中文"), Language(code="en", label="English"))
    )
    language_url: str = ""  # POST: language, next
    sign_out_url: str = ""  # POST
    pin_url: str = ""
    demo: bool = False
    demo_url: str = ""  # where another member of the cast signs in
    theme: Literal["light", "auto"] = "light"  # auto: follows the phone

    @property
    def html_lang(self) -> str:
        """BCP 47 form of the language, so that browsers choose the right glyphs and hyphens."""
        return {"zh-hans": "zh-Hans"}.get(self.language, self.language)
