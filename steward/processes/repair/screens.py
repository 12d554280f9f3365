"""A repair on its page: the chain quote, consent, work, amount; who pays; what forms begin with."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from steward.cases.models import Case
from steward.casework.categories import categories
from steward.casework.screens import SCREENS, Chain, Link, Party, Screen
from steward.design.environment import money
from steward.kernel.actor import Actor, Role
from steward.kernel.marks import mark
from steward.processes.repair import acceptance
from steward.processes.repair.models import CUSTOMER_PAYS, Consent, ConsentWay, Payer, Quote, Repair, State
from steward.registers.billing.models import Charge, ChargeState, ItemKind, Method

ORDER: Final = (State.SCOPED, State.QUOTED, State.AGREED, State.WORKING, State.DONE, State.SETTLING, State.CLOSED)
#: Waiting for one of ours: the quote stands before consent, the work before its end.
BESIDE: Final = {State.APPROVING: State.SCOPED, State.CHECKING: State.DONE}
BEFORE_WORK: Final = frozenset({State.RECEIVED, State.DISPATCHED, State.ACCEPTED, State.ON_SITE})


def _reached(case: Case, detail: Repair) -> int:
    """How far along the chain: −1 before the quote; a case on hold stands where it will resume."""
    state = detail.resume_state if case.state == State.WAITING else case.state
    state = BESIDE.get(State(state), state) if state else state
    return ORDER.index(State(state)) if state in ORDER else -1


def chain(case: Case, detail: Repair, at: datetime) -> Chain | None:
    """At most three queries, as far as it has come: quotes with lines, consents, charges with payments."""
    if case.state == State.CANCELLED or case.is_imported:
        return None
    reached = _reached(case, detail)
    quotes = _quotes(case) if detail.quote_version else []
    payer = Payer(detail.payer).label if detail.payer else _("payer not decided")
    version = quotes[-1]["price_list_version"] if quotes else ""
    note = _("price list %(version)s, %(payer)s") % {"version": version, "payer": payer} if version else payer
    links = (
        _quote_link(case, detail, quotes, reached),
        _consent_link(case, detail, reached),
        _work_link(detail, reached),
        _acceptance_link(case, detail) if acceptance.is_needed(detail) else _amount_link(case, detail, reached),
    )
    return Chain(title=_("From quote to amount"), note=note, links=links)


def _quotes(case: Case) -> list[dict[str, Any]]:
    """Rows of quotes and their lines, in order; one query."""
    rows = (
        Quote.objects.in_project(case.project_id)
        .filter(case_id=case.pk)
        .order_by("version", "lines__position")
        .values(
            "version",
            "price_list_version",
            "total",
            "made_by_name",
            "made_at",
            "lines__name",
            "lines__quantity",
            "lines__unit",
            "lines__amount",
        )
    )
    return [dict(row) for row in rows]


def _is_free(detail: Repair) -> bool:
    return bool(detail.payer) and detail.payer not in CUSTOMER_PAYS


def _quote_link(case: Case, detail: Repair, quotes: Sequence[dict[str, Any]], reached: int) -> Link:
    base: dict[str, Any] = {"title": pgettext("chain", "Quote"), "icon": "file-invoice"}
    if detail.quote_hash and quotes:
        last = [q for q in quotes if q["version"] == detail.quote_version]
        foot = f"{last[0]['made_by_name']} {_hm(last[0]['made_at'])}"
        if detail.quote_version > 1:
            foot += " · " + _("version %(n)s, earlier: %(sums)s") % {
                "n": detail.quote_version,
                "sums": _earlier(quotes, detail.quote_version),
            }
        lines = [(_line_name(q), q["lines__amount"]) for q in last]
        waits = State.APPROVING in (case.state, detail.resume_state)
        notes = _approval(detail, waits=waits)
        return Link(
            **base,
            status="now" if waits else "done",
            headline=money(detail.quote_total),
            lines=lines,
            notes=notes,
            foot=foot,
        )
    if detail.flat_rate_kind == ItemKind.FLAT:
        note = _("flat rate “%(name)s”, accepted at reporting") % {"name": detail.flat_rate_name}
        return Link(**base, status="done", headline=money(detail.flat_rate_amount), notes=[note])
    if _is_free(detail):
        note = _("paid by: %(payer)s") % {"payer": Payer(detail.payer).label}
        return Link(**base, status="done", headline=pgettext("quote", "Not needed"), notes=[note])
    notes = []
    if detail.flat_rate_kind == ItemKind.CALL_OUT:
        notes = [_("call-out fee %(fee)s, accepted at reporting") % {"fee": money(detail.flat_rate_amount)}]
    head = _("To quote") if reached == 0 else _("Not quoted yet")
    return Link(**base, status="now" if reached == 0 else "", headline=head, notes=notes)


def _approval(detail: Repair, *, waits: bool) -> list[Any]:
    if waits:
        return [_("above the company's limit: the manager approves first")]
    if detail.approved_at is None:
        return []
    return [_("approved by %(who)s %(at)s") % {"who": detail.approved_by, "at": _hm(detail.approved_at)}]


def _earlier(quotes: Sequence[dict[str, Any]], version: int) -> str:
    sums = {q["version"]: q["total"] for q in quotes if q["version"] < version}
    return ", ".join(f"V{n} {money(total)}" for n, total in sums.items())


def _line_name(row: Mapping[str, Any]) -> str:
    count: Decimal = row["lines__quantity"]
    many = "" if count == 1 else f" × {count.normalize():f} {row['lines__unit']}"
    return f"{row['lines__name']}{many}"


def _consent_link(case: Case, detail: Repair, reached: int) -> Link:
    base: dict[str, Any] = {"title": pgettext("chain", "Consent"), "icon": "hourglass"}
    rows = Consent.objects.in_project(case.project_id).filter(case_id=case.pk, round=case.round)
    given = rows.filter(quote_hash=detail.consent_hash).order_by("-pk") if detail.consent_hash else rows.none()
    found = given.first()
    if found is not None:
        notes: list[Any] = [ConsentWay(found.way).label]
        if found.call_reference:
            notes.append(_("recording %(ref)s") % {"ref": found.call_reference})
        if found.ceiling is not None:
            notes.append(_("not more than %(sum)s") % {"sum": money(found.ceiling)})
        head = f"{found.person_name}{mark('（')}{found.relation}{mark('）')}"
        return Link(
            **{**base, "icon": "circle-check"}, status="done", headline=head, notes=notes, foot=_hm(found.given_at)
        )
    if _is_free(detail) or detail.flat_rate_kind == ItemKind.FLAT:
        return Link(**base, status="done", headline=pgettext("consent", "Not needed"))
    if reached == 1:
        notes = [_("by phone, link, or signature on site"), _("no work before the answer")]
        return Link(**base, status="now", headline=_("Waiting for the answer"), notes=notes)
    return Link(**base, headline=_("Not yet"))


def _work_link(detail: Repair, reached: int) -> Link:
    base: dict[str, Any] = {"title": pgettext("chain", "Work"), "icon": "tool"}
    notes = [_("contained: %(what)s") % {"what": detail.containment}] if detail.containment else []
    if detail.finished_at:
        if detail.labour_minutes:
            notes.append(_("%(n)s minutes of labour") % {"n": detail.labour_minutes})
        head = detail.work_done or _("No work: declined")
        return Link(**base, status="done", headline=head, notes=notes, foot=_hm(detail.finished_at))
    if reached >= ORDER.index(State.AGREED):
        working = reached >= ORDER.index(State.WORKING)
        return Link(**base, status="now", headline=_("In progress") if working else _("May begin"), notes=notes)
    return Link(**base, headline=_("Not begun"), notes=notes)


def _acceptance_link(case: Case, detail: Repair) -> Link:
    """In place of a customer's confirmation: one of ours, who did not do it."""
    base: dict[str, Any] = {"title": pgettext("chain", "Acceptance"), "icon": "checklist"}
    if detail.checked_at is not None:
        notes = [_("Nothing to pay")]
        return Link(**base, status="done", headline=detail.checked_by, notes=notes, foot=_hm(detail.checked_at))
    notes = [_("by butler or engineer, not by whoever did it")]
    if case.state == State.CHECKING:
        return Link(**base, status="now", headline=_("To be accepted"), notes=notes)
    return Link(**base, headline=_("Not accepted"), notes=notes)


