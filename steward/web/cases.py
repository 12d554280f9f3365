"""A case as the faces show it: state, people, clocks, what I may do now, what happened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from steward.assurance.models import Callback
from steward.cases import engine
from steward.cases.deadlines import of_case
from steward.cases.declare import Action, Process
from steward.cases.models import Case, Deadline, Entry
from steward.casework import queries
from steward.casework.clocks.nextword import UPDATE, NextWord, next_word, ready_words
from steward.casework.models import CaseFile
from steward.casework.words import BASE_TITLES
from steward.kernel.actor import Actor
from steward.kernel.clocks import Line
from steward.registers.workforce.people import name_of


@dataclass(frozen=True)
class CaseView:
    """Everything a page or the API says about a case, read in a constant number of queries."""

    case: Case
    detail: Any
    process: Process
    deadlines: list[Deadline]
    actions: list[Action]
    entries: list[Entry]
    files: Sequence[CaseFile]

    @property
    def state_title(self) -> str:
        return str(self.process.state_title(self.case.state))

    @property
    def accountable(self) -> str:
        return name_of(self.case.accountable_id)

    @property
    def handler(self) -> str:
        return name_of(self.case.handler_id)

    def clocks(self) -> list[dict[str, Any]]:
        return [queries.summary(row, self.process) for row in self.deadlines]

    def explain(self, key: str, *, as_of: datetime) -> list[Line]:
        """The computation of one clock, line by line."""
        row = next((r for r in reversed(self.deadlines) if r.key == key), None)
        return row.explanation(as_of=as_of) if row is not None else []

    def next_word(self) -> NextWord | None:
        """What the customer may expect: what, from whom, by when."""
        return next_word(self.case, self.process, self.deadlines, self.entries)

    def ready_words(self, at: datetime) -> list[tuple[str, datetime]]:
        """Sentences for one tap, where this colleague may speak."""
        may = any(action.name == UPDATE for action in self.actions)
        return ready_words(self.case, at) if may else []

    def title_of(self, entry: Entry) -> str:
        return title_of(self.process, entry)


def title_of(process: Process, entry: Entry) -> str:
    action = process.action(entry.action)
    return str(action.title if action else BASE_TITLES.get(entry.action, entry.action))


def view_case(actor: Actor, project_id: int, number: str, *, whole: bool = True) -> CaseView:
    """Raises NotFoundError out of scope. Four queries; two without timeline and files."""
    case, detail, process = engine.load(project_id, number, actor)
    rows = of_case(case)
    return CaseView(
        case=case,
        detail=detail,
        process=process,
        deadlines=rows,
        actions=allowed(process, case, actor),
        entries=queries.timeline(actor, case) if whole else [],
        files=queries.files(actor, case) if whole else [],
    )


def allowed(process: Process, case: Case, actor: Actor) -> list[Action]:
    """What this actor may do now, by role and state; the primary one first."""
    found = [a for a in process.actions if engine.may(a, case, actor)]
    if case.closed_at is not None:  # the call after rain has its own page: on a closed case it is rarely open
        found = [a for a in found if a.name != "callback"]
    return sorted(found, key=lambda a: not a.primary)


def open_callbacks(actor: Actor, project_ids: frozenset[int], *, limit: int = 100) -> list[Callback]:
    """Calls to make, the earliest due first; with their cases, in one query."""
    rows = Callback.objects.visible_to(actor).filter(ended_at__isnull=True, project_id__in=project_ids)
    return list(rows.select_related("case", "case__customer").order_by("due_at")[:limit])
