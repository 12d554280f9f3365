"""The cashier's counter: find, choose, take, print. Only the cashier's role takes; managers look on."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Decimal
from typing import Any, Final
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from steward.cases import engine
from steward.cases.declare import Action, process_of
from steward.console import till
from steward.console.actions import Tried
from steward.console.board import day_of
from steward.console.case import place_of
from steward.console.menu import MONEY
from steward.console.rmb import capitals
from steward.console.shell import Desk, at_desk, page
from steward.kernel.errors import ConflictError, InvalidError, NotFoundError
from steward.registers.billing.models import ChargeState, Method, Receipt
from steward.registers.org.tree import Place
from steward.web.forms import client_uuid, posted
from steward.web.http import office_only, status_of

#: Letter, way, icon: the first letters in pinyin (xianjin, weixin, zhifubao, POS, huikuan).
WAYS: Final = (
    ("X", Method.CASH, "cash"),
    ("W", Method.WECHAT, "qrcode"),
    ("Z", Method.ALIPAY, "qrcode"),
    ("P", Method.POS, "credit-card"),
    ("H", Method.TRANSFER, "building-bank"),
)
NOTES: Final = (Decimal(1), Decimal(10), Decimal(50), Decimal(100))
BIG: Final = 2**53


@dataclass(frozen=True)
class Asked:
    """What the address asks for."""

    q: str = ""
    kind: str = ""
    key: int = 0
    charge: int = 0
    case: str = ""


def till_in_sight(request: HttpRequest, desk: Desk) -> Place:
    """The project whose money is counted. Raises NotFoundError for whoever has nothing to do with it."""
    reached = desk.actor.projects_with(*MONEY)
    open_to_me = [p for p in desk.places if p.id in reached]
    if not open_to_me:
        raise NotFoundError(_("There is no such page."))
    return desk.chosen if desk.chosen in open_to_me else open_to_me[0]


@office_only
@require_GET
@at_desk
def show(request: HttpRequest, desk: Desk) -> HttpResponse:
    where = till_in_sight(request, desk)
    return _counter(request, desk, where, _asked(request.GET), Tried(uuid=str(uuid4())))


def _asked(source: Mapping[str, str]) -> Asked:
    kind = next((k for k in ("unit", "customer") if _id(source.get(k, ""))), "")
    return Asked(
        q=source.get("q", "").replace("\x00", "").strip()[:80],
        kind=kind,
        key=_id(source.get(kind, "")),
        charge=_id(source.get("charge", "")),
        case=source.get("case", "")[:40],
    )


def _id(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 and int(text) < BIG else 0


def _counter(request: HttpRequest, desk: Desk, where: Place, asked: Asked, tried: Tried) -> HttpResponse:
    hits: list[till.Hit] = []
    if asked.q and not asked.kind:
        hits = till.search(desk, where, asked.q)
        if len(hits) == 1:
            asked = _follow(asked, hits[0])
    home = till.household(desk, where, asked.kind, asked.key) if asked.kind else None
    found = [] if hits and home is None else till.owed(desk, where, home)
    chosen = _chosen(found, asked, home)
    context = {
        "q": asked.q,
        "hits": hits if home is None else [],
        "home": home,
        "owed": found,
        "total": sum((row.charge.amount for row in found), Decimal(0)),
        "full": len(found) == till.SHOWN,
        "locked": till.locked(desk, where, home) if home else [],
        "chosen": chosen,
        "lines": till.lines(chosen.charge) if chosen else [],
        "takings": till.takings(desk, where, timezone.localtime(desk.at, where.tz).date()),
        "where": where,
        "tried": tried,
        "gone": _gone(where, asked, chosen),
        **_form(desk, where, chosen, home, tried),
    }
    return page(request, desk, "console/cashier.jinja", context, here="cashier", status=tried.status, tz=where.tz)


def _follow(asked: Asked, hit: till.Hit) -> Asked:
    parts = dict(part.split("=", 1) for part in hit.query.split("&") if "=" in part)
    kind = next((k for k in ("unit", "customer") if k in parts), "")
    return replace(asked, kind=kind, key=_id(parts.get(kind, "")), case=parts.get("case", asked.case))


def _chosen(found: list[till.Owed], asked: Asked, home: till.Household | None) -> till.Owed | None:
    """The charge asked for, else the household's oldest; never one that comes after an unpaid one of its case."""
    free = [row for row in found if not row.older]
    wanted = [row for row in free if row.charge.pk == asked.charge or row.charge.source == asked.case]
    if wanted or asked.charge:
        return wanted[0] if wanted else None
    return free[0] if free and home else None


