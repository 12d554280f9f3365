"""The price list: what is in force where, and taken along as a workbook."""

from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language, pgettext
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
from steward.registers.billing.prices import EMPTY, Price, own, planned, prices
from steward.registers.org.models import Level
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
    sheet = Sheet(here, desk.at)
    source = request.GET.get("source", "")
    rows = [row for row in sheet.rows() if _fits(row, kind, wanted, source)]
    query = urlencode({"place": here.code})
    context = {
        "groups": [(k.label, found) for k in ItemKind if (found := [r for r in rows if r["item"].kind == k])],
        "filters": [
            place_filter(here, places),
            *sheet.sources(source),
            {"name": "kind", "label": _("Every kind"), "value": kind, "choices": ItemKind.choices},
            {"name": "q", "label": _("Name or code"), "value": wanted},
        ],
        "narrowed": bool(kind or wanted or source),
        "is_empty": not sheet.now.items,
        "here": here,
        "list": {"since": day(sheet.now.since), "version": sheet.now.version} if sheet.now.since else {},
        "is_below": sheet.is_below,
        "own": len(sheet.own),
        "own_url": reverse("console:prices"),
        "new_url": f"{reverse('console:price-new')}?{query}",
        "excel_url": f"{reverse('console:prices-excel')}?{query}",
        "follow_url": f"{reverse('console:prices-follow')}?{query}",
    }
    return page(request, desk, "console/settings/prices.jinja", context, here=HERE)


class Sheet:
    """What is in force at a place, line by line with where it comes from."""

    def __init__(self, here: Place, at: datetime) -> None:
        self.here, self.at = here, at
        self.now = prices(lineage=here.lineage, at=at)
        self.above = prices(lineage=here.lineage[1:], at=at)
        self.own = own(here, at) if self.is_below else {}

    @property
    def is_below(self) -> bool:
        """Whether the place has a list above that it follows."""
        return self.above is not EMPTY

    def rows(self) -> list[dict[str, Any]]:
        """The items in force, those to come, each with its next change, and those taken off here."""
        later = planned(self.here, self.at)
        fresh = [item for code, (_since, item) in later.items() if code not in self.now.items and item is not None]
        off = [p for p in self.own.values() if p.is_withdrawn and p.code not in later and p.code in self.above.items]
        return [self._row(item, later.get(item.code)) for item in [*self.now.items.values(), *fresh, *off]]

    def _row(self, item: Price, next_: tuple[datetime, Price | None] | None) -> dict[str, Any]:
        there = self.above.items.get(item.code)
        return {
            "item": item,
            "about": category_words().get(item.category, item.category),
            "is_new": item.code not in self.now.items,
            "next": next_words(item, next_) if next_ else "",
            "url": f"{reverse('console:price', args=[item.code])}?{urlencode({'place': self.here.code})}",
            "source": origin(item, self.here),
            "is_own": item.node_id == self.here.id,
            "above": there.price if there and item.code in self.own and there.price != item.price else None,
        }

    def sources(self, chosen: str) -> list[dict[str, Any]]:
        """A filter, where there is more than one source."""
        if not self.is_below:
            return []
        choices = [("own", own_words(self.here)), ("above", _("From above"))]
        return [{"name": "source", "label": _("Every source"), "value": chosen, "choices": choices}]


def own_words(here: Place) -> str:
    return _("This project") if here.level == Level.PROJECT else _("This region")


def origin(item: Price, here: Place) -> str:
    """Whose word the line is: the company's, the region's, one's own."""
    whose = place(item.node_id)
    if whose.level == Level.HEAD_OFFICE:
        return pgettext("price list", "Company")
    return own_words(here) if whose.id == here.id else whose.name


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


def _fits(row: dict[str, Any], kind: str, wanted: str, source: str) -> bool:
    item: Price = row["item"]
    text = f"{item.name} {item.code} {row['about']}".lower()
    if source and row["is_own"] != (source == "own"):
        return False
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
        _("Code"), _("Name of the item"), _("Kind"), _("Counted in"), _("Unit price"), _("Offered first for"),
        _("Warranty, months"), pgettext("price list", "Source"),
    )  # fmt: skip
    sheet = book.sheet(_("Price list")[:31], heads, (12, 34, 14, 10, 12, 18, 14, 14))
    for line, item in enumerate(now.items.values(), start=1):
        cells = (item.code, item.name, str(ItemKind(item.kind).label), item.unit, item.price)
        more = (about.get(item.category, item.category), item.warranty_months or None, origin(item, here))
        book.row(sheet, line, (*cells, *more))
    answer = HttpResponse(book.done(), content_type=XLSX)
    answer["Content-Disposition"] = (
        f'attachment; filename="prices-{here.code}-{desk.at.astimezone(here.tz):%Y%m%d}.xlsx"'
    )
    return answer


@office_only
@require_POST
@at_desk
def follow(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Give up what is otherwise here: from today on the list of the place above holds as it is."""
    here = place_asked(request, desk, places_of(desk))
    try:
        today = desk.at.astimezone(here.tz).date()
        done = follow_above(node_id=here.id, effective_on=today, actor=desk.actor, at=desk.at)
        messages.success(request, _("From now on the list above holds here.") if done else _("This holds already."))
    except ConflictError as refused:
        messages.error(request, str(refused))
    return see_other(f"{reverse('console:prices')}?{urlencode({'place': here.code})}")