def _amount_link(case: Case, detail: Repair, reached: int) -> Link:
    base: dict[str, Any] = {"title": pgettext("chain", "Amount"), "icon": "signature"}
    charged = detail.amount_confirmed_at is not None or case.round > 1
    notes = [_settlement(row) for row in _charges(case)] if charged else []
    payer = detail.payer_name or case.customer_name
    foot = _("payer: %(name)s") % {"name": payer} if payer and not _is_free(detail) else ""
    if detail.amount_confirmed_at:
        notes.insert(0, _("confirmed by %(name)s") % {"name": detail.amount_confirmed_by})
        return Link(**base, status="done", headline=money(detail.amount), notes=notes, foot=foot)
    if detail.finished_at and not detail.amount:
        return Link(**base, status="done", headline=_("Nothing to pay"), notes=notes)
    if reached == ORDER.index(State.DONE):
        head = money(detail.amount)
        return Link(
            **base, status="now", headline=head, notes=[_("waiting for the customer's confirmation")], foot=foot
        )
    most = detail.ceiling or detail.quote_total
    if most:
        notes.append(_("beyond %(sum)s: quote again") % {"sum": money(most)})
    return Link(**base, headline=_("Not confirmed"), notes=notes, foot=foot)


def _charges(case: Case) -> list[dict[str, Any]]:
    rows = (
        Charge.objects.in_project(case.project_id)
        .filter(source_kind="case", source=case.number)
        .order_by("round")
        .values(
            "amount",
            "state",
            "settled_at",
            "payments__method",
            "payments__taken_by_name",
            "payments__voided_at",
            "payments__receipts__serial",
        )
    )
    return [dict(row) for row in rows]


