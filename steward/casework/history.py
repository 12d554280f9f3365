"""Cases of another system brought in as they were: the bulk variant of the one write path.

Same validation, one "imported" timeline row each; no clocks, no messages, no facts. They stand outside
queues and sweeper, and nobody acts on them. What contradicts itself is refused with its reasons.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from django.utils.translation import gettext as _
from pydantic import AwareDatetime, Field

from steward.cases.declare import Process, process_of
from steward.cases.models import Case, Category, Channel, Entry
from steward.casework import categories
from steward.casework.intake import numbers
from steward.kernel import bulk, reference
from steward.kernel.actor import SYSTEM, Actor
from steward.kernel.db import attempt, retrying
from steward.kernel.errors import InvalidError
from steward.kernel.schema import Data, Line, Text, parse

NAMESPACE: Final = uuid.UUID("b0d3f3a6-5a0b-4a0e-8f3e-2f1f0a1c9d55")
# Rows per transaction: long enough to be quick, short enough for others to write between.
CHUNK: Final = 4000
LABEL: Final = 80
CODE: Final = 40

# Systems write 0001 or 1900 where they mean nothing.
EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)

Words = Annotated[str, Field(max_length=300)]


class PastCase(Data):
    """One row of another system's log, already in our terms."""

    number: Line = Field(min_length=1, max_length=60)
    kind: str
    opened: AwareDatetime
    target: AwareDatetime | None = None
    closed: AwareDatetime | None = None
    category: tuple[Words, ...] = Field(default=(), max_length=2)
    channel: Channel = Channel.OTHER
    place: Text = Field(default="", max_length=200)
    title: Line = Field(min_length=1)
    text: Text = ""
    flags: dict[str, Text] = Field(default={})


@dataclass
class Loaded:
    """What became of a chunk: how many are new, how many were here before, which rows came back and why."""

    added: int = 0
    known: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)


@dataclass
class Import:
    """One file on its way into a project; remembers the numbers it has seen.

    ``at`` is the instant of the import: nothing in a log of the past may lie after it.
    """

    project_id: int
    source: str
    at: datetime
    actor: Actor = SYSTEM
    _seen: dict[str, int] = field(default_factory=dict)
    _here: set[str] | None = None

    def load(self, rows: Iterable[tuple[int, Mapping[str, Any]]]) -> Loaded:
        """Take up to ``CHUNK`` rows (line in the file, data of a :class:`PastCase`), in one transaction."""
        outcome, good = Loaded(), []
        for line, raw in rows:
            try:
                past = parse(PastCase, raw)
            except InvalidError as error:
                outcome.refused.append((line, "; ".join(f"{k}: {v}" for k, v in error.fields.items())))
                continue
            reasons = contradictions(past, self.at) + self._repeated(past, line)
            if reasons:
                outcome.refused.append((line, "; ".join(reasons)))
            else:
                good.append(past)
        outcome.added = retrying(lambda: self._write(good)) if good else 0
        outcome.known = len(good) - outcome.added
        return outcome

    def finish(self) -> None:
        """After the last chunk."""
        bulk.refresh_statistics(Case, Entry)

    def _repeated(self, past: PastCase, line: int) -> list[str]:
        first = self._seen.setdefault(past.number, line)
        return [_("the number stands in line %(line)s already") % {"line": first}] if first != line else []

    def _write(self, good: Sequence[PastCase]) -> int:
        if self._here is None or attempt():
            self._here = self._known()
        here = self._here
        new = [p for p in good if p.number not in here]
        if not new:
            return 0
        about = _categories(self.project_id, new)
        serials: dict[str, int] = {}
        ids = bulk.reserve_ids(Case, len(new))
        cases = [self._case(pk, p, about, serials) for pk, p in zip(ids, new, strict=True)]
        shared = {"project_id": self.project_id, "recorded_at": self.at}
        bulk.insert(
            Case,
            {**shared, "updated_at": self.at, "external_source": self.source, "is_imported": True},
            cases,
        )
        bulk.insert(
            Entry,
            {
                **shared,
                "seq": 1,
                "action": "imported",
                "actor_kind": self.actor.kind.value,
                "actor_key": self.actor.key,
                "actor_name": self.actor.name,
                "happened_at": self.at,
            },
            [self._entry(case, p) for case, p in zip(cases, new, strict=True)],
        )
        return len(new)

    def _known(self) -> set[str]:
        """Numbers of this source that are here already: asked once, and again when somebody else was faster."""
        rows = Case.objects.in_project(self.project_id).filter(external_source=self.source)
        return set(rows.values_list("external_number", flat=True).iterator(CHUNK))

    def _case(
        self, pk: int, past: PastCase, about: Mapping[tuple[str, tuple[str, ...]], int], serials: dict[str, int]
    ) -> dict[str, Any]:
        process = _process(past.kind)
        start = numbers.day_of(process.prefix, self.project_id, past.opened)
        if start not in serials:
            serials[start] = numbers.last_serial(start, self.project_id)
        serials[start] += 1
        return {
            "id": pk,
            "number": start + numbers.spell(serials[start]),
            "kind": past.kind,
            "process_version": process.version,
            "state": process.initial if past.closed is None else end_state(process),
            "title": past.title,
            "description": past.text,
            "channel": past.channel.value,
            "category_id": about.get((past.kind, past.category)),
            "place": past.place,
            "received_at": past.opened,
            "closed_at": past.closed,
            "imported_target_at": past.target,
            "external_number": past.number,
        }

    def _entry(self, case: Mapping[str, Any], past: PastCase) -> dict[str, Any]:
        return {
            "case_id": case["id"],
            "to_state": case["state"],
            "client_uuid": uuid.uuid5(NAMESPACE, f"{self.source}\n{past.number}"),
            "data": {"source": self.source, "number": past.number, **past.flags},
        }


