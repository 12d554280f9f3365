"""The price list: what is in force where, and taken along as a workbook."""

from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from steward.casework.categories import categories
from steward.console.organisation.entry import see_other
from steward.console.settings.home import place_asked, place_filter, places_of
from steward.console.settings.words import day
from steward.console.shell import Desk, at_desk, page
from steward.kernel.errors import ConflictError
from steward.kernel.excel import XLSX, Book
from steward.registers.billing.listing import follow_above
from steward.registers.billing.models import ItemKind
from steward.registers.billing.prices import EMPTY, Price, Prices, in_force, planned, prices
from steward.registers.org.tree import Place, place
from steward.web.http import office_only

#: The kinds of case whose categories an item may be offered for.
OFFERED: Final = ("repair", "service_order")
HERE: Final = "prices"


@office_only
@require_GET
@at_desk
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    places = places_of(desk)
    here = place_asked(request, desk, places)
    kind, wanted = request.GET.get("kind", ""), request.GET.get("q", "").strip()[:40]
    now = prices(lineage=here.lineage, at=desk.at)
    rows = [row for row in _lines(now, here, desk.at) if _fits(row, kind, wanted)]
    above = prices(lineage=here.lineage[1:], at=desk.at)
    query = urlencode({"place": here.code})
    context = {
        "groups": [(k.label, found) for k in ItemKind if (found := [r for r in rows if r["item"].kind == k])],
        "filters": [
            place_filter(here, places),
            {"name": "kind", "label": _("Every kind"), "value": kind, "choices": ItemKind.choices},
            {"name": "q", "label": _("Name or code"), "value": wanted},
        ],
        "narrowed": bool(kind or wanted),
        "is_empty": not now.items,
        "here": here,
        "list": _list_words(now),
        "own": in_force(here.id, desk.at) is not None and above is not EMPTY,
        "differing": _differing(now, above),
        "own_url": reverse("console:prices"),
        "new_url": f"{reverse('console:price-new')}?{query}",
        "excel_url": f"{reverse('console:prices-excel')}?{query}",
        "follow_url": f"{reverse('console:prices-follow')}?{query}",
    }
    return page(request, desk, "console/settings/prices.jinja", context, here=HERE)


def _differing(now: Prices, above: Prices) -> int:
    """How many items stand otherwise on the list above, or on one of the two alone."""
    both = [c for c, item in now.items.items() if item.says(above.items.get(c))]
    return len({*now.items, *above.items}) - len(both)


def _list_words(now: Prices) -> dict[str, str]:
    if now.node_id is None or now.since is None:
        return {}
    return {"whose": place(now.node_id).name, "since": day(now.since), "version": now.version}


def _lines(now: Prices, here: Place, at: datetime) -> list[dict[str, Any]]:
    """The items in force, and those to come, each with its next change."""
    later = planned(here, at)
    fresh = [item for code, (_since, item) in later.items() if code not in now.items and item is not None]
    about = category_words()
    return [
        {
            "item": item,
            "about": about.get(item.category, item.category),
            "is_new": item.code not in now.items,
            "next": next_words(item, later[item.code]) if item.code in later else "",
            "url": f"{reverse('console:price', args=[item.code])}?{urlencode({'place': here.code})}",
        }
        for item in [*now.items.values(), *fresh]
    ]


def next_words(item: Price, to_come: tuple[datetime, Price | None]) -> str:
    since, then = to_come
    if then is None:
        return _("off the list from %(day)s") % {"day": day(since)}
    if then is item:
        return _("on the list from %(day)s") % {"day": day(since)}
    if then.price != item.price:
        return _("¥%(price)s from %(day)s") % {"price": f"{then.price:,.2f}", "day": day(since)}
    return _("changes on %(day)s") % {"day": day(since)}


def category_words() -> dict[str, str]:
    """Code → what people call it, of the kinds that use the list."""
    language = get_language() or ""
    return {c.code: c.title(language) for k in reversed(OFFERED) for c in categories().values() if c.kind == k}


def _fits(row: dict[str, Any], kind: str, wanted: str) -> bool:
    item: Price = row["item"]
    text = f"{item.name} {item.code} {row['about']}".lower()
    return kind in ("", item.kind) and all(word in text for word in wanted.lower().split())


@office_only
@require_GET
@at_desk
def excel(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The whole list in force here as a workbook."""
    here = place_asked(request, desk, places_of(desk))
    now, about = prices(lineage=here.lineage, at=desk.at), category_words()
    book = Book()
    heads = (
        _("Code"), _("Name of the item"), _("Kind"), _("Counted in"), _("Unit price"), _("Offered first for"), _("Warranty, months")
    )  # fmt: skip
    sheet = book.sheet(_("Price list")[:31], heads, (12, 34, 14, 10, 12, 18, 14))
    for line, item in enumerate(now.items.values(), start=1):
        cells = (item.code, item.name, str(ItemKind(item.kind).label), item.unit, item.price)
        book.row(sheet, line, (*cells, about.get(item.category, item.category), item.warranty_months or None))
    answer = HttpResponse(book.done(), content_type=XLSX)
    answer["Content-Disposition"] = (
        f'attachment; filename="prices-{here.code}-{desk.at.astimezone(here.tz):%Y%m%d}.xlsx"'
    )
    return answer


@office_only
@require_POST
@at_desk
def follow(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Give up the own list: from today on the list of the place above holds here."""
    here = place_asked(request, desk, places_of(desk))
    try:
        today = desk.at.astimezone(here.tz).date()
        done = follow_above(node_id=here.id, effective_on=today, actor=desk.actor, at=desk.at)
        messages.success(request, _("From now on the list above holds here.") if done else _("This holds already."))
    except ConflictError as refused:
        messages.error(request, str(refused))
    return see_other(f"{reverse('console:prices')}?{urlencode({'place': here.code})}")
