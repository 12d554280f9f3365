"""Take an import back: only as long as nothing newer hangs on its rows, and then all of it."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.apps import apps
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from steward.kernel import bulk
from steward.kernel.models import ProjectRow
from steward.registers.cutover.journal import kept, plain
from steward.registers.cutover.models import ImportRun
from steward.registers.estate.models import Unit
from steward.registers.org.models import User
from steward.registers.party.models import Person, SearchKey

CHUNK: Final = 2000
NAMED: Final = 20
#: Derived from the rows themselves, or kept for them by somebody else: no facts of their own.
DERIVED: Final[dict[type[models.Model], frozenset[str]]] = {Unit: frozenset({"butler_staff_id"})}
#: What newer facts are called.
WORDS: Final = {
    "cases.Case": gettext_lazy("a case"),
    "party.Occupancy": gettext_lazy("an occupant"),
    "party.Contact": gettext_lazy("a contact"),
    "estate.Unit": gettext_lazy("a unit"),
    "estate.UnitStatusChange": gettext_lazy("a change of status"),
    "billing.Charge": gettext_lazy("a charge"),
    "workforce.Area": gettext_lazy("an area of responsibility"),
}


class Undo:
    """``faults`` are sentences: what stands in the way. Call :meth:`run` in a write transaction."""

    def __init__(self, run: ImportRun) -> None:
        self.of = run
        self.faults: list[str] = []
        self.made: dict[type[models.Model], list[tuple[Sequence[str], list[list[Any]]]]] = defaultdict(list)
        self.ids: dict[type[models.Model], set[int]] = defaultdict(set)
        for table, content in kept(run, made=True):
            model = apps.get_model(table)
            self.made[model].append((content["columns"], content["rows"]))
            self.ids[model].update(row[0] for row in content["rows"])
        self.changed = [(apps.get_model(table), content["rows"]) for table, content in kept(run, made=False)]

    def check(self) -> None:
        for model, rows in self.changed:
            self._still_changed(model, rows)
        for model, blocks in self.made.items():
            for columns, rows in blocks:
                self._still_made(model, columns, rows)
            self._hanging(model)
        self._signed_in()

    def run(self) -> None:
        """First what hangs on others, in the order it was written last."""
        for model, rows in self.changed:
            for columns, back in _by_columns(model, rows).items():
                bulk.update(model, columns, back, project_id=self.of.project_id)
        for model, blocks in self.made.items():
            for _columns, rows in blocks:
                for part in _chunks([row[0] for row in rows]):
                    self._forget(model, part)

    # --- what stands in the way --------------------------------------------------------------------
    def _fault(self, sentence: str) -> None:
        if len(self.faults) < NAMED:
            self.faults.append(sentence)

    def _still_changed(self, model: type[models.Model], rows: list[list[Any]]) -> None:
        names = sorted({name for row in rows for name in row[2]})
        now = self._now(model, names, [row[0] for row in rows])
        for pk, _before, after in rows:
            if pk not in now or any(now[pk][name] != value for name, value in after.items()):
                self._fault(_("%(row)s was changed since.") % {"row": self._name(model, pk)})

    def _still_made(self, model: type[models.Model], columns: Sequence[str], rows: list[list[Any]]) -> None:
        """As written, and everything the import did not name still as it began."""
        fields = {f.attname: f for f in model._meta.concrete_fields}  # noqa: SLF001
        skip = DERIVED.get(model, frozenset()) | {"id", "project_id"}
        begun = {n: plain(f.get_default()) for n, f in fields.items() if n not in skip and n not in columns}
        now = self._now(model, [*columns, *begun], [row[0] for row in rows])
        for pk, *values in rows:
            want = begun | dict(zip(columns, values, strict=True))
            if pk not in now:
                self._fault(_("%(row)s is gone.") % {"row": self._name(model, pk)})
            elif now[pk] != want:
                self._fault(_("%(row)s was changed since.") % {"row": self._name(model, pk)})

    def _hanging(self, model: type[models.Model]) -> None:
        """Rows of any table that point at ours and are not ours themselves."""
        for field in pointing_at(model):
            other: type[models.Model] = field.model
            name = field.attname
            for part in _chunks(sorted(self.ids[model])):
                rows = self._rows(other).filter(**{f"{name}__in": part}).values_list("pk", name)
                for pk, target in rows:
                    if pk not in self.ids[other]:
                        what = WORDS.get(other._meta.label, other._meta.label)  # noqa: SLF001
                        self._fault(_("%(row)s has %(what)s.") % {"row": self._name(model, target), "what": what})

    def _signed_in(self) -> None:
        for part in _chunks(sorted(self.ids[Person])):
            for name in User.objects.filter(person_id__in=part).values_list("name", flat=True):
                self._fault(_("%(row)s has a sign-in.") % {"row": name})

    # --- rows --------------------------------------------------------------------------------------
    def _rows(self, model: type[models.Model]) -> Any:
        if issubclass(model, ProjectRow):
            return model.objects.in_project(self.of.project_id)
        return model._default_manager.all()  # noqa: SLF001

    def _now(self, model: type[models.Model], names: Sequence[str], ids: list[int]) -> dict[int, dict[str, Any]]:
        found = {}
        for part in _chunks(ids):
            for pk, *values in self._rows(model).filter(pk__in=part).values_list("pk", *names):
                found[pk] = dict(zip(names, map(plain, values), strict=True))
        return found

    def _name(self, model: type[models.Model], pk: int) -> str:
        row = self._rows(model).filter(pk=pk).first()
        return str(row) if row is not None else f"{model._meta.label} {pk}"  # noqa: SLF001

    def _forget(self, model: type[models.Model], ids: list[int]) -> None:
        for field in pointing_at(model, derived=True):
            rows = self._rows(field.model).filter(**{f"{field.attname}__in": ids})
            rows._raw_delete(rows.db)  # noqa: SLF001  plain rows with nothing hanging on them
        rows = self._rows(model).filter(pk__in=ids)
        rows._raw_delete(rows.db)  # noqa: SLF001  what hangs on them was looked at; constraints hold


def pointing_at(model: type[models.Model], *, derived: bool = False) -> Iterator[Any]:
    """Foreign keys to a table, those without a name on the other side too."""
    for relation in model._meta.get_fields(include_hidden=True):  # noqa: SLF001
        if relation.auto_created and not relation.concrete and (relation.one_to_many or relation.one_to_one):
            field = relation.field  # type: ignore[union-attr]
            if (field.model is SearchKey) is derived:
                yield field


def _by_columns(model: type[models.Model], rows: list[list[Any]]) -> dict[tuple[str, ...], list[dict[str, Any]]]:
    fields = {f.attname: f for f in model._meta.concrete_fields}  # noqa: SLF001
    found: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for pk, before, _after in rows:
        back = {name: fields[name].to_python(value) for name, value in before.items()}
        found.setdefault(tuple(sorted(back)), []).append({"id": pk, **back})
    return found


def _chunks(ids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]
