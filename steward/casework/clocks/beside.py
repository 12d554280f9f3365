"""Clocks beside a case's own: a hand-over offered, somebody rung, a part asked of others, a call after rain.

The timeline says which there are: each begins or is told with a line of its own, so that a case without them costs
nothing more.
"""

from collections.abc import Iterable
from typing import Final

from django.db.models import Q

from steward.cases.models import Case, Entry
from steward.casework.clocks.lateness import FIRED
from steward.casework.clocks.sweep import CASES, WATCHES
from steward.casework.models import SideClock
from steward.kernel.prepared import Prepared

_SPEAKING: Final = Prepared(
    lambda lines, project, case: Entry.objects.in_project(project).filter(lines, case_id=case).values_list("pk")[:1]
)


def spoken_of(entries: Iterable[Entry]) -> list[str]:
    """The tables of clocks that this timeline speaks of."""
    begun, fired = set(), set()
    for entry in entries:
        begun.add(entry.action)
        if entry.action in FIRED:
            fired.add(str(entry.data.get("deadline")))
    return [name for name, watch in WATCHES.items() if name != CASES and (watch.begins in begun or name in fired)]


def may_have(case: Case) -> bool:
    """Without the timeline: whether it may speak of one. One statement."""
    lines = {*FIRED, *(watch.begins for watch in WATCHES.values() if watch.begins)}
    return bool(_SPEAKING(Q(action__in=sorted(lines)), case.project_id, case.pk))


def rows(case: Case, entries: Iterable[Entry], *, besides: str = "") -> list[SideClock]:
    """All such clocks of a case that is visible already, each kind in the order they began; ``besides``: but these.

    One statement for each kind that the timeline speaks of.
    """
    found: list[SideClock] = []
    for name in spoken_of(entries):
        if name == besides:
            continue
        watch = WATCHES[name]
        read = watch.rows.objects.in_project(case.project_id).filter(case_id=case.pk).order_by("pk")
        for row in read.select_related(*watch.needs) if watch.needs else read:
            if watch.catches_up is not None:
                watch.catches_up(row, case)
            found.append(row)
    return found
