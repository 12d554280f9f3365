"""The whole demo history, loaded once: months of every kind of case, believable in its figures."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from steward.assurance.models import Callback, CallbackState, DutyEntry, Incident, Purpose, ShiftHandover
from steward.cases.declare import REGISTRY
from steward.cases.models import Case, Deadline, Entry
from steward.casework.models import Handover, HandoverState, SubTask, SubTaskState
from steward.demo import company
from steward.kernel import reference
from steward.kernel.models import Outbox
from steward.processes.complaint.models import Complaint, Member, Ticket
from steward.registers.cutover.models import ImportRun
from steward.registers.estate.models import RainDay
from steward.registers.knowledge.models import Article
from steward.registers.workforce.models import Area, Commendation, Contractor
from steward.registers.workforce.oncall_models import OnCall

MORNING = datetime(2026, 11, 21, 2, 24, tzinfo=UTC)


@pytest.fixture
def loaded(db: None, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    reference.forget()
    company.load(at=MORNING)


def test_months_of_every_kind(loaded: None) -> None:
    cases = Case.objects.unscoped()
    assert 600 <= cases.count() <= 900
    assert min(cases.values_list("received_at", flat=True)) < MORNING - timedelta(days=92)
    for kind, process in REGISTRY.items():
        states = set(cases.filter(kind=kind).values_list("state", flat=True))
        assert states >= set(process.terminal) - {"cancelled"}, kind
        assert cases.filter(kind=kind, closed_at__isnull=True).exists(), kind
    _hours_and_days()
    _late_reopened_angry()
    _between_colleagues()
    _beside_the_cases()
    _told_in_order()


def _hours_and_days() -> None:
    """Busy mornings and evenings, quiet nights, and no title that comes too often."""
    received = Case.objects.unscoped().values_list("received_at", "title")
    hours = Counter((at.hour + 8) % 24 for at, _title in received)
    assert min(hours[h] for h in (8, 9, 18, 19)) > 2 * max(hours[h] for h in (1, 2, 3, 4))
    commonest = Counter(title for _at, title in received).most_common(1)[0][1]
    assert commonest < len(received) / 30


def _late_reopened_angry() -> None:
    ended = Deadline.objects.unscoped().filter(ended_at__isnull=False).exclude(outcome="void")
    late = ended.filter(outcome="late").count() / ended.count()
    assert 0.01 < late < 0.12
    assert Entry.objects.unscoped().filter(action="escalate").count() > 50
    cases = Case.objects.unscoped()
    assert cases.filter(round__gte=2).count() > 10
    assert cases.filter(origin__isnull=False).exists()
    household = cases.filter(unit_label="9-2-1502", kind="complaint")
    assert household.count() >= 3
    assert household.filter(external_source="12345").exists()
    assert Member.objects.unscoped().values("case").distinct().count() == 2
    assert set(Complaint.objects.unscoped().values_list("severity", flat=True)) >= {"minor", "important", "collective"}
    assert Ticket.objects.unscoped().filter(settled_at__isnull=True).exists()
    assert Commendation.objects.unscoped().filter(staff__isnull=False).exists()


def _between_colleagues() -> None:
    handed = set(Handover.objects.unscoped().values_list("state", flat=True))
    assert handed >= {HandoverState.ACCEPTED, HandoverState.OFFERED}
    asked = set(SubTask.objects.unscoped().values_list("state", flat=True))
    assert asked >= {SubTaskState.ASKED, SubTaskState.ACCEPTED, SubTaskState.CONFIRMED}
    assert Incident.objects.unscoped().count() >= 6
    rain = Callback.objects.unscoped().filter(purpose=Purpose.AFTER_RAIN)
    assert rain.filter(state=CallbackState.SATISFIED).exists()
    assert rain.filter(waits_for_rain=True).exists()


def _beside_the_cases() -> None:
    assert ShiftHandover.objects.unscoped().count() > 190
    assert DutyEntry.objects.unscoped().count() > 200
    assert RainDay.objects.unscoped().count() > 250
    assert Article.objects.filter(is_active=True, review_on__lt=MORNING.date()).exists()
    for table in (Area, Contractor, OnCall, ImportRun):
        assert table.objects.unscoped().exists(), table


def _told_in_order() -> None:
    assert not Entry.objects.unscoped().filter(recorded_at__gt=MORNING).exists()
    assert not Outbox.objects.unscoped().filter(done_at__isnull=True).exists()
    assert not Deadline.objects.unscoped().filter(ended_at__isnull=True, next_at__lte=MORNING).exists()
