"""The demo company: loaded once, through the verbs, never in production. The whole history: ``test_months``."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from steward.assurance.models import Callback
from steward.cases.models import Case, Deadline, Entry
from steward.casework.models import Conflict
from steward.demo import company
from steward.demo.cast import CAST
from steward.demo.cli import demo
from steward.kernel import reference
from steward.kernel.models import Outbox
from steward.processes.repair.models import Quote, State
from steward.registers.billing.models import Charge, ChargeState, LedgerLine, Receipt
from steward.registers.estate.models import Unit
from steward.registers.org.actors import of_user
from steward.registers.org.models import Node, User

#: A Saturday morning and a Thursday before dawn: the company must stand at any hour.
MORNING = datetime(2026, 11, 21, 2, 24, tzinfo=UTC)
NIGHT = datetime(2027, 1, 6, 20, 5, tzinfo=UTC)


@pytest.fixture
def loaded(db: None, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    reference.forget()
    company.load(at=MORNING, days=40, cases=70)


def test_the_company(loaded: None) -> None:
    projects = {n.code: n.pk for n in Node.objects.filter(level="project")}
    assert Unit.objects.in_project(projects["JZ"]).count() == 1360
    kinds = set(Unit.objects.in_project(projects["RT"]).values_list("kind", flat=True))
    assert kinds == {"office", "hotel", "shop"}

    states = set(Case.objects.unscoped().filter(kind="repair").values_list("state", flat=True))
    assert states == set(State.values)
    cases = Case.objects.in_project(projects["YX"])
    story = cases.get(unit_label="3-2-1201", state="quoted")
    assert (story.title, story.customer_name) == ("主卧卫生间吊顶滴水", "王淑芬")
    assert str(Quote.objects.in_project(projects["YX"]).get(case=story).total) == "286.00"
    due = [c.next_due_at for c in cases.filter(closed_at__isnull=True, next_due_at__isnull=False)]
    late = [d for d in due if d is not None and d < MORNING]
    soon = [d for d in due if d is not None and 0 <= (d - MORNING).total_seconds() < 4 * 3600]
    assert len(late) >= 4
    assert len(soon) >= 5
    assert cases.filter(round=2).exists()
    assert Conflict.objects.in_project(projects["YX"]).get(resolved_at__isnull=True).action == "arrive"
    _settled_in_every_way()
    _told_in_order()
    _cast_reaches(projects)


def _settled_in_every_way() -> None:
    assert set(Charge.objects.unscoped().values_list("state", flat=True)) == set(ChargeState.values)
    assert sum(line.amount for line in LedgerLine.objects.unscoped()) == 0
    open_calls = Callback.objects.unscoped().filter(ended_at__isnull=True)
    assert open_calls.filter(due_at__lt=MORNING).exists()
    assert open_calls.filter(due_at__gte=MORNING).exists()
    assert Callback.objects.unscoped().filter(ended_at__isnull=False, attempts_made=2).exists()


def _told_in_order() -> None:
    """Nothing lies in the future, no message waits to be sent, serials rise with time."""
    assert not Entry.objects.unscoped().filter(recorded_at__gt=MORNING).exists()
    assert not Outbox.objects.unscoped().filter(done_at__isnull=True).exists()
    assert not Deadline.objects.unscoped().filter(ended_at__isnull=True, next_at__lte=MORNING).exists()
    receipts = Receipt.objects.unscoped().order_by("project", "serial").values_list("project_id", "issued_at")
    assert list(receipts) == sorted(receipts)


def _cast_reaches(projects: dict[str, int]) -> None:
    actors = {m.username: of_user(User.objects.get(username=m.username)) for m in CAST}
    assert {m.name for m in CAST} == {a.name for a in actors.values()}
    for name in ("desk", "tech", "butler", "headbutler", "cashier", "manager", "owner", "tenant"):
        assert actors[name].project_ids == {projects["YX"]}, name
    assert actors["hq"].project_ids == set(projects.values())
    assert actors["region"].project_ids == {projects["YX"], projects["RT"]}
    assert actors["outsider"].project_ids == {projects["JZ"]}
    assert not any(u.has_usable_password() for u in User.objects.all())


def test_loads_before_dawn(db: None, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    reference.forget()
    company.load(at=NIGHT, days=3, cases=0)
    assert Case.objects.unscoped().filter(unit_label="3-2-1201", state="quoted").exists()


def test_is_loaded_once_and_never_in_production(db: None, settings: Any) -> None:
    settings.PRODUCTION = True
    refused = CliRunner().invoke(demo, ["load", "--if-empty"])
    assert refused.exit_code == 1
    assert "production" in refused.output
    assert not Node.objects.exists()

    settings.PRODUCTION = False
    Node.objects.create(path="/1/", level="head_office", code="HQ", name="已有公司")
    again = CliRunner().invoke(demo, ["load", "--if-empty"])
    assert (again.exit_code, again.output) == (0, "")
    assert CliRunner().invoke(demo, ["load"]).exit_code == 1
    assert Node.objects.count() == 1


def test_lists_the_cast() -> None:
    lines = CliRunner().invoke(demo, ["cast"]).output.splitlines()
    assert [line.split()[0] for line in lines] == [
        "desk", "tech", "butler", "headbutler", "cashier", "manager", "region", "hq", "owner", "tenant", "outsider",
    ]  # fmt: skip
