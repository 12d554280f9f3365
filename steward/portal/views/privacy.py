"""My data: what I agreed to and may take back, what I may ask for, and what became of it."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from steward.design.clockface import when
from steward.kernel.actor import Actor
from steward.kernel.errors import NotFoundError, RefusalError
from steward.kernel.privacy import mask_id, mask_phone
from steward.portal.shell import shell_of, show
from steward.registers.org.tree import Place, place
from steward.registers.party import verbs
from steward.registers.party.models import ConsentRecord, Customer, DataRequest, Purpose
from steward.registers.party.privacy_models import RequestKind, RequestState
from steward.web.forms import client_uuid, in_words
from steward.web.http import actor_of, residents_only, status_of

#: What the residents' page offers; the rest is office business.
VERBS = frozenset({"consent", "withdraw", "request"})


@dataclass(frozen=True)
class Mine:
    """The person as one project knows it."""

    where: Place
    customer: Customer
    purposes: list[tuple[Purpose, ConsentRecord | None]]
    requests: list[tuple[DataRequest, str]]
    may_ask: list[tuple[str, Any]]

    @property
    def known(self) -> list[tuple[str, str]]:
        """What stands in the file, masked: a phone is lent to others."""
        who = self.customer
        pairs = [
            (_("Name"), who.name),
            (_("Phone"), mask_phone(who.phone)),
            (_("Identity number"), mask_id(who.id_number)),
            (_("When and how to reach"), who.reach_note),
            (_("Note"), who.care_note),
        ]
        return [(str(k), v) for k, v in pairs if v]


@residents_only
@require_http_methods(["GET", "POST"])
def privacy(request: HttpRequest) -> HttpResponse:
    """GET: the page. POST: one consent, withdrawal or request; 303 back, or the refusal above the page."""
    actor, now = actor_of(request), timezone.now()
    refusal, status = "", 200
    if request.method == "POST":
        try:
            _do(request, actor)
        except NotFoundError:
            raise
        except RefusalError as refused:
            refusal, status = in_words(refused, verbs.VERBS[request.POST["verb"]].form), status_of(refused)
        else:
            messages.success(request, _("Written down, thank you."))
            response = HttpResponseRedirect(reverse("portal:privacy"))
            response.status_code = 303
            return response
    typed = request.POST if refusal else {}
    context = {"mine": mine(actor), "refusal": refusal, "typed": typed, "form_uuid": uuid4, "when": when, "now": now}
    return show(request, "privacy", shell_of(actor), context, status=status)


def _do(request: HttpRequest, actor: Actor) -> None:
    verb, wanted = request.POST.get("verb", ""), request.POST.get("customer", "")
    home = next((h for h in actor.homes if str(h.customer_id) == wanted), None)
    if verb not in VERBS or home is None:
        raise NotFoundError(_("There is no such page."))
    names = ("kind", "text") if verb == "request" else ("purpose",)
    verbs.perform(
        project_id=home.project_id,
        customer_id=home.customer_id,
        verb=verb,
        actor=actor,
        at=timezone.now(),
        client_uuid=client_uuid(request),
        raw={name: request.POST[name] for name in names if request.POST.get(name)},
    )


def mine(actor: Actor) -> list[Mine]:
    """Three statements."""
    ids = {h.customer_id for h in actor.homes}
    customers = Customer.objects.visible_to(actor).filter(pk__in=ids).order_by("pk")
    consents: dict[tuple[int, str], ConsentRecord] = {}
    for row in ConsentRecord.objects.visible_to(actor).filter(customer__in=ids).order_by("at", "pk"):
        consents[row.customer_id, row.purpose] = row
    asked: dict[int, list[DataRequest]] = {}
    for found in DataRequest.objects.visible_to(actor).filter(customer__in=ids).order_by("-asked_at"):
        asked.setdefault(found.customer_id, []).append(found)
    return [_mine(c, consents, asked.get(c.pk, [])) for c in customers]


def _mine(who: Customer, consents: dict[tuple[int, str], ConsentRecord], asked: list[DataRequest]) -> Mine:
    where = place(who.project_id)
    open_kinds = {r.kind for r in asked if r.state == RequestState.OPEN}
    return Mine(
        where=where,
        customer=who,
        purposes=[(Purpose(p), consents.get((who.pk, p))) for p in Purpose.values],
        requests=[(r, _standing(r, where)) for r in asked[:10]],
        may_ask=[(k, label) for k, label in RequestKind.choices if k not in open_kinds],
    )


def _standing(row: DataRequest, where: Place) -> str:
    if row.state == RequestState.OPEN:
        return _("answered by %(day)s") % {"day": f"{timezone.localtime(row.due_at, where.tz):%Y-%m-%d}"}
    return row.answer
