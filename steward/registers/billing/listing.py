"""Changing a price list from a day on: the next version is published, what was published before stays.

A place below the company keeps only the items it changes, adds or takes off; all others follow the place above.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Annotated, Any, Final

from django.utils.translation import gettext_lazy as _
from pydantic import Field

from steward.kernel import reference
from steward.kernel.actor import Actor
from steward.kernel.audit import changed, record
from steward.kernel.db import write
from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from steward.kernel.money import yuan
from steward.kernel.schema import Data, Line, Money, ask, storable
from steward.registers.billing.models import ItemKind, PriceList
from steward.registers.billing.operations import ItemInput, publish_prices
from steward.registers.billing.prices import Price, Published, coming, own, planned, prices
from steward.registers.org.figures import NOTE, decides, starts
from steward.registers.org.models import Level
from steward.registers.org.tree import Place, tree

CODE: Final = re.compile(r"[A-Z0-9][A-Z0-9-]{0,19}\Z")
Items = Mapping[str, ItemInput]
#: Code → the item as it is to hold here; None: not on the list.
Wanted = Mapping[str, ItemInput | None]


class ItemData(Data):
    name: Annotated[Line, Field(min_length=2, max_length=80)] = ask(title=_("Name of the item"))
    kind: ItemKind = ask(title=_("Kind"))
    unit: Annotated[Line, Field(min_length=1, max_length=10)] = ask(title=_("Counted in"))
    price: Money = ask(title=_("Unit price"))
    category: Annotated[Line, Field(max_length=20)] = ask("", title=_("Offered first for"))
    warranty_months: Annotated[int, Field(ge=0, le=120)] = ask(0, title=_("Warranty, months"))


class NewItemData(ItemData):
    code: Annotated[Line, Field(min_length=1, max_length=20)] = ask(
        title=_("Code"), description=_("Such as L-VALVE. It stays with the item and cannot be changed later.")
    )


def add_item(
    *, node_id: int, data: NewItemData, effective_on: date, actor: Actor, at: datetime, note: str = ""
) -> bool:
    """A new item from a day on. Raises InvalidError where the code is taken; the same again changes nothing."""
    if not CODE.match(data.code):
        raise InvalidError({"code": _("Capital letters, digits and hyphens.")})
    where = _ensure_decides(node_id, actor)
    item = _input(data.code, data)
    there = _at(where, starts(effective_on, place=where, at=at)).get(data.code)
    if there is not None and there != item:
        raise InvalidError({"code": _("This code is taken: %(name)s.") % {"name": there.name}})
    return _change(where, {data.code: item}, effective_on, actor, at, note)


def set_item(
    *, node_id: int, code: str, data: ItemData, effective_on: date, actor: Actor, at: datetime, note: str = ""
) -> bool:
    """The item is so from a day on; False where just this holds already. Quotes made before keep their price."""
    where = _ensure_decides(node_id, actor)
    _ensure_known(where, code, effective_on, at)
    return _change(where, {code: _input(code, data)}, effective_on, actor, at, note)


def withdraw_item(*, node_id: int, code: str, effective_on: date, actor: Actor, at: datetime, note: str = "") -> bool:
    """Off the list from a day on; what was quoted stays owed as it was quoted."""
    return _change(_ensure_decides(node_id, actor), {code: None}, effective_on, actor, at, note)


def follow_item(*, node_id: int, code: str, effective_on: date, actor: Actor, at: datetime, note: str = "") -> bool:
    """From a day on the item is here what it is at the place above; False where it follows already."""
    where = _ensure_decides(node_id, actor)
    since, said = starts(effective_on, place=where, at=at), _noted(note)
    with write():
        _hold()
        if code not in own(where, since):
            return False
        base, becomes = _at(where, since).get(code), _above(where, since).get(code)
        _decide(where, {code: becomes}, since, actor, at, said)
        _told("prices.follow_item", where, code, _plain(base), {"from": since.isoformat()}, actor, at, said, base)
    return True


def follow_above(*, node_id: int, effective_on: date, actor: Actor, at: datetime, note: str = "") -> bool:
    """Whatever the place has otherwise follows again. Raises ConflictError where there is no list above."""
    where = _ensure_decides(node_id, actor)
    since, said = starts(effective_on, place=where, at=at), _noted(note)
    if not _above(where, since):
        raise ConflictError(_("No place above has a price list."), rule="prices.one_list")
    with write():
        _hold()
        later = coming(where.id, since)
        if not own(where, since) and not any(row.items for row in later):
            return False
        # Whatever was planned for here was planned on a list that holds no longer.
        for instant in [since, *(row.since for row in later)]:
            _publish(where, instant, {}, actor, at, said, is_carried=instant != since)
        _told("prices.follow", where, "", {}, {"from": since.isoformat()}, actor, at, said)
    return True


def _change(where: Place, wanted: Wanted, on: date, actor: Actor, at: datetime, note: str) -> bool:
    since, said = starts(on, place=where, at=at), _noted(note)
    with write():
        _hold()
        base = _at(where, since)
        fresh = {code: item for code, item in wanted.items() if base.get(code) != item}
        if not fresh:
            return False
        _decide(where, fresh, since, actor, at, said)
        for code, item in fresh.items():
            _tell_item(where, code, base.get(code), item, since, actor, at, said)
    return True


def _decide(where: Place, fresh: Wanted, since: datetime, actor: Actor, at: datetime, note: str) -> None:
    base, above = _own(where, since), _above(where, since)
    later = coming(where.id, since)
    entries = {code: entry for code, item in fresh.items() if (entry := _entry(code, item, above))}
    _publish(where, since, _with(base, entries, fresh.keys()), actor, at, note)
    _carry(where, base, entries, fresh.keys(), later, actor, at)


def _entry(code: str, item: ItemInput | None, above: Items) -> ItemInput | None:
    """What the place's own list names for it; None: nothing, the place above has just this."""
    there = above.get(code)
    if item is None:
        return replace(there, is_withdrawn=True) if there else None
    return None if item == there else item


