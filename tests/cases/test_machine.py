"""Every registered process, walked at random by the whole cast: the invariants hold after every step."""

import os
import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any, Final

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from steward.cases import engine
from steward.cases.declare import REGISTRY, Action, Process
from steward.cases.models import Case, Deadline
from steward.casework.clocks import sweep
from steward.casework.customer.links import actor_of, find_link
from steward.casework.intake import opening
from steward.kernel.actor import SYSTEM, Actor
from steward.kernel.errors import RefusalError
from steward.kernel.models import Outbox
from steward.kernel.policies import set_policy
from steward.kernel.prepared import columns
from steward.processes.repair.policies import LIMIT
from tests.cases import invariants
from tests.cases.plausible import Situation, fill
from tests.world import NOW, World

CAST: Final = (
    "desk",
    "tech",
    "tech2",
    "butler",
    "headbutler",
    "cashier",
    "manager",
    "region",
    "hq",
    "owner",
    "tenant",
    "outsider",
    "outsider_tech",
)
OPENERS: Final = ("desk", "desk", "butler", "manager", "owner", "tenant", "outsider")
HANDLERS: Final = ("tech", "tech", "tech2", "desk", "outsider_tech")
PASSES: Final = (0, 1, 9, 55, 600, 5000)
STEPS: Final = 50
#: More of them before a release: WALKS=500 make test ARGS=tests/cases/test_machine.py
WALKS: Final = int(os.environ.get("WALKS", "25"))


@dataclass
class Walk:
    """One case and what happens to it."""

    world: World
    process: Process
    dice: Random
    photos: dict[str, int]
    taken: Counter[str]
    number: str = ""
    log: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.world.now = NOW

    def case(self) -> Case:
        return Case.objects.in_project(self.world.project_id).select_related(*self._joins()).get(number=self.number)

    def _joins(self) -> list[str]:
        return [self.process.detail_name] if self.process.detail_name else []

    def open(self) -> bool:
        who = self.dice.choice(OPENERS)
        here = self._situation(who, self.world.actor(who), None)
        data = {
            **fill(self.process.open_form, here),
            "unit": "3-2-1201",
            "channel": "phone",
            "category": "",
            "title": "漏水",
        }
        if who == "tenant":
            data["unit"] = "2-1-0304"
        if not here.actor.is_staff and self.dice.random() < 0.8:
            data = {name: value for name, value in data.items() if name not in self.process.open_form.staff_only}
        for name in ("customer", "received_at", "received_by", "origin", "flat_rate", "photos"):
            data.pop(name, None)
        if "flat_rate" in self.process.open_form.model_fields:
            data["flat_rate"] = self.dice.choice(["", "CALL", "F-UNCLOG"])
        try:
            self.number = opening.open_case(
                project_id=self.world.project_id,
                kind=self.process.kind,
                actor=here.actor,
                at=self.world.now,
                client_uuid=uuid.uuid4(),
                data=data,
            ).case.number
        except RefusalError as refusal:
            self.taken[f"not opened: {refusal}"] += 1
            return False
        return True

    def go(self, steps: int) -> None:
        """Ends early when nothing happens any more: a case that is over for good."""
        for _ in range(steps):
            self.step()
            case = self.case()
            invariants.check(self.world, self.process, case)
            if case.closed_at is not None and self.dice.random() < 0.2:
                return

    def step(self) -> None:
        self.world.now += timedelta(minutes=self.dice.choice(PASSES))
        if self.dice.random() < 0.1:
            self._sweep()
            return
        case = self.case()
        who, actor, action = self._choose(case)
        here = self._situation(who, actor, case)
        before = (columns(case), columns(here.detail) if here.detail else None)
        data = fill(action.form, here)
        self.log.append(f"{self.world.now:%d %H:%M} {case.state}: {who} {action.name} {data}")
        try:
            engine.act(
                project_id=case.project_id,
                number=self.number,
                action=action.name,
                actor=actor,
                at=self.world.now,
                client_uuid=uuid.uuid4(),
                data=data,
            )
        except RefusalError as refusal:
            self.log[-1] += f" → {type(refusal).__name__} {refusal.rule}"
            if refusal.rule == "case.compare_and_swap":
                raise AssertionError("nobody else is here") from refusal
            self._is_unchanged(before)
            self.taken["refused"] += 1
        else:
            assert is_for(action, actor, case), f"{who} must not {action.name}"
            self.taken[action.name] += 1
            self.taken[f"→ {self.case().state}"] += 1

    def _choose(self, case: Case) -> tuple[str, Actor, Action]:
        """Mostly somebody who may, the main actions more often; sometimes anybody tries anything."""
        actors = {who: self.world.actor(who) for who in CAST} | self._link_holders(case)
        able: dict[str, list[str]] = {}
        for action in self.process.actions:
            who_may = [who for who, actor in actors.items() if engine.may(action, case, actor)]
            if who_may:
                able[action.name] = who_may
        if able and self.dice.random() < 0.85:
            names = list(able)
            (name,) = self.dice.choices(names, [weight(self.process.action(one)) for one in names])
            chosen, who = self.process.action(name), self.dice.choice(able[name])
        else:
            chosen, who = self.dice.choice(self.process.actions), self.dice.choice(sorted(actors))
        assert chosen is not None
        return who, actors[who], chosen

    def _link_holders(self, case: Case) -> dict[str, Actor]:
        """Who opens the latest link that was sent for this case."""
        sent = Outbox.objects.in_project(case.project_id).filter(payload__case=case.number, channel="inapp")
        paths = [row.payload.get("path", "") for row in sent.order_by("-pk")]
        token = next((path.removeprefix("/l/").rstrip("/") for path in paths if path), "")
        holder = actor_of(find_link(token), self.world.now) if token else None
        return {"link": holder} if holder is not None else {}

    def _situation(self, who: str, actor: Actor, case: Case | None) -> Situation:
        detail = getattr(case, self.process.detail_name, None) if case is not None and self._joins() else None
        staff = [self.world.company.staff[name].pk for name in HANDLERS]
        return Situation(
            self.dice, actor, self.world.now, case, detail, self.photos.get(who, self.photos["desk"]), staff
        )

    def _sweep(self) -> None:
        """A clock that stands or was stopped must not fire; every other one that is due does."""
        case = self.case()
        rows = Deadline.objects.in_project(case.project_id).filter(case=case)
        for row in rows.order_by("pk"):
            ready = row.ended_at is None and row.next_at is not None and row.next_at <= self.world.now
            assert sweep.fire(row.project_id, row.pk, self.world.now) == ready
            self.taken["swept"] += ready

    def _is_unchanged(self, before: tuple[Any, Any]) -> None:
        case = self.case()
        detail = getattr(case, self.process.detail_name) if self._joins() else None
        assert (columns(case), columns(detail) if detail else None) == before


