"""Every process, the moment it is registered: sound, explained, somebody may and somebody may not."""

from dataclasses import replace

import pytest
from django.db import models

from steward.cases.declare import (
    HANDLER,
    REGISTRY,
    Action,
    Process,
    ProcessFaultError,
    Who,
    by,
    find_faults,
    register,
)
from steward.cases.models import Case
from steward.casework.intake.opening import OpenData
from steward.kernel.actor import SYSTEM, Actor, Role
from tests.world import World

PROCESSES = list(REGISTRY.values())
ACTIONS = [(p, a) for p in PROCESSES for a in p.actions]
CAST = ("desk", "tech", "butler", "headbutler", "cashier", "manager", "region", "hq", "owner", "tenant")


@pytest.mark.parametrize("process", PROCESSES, ids=lambda p: p.kind)
class TestProcess:
    def test_is_sound(self, process: Process) -> None:
        assert find_faults(process) == []

    def test_says_what_to_do_in_every_open_state(self, process: Process) -> None:
        open_states = set(process.states.values) - set(process.terminal)
        assert open_states <= {str(s) for s in process.todo} | {"cancelled"}

    def test_its_road_ends_where_it_closes(self, process: Process) -> None:
        assert process.road[0] == process.initial
        assert process.road[-1] in process.terminal

    def test_every_policy_names_its_source(self, process: Process) -> None:
        assert all(rule.policy.source for rule in process.deadlines)


@pytest.mark.parametrize(("process", "action"), ACTIONS, ids=lambda x: getattr(x, "kind", getattr(x, "name", "")))
def test_somebody_may_and_somebody_may_not(process: Process, action: Action, world: World) -> None:
    case = Case(
        project_id=world.project_id,
        handler_id=world.company.staff["tech"].pk,
        accountable_id=world.company.staff["desk"].pk,
    )
    allowed = {name: action.by.allows(world.actor(name), case) for name in CAST}
    allowed["system"] = action.by.allows(SYSTEM, case)
    assert any(allowed.values()), f"nobody may {action.name}"
    assert not all(allowed.values()), f"everybody may {action.name}"
    assert not action.by.allows(world.actor("outsider"), case), "another region's staff"


def test_a_wrong_definition_reports_all_its_faults() -> None:
    class State(models.TextChoices):
        START = "start"
        STUCK = "stuck"
        LOST = "lost"

    process = Process(
        kind="wrong",
        title="",
        prefix="W",
        states=State,
        initial="begin",
        terminal=frozenset({"gone"}),
        open_form=OpenData,
        opened_by=HANDLER,
        actions=(
            Action("go", "", frozenset({"start"}), "stuck", by(Role.DESK)),
            Action("go", "", frozenset({"begin"}), "nowhere", Who()),
        ),
    )
    with pytest.raises(ProcessFaultError) as caught:
        register(process)
    text = str(caught.value)
    for part in (
        "initial: unknown state begin",
        "terminal: unknown state gone",
        "declared twice",
        "unknown state nowhere",
        "nobody may",
    ):
        assert part in text
    assert "state lost cannot be reached" in text
    assert "state stuck is a dead end" in text
    assert "wrong" not in REGISTRY


def test_a_kind_is_registered_once() -> None:
    with pytest.raises(ProcessFaultError, match="registered twice"):
        register(replace(PROCESSES[0]))


def test_separation_of_duties() -> None:
    """Whoever repairs can never take money; whoever takes money does no work (seed 003)."""
    repair = REGISTRY["repair"]
    for name in ("pay", "put_on_bill"):
        action = repair.action(name)
        assert action is not None
        assert action.by == by(Role.CASHIER)
    field_work = [
        a for a in repair.actions if Role.CASHIER in a.by.roles and a.name not in {"pay", "put_on_bill", "say"}
    ]
    assert field_work == []


def test_actors_without_a_key_may_nothing(world: World) -> None:
    nobody = Actor(kind=world.actor("desk").kind, key="", name="")
    case = Case(project_id=world.project_id)
    assert not any(a.by.allows(nobody, case) for _p, a in ACTIONS)
