"""The sealer: chains digests of rows after they were written, so that no writer waits for another."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from steward.kernel.actor import Actor
from steward.kernel.audit.horizon import Horizon, open_transactions
from steward.kernel.audit.ledgers import LEAF, LEDGERS, SALT, Ledger, Row, chained, leaves_of, of_model
from steward.kernel.audit.models import AuditEvent, CompanyEvent, CompanySeal, Seal, SealState
from steward.kernel.audit.record import record
from steward.kernel.db import write

#: Rows of a link, and of a run of the worker: SQLite has one writer.
LINK: Final = 500
RUN: Final = 4000
ANCHOR: Final = timedelta(hours=1)
REWRITTEN: Final = "audit.rewritten"


class TamperedError(Exception):
    """A row to be rewritten is not what was sealed."""


Work = dict[int | None, list[tuple[Ledger, int]]]


@dataclass
class State:
    row: SealState
    horizons: dict[int, Horizon]
    #: Projects whose chain grew since the company's chain last named their heads.
    dirty: list[int] = field(default_factory=list)
    anchored_at: datetime | None = None

    def save(self) -> None:
        self.row.state = {
            "horizons": {str(mark): horizon.dump() for mark, horizon in self.horizons.items()},
            "dirty": self.dirty,
            "anchored_at": self.anchored_at.isoformat() if self.anchored_at else None,
        }
        self.row.save()


def hold() -> State:
    """The sealer's state, locked until the transaction ends."""
    SealState.objects.get_or_create(pk=1)
    row = SealState.objects.select_for_update().get(pk=1)
    raw = row.state
    known = raw.get("horizons", {})
    anchored = raw.get("anchored_at")
    return State(
        row,
        {mark: Horizon.load(known.get(str(mark), {})) for mark in LEDGERS},
        raw.get("dirty", []),
        datetime.fromisoformat(anchored) if anchored else None,
    )


def seal(*, at: datetime, limit: int = RUN, anchor: bool = False) -> int:
    """Seal rows that are not sealed yet, at most ``limit``; how many.

    Once an hour (or with ``anchor``) the company's chain names the heads of the projects' chains.
    """
    with write():
        state = hold()
        oldest, _following = open_transactions()
        work: Work = {}
        count = 0
        for mark, ledger in LEDGERS.items():
            found, complete_to = _waiting(ledger, state.horizons[mark], limit - count)
            count += len(found)
            for project_id, pk in found:
                work.setdefault(project_id, []).append((ledger, pk))
            state.horizons[mark].add(pk for _project, pk in found)
            # Those that began while we read may hold earlier ids: asked again.
            following = open_transactions()[1]
            state.horizons[mark].advance(complete_to=complete_to, at=at, oldest=oldest, following=following)
        company = work.pop(None, [])
        for project_id, items in work.items():
            _extend(project_id, items, at)
        state.dirty = sorted({*state.dirty, *(p for p in work if p is not None)})
        _company(state, company, at, due=anchor)
        state.save()
    return count


def _waiting(ledger: Ledger, horizon: Horizon, room: int) -> tuple[list[tuple[int | None, int]], int]:
    """Unsealed rows as (project, id) in order, and up to which id there are no others."""
    rows = ledger.everything().filter(pk__gt=horizon.settled)
    for low, high in horizon.long_runs():
        rows = rows.exclude(pk__gte=low, pk__lte=high)
    columns = ("pk",) if ledger.company else ("pk", "project_id")
    found: list[tuple[int | None, int]] = []
    for line in rows.order_by("pk").values_list(*columns).iterator(chunk_size=2000):
        if horizon.has(line[0]):
            continue
        if len(found) >= room:
            return found, line[0] - 1
        found.append((None if ledger.company else line[1], line[0]))
    return found, 2**62


