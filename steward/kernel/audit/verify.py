"""Proof that nothing was changed, removed or put in afterwards; or the first row that was."""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from steward.kernel.audit.ledgers import LEDGERS, SALT, Ledger, Row, chained, leaves_of
from steward.kernel.audit.models import CompanySeal, Seal, SealState
from steward.kernel.audit.seal import chain_of, place_name, rewritten

SLACK: Final = timedelta(hours=1)
Digests = dict[tuple[str, int], str]


@dataclass(frozen=True)
class Fault:
    """What is wrong, and where: ``ledger`` and ``id`` of the row, empty where a link of the chain itself is."""

    place: str
    what: str
    ledger: str = ""
    id: int = 0

    def __str__(self) -> str:
        row = f"{self.ledger} {self.id}: " if self.id else ""
        return f"{self.place}: {row}{self.what}"


@dataclass
class Proof:
    """What was looked at. ``waiting``: rows that are not sealed yet; ``late``: sealed long after they say they were."""

    links: int = 0
    rows: int = 0
    rewritten: int = 0
    waiting: int = 0
    late: int = 0
    faults: list[Fault] = field(default_factory=list)


@dataclass
class _Chain:
    """One chain as it is walked."""

    project_id: int | None
    proof: Proof
    since: datetime | None
    rewritten: Digests
    seen: dict[int, "array[int]"]
    heads: dict[int, str] = field(default_factory=dict)
    previous: Seal | CompanySeal | None = None
    #: When the run of the sealer before this link's was.
    run_before: datetime | None = None

    def fault(self, what: str, ledger: Ledger | None = None, pk: int = 0) -> None:
        self.proof.faults.append(Fault(place_name(self.project_id), what, ledger.name if ledger else "", pk))


def verify(*, project_ids: list[int], since: datetime | None = None, head: str = "") -> Proof:
    """Walk the chains of these projects and the company's. ``head``: ``number:digest`` kept outside.

    ``since``: read only rows sealed from then on; the chain itself is walked whole.
    """
    proof = Proof()
    company = _walk(None, proof, since)
    _kept_outside(head, company)
    settled, claims = _claims()
    _compare(company, settled)
    for project_id in project_ids:
        chain = _walk(project_id, proof, since)
        for number, digest in claims.get(project_id, []):
            if chain.heads.get(number) != digest:
                chain.fault(f"link {number}, which the company's chain names, is gone or was changed")
        _compare(chain, settled)
        for ledger in LEDGERS.values():
            for what in ledger.whole(project_id) if ledger.whole else ():
                chain.fault(what, ledger)
    return proof


def _walk(project_id: int | None, proof: Proof, since: datetime | None) -> _Chain:
    seen = {mark: array("Q") for mark, ledger in LEDGERS.items() if ledger.company is (project_id is None)}
    chain = _Chain(project_id, proof, since, rewritten(project_id), seen)
    for link in chain_of(project_id).order_by("number").iterator(chunk_size=20):
        _link(chain, link)
    return chain


def _link(chain: _Chain, link: Seal | CompanySeal) -> None:
    before = chain.previous
    chain.proof.links += 1
    place = place_name(chain.project_id)
    expected = before.number + 1 if before else 1
    if link.number != expected:
        chain.fault(f"link {expected} of the chain is missing")
    elif link.previous != (before.digest if before else ""):
        chain.fault(f"link {link.number} does not follow the one before it")
    said = chained(place, link.number, link.sealed_at, bytes(link.leaves), link.claims, link.previous)
    if said != link.digest:
        chain.fault(f"link {link.number} was changed")
    chain.heads[link.number] = link.digest
    if before is not None and before.sealed_at != link.sealed_at:
        chain.run_before = before.sealed_at
    _rows(chain, link)
    chain.previous = link


