"""What is looked up for one case or one recipient does not grow with the table. SQLite: PostgreSQL counts by itself."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from steward.cases.models import Deadline
from steward.kernel import outbox
from steward.kernel.models import Outbox
from steward.worker.jobs import know_the_tables
from tests.world import World

pytestmark = pytest.mark.skipif("connection.vendor != 'sqlite'", reason="the planner of SQLite")


def plan(sql: str, params: Any) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
        return "; ".join(row[3] for row in cursor.fetchall())


def test_the_clocks_of_a_case_are_found_by_the_case(world: World) -> None:
    for _n in range(3):
        world.open("desk", urgency="P1")
    know_the_tables(world.now)
    rows = Deadline.objects.in_project(world.project_id).filter(case_id=1)
    assert "case_id=?" in plan(*rows.query.sql_with_params())


def test_messages_to_one_recipient_are_found_by_the_recipient(world: World) -> None:
    world.open("desk", unit="3-2-1201", urgency="P2")
    row = Outbox.objects.in_project(world.project_id).filter(recipient__startswith="customer:").first()
    assert row is not None
    Outbox.objects.in_project(world.project_id).filter(pk=row.pk).update(channel="sms", payload={"joins": True})
    row.refresh_from_db()
    asked: list[tuple[str, Any]] = []

    def listen(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001
        asked.append((sql, params))
        return execute(sql, params, many, context)

    row.attempts = 1
    with connection.execute_wrapper(listen):
        outbox.fold(row, until=world.now + timedelta(hours=1), joined=lambda _rows: ("", ""), at=world.now)
    plans = [plan(sql, params) for sql, params in asked if sql.startswith("SELECT")]
    assert plans
    assert all("recipient=?" in p for p in plans), plans