def contradictions(past: PastCase, at: datetime) -> list[str]:
    """Why a row cannot be true; empty if it can."""
    found = []
    if process_of(past.kind) is None:
        found.append(_("there is no such kind of case: %(kind)s") % {"kind": past.kind})
    if past.closed is not None and past.closed < past.opened:
        found.append(_("closed before it was opened"))
    if past.target is not None and past.target < past.opened:
        found.append(_("to be done before it was opened"))
    if past.opened < EARLIEST:
        found.append(_("opened before 1970, which is hardly meant"))
    if past.opened > at:
        found.append(_("opened in the future"))
    if past.closed is not None and past.closed > at:
        found.append(_("closed in the future"))
    return found


def end_state(process: Process) -> str:
    """Where a closed case of another system stands: the end of the customer's road."""
    ends = [state for state in process.road if state in process.terminal]
    return str(ends[-1]) if ends else min(process.terminal)


def _process(kind: str) -> Process:
    process = process_of(kind)
    if process is None:
        raise InvalidError({"kind": _("There is no such kind of case.")})
    return process


def _categories(project_id: int, pasts: Sequence[PastCase]) -> dict[tuple[str, tuple[str, ...]], int]:
    """Ids of the rows' categories; those the project lacks are added to it, parents first."""
    wanted = {(p.kind, p.category) for p in pasts if p.category}
    paths = wanted | {(kind, path[:1]) for kind, path in wanted}
    known = {(c.kind, c.code): c.id for c in categories.categories().values() if c.node_id == project_id}
    missing = sorted(paths, key=lambda item: (len(item[1]), item))
    missing = [(kind, path) for kind, path in missing if (kind, code_of(path)) not in known]
    for kind, path in missing:
        parent = known[kind, code_of(path[:1])] if len(path) > 1 else None
        row, _new = Category.objects.get_or_create(
            kind=kind,
            code=code_of(path),
            node_id=project_id,
            defaults={"name": path[-1][:LABEL], "parent_id": parent, "urgency": ""},
        )
        known[kind, row.code] = row.pk
    if missing:
        reference.bump()
    return {(kind, path): known[kind, code_of(path)] for kind, path in wanted}


def code_of(path: Sequence[str]) -> str:
    """A stable code for a category of another system: its words, or their digest where they are too long."""
    words = " / ".join(path)
    return words if len(words) <= CODE else f"#{uuid.uuid5(NAMESPACE, words).hex}"