def _rows(chain: _Chain, link: Seal | CompanySeal) -> None:
    by_mark: dict[int, list[tuple[int, bytes, bytes, bytes]]] = {}
    salts = bytes(link.salts)
    for place, (mark, pk, fixed, personal) in enumerate(leaves_of(bytes(link.leaves))):
        salt = salts[place * SALT : (place + 1) * SALT]
        by_mark.setdefault(mark, []).append((pk, fixed, personal, salt))
        if mark in chain.seen:
            chain.seen[mark].append(pk)
    if chain.since is not None and link.sealed_at < chain.since:
        return
    for mark, leaves in by_mark.items():
        ledger = LEDGERS.get(mark)
        if ledger is None:
            chain.fault(f"link {link.number} seals rows of a table that this version does not know ({mark})")
            continue
        rows = ledger.read(chain.project_id, [leaf[0] for leaf in leaves])
        for leaf in leaves:
            _row(chain, ledger, rows.get(leaf[0]), leaf)


def _row(chain: _Chain, ledger: Ledger, row: Row | None, leaf: tuple[int, bytes, bytes, bytes]) -> None:
    pk, fixed, personal, salt = leaf
    chain.proof.rows += 1
    if row is None:
        chain.fault("was removed", ledger, pk)
        return
    if chain.run_before is not None and row.recorded < chain.run_before - SLACK:
        chain.proof.late += 1
    if row.fixed_digest() != fixed:
        chain.fault("was changed", ledger, pk)
        return
    stands = row.personal_digest(salt)
    known = chain.rewritten.get((ledger.name, pk))
    if known is not None:
        chain.proof.rewritten += 1
        if stands.hex() != known:
            chain.fault("its personal values are not those of the rewriting on record", ledger, pk)
    elif stands != personal:
        chain.fault("its personal values were changed, with no rewriting on record", ledger, pk)


def _claims() -> tuple[dict[int, int], dict[int, list[tuple[int, str]]]]:
    """How far rows were settled, and the heads of projects, as the company's chain tells."""
    state = SealState.objects.filter(pk=1).first()
    known = state.state.get("horizons", {}) if state else {}
    settled = {int(mark): horizon["settled"] for mark, horizon in known.items()}
    heads: dict[int, list[tuple[int, str]]] = {}
    for claims in CompanySeal.objects.order_by("number").values_list("claims", flat=True).iterator():
        for mark, pk in claims.get("settled", {}).items():
            settled[int(mark)] = max(settled.get(int(mark), 0), pk)
        for project, head in claims.get("heads", {}).items():
            heads.setdefault(int(project), []).append((head[0], head[1]))
    return settled, heads


def _compare(chain: _Chain, settled: dict[int, int]) -> None:
    """Rows that no link knows: put in afterwards, or not sealed yet."""
    for mark, seen in chain.seen.items():
        ledger = LEDGERS[mark]
        rows = ledger.rows(chain.project_id)
        limit = settled.get(mark, 0)
        ids = sorted(seen)
        if any(a == b for a, b in pairwise(ids)):
            chain.fault("a row was sealed twice", ledger)
        known = sum(1 for pk in ids if pk <= limit)
        if rows.filter(pk__lte=limit).count() != known:
            for pk in _strangers(rows.filter(pk__lte=limit), ids):
                chain.fault("was put in afterwards", ledger, pk)
        chain.proof.waiting += sum(1 for _pk in _strangers(rows.filter(pk__gt=limit), ids))


def _strangers(rows: Any, ids: list[int]) -> Iterator[int]:
    sealed = set(ids)
    for pk in rows.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=5000):
        if pk not in sealed:
            yield pk


def _kept_outside(head: str, company: _Chain) -> None:
    if not head:
        return
    number, _colon, digest = head.partition(":")
    if not number.isdecimal() or company.heads.get(int(number)) != digest:
        company.fault("the head kept outside is not in the chain: it was cut or written anew")


def head() -> str:
    """The last link of the company's chain, which names the heads of all others; empty before the first."""
    last = CompanySeal.objects.order_by("-number").values_list("number", "digest").first()
    return f"{last[0]}:{last[1]}" if last else ""
