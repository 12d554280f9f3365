"""The console's menu as data: one line each. A line appears when its page exists and the role has use for it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Final
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from steward.cases.declare import REGISTRY
from steward.design.shell import MenuItem
from steward.kernel.actor import FIELD_ONLY, Actor, Role

DISPATCHERS: Final = frozenset({Role.DESK, Role.HEAD_BUTLER, Role.MANAGER, Role.REGION, Role.HQ})
CALLERS: Final = frozenset({Role.DESK, Role.BUTLER, Role.HEAD_BUTLER, Role.MANAGER, Role.REGION, Role.HQ})
MONEY: Final = frozenset({Role.CASHIER, Role.MANAGER, Role.REGION, Role.HQ})
AUDITORS: Final = frozenset({Role.MANAGER, Role.REGION, Role.HQ})
INTAKE: Final = frozenset(Role) - FIELD_ONLY


def _kinds() -> Iterator[tuple[str, Any, str]]:
    """The second level under the cases: one line for each kind."""
    for process in REGISTRY.values():
        yield process.kind, process.title, urlencode({"kind": process.kind})


SETTERS: Final = frozenset({Role.MANAGER, Role.REGION, Role.HQ})


@dataclass(frozen=True)
class Line:
    """``name`` is the page's own name (``Page.here``); ``children`` yields (name, label, query)."""

    name: str
    label: Any
    icon: str
    roles: frozenset[Role] = frozenset(Role)
    children: Callable[[], Iterator[tuple[str, Any, str]]] | None = None
    key: str = ""


@dataclass(frozen=True)
class Group:
    """A heading without a page of its own: it opens the first of its lines. A line alone stands for itself."""

    label: Any
    icon: str
    lines: tuple[Line, ...]


MENU: Final[tuple[Line | Group, ...]] = (
    Line("workbench", _("Workbench"), "layout-dashboard"),
    Line("intake", _("Intake"), "headset", INTAKE, key="F2"),
    Line("cases", _("Cases"), "clipboard-list", children=_kinds),
    Line("dispatch", _("Dispatch"), "calendar-time", DISPATCHERS),
    Line("incidents", _("Incidents"), "bell-ringing", CALLERS),
    Line("callbacks", _("Callbacks"), "phone-outgoing", CALLERS),
    Group(
        _("Customers and rooms"),
        "users",
        (
            Line("customers", _("Customers"), "users", INTAKE),
            Line("buildings", _("Building grid"), "building", INTAKE),
            Line("imports", _("Import lists"), "upload", SETTERS),
        ),
    ),
    Line("knowledge", _("Knowledge base"), "book", INTAKE),
    Line("cashier", _("Payments"), "receipt-yuan", MONEY),
    Group(
        _("Duty desk"),
        "notebook",
        (
            Line("duty", _("Duty log"), "notebook", INTAKE),
            Line("on-call", _("On call"), "moon", INTAKE),
        ),
    ),
    Group(
        _("Figures and registers"),
        "table-export",
        (
            Line("complaint-figures", _("Figures"), "report-money", CALLERS),
            Line("registers", _("Registers"), "table-export", INTAKE),
        ),
    ),
    Group(
        _("Organisation"),
        "id-badge-2",
        (
            Line("people", pgettext_lazy("menu", "People"), "user-share", SETTERS),
            Line("places", _("Places"), "building", SETTERS),
            Line("absences", _("Absences"), "calendar-x", frozenset({*SETTERS, Role.HEAD_BUTLER})),
            Line("posts", _("Posts"), "id-badge-2", SETTERS),
            Line("rights", _("Roles and rights"), "key", SETTERS),
            Line("areas", _("Areas of responsibility"), "map-2", CALLERS),
            Line("contractors", _("Contractors"), "tools", CALLERS),
        ),
    ),
    Line("conflicts", _("To settle by hand"), "alert-triangle", DISPATCHERS),
    Group(
        _("System"),
        "settings",
        (
            Line("settings", _("Settings"), "settings", SETTERS),
            Line("prices", _("Price list"), "receipt-yuan", SETTERS),
            Line("categories", _("Categories"), "tag", SETTERS),
            Line("messages", _("Delivery log"), "mail", CALLERS),
            Line("audit", _("Audit log"), "shield-check", AUDITORS),
        ),
    ),
)


def lines() -> Iterator[Line]:
    """Every line, whatever heading it stands under."""
    for entry in MENU:
        yield from (entry,) if isinstance(entry, Line) else entry.lines


def menu_of(actor: Actor, here: str, child: str = "") -> tuple[MenuItem, ...]:
    """What this actor sees, with the current page marked."""
    return _menu(frozenset(grant.role for grant in actor.grants), here, child, get_language())


# The same for everybody of these roles.
@lru_cache(maxsize=1024)
def _menu(roles: frozenset[Role], here: str, child: str, _language: str | None) -> tuple[MenuItem, ...]:
    return tuple(_entries(roles, here, child))


def _entries(roles: frozenset[Role], here: str, child: str) -> Iterator[MenuItem]:
    for entry in MENU:
        lines = entry.lines if isinstance(entry, Group) else (entry,)
        items = tuple(_items(lines, roles, here, child))
        if isinstance(entry, Group) and len(items) > 1:
            yield MenuItem(label=str(entry.label), url=items[0].url, icon=entry.icon, children=items)
        else:
            yield from items


def _items(lines: Iterable[Line], roles: frozenset[Role], here: str, child: str) -> Iterator[MenuItem]:
    for line in lines:
        target = page_url(line.name)
        if target and roles & line.roles:
            yield MenuItem(
                label=str(line.label),
                url=target,
                icon=line.icon,
                current=line.name == here and not child,
                children=_children(line, target, here, child),
                key=line.key,
            )


def _children(line: Line, target: str, here: str, child: str) -> tuple[MenuItem, ...]:
    if line.children is None:
        return ()
    return tuple(
        MenuItem(label=str(label), url=f"{target}?{query}", current=line.name == here and name == child)
        for name, label, query in line.children()
    )


@cache
def page_url(name: str) -> str:
    """Empty where the page is not built."""
    try:
        return reverse(f"console:{name}")
    except NoReverseMatch:
        return ""
