"""Finding units and customers as people name them: room, name, pinyin, initials, phone or its tail.

Everything is a prefix of a stored key, so that a lookup costs the same among a hundred homes and a hundred thousand.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from typing import Any, Final

from django.db import connection
from django.db.models import Q

from steward.kernel.actor import Actor
from steward.kernel.db import write
from steward.kernel.pinyin import readings
from steward.kernel.privacy import mask_phone
from steward.kernel.scope import ScopedQuerySet
from steward.registers.estate.aliases import normal, unit_keys
from steward.registers.estate.models import Unit
from steward.registers.party.models import Contact, Customer, CustomerKind, SearchKey, Vehicle, office_projects

LONGEST: Final = 40
TAIL: Final = 4
PHONE: Final = 7
#: Tails are stored backwards behind this sign: the last digits typed are then a prefix.
BACKWARDS: Final = "~"
NOISE: Final = re.compile(r"[\W_]+")
HAN: Final = re.compile(r"[㐀-鿿]")
LEGAL: Final = re.compile(r"(有限责任公司|股份有限公司|有限公司|分公司|公司)$")
HIGHEST: Final = "\U0010ffff".encode()
BYTES: Final = 120


class By(StrEnum):
    """What matched."""

    ROOM = "room"
    NAME = "name"
    PINYIN = "pinyin"
    PHONE = "phone"
    TAIL = "tail"
    PLATE = "plate"


@dataclass(frozen=True, slots=True)
class Hit:
    """A unit or customer (or a case: ``casework.intake.lookup``) that was found.

    ``units``: rooms of the customer; ``people``: who lives in the unit now. The phone is masked.
    """

    kind: str
    id: int
    project_id: int
    label: str
    by: str
    exact: bool
    units: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    phone: str = ""
    title: str = ""


# --- what is typed ---------------------------------------------------------------------------------
def fold(text: str) -> str:
    """Half width, lower case, without spaces and punctuation."""
    return NOISE.sub("", unicodedata.normalize("NFKC", text).casefold())


def prefixes(text: str) -> tuple[str, ...]:
    """The stored forms that what was typed may be the beginning of: one or two."""
    text = text.replace("\x00", "")[:LONGEST]
    plain, room = fold(text), normal(text)
    if plain.isdecimal() and plain.isascii():
        return _numbers(plain, room)
    found = tuple(dict.fromkeys(form for form in (room, plain) if form))
    return () if len(plain) < 2 and not HAN.search(plain) else found


def _numbers(digits: str, room: str) -> tuple[str, ...]:
    if len(digits) == 13 and digits.startswith("86"):
        digits = digits[2:]
    if len(digits) >= PHONE:
        return (digits, BACKWARDS + digits[::-1])
    if room != digits:
        return (room,)
    if len(digits) >= TAIL:
        return (digits, BACKWARDS + digits[::-1])
    return (digits,) if len(digits) > 1 else ()


# --- looking up ------------------------------------------------------------------------------------
KEY: Final = ("key", "kind", "project_id", "unit_id", "customer_id")
OF_UNIT: Final = ("unit__label", "unit__occupancies__customer__name", "unit__occupancies__until")
OF_CUSTOMER: Final = (
    "customer__name",
    "customer__phone",
    "customer__occupancies__unit__label",
    "customer__occupancies__until",
)
ROW: Final = (*KEY, *OF_UNIT, *OF_CUSTOMER)
# A hit has several rows: several keys that match, several occupants.
ROWS_PER_HIT: Final = 4


def find(actor: Actor, project_id: int | None, text: str, limit: int = 12) -> list[Hit]:
    """Units and customers the actor may find, best first. One query, two for a number that may be a phone's tail.

    ``project_id`` None searches every project the actor reaches. Residents find nothing, field staff
    find rooms without the people in them.
    """
    rows = SearchKey.objects.visible_to(actor)
    if project_id is not None:
        rows = rows.filter(project_id=project_id)
    office = office_projects(actor)
    found: dict[tuple[str, int], Hit] = {}
    for form in prefixes(text):
        # Only customers have phones: fewer tables to join.
        columns = (*KEY, *OF_CUSTOMER) if form.startswith(BACKWARDS) else ROW
        for row in keys_from(rows, form).values(*columns)[: limit * ROWS_PER_HIT]:
            _collect(found, row, form.encode(), named=actor.is_system or row["project_id"] in office)
    return sorted(found.values(), key=lambda hit: not hit.exact)[:limit]


def keys_from(rows: ScopedQuerySet[SearchKey], form: str) -> ScopedQuerySet[SearchKey]:
    """The keys that begin with ``form``, in the order of the index: exact ones first."""
    low = form.encode()
    return rows.filter(key__gte=low, key__lt=low + HIGHEST).order_by("key")


def _collect(found: dict[tuple[str, int], Hit], row: dict[str, Any], wanted: bytes, *, named: bool) -> None:
    of_unit = row["unit_id"] is not None
    key = ("unit", row["unit_id"]) if of_unit else ("customer", row["customer_id"])
    known = found.get(key)
    # A phone's tail is exact with its last four digits or more.
    exact = bytes(row["key"]) == wanted or row["kind"] == By.TAIL
    current = row["unit__occupancies__until"] is None if of_unit else row["customer__occupancies__until"] is None
    person = row["unit__occupancies__customer__name"] if of_unit and named and current else None
    room = row["customer__occupancies__unit__label"] if not of_unit and current else None
    found[key] = Hit(
        kind=key[0],
        id=key[1],
        project_id=row["project_id"],
        label=row["unit__label"] if of_unit else row["customer__name"],
        by=known.by if known and known.exact else row["kind"],
        exact=exact or bool(known and known.exact),
        units=_with(known.units if known else (), room),
        people=_with(known.people if known else (), person),
        phone=mask_phone(row["customer__phone"] or ""),
    )


def _with(known: tuple[str, ...], more: str | None) -> tuple[str, ...]:
    return known if not more or more in known else (*known, more)


# --- keeping the keys ------------------------------------------------------------------------------
def reindex(project_id: int) -> int:
    """Write a project's keys anew; returns how many there are."""
    with write():
        SearchKey.objects.in_project(project_id).delete()
        return _add_units(project_id, Q()) + _add_customers(project_id, Q())


