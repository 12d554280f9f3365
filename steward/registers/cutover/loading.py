"""Write what a plan says: all of it in one transaction, a list at a time, with its way back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import models

from steward.kernel import bulk
from steward.registers.cutover.journal import Journal
from steward.registers.cutover.models import ImportRun
from steward.registers.cutover.plan import Change, Plan
from steward.registers.estate.models import Building, Unit, UnitStatusChange
from steward.registers.party.models import Contact, Customer, CustomerKind, Occupancy, Person

Row = dict[str, Any]
BUILDING: Final = ("code", "name", "nicknames", "completed_on")
UNIT: Final = (
    "building_id", "entrance", "floor", "room", "label", "kind", "status",
    "area", "inside_area", "handed_over_on", "nicknames",
)  # fmt: skip
CUSTOMER: Final = ("name", "kind", "phone", "email", "person_id")
PERSON: Final = ("name", "phone", "email")
TIE: Final = ("unit_id", "customer_id", "role", "since", "until")
CONTACT: Final = ("customer_id", "name", "relation", "phone", "may_consent")


class Loader:
    def __init__(self, plan: Plan, run: ImportRun, at: datetime) -> None:
        self.plan, self.run, self.at = plan, run, at
        self.journal = Journal(run)
        self.project = {"project_id": plan.project_id}

    def load(self) -> None:
        """Call inside a write transaction, with a plan made in it."""
        self._buildings()
        self._units()
        self._customers()
        self._ties()
        self._contacts()

    def _part(self, key: str) -> tuple[list[Row], list[Change]]:
        part = self.plan.parts.get(key)
        return (part.new, part.changed) if part else ([], [])

    def _make(
        self,
        model: type[models.Model],
        columns: Sequence[str],
        rows: list[Row],
        alike: Mapping[str, Any] | None = None,
    ) -> None:
        for pk, row in zip(bulk.reserve_ids(model, len(rows)), rows, strict=True):
            row["id"] = pk
        own = ("id", *columns)
        bulk.insert(model, self.project if alike is None else alike, [{c: row[c] for c in own} for row in rows])
        self.journal.made(model, columns, rows)

    def _change(self, model: type[models.Model], changes: list[Change]) -> None:
        by_columns: dict[tuple[str, ...], list[Row]] = {}
        for change in changes:
            by_columns.setdefault(tuple(sorted(change.after)), []).append({"id": change.pk, **change.after})
        for columns, rows in by_columns.items():
            bulk.update(model, columns, rows, project_id=self.plan.project_id)
        self.journal.changed(model, changes)

    def _buildings(self) -> None:
        new, changed = self._part("buildings")
        self._make(Building, BUILDING, new)
        self._change(Building, changed)

    def _units(self) -> None:
        new, changed = self._part("units")
        ids = dict(Building.objects.in_project(self.plan.project_id).values_list("code", "pk"))
        for row in new:
            row["building_id"] = ids[row["building"]]
        self._make(Unit, UNIT, new)
        self._change(Unit, changed)
        self._make(
            UnitStatusChange,
            ("unit_id", "before", "after", "on", "recorded_by", "recorded_by_name", "recorded_at", "client_uuid"),
            [self._became(c) for c in changed if "status" in c.after],
        )

    def _became(self, change: Change) -> Row:
        """A status that the list says differs from the one we had: known from today on."""
        return {
            "unit_id": change.pk,
            "before": change.before["status"],
            "after": change.after["status"],
            "on": self.plan.today,
            "recorded_by": self.run.given_by,
            "recorded_by_name": self.run.given_by_name,
            "recorded_at": self.at,
            "client_uuid": self.run.client_uuid,
        }

    def _customers(self) -> None:
        new, changed = self._part("customers")
        humans = [row for row in new if row["kind"] == CustomerKind.PERSON]
        people = [{name: row[name] for name in PERSON} for row in humans]
        for row in people:
            row["name"] = row["name"][:60]
        self._make(Person, PERSON, people, {})
        for row in new:
            row["person_id"] = None
        for row, person in zip(humans, people, strict=True):
            row["person_id"] = person["id"]
        self._make(Customer, CUSTOMER, new)
        self._change(Customer, changed)

    def _who(self, ref: int) -> int:
        """Below zero: the customer that the file brought, by its place."""
        found: int = ref if ref > 0 else self.plan.parts["customers"].new[-1 - ref]["id"]
        return found

    def _ties(self) -> None:
        ties = self.plan.occupancies
        ids = self._unit_ids() if ties.new else {}
        for row in ties.new:
            row["unit_id"], row["customer_id"] = ids[row["unit"]], self._who(row["customer"])
        self._make(Occupancy, TIE, ties.new)
        self._change(Occupancy, ties.changed)

    def _unit_ids(self) -> dict[str, int]:
        known = {label: row[0] for label, row in self.plan.estate.units.items() if row[0] is not None}
        return known | {row["label"]: row["id"] for row in self._part("units")[0]}

    def _contacts(self) -> None:
        new, changed = self._part("contacts")
        new = new + self.plan.numbers.new
        for row in new:
            row["customer_id"] = self._who(row["customer"])
        self._make(Contact, CONTACT, new)
        self._change(Contact, changed)
