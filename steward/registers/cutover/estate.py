"""What a project has already, as far as an import compares with it, and rooms in any wording."""

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from steward.kernel.marks import listed
from steward.registers.cutover.cells import CellError
from steward.registers.estate.aliases import doors, normal
from steward.registers.estate.models import Building, Unit
from steward.registers.party.models import SearchKey
from steward.registers.party.search import By

BUILDING_FIELDS: Final = ("name", "nicknames", "completed_on")
UNIT_FIELDS: Final = ("floor", "kind", "status", "area", "inside_area", "handed_over_on", "nicknames")


class Estate:
    """Buildings and units by the names people give them: those of the database, and those of the file."""

    def __init__(self, project_id: int) -> None:
        self.project_id = project_id
        rows = Building.objects.in_project(project_id).values_list("pk", "code", *BUILDING_FIELDS)
        self.buildings: dict[str, tuple[Any, ...]] = {code: (pk, *rest) for pk, code, *rest in rows}
        self._named: dict[str, set[str]] = defaultdict(set)
        for code, (_pk, name, nicknames, _done) in self.buildings.items():
            self.name_building(code, name, nicknames)
        self.units: dict[str, tuple[Any, ...]] = {}
        self._places: list[tuple[str, str, str]] = []

    def load_units(self, *fields: str) -> None:
        """Label → (id, fields…), and which labels a building's room may mean."""
        found = Unit.objects.in_project(self.project_id)
        rows = found.values_list("label", "pk", "building__code", "room", *fields)
        for label, pk, code, room, *rest in rows.iterator(chunk_size=5000):
            self.units[label] = (pk, *rest)
            self._places.append((code, room, label))

    def name_building(self, code: str, name: str, nicknames: str) -> None:
        for spoken in (code, name, *nicknames.split()):
            if spoken:
                self._named[normal(spoken)].add(code)

    def add_unit(self, label: str, code: str, room: str) -> None:
        """A unit that the file brings: customers of the same file may live in it."""
        self.units[label] = (None,)
        self._places.append((code, room, label))

    @cached_property
    def _rooms(self) -> dict[tuple[str, str], list[str]]:
        """Made when somebody writes a room otherwise than its label: it costs a second in a hundred thousand."""
        found: dict[tuple[str, str], list[str]] = defaultdict(list)
        for code, room, label in self._places:
            for door in doors(room.casefold()):
                found[code, door].append(label)
        return found

    def building(self, said: str) -> str:
        """The code of a building. Raises CellError."""
        found = self._named.get(normal(said), set())
        if len(found) == 1:
            return next(iter(found))
        if not found:
            raise CellError(_("There is no building %(name)s; add it to the list of buildings.") % {"name": said})
        raise CellError(_("Several buildings are called %(name)s.") % {"name": said})

    def unit(self, said: str) -> str:
        """The label of a unit. Raises CellError where it is none or several."""
        if said in self.units:
            return said
        found = {label for label in self._candidates(normal(said)) if label in self.units} or self._searched(said)
        if len(found) == 1:
            return next(iter(found))
        if not found:
            raise CellError(_("There is no unit %(name)s; add it to the list of units.") % {"name": said})
        labels = listed(sorted(found)[:3])
        raise CellError(_("Several units answer to %(name)s: %(labels)s.") % {"name": said, "labels": labels})

    def _candidates(self, form: str) -> Iterable[str]:
        block, *rest = form.split("-")
        for code in self._named.get(block, ()):
            labels = self._rooms.get((code, rest[-1]), ()) if rest else ()
            # Without the entrance every stair of the building is meant; with it, this one.
            yield from (label for label in labels if len(rest) == 1 or normal(label).split("-")[1:-1] == rest[:-1])

    def _searched(self, said: str) -> set[str]:
        """Nicknames, 521203 in one run of digits: what the call screen would find."""
        keys = SearchKey.objects.in_project(self.project_id).filter(kind=By.ROOM, key=normal(said).encode())
        return set(keys.values_list("unit__label", flat=True)[:4])