def index_units(project_id: int, unit_ids: Sequence[int]) -> int:
    """After units were added or changed."""
    with write():
        SearchKey.objects.in_project(project_id).filter(unit_id__in=unit_ids).delete()
        return _add_units(project_id, Q(pk__in=unit_ids))


def index_customers(project_id: int, customer_ids: Sequence[int]) -> int:
    """After customers or their contacts were added or changed."""
    with write():
        SearchKey.objects.in_project(project_id).filter(customer_id__in=customer_ids).delete()
        return _add_customers(project_id, Q(pk__in=customer_ids))


def _add_units(project_id: int, which: Q) -> int:
    units = Unit.objects.in_project(project_id).filter(which)
    of_building = ("building__code", "building__name", "building__nicknames")
    rows = units.values_list("pk", *of_building, "entrance", "room", "nicknames")
    return _write(
        (project_id, By.ROOM, key, pk, None)
        for pk, code, name, nicknames, entrance, room, own in rows
        for key in sorted(
            unit_keys(buildings=(code, name, *nicknames.split()), entrance=entrance, room=room, own=own.split())
        )
    )


def _add_customers(project_id: int, which: Q) -> int:
    customers = Customer.objects.in_project(project_id).filter(which)
    others = Contact.objects.in_project(project_id)
    if which:
        others = others.filter(customer__in=customers.values("pk"))
    contacts: dict[int, list[tuple[str, str]]] = {}
    for pk, name, phone in others.values_list("customer_id", "name", "phone"):
        contacts.setdefault(pk, []).append((name, phone))
    plates = _plates(project_id, customers if which else None)
    return _write(
        (project_id, kind, key, None, pk)
        for pk, name, phone, sort in customers.values_list("pk", "name", "phone", "kind")
        for kind, key in sorted(
            customer_keys(name, phone, contacts.get(pk, ()), company=sort == CustomerKind.COMPANY)
            | plate_keys(plates.get(pk, ()))
        )
    )


def _plates(project_id: int, customers: ScopedQuerySet[Customer] | None) -> dict[int, list[str]]:
    rows = Vehicle.objects.in_project(project_id).filter(ended_at__isnull=True)
    if customers is not None:
        rows = rows.filter(customer__in=customers.values("pk"))
    found: dict[int, list[str]] = {}
    for pk, plate in rows.values_list("customer_id", "plate"):
        found.setdefault(pk, []).append(plate)
    return found


def plate_keys(plates: Iterable[str]) -> set[tuple[By, str]]:
    """As it stands, without the province, and without the letter of the city: 沪A12362, A12362, 12362."""
    return {(By.PLATE, fold(plate)[start:]) for plate in plates for start in range(3)}


INSERT: Final = "INSERT INTO party_searchkey (project_id, kind, key, unit_id, customer_id) VALUES (%s, %s, %s, %s, %s)"


def _write(keys: Iterable[tuple[int, str, str, int | None, int | None]]) -> int:
    """Plain rows without model objects: a hundred thousand homes have a million keys."""
    rows = [
        (project_id, str(kind), key.encode()[:BYTES], unit, customer) for project_id, kind, key, unit, customer in keys
    ]
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(INSERT, rows)
    return len(rows)


def customer_keys(
    name: str, phone: str, contacts: Iterable[tuple[str, str]] = (), *, company: bool = False
) -> set[tuple[By, str]]:
    """Every (kind, key) a customer answers to; contacts lead to the customer as well."""
    keys: set[tuple[By, str]] = set()
    for who, number, firm in ((name, phone, company), *((n, p, False) for n, p in contacts)):
        for part in name_parts(who, company=firm):
            keys.add((By.NAME, part))
            keys.update((By.PINYIN, spelling) for spelling in spellings(part))
        digits = re.sub(r"\D", "", number)
        if len(digits) >= TAIL:
            keys |= {(By.PHONE, digits), (By.TAIL, BACKWARDS + digits[::-1])}
    return keys


def name_parts(name: str, *, company: bool) -> Iterator[str]:
    """A person's name and given name; a company's name from each of its characters on, without the legal form."""
    plain = fold(name)
    if not plain:
        return
    yield plain
    if company:
        stem = LEGAL.sub("", plain)
        yield from (stem[start:] for start in range(1, len(stem) - 1))
    elif len(plain) == 3 and HAN.search(plain):
        yield plain[1:]


def spellings(name: str) -> set[str]:
    """Full pinyin and initials, with the several readings a surname may have (单: shan, dan)."""
    if not HAN.search(name):
        return set()
    found = [(readings(c) or (c,))[: 3 if n == 0 else 2] for n, c in enumerate(name[:12])]
    if len(found) > 4:
        found = [r[:1] for r in found]
    combined = list(product(*found))
    return {"".join(c) for c in combined} | {"".join(s[0] for s in c) for c in combined}