def _gone(where: Place, asked: Asked, chosen: till.Owed | None) -> Receipt | None:
    """The receipt of a charge that is asked for and no longer owed."""
    return till.receipt_of(where.id, charge_id=asked.charge) if asked.charge and chosen is None else None


def _form(
    desk: Desk, where: Place, chosen: till.Owed | None, home: till.Household | None, tried: Tried
) -> dict[str, Any]:
    amount = chosen.charge.amount if chosen else Decimal(0)
    typed = tried.values
    return {
        "takes": _may(desk, where, "pay"),
        "waives": _may(desk, where, "waive"),
        "bills": _may(desk, where, "put_on_bill"),
        "ways": [(key, m.value, m.label, icon) for key, m, icon in WAYS],
        "method": typed.get("method") or Method.CASH.value,
        "tendered": typed.get("tendered", ""),
        "reference": typed.get("reference", ""),
        "payer": typed.get("payer_name") or (chosen.charge.payer_name if chosen else ""),
        "payers": list(
            dict.fromkeys([*(home.payers if home else ()), *([chosen.charge.payer_name] if chosen else [])])
        ),
        "quick": quick(amount),
        "capitals": capitals(amount),
    }


def quick(amount: Decimal) -> list[Decimal]:
    """Round sums people hand over: to the yuan, ten, fifty, hundred."""
    if not amount:
        return []
    sums = [(amount / note).to_integral_value(ROUND_CEILING) * note for note in NOTES]
    return sorted({*sums, sums[-1] + NOTES[-1]})[:4]


def _may(desk: Desk, where: Place, name: str) -> bool:
    return bool(_action(name).by.roles & desk.actor.roles_in(where.id))


def _action(name: str) -> Action:
    process = process_of("repair")
    found = process.action(name) if process else None
    if found is None:
        raise NotFoundError(_("There is no such action."))
    return found


