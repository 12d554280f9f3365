"""One item of the price list: what it costs from a day on, what that would have meant, what it was before."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from steward.console.organisation.entry import see_other, typed
from steward.console.settings.home import place_asked, place_filter, places_of
from steward.console.settings.priceeffects import said
from steward.console.settings.prices import HERE, category_words, next_words, origin
from steward.console.settings.words import day, who
from steward.console.shell import Desk, at_desk, page
from steward.design.forms import Field
from steward.kernel.errors import InvalidError, NotFoundError
from steward.kernel.schema import parse
from steward.registers.billing import listing
from steward.registers.billing.listing import ItemData, NewItemData
from steward.registers.billing.models import ItemKind
from steward.registers.billing.pricehistory import Change, history
from steward.registers.billing.prices import Price, own, planned, prices
from steward.registers.org.figures import starts
from steward.registers.org.tree import place
from steward.web.forms import questions
from steward.web.http import office_only

SHOWN: Final = ("name", "kind", "unit", "price", "category", "warranty_months")


@office_only
@require_http_methods(["GET", "POST"])
@at_desk
def new(request: HttpRequest, desk: Desk) -> HttpResponse:
    return Asked(request, desk, "").answer()


@office_only
@require_http_methods(["GET", "POST"])
@at_desk
def edit(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    return Asked(request, desk, code).answer()


class Asked:
    """An item at a place: what is typed, what is wrong with it, what it would mean. Without a code: a new one."""

    def __init__(self, request: HttpRequest, desk: Desk, code: str) -> None:
        self.request, self.desk, self.code = request, desk, code
        self.places = places_of(desk)
        self.here = place_asked(request, desk, self.places)
        self.form: type[ItemData] = ItemData if code else NewItemData
        self.now = prices(lineage=self.here.lineage, at=desk.at).items.get(code)
        self.above = prices(lineage=self.here.lineage[1:], at=desk.at).items.get(code)
        self.own = own(self.here, desk.at).get(code) if len(self.here.lineage) > 1 else None
        self.next = planned(self.here, desk.at).get(code)
        self.past = history(self.here, code) if code else []
        if code and self.shown is None:
            raise NotFoundError(_("There is no such item."))
        self.errors: Mapping[str, Any] = {}
        self.effect: list[str] = []
        self.on = request.POST.get("effective_on", "") or self._first_day()
        self.note = request.POST.get("note", "").strip()
        self.values = typed(self.form, request) if request.method == "POST" else self._start()

    @property
    def shown(self) -> Price | None:
        """As it is; else as it will be; else as it was at last."""
        coming = self.next[1] if self.next else None
        return self.now or coming or next((c.becomes or c.was for c in self.past), None) or self.own

    def _first_day(self) -> str:
        since = self.next[0] if self.next and self.now is None else self.desk.at
        return since.astimezone(self.here.tz).date().isoformat()

    def _start(self) -> dict[str, Any]:
        """The form begins with the item as it is, or as it was by a line of the history."""
        wanted = self.request.GET.get("from", "")
        again = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 4 else len(self.past)
        old = self.past[again].becomes if again < len(self.past) else None
        item = old or self.shown
        return {name: getattr(item, name) for name in SHOWN} if item else {"warranty_months": 0}

    def answer(self) -> HttpResponse:
        if self.request.method == "POST" and self._done():
            return see_other(self._url("console:prices"))
        return self._page()

    def _done(self) -> bool:
        """True when it is kept; a preview is only computed."""
        do = self.request.POST.get("do", "")
        try:
            on = self._day()
            if do in ("withdraw", "preview-withdraw"):
                return self._withdraw(on, keep=do == "withdraw")
            if do in ("follow", "preview-follow"):
                return self._follow(on, keep=do == "follow")
            data = self._parsed()
            if do == "keep":
                return self._keep(data, on)
            starts(on, place=self.here, at=self.desk.at)
            code = data.code if isinstance(data, NewItemData) else ""
            self.effect = said(self.shown, data.price, desk=self.desk, here=self.here, code=code)
        except InvalidError as error:
            self.errors = error.fields
        return False

    def _parsed(self) -> ItemData:
        try:
            return parse(self.form, self.values)
        except InvalidError as error:
            # A price is no date: each field's own words.
            wrong = {**error.fields}
            if "price" in wrong and self.values.get("price"):
                wrong["price"] = _("Yuan with at most two decimals, not below 0.")
            raise InvalidError(wrong) from error

    def _keep(self, data: ItemData, on: date) -> bool:
        asked: dict[str, Any] = {"node_id": self.here.id, "effective_on": on, "note": self.note}
        if isinstance(data, NewItemData):
            done = listing.add_item(**asked, data=data, actor=self.desk.actor, at=self.desk.at)
        elif self.now is None and self.next is None:  # withdrawn once, taken up again
            fresh = NewItemData(code=self.code, **data.model_dump())
            done = listing.add_item(**asked, data=fresh, actor=self.desk.actor, at=self.desk.at)
        else:
            done = listing.set_item(**asked, code=self.code, data=data, actor=self.desk.actor, at=self.desk.at)
        words = _("Kept. In force from %(day)s.") % {"day": on.isoformat()} if done else _("This holds already.")
        messages.success(self.request, words)
        return True

    def _withdraw(self, on: date, *, keep: bool) -> bool:
        self.values = self._start()
        if not keep:
            starts(on, place=self.here, at=self.desk.at)
            self.effect = said(self.shown, None, desk=self.desk, here=self.here)
            return False
        listing.withdraw_item(
            node_id=self.here.id,
            code=self.code,
            effective_on=on,
            actor=self.desk.actor,
            at=self.desk.at,
            note=self.note,
        )
        messages.success(self.request, _("Off the list from %(day)s.") % {"day": on.isoformat()})
        return True

    def _follow(self, on: date, *, keep: bool) -> bool:
        self.values = self._start()
        if not keep:
            starts(on, place=self.here, at=self.desk.at)
            becomes = self.above.price if self.above else None
            self.effect = said(self.shown, becomes, desk=self.desk, here=self.here, follows=True)
            return False
        done = listing.follow_item(
            node_id=self.here.id,
            code=self.code,
            effective_on=on,
            actor=self.desk.actor,
            at=self.desk.at,
            note=self.note,
        )
        words = _("Follows the list above from %(day)s.") % {"day": on.isoformat()}
        messages.success(self.request, words if done else _("This holds already."))
        return True

    def _day(self) -> date:
        try:
            return date.fromisoformat(self.on)
        except ValueError:
            raise InvalidError({"effective_on": _("Enter a day.")}) from None

    def _url(self, name: str, *args: str) -> str:
        return f"{reverse(name, args=args)}?{urlencode({'place': self.here.code})}"

    def _page(self) -> HttpResponse:
        own = reverse("console:price", args=[self.code]) if self.code else reverse("console:price-new")
        do = self.request.POST.get("do", "")
        context = {
            "item": self.shown,
            "is_listed": self.now is not None or self.next is not None,
            "now": self.now,
            "own": self.own,
            "above": self.above,
            "source": origin(found, self.here) if (found := self.own or self.now) else "",
            "source_above": origin(self.above, self.here) if self.above else "",
            "next": next_words(self.shown, self.next) if self.next and self.shown else "",
            "here": self.here,
            "filters": [place_filter(self.here, self.places)],
            "own_url": own,
            "action": f"{own}?{urlencode({'place': self.here.code})}",
            "back_url": self._url("console:prices"),
            "client_uuid": uuid4(),
            "effect": self.effect,
            "effect_of": do,
            "fields": self._fields(),
            "kind": str(ItemKind(self.shown.kind).label) if self.shown else "",
            "history": [self._past(n, change) for n, change in enumerate(self.past)],
        }
        status = 422 if self.errors else 200
        return page(self.request, self.desk, "console/settings/price.jinja", context, here=HERE, status=status)

    def _fields(self) -> list[Field]:
        about = category_words()
        if self.shown and self.shown.category:
            about.setdefault(self.shown.category, self.shown.category)
        asked = questions(
            self.form,
            actor=self.desk.actor,
            options={"category": [("", _("Every fault")), *about.items()]},
            values=self.values,
            errors=self.errors,
        )
        today = self.desk.at.astimezone(self.here.tz).date().isoformat()
        return [
            *sorted(asked, key=lambda f: f.name != "code"),
            self._field("effective_on", _("In force from"), "date", self.on, minimum=today, required=True),
            self._field("note", _("Why"), "text", self.note),
        ]

    def _field(self, name: str, label: str, kind: Any, value: Any, **more: Any) -> Field:
        return Field(name=name, label=label, kind=kind, value=value, error=self.errors.get(name, ""), **more)

    def _past(self, n: int, change: Change) -> dict[str, Any]:
        return {
            "where": place(change.node_id).name,
            "since": day(change.since),
            "is_next": change.since > self.desk.at,
            "words": change_words(change),
            "who": who(change.by),
            "change": change,
            "again_url": f"?{urlencode({'place': self.here.code, 'from': n})}" if change.becomes else "",
        }


def change_words(change: Change) -> list[str]:
    """What changed, a line each."""
    was, becomes = change.was, change.becomes
    if becomes is None:
        return [_("Taken off the list")]
    if was is None:
        return [_("Added: %(name)s, %(price)s") % {"name": becomes.name, "price": price_words(becomes)}]
    pairs = (
        ("", price_words(was), price_words(becomes)),
        ("", was.name, becomes.name),
        ("", str(ItemKind(was.kind).label), str(ItemKind(becomes.kind).label)),
        (_("Offered first for"), _about(was), _about(becomes)),
        (_("Warranty"), months(was.warranty_months), months(becomes.warranty_months)),
    )
    return [f"{label} {old} → {then}".strip() for label, old, then in pairs if old != then]


def _about(item: Price) -> str:
    return category_words().get(item.category, item.category) or _("every fault")


def price_words(item: Price) -> str:
    return f"¥{item.price:,.2f}/{item.unit}"


def months(n: int) -> str:
    return ngettext("%(n)s month", "%(n)s months", n) % {"n": n} if n else _("none")