def _extend(project_id: int | None, items: Sequence[tuple[Ledger, int]], at: datetime) -> None:
    for batch in _batches(items):
        leaves, salts, ranges = bytearray(), bytearray(), {}
        for ledger in dict.fromkeys(ledger for ledger, _pk in batch):
            ids = [pk for owner, pk in batch if owner is ledger]
            rows = ledger.read(project_id, ids)
            ranges[str(ledger.mark)] = [ids[0], ids[-1]]
            for pk in ids:
                salt = os.urandom(SALT)
                leaves += _leaf(ledger, rows[pk], salt)
                salts += salt
        _link(project_id, at, bytes(leaves), bytes(salts), {"ranges": ranges})


def _batches(items: Sequence[tuple[Ledger, int]]) -> list[Sequence[tuple[Ledger, int]]]:
    return [items[start : start + LINK] for start in range(0, len(items), LINK)]


def _leaf(ledger: Ledger, row: Row, salt: bytes) -> bytes:
    return LEAF.pack(ledger.mark, row.id, row.fixed_digest(), row.personal_digest(salt))


def moved() -> None:
    """The rows stand in another database now: no transaction that was open in the old one can still end here."""
    with write():
        state = hold()
        for horizon in state.horizons.values():
            horizon.marks = [[top, 0, sealed_at] for top, _open, sealed_at in horizon.marks]
        state.save()


def chain_of(project_id: int | None) -> Any:
    return CompanySeal.objects.all() if project_id is None else Seal.objects.in_project(project_id)


def _link(project_id: int | None, at: datetime, leaves: bytes, salts: bytes, claims: Mapping[str, Any]) -> None:
    last = chain_of(project_id).order_by("-number").values_list("number", "digest").first()
    number, previous = (last[0] + 1, last[1]) if last else (1, "")
    columns: dict[str, Any] = {
        "number": number,
        "sealed_at": at,
        "rows": len(leaves) // LEAF.size,
        "leaves": leaves,
        "salts": salts,
        "claims": dict(claims),
        "previous": previous,
        "digest": chained(place_name(project_id), number, at, leaves, claims, previous),
    }
    if project_id is None:
        CompanySeal.objects.create(**columns)
    else:
        Seal.objects.create(project_id=project_id, **columns)


def place_name(project_id: int | None) -> str:
    return "company" if project_id is None else f"project {project_id}"


def _company(state: State, items: Sequence[tuple[Ledger, int]], at: datetime, *, due: bool) -> None:
    if items:
        _extend(None, items, at)
    passed = state.anchored_at is None or abs(at - state.anchored_at) >= ANCHOR
    if not state.dirty or not (due or passed):
        return
    heads = {str(p): chain_of(p).order_by("-number").values_list("number", "digest").first() for p in state.dirty}
    settled = {str(mark): horizon.settled for mark, horizon in state.horizons.items()}
    _link(None, at, b"", b"", {"heads": {p: list(head) for p, head in heads.items() if head}, "settled": settled})
    state.dirty, state.anchored_at = [], at


def rewrite(
    *,
    model: type[Any],
    project_id: int | None,
    values: Mapping[int, Mapping[str, Any] | None],
    actor: Actor,
    at: datetime,
    reason: str,
) -> None:
    """Put other personal values into sealed rows (an erasure): the old ones cannot be guessed, the chain stays true.

    ``values``: row id → its personal columns, or for an audit row the new ``values`` beside it (None takes them away).
    The rewriting is itself an audit row that carries the new digests.
    """
    ledger = of_model(model)
    with write():
        hold()
        places = _places(ledger, project_id, values)
        _must_be_true(ledger, project_id, places)
        for pk, new in values.items():
            _put(ledger, project_id, pk, new)
        digests = _salt_anew(ledger, project_id, places)
        for part in _parts(digests, sorted(values)):
            record(
                project_id=project_id,
                actor=actor,
                at=at,
                what=REWRITTEN,
                subject_kind=ledger.name,
                after={"digests": part},
                reason=reason,
            )


