"""The lists of customers and contacts against what the project has.

A row of customers is a tie: who, to which unit, as what, since when. The same customer may stand in several rows.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from steward.kernel.actor import HomeRole
from steward.registers.cutover.cells import CellError
from steward.registers.cutover.plan import Change, Part, Plan, remembering, twice
from steward.registers.cutover.sheets import Table
from steward.registers.party.models import Contact, Customer, CustomerKind, Occupancy
from steward.registers.party.search import LEGAL

CUSTOMER_FIELDS: Final = ("kind", "phone", "email")
CONTACT_FIELDS: Final = ("relation", "phone", "may_consent")

Tie = tuple[int, datetime, datetime | None]


@dataclass
class People:
    """Who is known already. A customer is an id, or below zero one that the file brings."""

    by_phone: dict[tuple[str, str], int] = field(default_factory=dict)
    by_unit: dict[tuple[str, str], int] = field(default_factory=dict)
    details: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    ties: dict[tuple[str, int], dict[str, list[Tie]]] = field(default_factory=lambda: defaultdict(dict))
    contacts: dict[int, list[tuple[Any, ...]]] = field(default_factory=lambda: defaultdict(list))
    # What the file says of a customer, and in which row: two rows must not contradict each other.
    said: dict[tuple[int, str], tuple[Any, int]] = field(default_factory=dict)


def people_of(plan: Plan) -> People:
    if plan.people is None:
        plan.people = _load(plan)
    known: People = plan.people
    return known


def _load(plan: Plan) -> People:
    found = People()
    rows = Customer.objects.in_project(plan.project_id).values_list("pk", "name", *CUSTOMER_FIELDS).order_by("-pk")
    names: dict[int, str] = {}
    for pk, name, *details in rows.iterator(chunk_size=5000):
        names[pk] = name
        found.details[pk] = tuple(details)
        if details[1]:
            found.by_phone[name, details[1]] = pk
    labels = {row[0]: label for label, row in plan.estate.units.items()}
    ties = Occupancy.objects.in_project(plan.project_id).order_by("-pk")
    for pk, unit, customer, role, since, until in ties.values_list(
        "pk", "unit_id", "customer_id", "role", "since", "until"
    ).iterator(chunk_size=5000):
        label = labels[unit]
        found.ties[label, customer].setdefault(role, []).append((pk, since, until))
        if until is None or (label, names[customer]) not in found.by_unit:
            found.by_unit[label, names[customer]] = customer
    others = Contact.objects.in_project(plan.project_id)
    for pk, customer, name, *details in others.values_list("pk", "customer_id", "name", *CONTACT_FIELDS):
        found.contacts[customer].append((pk, name, *details))
    return found


# --- customers -------------------------------------------------------------------------------------
def customers(plan: Plan, table: Table, part: Part) -> None:
    people, seen = people_of(plan), dict[Any, int]()
    unit = remembering(plan.estate.unit)
    changes: dict[int, Change] = {}
    for position, row in table.rows():
        try:
            label = unit(_spoken(row))
        except CellError as error:
            table.fault(position, "unit", error.message)
            continue
        row["phone"], *more = row.get("phone") or (None,)
        who, made = _who(people, part, label, row)
        role = row.get("role") or next(iter(people.ties[label, who]), HomeRole.OWNER)
        if twice(table, seen, (label, who, role, row.get("until")), position):
            continue
        if not _agrees(people, table, position, who, row):
            continue
        changed = _compare(people, changes, who, row) if who > 0 else _complete(part.new[-1 - who], row)
        tied, moved = _tie(plan, table, position, (label, who, role), row)
        numbered = _numbers(plan, who, row["name"], more)
        part.count(made=made or tied, changed=changed or moved or numbered)
    part.changed = list(changes.values())


def _spoken(row: Mapping[str, Any]) -> str:
    """Some lists keep building, entrance and room apart."""
    parts = (row.get("building"), row.get("entrance"), row["unit"])
    return "-".join(filter(None, parts)) if parts[0] else row["unit"]


def _who(people: People, part: Part, label: str, row: Mapping[str, Any]) -> tuple[int, bool]:
    """By name and phone; without a phone, or with a new one, by name and unit; else somebody new."""
    name, phone = row["name"], row["phone"]
    who = people.by_phone.get((name, phone)) if phone else None
    if who is None:
        who = people.by_unit.get((label, name))
    made = who is None
    if who is None:
        who = -1 - len(part.new)
        part.new.append(_new_customer(row, who))
    people.by_unit[label, name] = who
    if phone:
        people.by_phone[name, phone] = who
    return who, made


def _new_customer(row: Mapping[str, Any], who: int) -> dict[str, Any]:
    guess = CustomerKind.COMPANY if LEGAL.search(row["name"]) else CustomerKind.PERSON
    return {
        "id": who,
        "name": row["name"],
        "kind": row.get("kind") or guess,
        "phone": row["phone"] or "",
        "email": row.get("email") or "",
    }


def _agrees(people: People, table: Table, position: int, who: int, row: Mapping[str, Any]) -> bool:
    for name in CUSTOMER_FIELDS:
        value = row.get(name)
        if value is None:
            continue
        said, where = people.said.setdefault((who, name), (value, position))
        if said != value:
            table.fault(
                position, name, _("Row %(n)s says otherwise of the same customer.") % {"n": table.numbers[where]}
            )
            return False
    return True


def _complete(new: dict[str, Any], row: Mapping[str, Any]) -> bool:
    """A later row may say what the first left empty."""
    new.update({name: row[name] for name in CUSTOMER_FIELDS if row.get(name) is not None})
    return False


def _compare(people: People, changes: dict[int, Change], who: int, row: Mapping[str, Any]) -> bool:
    known = dict(zip(CUSTOMER_FIELDS, people.details[who], strict=True))
    after = {n: row[n] for n, old in known.items() if row.get(n) is not None and row[n] != old}
    if after:
        change = changes.setdefault(who, Change(who, row["name"], {}, {}))
        change.after.update(after)
        change.before.update({n: known[n] for n in after})
    return bool(after)


def _tie(
    plan: Plan, table: Table, position: int, key: tuple[str, int, str], row: Mapping[str, Any]
) -> tuple[bool, bool]:
    """(a new tie, a changed one). An empty date says nothing about a tie that is known."""
    label, who, role = key
    since, until = row.get("since"), row.get("until")
    known = plan.people.ties[label, who].get(role, [])
    if not known or not any(_is_meant(plan, tie, since, until) for tie in known):
        begin = since or plan.today
        if until is not None and until <= begin:
            table.fault(position, "until", _("Ends before it begins."))
            return False, False
        plan.occupancies.new.append(_new_tie(plan, key, begin, until))
        return True, False
    meant = [t for t in known if _is_meant(plan, t, since, until)]
    pk, old_since, old_until = next((t for t in meant if t[2] is None), meant[0])
    begin = since or old_since.astimezone(plan.zone).date()
    if until is not None and until <= begin:
        table.fault(position, "until", _("Ends before it begins."))
        return False, False
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for name, old, said in (("since", old_since, since), ("until", old_until, until)):
        if said is not None and (old is None or old.astimezone(plan.zone).date() != said):
            before[name], after[name] = old, plan.midnight(said)
    if after:
        plan.occupancies.changed.append(Change(pk, label, before, after))
    return False, bool(after)


def _is_meant(plan: Plan, tie: Tie, since: date | None, until: date | None) -> bool:
    """Does a row mean this tie? Of the same day, or running and not begun after the row's end; no day means any."""
    begun = tie[1].astimezone(plan.zone).date()
    running = tie[2] is None and (until is None or begun < until)
    return since is None or since == begun or running


