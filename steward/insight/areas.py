"""Areas of responsibility as a table: who looks after which homes, where nobody does, and what a change would move."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.db.models import Count

from steward.assurance.models import Callback
from steward.cases.models import Case
from steward.kernel.actor import Actor
from steward.registers.estate.models import Building, Unit
from steward.registers.estate.order import natural
from steward.registers.workforce.areas import SERVING, Move
from steward.registers.workforce.models import Area
from steward.registers.workforce.people import Colleague, colleagues

NOBODY: Final = 0


@dataclass(frozen=True)
class Stretch:
    """A building, an entrance or a floor: its homes by butler (``NOBODY``: none who works here)."""

    building: Building
    entrance: str = ""
    floor: str = ""
    area: Area | None = None
    butlers: Counter[int] = field(default_factory=Counter)

    @property
    def homes(self) -> int:
        return self.butlers.total()

    @property
    def unattended(self) -> int:
        return self.butlers[NOBODY]


@dataclass(frozen=True)
class Load:
    """What one butler looks after."""

    who: Colleague
    homes: int
    areas: int
    cases: int


@dataclass(frozen=True)
class Board:
    stretches: Sequence[Stretch]
    gaps: Sequence[Stretch]
    loads: Sequence[Load]

    @property
    def homes(self) -> int:
        return sum(s.homes for s in self.stretches if not s.entrance and not s.floor)


@dataclass(frozen=True, slots=True)
class Effect:
    """What goes to another butler; closed cases and calls made keep their names."""

    homes: int
    cases: int
    callbacks: int
    unattended: int


def butlers(project_id: int) -> list[Colleague]:
    """Whoever may look after homes there. No query."""
    return [c for c in colleagues().values() if c.is_active and any(c.has(role, project_id) for role in SERVING)]


def board(project_id: int, actor: Actor) -> Board:
    """Four statements, however many homes. A building is told by entrance only where its entrances differ."""
    serving = {c.id for c in butlers(project_id)}
    counted: dict[int, dict[tuple[str, str], Counter[int]]] = {}
    units = Unit.objects.visible_to(actor).filter(project_id=project_id).order_by()
    rows = units.values_list("building_id", "entrance", "floor", "butler_staff_id").annotate(n=Count("pk"))
    for building, entrance, floor, who, n in rows:
        found = counted.setdefault(building, {}).setdefault((entrance, floor), Counter())
        found[who if who in serving else NOBODY] += n
    areas: dict[int, dict[tuple[str, str], Area]] = {}
    for area in Area.objects.visible_to(actor).filter(project_id=project_id, until__isnull=True):
        areas.setdefault(area.building_id, {})[area.entrance, area.floor] = area
    buildings = sorted(Building.objects.visible_to(actor).filter(project_id=project_id), key=lambda b: natural(b.code))
    told = [_told(b, counted.get(b.pk, {}), areas.get(b.pk, {})) for b in buildings]
    stretches = [s for group in told for s in group if s.homes or s.area]
    return Board(stretches, _gaps(told), _loads(project_id, actor, serving, stretches))


def _told(
    building: Building, counted: dict[tuple[str, str], Counter[int]], areas: dict[tuple[str, str], Area]
) -> list[Stretch]:
    """The building, its entrances where they differ, and each floor that is an area by itself."""
    whole = Stretch(building, area=areas.get(("", "")), butlers=_sum(counted.values()))
    entrances = sorted({entrance for entrance, _floor in counted} - {""}, key=natural)
    parts = [
        Stretch(building, e, "", areas.get((e, "")), _sum(c for (entrance, _f), c in counted.items() if entrance == e))
        for e in entrances
    ]
    differ = len({tuple(sorted(p.butlers)) for p in parts}) > 1 or any(e for e, _floor in areas)
    found = [whole]
    for part in parts if differ else []:
        found += [part, *_floors(building, part.entrance, counted, areas)]
    return found + _floors(building, "", counted, areas)


def _floors(
    building: Building, entrance: str, counted: dict[tuple[str, str], Counter[int]], areas: dict[tuple[str, str], Area]
) -> list[Stretch]:
    own = sorted((f for e, f in areas if f and e == entrance), key=natural)
    return [
        Stretch(
            building,
            entrance,
            f,
            areas[entrance, f],
            _sum(c for (e, floor), c in counted.items() if floor == f and entrance in ("", e)),
        )
        for f in own
    ]


def _gaps(told: list[list[Stretch]]) -> list[Stretch]:
    """The widest stretches without anybody: the building, or those of its entrances that have homes without."""
    found = []
    for whole, *parts in told:
        entrances = [p for p in parts if p.entrance and not p.floor and p.unattended]
        if whole.unattended:
            found += entrances or [whole]
    return found


def _loads(project_id: int, actor: Actor, serving: set[int], stretches: Sequence[Stretch]) -> list[Load]:
    homes = _sum(s.butlers for s in stretches if not s.entrance and not s.floor)
    areas = Counter(s.area.acting_id for s in stretches if s.area)
    open_cases = Case.objects.visible_to(actor).filter(
        project_id=project_id, closed_at__isnull=True, is_imported=False, accountable_id__in=serving
    )
    cases = dict(open_cases.order_by().values_list("accountable_id").annotate(n=Count("pk")))
    loads = [Load(c, homes[c.id], areas[c.id], cases.get(c.id, 0)) for c in butlers(project_id)]
    return sorted(loads, key=lambda load: (-load.homes, load.who.id))


def effect_of(project_id: int, moves: Iterable[Move], actor: Actor) -> Effect:
    """Two statements. Cases and calls of whoever else they belong to stay where they are."""
    moved = list(moves)
    pairs = {(unit, old) for unit, old, new in moved if old is not None and new is not None}
    old = {who for _unit, who in pairs}
    cases = Case.objects.visible_to(actor).filter(
        project_id=project_id, closed_at__isnull=True, is_imported=False, accountable_id__in=old, unit_id__isnull=False
    )
    calls = Callback.objects.visible_to(actor).filter(project_id=project_id, ended_at__isnull=True, butler_id__in=old)
    return Effect(
        homes=len(moved),
        cases=sum(pair in pairs for pair in cases.values_list("unit_id", "accountable_id")),
        callbacks=sum(pair in pairs for pair in calls.values_list("case__unit_id", "butler_id")),
        unattended=sum(new is None for _unit, _old, new in moved),
    )


def _sum(counters: Iterable[Counter[int]]) -> Counter[int]:
    total: Counter[int] = Counter()
    for counter in counters:
        total.update(counter)
    return total
