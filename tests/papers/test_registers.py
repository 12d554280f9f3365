"""Registers: the rows of the list and no more, as they were typed, counted and written down."""

import io
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from python_calamine import CalamineWorkbook

from steward.casework.queries import CaseFilter
from steward.kernel.actor import SYSTEM, Role
from steward.kernel.audit.models import AuditEvent, CompanyEvent
from steward.kernel.errors import ConflictError, NotFoundError
from steward.papers import exports, registers
from steward.papers.exports import Order
from steward.papers.formats import Format
from steward.papers.registers import Wanted, register_for
from steward.registers.org.operations import grant_role
from tests.processes.test_repair_story import to_settling
from tests.world import World


def order(world: World, name: str = "cases", who: str = "desk", **more: Any) -> Order:
    actor = world.actor(who)
    wanted = Wanted(projects=more.pop("projects", actor.project_ids), cases=CaseFilter(**more))
    return Order(register=register_for(name, actor), actor=actor, wanted=wanted, told=[("State", "Open")], at=world.now)


def sheet(world: World, *args: Any, **more: Any) -> list[list[Any]]:
    content = taken(order(world, *args, **more))
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


def taken(asked: Order) -> bytes:
    with exports.excel(asked).content as file:
        return file.read()


def test_a_register_in_excel_has_the_rows_of_the_list(world: World) -> None:
    first = world.open("desk", reporter_phone="13912345678").case.number
    world.pass_time(hours=1)
    second = world.open("desk", title="电梯异响").case.number
    with timezone.override("Asia/Shanghai"), translation.override("zh-hans"):
        rows = sheet(world)
    assert rows[0][:3] == ["单号", "受理", "来源"]
    assert [r[0] for r in rows[1:]] == [first, second]
    assert str(rows[1][1]).startswith("2026-11-21 10:24")
    assert "139****5678" in rows[1]
    assert not any("13912345678" in str(cell) for row in rows for cell in row)


def test_what_looks_like_a_formula_stays_text_as_it_was_typed(world: World) -> None:
    evil = '=HYPERLINK("http://x","y")'
    world.open("desk", title=evil, reporter_name="+8613800000000")
    content = taken(order(world))
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert evil in rows[1]
    inside = zipfile.ZipFile(io.BytesIO(content))
    assert b"<f>" not in inside.read("xl/worksheets/sheet1.xml")
    assert b'quotePrefix="1"' in inside.read("xl/styles.xml")


def test_a_register_reaches_no_further_than_the_list(world: World) -> None:
    world.open("desk")
    assert len(sheet(world, who="outsider")) == 1
    assert len(sheet(world, who="desk")) == 2


def test_money_is_for_those_who_handle_money(world: World) -> None:
    number = to_settling(world)
    world.act("cashier", number, "pay", method="wechat", amount="286.00")
    with pytest.raises(NotFoundError):
        order(world, "takings", "desk")
    rows = sheet(world, "takings", "cashier")
    assert (rows[1][0], rows[1][2], rows[1][7]) == ("000001", number, 286.0)
    callbacks = sheet(world, "callbacks", "desk")
    assert callbacks[1][0] == number


def test_a_cashier_here_reads_no_takings_next_door(world: World) -> None:
    number = to_settling(world)
    world.act("cashier", number, "pay", method="wechat", amount="286.00")
    tower = world.company.nodes["RT"]
    grant_role(user=world.company.users["desk2"], role=Role.CASHIER, node=tower, actor=SYSTEM, at=world.now)
    assert {world.project_id, tower.pk} <= world.actor("desk2").project_ids
    assert len(sheet(world, "cases", "desk2")) == 2
    assert len(sheet(world, "takings", "desk2")) == 1, "nothing but the headings"


def test_every_export_is_counted_and_written_down(world: World) -> None:
    world.open("desk")
    taken(order(world))
    row = AuditEvent.objects.in_project(world.project_id).get(what="cases.export")
    assert (row.kind, row.actor_name) == ("export", world.actor("desk").name)
    assert (row.after["rows"], row.after["as"], row.after["filter"]) == (1, "xlsx", {"State": "Open"})
    exports.paper(order(world, who="hq"), Format.A4)
    assert CompanyEvent.objects.get(what="cases.export").after["as"] == "pdf"


def test_chunks_meet_without_gap_or_double(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Same instant, many rows: the keyset goes on by id."""
    numbers = [world.open("desk").case.number for _ in range(7)]
    monkeypatch.setattr(registers, "CHUNK", 3)
    asked = order(world)
    list(asked.rows())  # reference data is read once
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert [row["number"] for row in asked.rows()] == numbers
    assert len(queries) == 3


def test_a_register_on_paper_says_when_it_is_too_long(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.open("desk")
    assert exports.paper(order(world), Format.A4).content.read(5) == b"%PDF-"
    assert exports.paper(order(world, kind="complaint"), Format.THREE_PART).count == 0
    monkeypatch.setattr(exports, "MOST_PRINTED", 0)
    with pytest.raises(ConflictError):
        exports.paper(order(world), Format.A4)
    monkeypatch.setattr(exports, "MOST_ROWS", 0)
    with pytest.raises(ConflictError):
        exports.excel(order(world))


def test_a_span_of_days_is_half_open(world: World) -> None:
    number = to_settling(world)
    world.act("cashier", number, "pay", method="cash", amount="286.00", tendered="300.00")
    actor = world.actor("cashier")
    asked = register_for("takings", actor)
    for since, until, n in ((0, 1, 1), (-1, 0, 0), (1, 2, 0)):
        wanted = Wanted(
            projects=actor.project_ids,
            since=world.now + timedelta(hours=since),
            until=world.now + timedelta(hours=until),
        )
        assert len(list(asked.read(actor, wanted))) == n