def _settlement(row: Mapping[str, Any]) -> str:
    if row["payments__receipts__serial"] and row["payments__voided_at"] is None:
        return _("paid %(sum)s, %(method)s, receipt %(serial)s, %(who)s") % {
            "sum": money(row["amount"]),
            "method": Method(row["payments__method"]).label,
            "serial": f"{row['payments__receipts__serial']:06d}",
            "who": row["payments__taken_by_name"],
        }
    return f"{money(row['amount'])} {ChargeState(row['state']).label}"


def _hm(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%m-%d %H:%M}"


def people(case: Case, detail: Repair) -> Sequence[Party]:
    if not detail.payer:
        return ()
    name = detail.payer_name or (case.customer_name if detail.payer in CUSTOMER_PAYS else "")
    label = Payer(detail.payer).label
    return ((_("Payer"), name or str(label), label if name else ""),)


def begin(name: str, case: Case, detail: Repair, actor: Actor) -> Mapping[str, Any]:
    """What is known already stands in the form."""
    who = case.reporter_name or case.customer_name
    relation = case.reporter_relation or _("the customer")
    way = ConsentWay.SIGNATURE if actor.staff_id == case.handler_id else ConsentWay.CALL
    known = categories().get(case.category_id or 0)
    begins: dict[str, Mapping[str, Any]] = {
        "assess": {
            "urgency": case.urgency,
            "payer": detail.payer,
            "payer_name": detail.payer_name,
            "category": known.code if known else "",
        },
        "dispatch": {"handler": case.handler_id},
        "confirm_scope": {"confirmed_by": who, "payer": detail.payer},
        "consent": {"quote_hash": detail.quote_hash, "person_name": who, "relation": relation, "way": way.value},
        "decline_quote": {"person_name": who},
        "confirm_amount": {"amount": detail.amount, "person_name": who, "relation": relation, "way": way.value},
        "pay": {"amount": detail.amount, "payer_name": detail.payer_name or case.customer_name},
    }
    return begins.get(name, {})


def choices(name: str, case: Case, _detail: Repair, actor: Actor) -> Mapping[str, Sequence[tuple[str, Any]]]:
    """Staff may record a call, or as the handler a signature; the other ways are the customer's own."""
    if name not in ("consent", "confirm_amount"):
        return {}
    way = ConsentWay.SIGNATURE if actor.staff_id == case.handler_id else ConsentWay.CALL
    return {"way": [(way.value, way.label)]}


def leave_out(name: str, case: Case, detail: Repair, actor: Actor) -> frozenset[str]:
    """The handler takes a signature, everybody else names a recording; without a ceiling nothing is added."""
    if name == "finish" and detail.ceiling is None:
        return frozenset({"added"})
    if name not in ("consent", "confirm_amount"):
        return frozenset()
    return frozenset({"call_reference" if actor.staff_id == case.handler_id else "signature"})


def turn(case: Case, detail: Repair) -> Any:
    if case.state == State.APPROVING:
        return _("decide on the price of %(sum)s") % {"sum": money(detail.quote_total)}
    if case.state == State.QUOTED:
        return _("ask the customer to agree to %(sum)s") % {"sum": money(detail.quote_total)}
    if case.state == State.DONE:
        return _("have %(sum)s confirmed by the customer") % {"sum": money(detail.amount)}
    if case.state == State.SETTLING and not detail.settled_as and detail.amount:
        return _("take %(sum)s") % {"sum": money(detail.amount)}
    return ""


def sending(case: Case, detail: Repair, staff_id: int) -> Sequence[tuple[str, Mapping[str, Any]]]:
    """Sent from the phone call. Undecided, the household pays: nothing costs without a quote and a yes; common parts
    are the service fee's."""
    steps: list[tuple[str, Mapping[str, Any]]] = []
    if not detail.payer:
        payer = Payer.OWNER if case.unit_id else Payer.COMMON
        steps.append(("assess", {"urgency": case.urgency, "payer": payer}))
    return [*steps, ("dispatch", {"handler": staff_id})]


SCREENS["repair"] = Screen(
    sends="dispatch",
    sending=sending,
    chain=chain,
    begin=begin,
    choices=choices,
    leave_out=leave_out,
    people=people,
    turn=turn,
    helpers={"dispatch": Role.TECHNICIAN},
    money=frozenset(
        {
            "quote",
            "approve_quote",
            "refuse_quote",
            "take_back_quote",
            "consent",
            "decline_quote",
            "confirm_amount",
            "pay",
            "waive",
            "put_on_bill",
        }
    ),
)