def _new_tie(plan: Plan, key: tuple[str, int, str], begin: date, until: date | None) -> dict[str, Any]:
    label, who, role = key
    return {
        "unit": label,
        "customer": who,
        "role": role,
        "since": plan.midnight(begin),
        "until": plan.midnight(until) if until else None,
    }


def _numbers(plan: Plan, who: int, name: str, more: list[str]) -> bool:
    """A customer's further numbers are contacts of the same name."""
    known = {row[3] for row in plan.people.contacts[who]}
    for number in more:
        if number not in known:
            relation = _("Another number")
            plan.numbers.new.append(_new_contact(who, name, relation, number, may_consent=False))
            plan.people.contacts[who].append((None, name, relation, number, False))
    return bool(set(more) - known)


# --- contacts --------------------------------------------------------------------------------------
def contacts(plan: Plan, table: Table, part: Part) -> None:
    people, seen = people_of(plan), dict[Any, int]()
    unit = remembering(plan.estate.unit)
    for position, row in table.rows():
        try:
            label = unit(row["unit"])
        except CellError as error:
            table.fault(position, "unit", error.message)
            continue
        who = people.by_unit.get((label, row["customer"]))
        if who is None:
            words = {"name": row["customer"], "unit": label}
            table.fault(position, "customer", _("%(name)s does not belong to %(unit)s.") % words)
        elif not twice(table, seen, (who, row["name"], row.get("relation")), position):
            _contact(people, part, who, row)


def _contact(people: People, part: Part, who: int, row: dict[str, Any]) -> None:
    known = [c for c in people.contacts[who] if c[0] is not None and c[1] == row["name"]]
    same = next((c for c in known if row.get("relation") in (None, c[2])), None)
    if same is not None:
        part.compare(same[0], row["name"], CONTACT_FIELDS, same[2:], row)
        return
    may = bool(row.get("may_consent"))
    part.new.append(_new_contact(who, row["name"], row.get("relation") or "", row.get("phone") or "", may_consent=may))
    part.count(made=True, changed=False)


def _new_contact(who: int, name: str, relation: str, phone: str, *, may_consent: bool) -> dict[str, Any]:
    return {"customer": who, "name": name[:60], "relation": relation, "phone": phone, "may_consent": may_consent}