def _parts(digests: Mapping[int, str], ids: Sequence[int]) -> list[dict[str, str]]:
    """At most a link's worth of digests a row; rows that are not sealed yet have none."""
    parts = [ids[start : start + LINK] for start in range(0, len(ids), LINK)]
    return [{str(pk): digests.get(pk, "") for pk in part} for part in parts]


def _put(ledger: Ledger, project_id: int | None, pk: int, new: Mapping[str, Any] | None) -> None:
    if not ledger.side:
        if new is None or not set(new) <= set(ledger.personal):
            raise ValueError(f"only {', '.join(ledger.personal)} of {ledger.name} may be rewritten")
        ledger.rows(project_id).filter(pk=pk).update(**new)
        return
    side: Any = ledger.model._meta.get_field(ledger.side).related_model  # noqa: SLF001
    beside = (
        side.objects.filter(event_id=pk) if ledger.company else side.objects.in_project(project_id).filter(event=pk)
    )
    if new is None:
        beside.delete()
    else:
        beside.update(values=dict(new))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a row stands in the chain, and what was sealed of it."""

    link: int
    position: int
    fixed: bytes
    personal: bytes
    salt: bytes


def _places(ledger: Ledger, project_id: int | None, ids: Iterable[int]) -> dict[int, _Place]:
    """Rows that are sealed already."""
    left, found = set(ids), {}
    for link_pk, claims in chain_of(project_id).values_list("pk", "claims"):
        low, high = claims.get("ranges", {}).get(str(ledger.mark), (1, 0))
        if not any(low <= pk <= high for pk in left):
            continue
        link = chain_of(project_id).get(pk=link_pk)
        for position, (mark, pk, fixed, personal) in enumerate(leaves_of(bytes(link.leaves))):
            if mark == ledger.mark and pk in left:
                salt = bytes(link.salts)[position * SALT : (position + 1) * SALT]
                found[pk] = _Place(link_pk, position, fixed, personal, salt)
                left.discard(pk)
    return found


def _must_be_true(ledger: Ledger, project_id: int | None, places: Mapping[int, _Place]) -> None:
    """A rewriting must not cover up what somebody changed before it."""
    rows, known = ledger.read(project_id, list(places)), rewritten(project_id)
    for pk, place in places.items():
        row = rows.get(pk)
        last = known.get((ledger.name, pk), place.personal.hex())
        if row is None or row.fixed_digest() != place.fixed or row.personal_digest(place.salt).hex() != last:
            raise TamperedError(f"{ledger.name} {pk} is not what was sealed: `steward audit verify`")


def rewritten(project_id: int | None) -> dict[tuple[str, int], str]:
    """The latest digest of every row whose personal values were rewritten."""
    rows = CompanyEvent.objects.all() if project_id is None else AuditEvent.objects.in_project(project_id)
    found: dict[tuple[str, int], str] = {}
    for name, after in rows.filter(what=REWRITTEN).order_by("pk").values_list("subject_kind", "after"):
        found.update({(name, int(pk)): digest for pk, digest in after.get("digests", {}).items() if digest})
    return found


def _salt_anew(ledger: Ledger, project_id: int | None, places: Mapping[int, _Place]) -> dict[int, str]:
    """New salts, and the digests of what stands now."""
    rows, found = ledger.read(project_id, list(places)), {}
    for link_pk in {place.link for place in places.values()}:
        link = chain_of(project_id).get(pk=link_pk)
        salts = bytearray(link.salts)
        for pk, place in places.items():
            if place.link == link_pk:
                salt = os.urandom(SALT)
                salts[place.position * SALT : (place.position + 1) * SALT] = salt
                found[pk] = rows[pk].personal_digest(salt).hex()
        chain_of(project_id).filter(pk=link_pk).update(salts=bytes(salts))
    return found


__all__ = ["TamperedError", "chain_of", "moved", "place_name", "rewrite", "rewritten", "seal"]