@office_only
@require_POST
@at_desk
def take(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Take the money; the receipt follows. A refusal keeps what was typed; a second payment names the first."""
    asked = _asked(request.POST)
    number = request.POST.get("number", "")
    where = place_of(number)
    if where.id not in desk.actor.projects_with(*MONEY):
        raise NotFoundError(_("There is no such page."))
    raw = _typed(request, desk, where)
    try:
        uuid = client_uuid(request)
        _act(desk, where, number, "pay", uuid, raw)
    except InvalidError as error:
        known = set(error.fields) & {"tendered", "payer_name", "reference", "method"}
        stray = "" if known else str(error)
        tried = Tried(request.POST.dict(), error.fields, stray, 422, request.POST.get("client_uuid", ""))
        return _counter(request, desk, where, asked, tried)
    except ConflictError as error:
        return _refused(request, desk, where, asked, error)
    receipt = till.receipt_of(where.id, taken_by=desk.actor.key, client_uuid=uuid)
    if receipt is None:
        raise NotFoundError(_("There is no such receipt."))
    return _see(f"{reverse('console:receipt', args=[where.id, receipt.serial])}?print=1")


def _typed(request: HttpRequest, desk: Desk, where: Place) -> dict[str, Any]:
    """As the action wants it: sums without separators; what was handed over counts for cash alone."""
    form = _action("pay").form
    raw = posted(form, request, actor=desk.actor, project_id=where.id, tz=where.tz, at=desk.at)
    for name in ("amount", "tendered"):
        if name in raw:
            raw[name] = digits(str(raw[name]))
    if raw.get("method") != Method.CASH or not raw.get("tendered"):
        raw.pop("tendered", None)
    return raw


def digits(text: str) -> str:
    """¥1,234.50 and １２３４ as a plain number; anything else stays for the type's own error."""
    return re.sub(r"[¥,\s]", "", unicodedata.normalize("NFKC", text))


def _act(desk: Desk, where: Place, number: str, name: str, uuid: UUID, raw: Mapping[str, Any]) -> None:
    engine.act(
        project_id=where.id, number=number, action=name, actor=desk.actor, at=desk.at, client_uuid=uuid, data=raw
    )


def _refused(request: HttpRequest, desk: Desk, where: Place, asked: Asked, error: ConflictError) -> HttpResponse:
    """The rules' words; where it was paid before, the page names the receipt beside them."""
    values = request.POST.dict()
    return _counter(request, desk, where, asked, Tried(values, {}, str(error), status_of(error), str(uuid4())))


@office_only
@require_POST
@at_desk
def bill(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Put the charge on the customer's next bill."""
    number = request.POST.get("number", "")
    where = place_of(number)
    if where.id not in desk.actor.projects_with(*MONEY):
        raise NotFoundError(_("There is no such page."))
    asked = _asked(request.POST)
    try:
        _act(desk, where, number, "put_on_bill", client_uuid(request), {})
    except ConflictError as error:
        return _refused(request, desk, where, asked, error)
    messages.success(request, _("%(number)s: put on the next bill") % {"number": number})
    return _see(f"{reverse('console:cashier')}?{asked.kind}={asked.key}" if asked.kind else reverse("console:cashier"))


def _see(url: str) -> HttpResponse:
    response = HttpResponseRedirect(url)
    response.status_code = 303
    return response


@office_only
@require_GET
@at_desk
def receipt(request: HttpRequest, desk: Desk, project_id: int, serial: int) -> HttpResponse:
    """A receipt for the slip printer or for A4; printed again it says so."""
    found = None
    if project_id in desk.actor.projects_with(*MONEY) and serial < 2**31:
        rows = Receipt.objects.visible_to(desk.actor).filter(project_id=project_id, serial=serial)
        found = rows.select_related("payment", "payment__charge", "payment__charge__unit").first()
    if found is None:
        raise NotFoundError(_("There is no such receipt."))
    where = next(p for p in desk.places if p.id == project_id)
    payment = found.payment
    paper = "a4" if request.GET.get("paper") == "a4" else "80"
    context = {
        "receipt": found,
        "payment": payment,
        "charge": payment.charge,
        "lines": till.lines(payment.charge),
        "way": Method(payment.method).label,
        "change": payment.tendered - payment.amount if payment.tendered is not None else None,
        "capitals": capitals(payment.amount),
        "where": where,
        "paper": paper,
        "again": request.GET.get("print") != "1",
        "print_now": request.GET.get("print") == "1",
    }
    return page(request, desk, "console/receipt.jinja", context, here="cashier", tz=where.tz)


@office_only
@require_GET
@at_desk
def day(request: HttpRequest, desk: Desk) -> HttpResponse:
    """日结, to read and to print: by way of payment, by cashier, every receipt."""
    where = till_in_sight(request, desk)
    today = timezone.localtime(desk.at, where.tz).date()
    wanted = day_of(request.GET.get("day", ""), today)
    found = till.takings(desk, where, wanted, latest=till.RECEIPTS)
    context = {
        "takings": found,
        "cashiers": till.by_cashier(found.latest),
        "titles": {m.value: m.label for m in Method},
        "where": where,
        "today": today,
        "full": len(found.latest) == till.RECEIPTS,
        "open": ChargeState.OPEN,
    }
    return page(request, desk, "console/takings.jinja", context, here="cashier", tz=where.tz)
