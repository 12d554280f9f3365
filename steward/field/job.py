"""One job as the phone shows it: everything its steps need, read in a constant number of queries."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from steward.cases.models import Case, Entry
from steward.casework.categories import categories
from steward.casework.models import CaseFile
from steward.field import forms
from steward.field.pricing import Group, Priced, group_items
from steward.field.steps import (
    ACCEPT_WORK,
    CHAIN,
    MORE,
    NEXT,
    OFFICE_CLOCKS,
    OFFICE_ONLY,
    REACHED,
    TAKE,
    WAITS,
    Next,
    icon_of,
    next_step,
)
from steward.kernel.actor import Actor
from steward.kernel.clocks import Line
from steward.kernel.errors import InvalidError, RefusalError
from steward.kernel.policies import in_force
from steward.processes.repair import acceptance
from steward.processes.repair.models import CUSTOMER_PAYS, Payer, QuoteLine, Repair, State
from steward.processes.repair.policies import LIMIT
from steward.registers.billing.models import ItemKind
from steward.registers.billing.prices import prices
from steward.registers.org.tree import Place, place
from steward.registers.party.models import Contact
from steward.registers.workforce.people import Colleague, colleagues
from steward.web.cases import CaseView, view_case

LABELS = {
    "report": gettext_lazy("Reported"),
    "before": pgettext_lazy("photo", "Before"),
    "after": pgettext_lazy("photo", "After"),
    "contain": gettext_lazy("Contained"),
    "note": pgettext_lazy("photo", "Note"),
    "check": gettext_lazy("Accepting"),
}


@dataclass(frozen=True)
class Reach:
    """Somebody to call. The number is dialled, shown masked."""

    name: str
    relation: str
    phone: str
    may_consent: bool = True
    whose: str = ""  # as ``casework.customer.phones`` names it


@dataclass
class Job:
    """A case through the eyes of its technician. ``mine``: given to the reader; else only what helps to decide."""

    view: CaseView
    actor: Actor
    at: datetime
    step: str
    values: Mapping[str, Any]
    refusal: RefusalError | None
    contacts: list[Contact]
    quote_lines: list[QuoteLine]

    @property
    def case(self) -> Case:
        return self.view.case

    @property
    def detail(self) -> Repair:
        found: Repair = self.view.detail
        return found

    @property
    def state(self) -> str:
        return self.case.state

    @cached_property
    def where(self) -> Place:
        return place(self.case.project_id)

    @property
    def mine(self) -> bool:
        return self.case.handler_id is not None and self.case.handler_id == self.actor.staff_id

    @cached_property
    def accountable(self) -> Colleague | None:
        return colleagues().get(self.case.accountable_id or 0)

    @property
    def category(self) -> str:
        found = categories().get(self.case.category_id or 0)
        return found.title(self.actor.language) if found else ""

    def next_in(self, state: str) -> Next | None:
        """The big button of a state; the pool's jobs may be taken."""
        if not self.mine:
            return self._for_others(state)
        return next_step(state, self.detail.payer, self.detail.flat_rate_kind)

    def _for_others(self, state: str) -> Next | None:
        if state == State.RECEIVED and self._may("take"):
            return TAKE
        return ACCEPT_WORK if state == State.CHECKING and self.accepts else None

    @property
    def accepts(self) -> bool:
        """Common parts: the reader may accept what a colleague has done."""
        return not self.mine and self._may("accept_work")

    def waits(self, state: str) -> str:
        """What a technician is told where nothing is to do."""
        return str(WAITS.get(state, ""))

    @property
    def limit(self) -> Decimal:
        """Above it a quote goes to the manager first; what was approved already is let through."""
        limit: Decimal = in_force(LIMIT, lineage=self.where.lineage, at=self.at).value
        return max(limit, self.detail.approved_total or limit)

    def _may(self, name: str) -> bool:
        return any(action.name == name for action in self.view.actions)

    @property
    def states(self) -> list[str]:
        """States whose button this document carries: the present one, and for a technician those to come."""
        return list(dict.fromkeys([self.state, *((*NEXT, *WAITS) if self.mine else ())]))

    def facts_of_state(self) -> dict[str, dict[str, Any]]:
        """For the page's script: how each state is called and how far it stands."""
        titles = self.view.process.state_title
        return {
            str(state): {"title": str(titles(state)), "icon": icon_of(state), "reached": REACHED.get(state, 0)}
            for state in State.values
        }

    def reached(self) -> int:
        state = self.detail.resume_state if self.state == State.WAITING else self.state
        return REACHED.get(state, 0)

    def chain(self) -> list[dict[str, str]]:
        done = self.reached()
        marks = ["done" if n < done else "now" if n == done else "" for n in range(len(CHAIN))]
        return [{"label": str(label), "state": mark} for label, mark in zip(CHAIN, marks, strict=True)]

    def icon(self) -> str:
        return icon_of(self.state)

    def more(self) -> list[dict[str, Any]]:
        """The sheet behind "more": what else may be done, each in its own states."""
        if not self.mine:
            return []
        found = ((self.view.process.action(name), icon) for name, icon in MORE)
        return [{"name": a.name, "title": a.title, "icon": icon, "states": a.source} for a, icon in found if a]

    def clocks(self) -> list[dict[str, Any]]:
        """Running clocks, the nearest first; money's clocks are not the technician's."""
        running = [c for c in self.view.clocks() if c["ended_at"] is None and c["key"] not in OFFICE_CLOCKS]
        return sorted(running, key=lambda c: (c["due_at"] is None, c["due_at"] or self.at))

    def explain(self, key: str) -> list[Line]:
        return self.view.explain(key, as_of=self.at)

    def photos(self) -> list[CaseFile]:
        return [f for f in self.view.files if f.label != "signature"]

    def label_of(self, found: CaseFile) -> str:
        return str(LABELS.get(found.label, ""))

    def entries(self) -> list[tuple[str, Entry]]:
        """What happened so far, without money and what was said about the work."""
        told = [e for e in self.view.entries if e.action not in OFFICE_ONLY]
        return [(self.view.title_of(e), e) for e in reversed(told)][:30]

    def reach(self) -> list[Reach]:
        """Customer, reporter and the household's contacts; nobody before the job is one's own."""
        case = self.case
        if not self.mine:
            return []
        found = [Reach(c.name, c.relation, c.phone, c.may_consent, str(c.pk)) for c in self.contacts]
        if case.customer is not None:
            own = Reach(case.customer.name, pgettext("relation", "Customer"), case.customer.phone, whose="customer")
            found.insert(0, own)
        if case.reporter_name and case.reporter_name not in {r.name for r in found}:
            relation = case.reporter_relation or _("Reporter")
            found.append(Reach(case.reporter_name, relation, case.reporter_phone, whose="reporter"))
        return found

    def signers(self) -> list[Reach]:
        """Who may agree on this phone: the customer in person, whom the household named; anybody else by name."""
        own = pgettext("relation", "In person")
        first = [Reach(self.case.customer_name or self.case.reporter_name, own, "")]
        return [r for r in first if r.name] + [Reach(c.name, c.relation, "") for c in self.contacts if c.may_consent]

    def care(self) -> str:
        customer = self.case.customer
        return customer.care_note if customer is not None and self.mine else ""

    def payer_words(self) -> str:
        return str(Payer(self.detail.payer).label) if self.detail.payer else ""

    # --- the quote -----------------------------------------------------------------------------
    @cached_property
    def price_list(self) -> Any:
        return prices(lineage=self.where.lineage, at=self.at)

    def groups(self) -> list[Group]:
        return group_items(self.price_list.items.values(), self._usual(), self.quantities(), self.actor.language)

    def _usual(self) -> str:
        found = categories().get(self.case.category_id or 0)
        return found.code if found else ""

    def quantities(self) -> dict[str, str]:
        """What stands in the quote form: typed before, quoted before, or the call-out fee told at reporting."""
        typed = self.values.get("lines") if self.step == "quote" else None
        if typed:
            return {str(line.get("code", "")): str(line.get("quantity", "")) for line in typed}
        if self.quote_lines:
            return {line.code: f"{line.quantity.normalize():f}" for line in self.quote_lines}
        told = self.detail.flat_rate_kind == ItemKind.CALL_OUT and self.detail.flat_rate_code in self.price_list.items
        return {self.detail.flat_rate_code: "1"} if told else {}

    def quoted(self) -> list[Priced]:
        return [
            Priced(
                x.code, x.name, x.kind, x.unit, x.unit_price, x.quantity, x.amount, x.code == self.detail.flat_rate_code
            )
            for x in self.quote_lines
        ]

    def parts(self) -> list[tuple[str, str, str]]:
        """Parts as quoted: (code, name, quantity), to be corrected where another number was used."""
        typed = {str(p.get("code")): str(p.get("quantity")) for p in self.values.get("parts", ())}
        typed = typed if self.step == "finish" else {}
        parts = [x for x in self.quote_lines if x.kind == ItemKind.PART]
        return [(x.code, x.name, typed.get(x.code, f"{x.quantity.normalize():f}")) for x in parts]

    def warranties(self) -> list[tuple[str, int]]:
        """(name, months) of quoted items under warranty."""
        items = self.price_list.items
        return [
            (x.name, items[x.code].warranty_months)
            for x in self.quote_lines
            if x.code in items and items[x.code].warranty_months
        ]

    def is_common(self) -> bool:
        """Nobody confirms but one of ours."""
        return acceptance.is_needed(self.detail)

    def customer_pays(self) -> bool:
        return self.detail.payer in CUSTOMER_PAYS

    def agreed(self) -> Decimal:
        """What the customer will owe if all goes as agreed: the quote, or the flat rate accepted at reporting."""
        detail = self.detail
        if not self.customer_pays():
            return Decimal(0)
        if detail.quote_hash and detail.quote_total is not None:
            return Decimal(detail.quote_total)
        return self._rate(ItemKind.FLAT)

    def owed_if_declined(self) -> Decimal:
        return self._rate(ItemKind.CALL_OUT)

    def _rate(self, kind: str) -> Decimal:
        amount = self.detail.flat_rate_amount
        return Decimal(amount) if amount is not None and self.detail.flat_rate_kind == kind else Decimal(0)

    # --- forms -----------------------------------------------------------------------------------
    def form(self, name: str) -> list[Any]:
        """The questions of a step, with what was typed and refused when it is this step's answer."""
        typed = self.values if self.step == name else {}
        return forms.fields(name, self, values=typed, errors=self.errors(name))

    def errors(self, name: str) -> Mapping[str, Any]:
        return self.refusal.fields if self.step == name and isinstance(self.refusal, InvalidError) else {}

    def quick_times(self) -> list[tuple[str, str]]:
        """Usual new times: (words, value of the input)."""
        local = timezone.localtime(self.at, self.where.tz)
        tomorrow = (local + timedelta(days=1)).replace(minute=0)
        wanted = [
            (_("In 2 hours"), (local + timedelta(hours=2)).replace(minute=local.minute // 30 * 30)),
            (_("Tomorrow morning"), tomorrow.replace(hour=9)),
            (_("Tomorrow afternoon"), tomorrow.replace(hour=14)),
            (_("In 3 days"), (local + timedelta(days=3)).replace(hour=9, minute=0)),
        ]
        return [(words, f"{at:%Y-%m-%dT%H:%M}") for words, at in wanted]


def build(
    actor: Actor,
    project_id: int,
    number: str,
    *,
    at: datetime,
    step: str,
    values: Mapping[str, Any] | None = None,
    refusal: RefusalError | None = None,
) -> Job:
    """Raises NotFoundError out of scope. Six queries beside the actor's."""
    view = view_case(actor, project_id, number)
    case, detail = view.case, view.detail
    contacts = Contact.objects.visible_to(actor).filter(project_id=project_id, customer_id=case.customer_id or -1)
    lines = QuoteLine.objects.visible_to(actor).filter(
        project_id=project_id, case_id=case.pk, quote__version=getattr(detail, "quote_version", 0)
    )
    return Job(
        view=view,
        actor=actor,
        at=at,
        step=step,
        values=values or {},
        refusal=refusal,
        contacts=list(contacts.order_by("pk")),
        quote_lines=list(lines.order_by("position")),
    )