def weight(action: Action | None) -> int:
    """The main road more often than the ways aside, the ends seldom, or no walk gets far."""
    if action is None or action.reaches() & {"cancelled"}:
        return 1
    if action.name == "quote":  # possible almost anywhere, and leads back
        return 10
    return 30 if action.primary else 5 if action.target is not None or action.name == "assess" else 2


def is_for(action: Action, actor: Actor, case: Case) -> bool:
    """Told again in other words than the engine's: a role here, a relation to this case, or its customer."""
    roles = {grant.role for grant in actor.grants if case.project_id in grant.projects}
    related = {"handler": case.handler_id, "accountable": case.accountable_id}
    mine = {name for name, staff_id in related.items() if staff_id is not None and staff_id == actor.staff_id}
    if actor.is_resident:
        mine.add("customer")
    return bool(roles & action.by.roles) or bool(mine & set(action.by.relations))


@pytest.mark.parametrize("kind", sorted(REGISTRY))
def test_a_random_walk_never_breaks_the_rules(world: World, kind: str) -> None:
    photos = {who: world.photo(who) for who in CAST if not who.startswith("outsider")}
    set_policy(LIMIT, value=invariants.LIMIT, node_id=None, actor=SYSTEM, effective_from=NOW - timedelta(1), at=NOW)
    taken: Counter[str] = Counter()

    @settings(
        max_examples=WALKS,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(seed=st.integers(0, 2**32))
    def walk(seed: int) -> None:
        with transaction.atomic():
            one = Walk(world, REGISTRY[kind], Random(seed), photos, taken)  # noqa: S311  a walk, not a secret
            try:
                if one.open():
                    one.go(STEPS)
            except Exception as error:
                error.add_note("\n".join([f"seed {seed}", *one.log]))
                raise
            finally:
                transaction.set_rollback(True)

    walk()
    print(dict(taken.most_common()))  # noqa: T201  pytest -rP shows how far the walks went
    # Walks that never get anywhere would prove nothing.
    states = set(REGISTRY[kind].states.values)
    unreached = states - {REGISTRY[kind].initial} - {name[2:] for name in taken if name.startswith("→ ")}
    assert len(unreached) <= len(states) // 4, unreached