def _carry(
    where: Place,
    base: Items,
    entries: Items,
    codes: Collection[str],
    later: list[Published],
    actor: Actor,
    at: datetime,
) -> None:
    """Planned lists learn of the change; where one changes the same item itself, its own change stands."""
    for row in later:
        items = _own(where, row.since)
        codes = [code for code in codes if items.get(code) == base.get(code)]
        if not codes:
            return
        _publish(where, row.since, _with(items, entries, codes), actor, at, "", is_carried=True)
        base = items


def _with(items: Items, entries: Items, codes: Collection[str]) -> Items:
    kept = {code: item for code, item in items.items() if code not in codes}
    return {**kept, **{code: item for code, item in entries.items() if code in codes}}


def _publish(where: Place, since: datetime, items: Items, actor: Actor, at: datetime, note: str, **marks: bool) -> None:
    day = f"{since.astimezone(where.tz):%Y-%m-%d}"
    n = PriceList.objects.filter(node_id=where.id, version__startswith=day).count()
    publish_prices(
        node_id=where.id,
        version=f"{day}.{n + 1}" if n else day,
        items=items.values(),
        effective_from=since,
        actor=actor,
        at=at,
        note=note,
        follows_above=len(where.lineage) > 1,
        **marks,
    )


def _at(where: Place, since: datetime) -> Items:
    return _inputs(prices(lineage=where.lineage, at=since).items)


def _above(where: Place, since: datetime) -> Items:
    return _inputs(prices(lineage=where.lineage[1:], at=since).items)


def _own(where: Place, since: datetime) -> Items:
    return _inputs(own(where, since))


def _inputs(found: Mapping[str, Price]) -> Items:
    return {code: input_of(p) for code, p in found.items()}


def input_of(p: Price) -> ItemInput:
    return ItemInput(p.code, p.name, p.kind, p.unit, p.price, p.category, p.warranty_months, p.is_withdrawn)


def _input(code: str, data: ItemData) -> ItemInput:
    given = ItemInput(code=code, **data.model_dump(exclude={"code"}))
    return replace(given, kind=str(data.kind), price=yuan(data.price))


def _hold() -> None:
    """One change at a time, each from what really stands there."""
    reference.hold()
    reference.refresh()


def _ensure_decides(node_id: int, actor: Actor) -> Place:
    where = tree().places.get(node_id)
    if where is None:
        raise NotFoundError(_("There is no such place."))
    if not decides(actor, where):
        raise NotAllowedError(_("This is decided by whoever leads the place."), rule="settings.decider")
    return where


def _ensure_known(where: Place, code: str, on: date, at: datetime) -> None:
    if code in _at(where, starts(on, place=where, at=at)):
        return
    if code in planned(where, at):
        raise InvalidError({"effective_on": _("On this day the item is not on the list.")})
    raise NotFoundError(_("There is no such item."))


def _noted(note: str) -> str:
    if len(note) > NOTE or not storable(note):
        raise InvalidError({"note": _("At most %(n)s characters.") % {"n": NOTE}})
    return note.strip()


def _tell_item(
    where: Place,
    code: str,
    was: ItemInput | None,
    item: ItemInput | None,
    since: datetime,
    actor: Actor,
    at: datetime,
    note: str,
) -> None:
    what = "prices.add" if was is None else "prices.withdraw" if item is None else "prices.change"
    told = changed(_plain(was), _plain(item))
    _told(what, where, code, told["before"], {**told["after"], "from": since.isoformat()}, actor, at, note, item or was)


def _plain(item: ItemInput | None) -> dict[str, Any]:
    if item is None:
        return {}
    return {k: str(v) if k == "price" else v for k, v in asdict(item).items() if k != "is_withdrawn"}


def _told(
    what: str,
    where: Place,
    code: str,
    before: dict[str, Any],
    after: dict[str, Any],
    actor: Actor,
    at: datetime,
    note: str,
    item: ItemInput | None = None,
) -> None:
    record(
        project_id=where.id if where.level == Level.PROJECT else None,
        actor=actor,
        at=at,
        what=what,
        subject_kind="billing.price_item" if code else "billing.price_list",
        subject_id=code or where.code,
        label=item.name if item else where.name,
        before=before,
        after={**after, "node": where.code},
        reason=note,
    )
