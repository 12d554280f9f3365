"""The evidence pack of a complaint: what stands in it, how fast it is made, that it is written down."""

from datetime import timedelta
from typing import Any

import pytest

from steward.kernel.audit.models import AuditEvent
from steward.kernel.errors import NotFoundError
from steward.papers import cases, render
from steward.papers.cases import Printed, print_case
from steward.papers.formats import Format
from tests.processes.test_complaint import INVESTIGATION, SOLUTION, assigned, solved
from tests.processes.test_complaint_groups import joined
from tests.processes.test_complaint_tickets import take
from tests.stopwatch import calm_seconds
from tests.world import World


def pack(world: World, number: str, who: str = "desk") -> Printed:
    return print_case(
        project_id=world.project_id,
        number=number,
        name="evidence",
        sheet=Format.A4,
        actor=world.actor(who),
        at=world.now,
    )


def test_everything_about_it_stands_in_one_paper(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def keep(template: str, context: dict[str, Any], sheet: Format) -> bytes:
        made.append(render.html(template, context, sheet, 100))
        return b"%PDF"

    monkeypatch.setattr(cases, "pdf", keep)
    number = solved(world)
    world.pass_time(hours=50)
    take(world, number, due=world.now + timedelta(days=1))
    world.act("desk", number, "reply", reply="已核实并整改到位")
    world.pass_time(hours=5)
    world.act("desk", number, "callback", outcome="no_answer", comment="响铃无人接")
    pack(world, number)
    wanted = [*(v for k, v in INVESTIGATION.items() if k != "validity"), *SOLUTION.values(), "HZ-1"]
    wanted += ["已核实并整改到位", "响铃无人接", "签字", "盖章"]
    assert [words for words in wanted if words not in made[0]] == []
    assert "为什么超时" not in made[0], "nothing was late"


def test_it_says_why_it_was_late(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def keep(template: str, context: dict[str, Any], sheet: Format) -> bytes:
        made.append(render.html(template, context, sheet, 100))
        return b"%PDF"

    monkeypatch.setattr(cases, "pdf", keep)
    number = assigned(world)
    member = joined(world, number, unit="2-1-0304")
    world.act("desk", number, "spokesperson", member=member.pk)
    world.pass_time(hours=27)
    world.act("headbutler", number, "investigate", **INVESTIGATION)
    world.act("headbutler", number, "answer", answer="经查属实，今天下午完成清扫")
    pack(world, number)
    assert "为什么超时" in made[0]
    assert "加入者</span> 刘洋" in made[0], "on paper too nobody is a number of the database"
    assert "“答复”时限 11-22 10:24，实际 13:24，晚了3小时。" in made[0]
    assert "全程1天3小时：调查核实1天3小时（林静）。" in made[0]


def test_sixty_lines_within_two_seconds_and_written_down(world: World) -> None:
    number = solved(world)
    for n in range(60):
        world.act("desk", number, "say", text=f"第{n}次记录：已电话沟通，业主要求书面说明")
    made = pack(world, number)
    assert made.content.startswith(b"%PDF-")
    assert calm_seconds(lambda: pack(world, number), rounds=2) < 2
    rows = AuditEvent.objects.unscoped().filter(what="case.print", subject_id=number)
    assert rows.count() == 3


def test_not_beyond_ones_project(world: World) -> None:
    with pytest.raises(NotFoundError):
        pack(world, solved(world), who="outsider")
