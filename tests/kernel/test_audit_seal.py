# ruff: noqa: S608, S311  the tests forge rows behind the product's back
"""The chain: whatever is done to a row behind the product's back is named; an erasure on record is not a fault."""

import contextlib
import random
import threading
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from django.db import close_old_connections, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from steward.cases.models import Entry
from steward.kernel import audit
from steward.kernel.audit import seal as sealer
from steward.kernel.audit.cli import audit as command
from steward.kernel.audit.models import AuditEvent, AuditPersonal, CompanyEvent, CompanySeal, Seal
from steward.kernel.audit.verify import Proof, head, verify
from tests.world import World, build_world

ENTRY, EVENT = Entry._meta.db_table, AuditEvent._meta.db_table


def sql(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def look(world: World, n: int = 0) -> None:
    audit.record(
        project_id=world.project_id,
        actor=world.actor("desk"),
        at=world.now,
        what="customer.reveal",
        subject_kind="party.customer",
        subject_id=n,
        personal={"phone": f"1380000{n:04}"},
        kind="view",
    )


def busy(world: World, cases: int = 3) -> None:
    """A few cases, looks at numbers and changes for the company, sealed in two links."""
    for n in range(cases):
        number = world.open("desk").case.number
        world.act("desk", number, "say", text=f"第 {n} 次来电") if n == 0 else None
        look(world, n)
        audit.record(
            project_id=None, actor=world.actor("desk"), at=world.now, what="staff.add", subject_kind="workforce.staff"
        )
        if n == 0:
            sealer.seal(at=world.now, anchor=True)
        world.pass_time(minutes=5)
    settle(world)


def settle(world: World) -> None:
    """Twice, so that PostgreSQL too is sure that nothing comes late."""
    sealer.seal(at=world.now)
    world.pass_time(minutes=15)
    sealer.seal(at=world.now, anchor=True)


def proof(world: World, **more: Any) -> Proof:
    return verify(project_ids=[world.project_id], **more)


def first_fault(world: World) -> str:
    faults = proof(world).faults
    return str(faults[0]) if faults else ""


def some(model: Any, which: int = 1) -> int:
    manager = model.objects if model is CompanyEvent else model.objects.unscoped()
    return int(manager.order_by("pk").values_list("pk", flat=True)[which])


@pytest.fixture
def sealed(world: World) -> World:
    busy(world)
    return world


def test_what_nobody_touched_is_true(sealed: World) -> None:
    found = proof(sealed)
    assert found.faults == []
    assert found.rows == Entry.objects.unscoped().count() + AuditEvent.objects.unscoped().count() + 3
    assert found.waiting == 0


@pytest.mark.parametrize(
    ("column", "value"), [("to_state", "closed"), ("seq", 99), ("actor_key", "user:1"), ("recorded_at", "2020-01-01")]
)
def test_a_changed_line_of_a_timeline_is_named(sealed: World, column: str, value: object) -> None:
    pk = some(Entry)
    sql(f"UPDATE {ENTRY} SET {column} = %s WHERE id = %s", value, pk)
    assert first_fault(sealed) == f"project {sealed.project_id}: cases.entry {pk}: was changed"


@pytest.mark.parametrize("column", ["note", "actor_name"])
def test_changed_words_are_named(sealed: World, column: str) -> None:
    pk = some(Entry)
    sql(f"UPDATE {ENTRY} SET {column} = %s WHERE id = %s", "改过", pk)
    assert f"cases.entry {pk}: its personal values were changed" in first_fault(sealed)


def test_a_changed_audit_row_is_named(sealed: World) -> None:
    pk = some(AuditEvent)
    sql(f"UPDATE {EVENT} SET reason = 'x' WHERE id = %s", pk)
    assert f"kernel.audit {pk}: was changed" in first_fault(sealed)


def test_a_changed_row_of_the_company_is_named(sealed: World) -> None:
    pk = some(CompanyEvent)
    sql(f"UPDATE {CompanyEvent._meta.db_table} SET what = 'x' WHERE id = %s", pk)
    assert f"company: kernel.company_audit {pk}: was changed" in first_fault(sealed)


def test_a_removed_row_is_named(sealed: World) -> None:
    pk = some(Entry)
    sql(f"DELETE FROM {ENTRY} WHERE id = %s", pk)
    assert f"cases.entry {pk}: was removed" in first_fault(sealed)


def test_personal_values_taken_away_by_hand_are_named(sealed: World) -> None:
    pk = some(AuditEvent)
    sql(f"DELETE FROM {AuditPersonal._meta.db_table} WHERE event_id = %s", pk)
    assert f"kernel.audit {pk}: its personal values were changed" in first_fault(sealed)


def test_two_rows_that_changed_places_are_named(sealed: World) -> None:
    one, two = some(AuditEvent, 0), some(AuditEvent, 1)
    for old, new in ((one, -1), (two, one), (-1, two)):
        sql(f"UPDATE {EVENT} SET subject_id = subject_id WHERE id = %s", old)
        swap(old, new)
    assert f"kernel.audit {one}: was changed" in first_fault(sealed)


def swap(old: int, new: int) -> None:
    """The personal row goes with its event, so that only the order is wrong."""
    side = AuditPersonal._meta.db_table
    with connection.constraint_checks_disabled() if connection.vendor == "sqlite" else transaction.atomic():
        sql("SET CONSTRAINTS ALL DEFERRED") if connection.vendor == "postgresql" else None
        sql(f"UPDATE {EVENT} SET id = %s WHERE id = %s", new, old)
        sql(f"UPDATE {side} SET event_id = %s WHERE event_id = %s", new, old)


def put_in(world: World, pk: int) -> None:
    """A copy of an audit row under an id of one's choice."""
    columns = [str(f.column) for f in AuditEvent._meta.concrete_fields if f.column != "id"]
    names = ", ".join(connection.ops.quote_name(c) for c in columns)
    sql(f"INSERT INTO {EVENT} (id, {names}) SELECT %s, {names} FROM {EVENT} WHERE id = %s", pk, some(AuditEvent, 0))


def test_a_row_put_in_afterwards_is_named(world: World) -> None:
    """Into a gap that a rolled-back transaction left."""
    busy(world)
    gap = AuditEvent.objects.unscoped().order_by("-pk").values_list("pk", flat=True)[0] + 1
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [EVENT])
        else:
            cursor.execute("UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = %s", [EVENT])
    look(world, 50)
    settle(world)
    assert first_fault(world) == ""
    put_in(world, gap)
    for _round in range(2):
        assert first_fault(world) == f"project {world.project_id}: kernel.audit {gap}: was put in afterwards"
        settle(world)  # the sealer does not take it in, however often it runs


def test_a_timeline_cut_short_is_missed_before_it_is_sealed(world: World) -> None:
    number = world.open("desk").case.number
    world.act("desk", number, "say", text="刚写的")
    last = Entry.objects.unscoped().order_by("-pk").values_list("pk", flat=True)[0]
    assert first_fault(world) == ""
    sql(f"DELETE FROM {ENTRY} WHERE id = %s", last)
    assert first_fault(world).endswith(f"case {number} counts 2 lines of its timeline, 1 are there")


def test_a_chain_cut_short_is_missed_by_the_company(sealed: World) -> None:
    last = Seal.objects.in_project(sealed.project_id).order_by("-number")[0]
    Seal.objects.in_project(sealed.project_id).filter(pk=last.pk).delete()
    assert f"link {last.number}, which the company's chain names, is gone" in first_fault(sealed)


def test_the_company_s_chain_cut_short_is_missed_by_the_head_kept_outside(sealed: World) -> None:
    kept = head()
    assert proof(sealed, head=kept).faults == []
    CompanySeal.objects.order_by("-number")[:1].get().delete()
    assert proof(sealed).faults == []
    assert "kept outside" in str(proof(sealed, head=kept).faults[0])


def test_a_link_that_is_written_anew_is_named(sealed: World) -> None:
    """A forger who also computes the link's digest anew breaks the next one."""
    first = Seal.objects.in_project(sealed.project_id).get(number=1)
    Seal.objects.in_project(sealed.project_id).filter(pk=first.pk).update(rows=1, leaves=first.leaves[:-73])
    assert "link 1 was changed" in first_fault(sealed)
    Seal.objects.in_project(sealed.project_id).filter(pk=first.pk).update(digest="0" * 64)
    assert any("link 2 does not follow" in str(fault) for fault in proof(sealed).faults)


class TestErasure:
    def test_words_rewritten_on_record_leave_the_chain_true(self, sealed: World) -> None:
        pk = some(Entry)
        erase(sealed, Entry, {pk: {"note": "", "data": {}, "actor_name": "（已删除）"}})
        found = proof(sealed)
        assert (found.faults, found.rewritten) == ([], 1)
        assert Entry.objects.unscoped().get(pk=pk).actor_name == "（已删除）"

    def test_personal_values_are_gone_and_cannot_be_guessed_back(self, sealed: World) -> None:
        pk = some(AuditEvent)
        link = Seal.objects.unscoped().get(number=2)
        erase(sealed, AuditEvent, {pk: None})
        assert not AuditPersonal.objects.unscoped().filter(event=pk).exists()
        assert Seal.objects.unscoped().get(number=2).salts != link.salts
        assert proof(sealed).faults == []

    def test_it_holds_before_and_after_the_seal(self, sealed: World) -> None:
        look(sealed, 77)
        pk = AuditEvent.objects.unscoped().order_by("-pk").values_list("pk", flat=True)[0]
        erase(sealed, AuditEvent, {pk: None})
        settle(sealed)
        assert proof(sealed).faults == []

    def test_it_covers_up_nothing(self, sealed: World) -> None:
        pk = some(Entry)
        sql(f"UPDATE {ENTRY} SET note = '甲' WHERE id = %s", pk)
        with pytest.raises(sealer.TamperedError):
            erase(sealed, Entry, {pk: {"note": ""}})

    def test_a_second_rewriting_counts(self, sealed: World) -> None:
        pk = some(Entry)
        for words in ("甲", "乙"):
            erase(sealed, Entry, {pk: {"note": words}})
        assert proof(sealed).faults == []
        sql(f"UPDATE {ENTRY} SET note = '甲' WHERE id = %s", pk)
        assert f"cases.entry {pk}: its personal values are not those" in first_fault(sealed)

    def test_what_is_not_personal_cannot_be_rewritten(self, sealed: World) -> None:
        with pytest.raises(ValueError, match="only actor_name, note, data"):
            erase(sealed, Entry, {some(Entry): {"to_state": "closed"}})


def erase(world: World, model: Any, values: dict[int, Any]) -> None:
    sealer.rewrite(
        model=model,
        project_id=world.project_id,
        values=values,
        actor=world.actor("manager"),
        at=world.now,
        reason="erasure asked for by the customer",
    )


def test_the_command_says_so_with_its_exit_code(sealed: World) -> None:
    run = CliRunner()
    kept = run.invoke(command, ["head"]).output.strip()
    good = run.invoke(command, ["verify", "--project", "YX", "--head", kept])
    assert (good.exit_code, "0 faults" in good.output) == (0, True)
    pk = some(Entry)
    sql(f"DELETE FROM {ENTRY} WHERE id = %s", pk)
    bad = run.invoke(command, ["verify"])
    assert (bad.exit_code, f"cases.entry {pk}: was removed" in bad.output) == (1, True)
    assert run.invoke(command, ["verify", "--project", "NONE"]).exit_code == 2


def test_rows_sealed_earlier_need_not_be_read_again(sealed: World) -> None:
    found = CliRunner().invoke(command, ["verify", "--since", "2030-01-01"])
    assert (found.exit_code, found.output.startswith("0 rows in 6 links")) == (0, True)


def test_a_backlog_is_sealed_in_several_runs(world: World) -> None:
    for n in range(7):
        look(world, n)
    assert [sealer.seal(at=world.now, limit=3) for _run in range(4)] == [3, 3, 1, 0]
    assert proof(world).faults == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one writer: nothing is committed late")
def test_a_row_committed_late_is_sealed_late_and_true() -> None:
    world = build_world()
    reserved, sealed = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            look(world, 1)
            reserved.set()
            sealed.wait(10)
        close_old_connections()
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    reserved.wait(10)
    look(world, 2)  # a later id, committed earlier
    world.pass_time(hours=1)
    for _again in range(3):
        sealer.seal(at=world.now, anchor=True)
        world.pass_time(minutes=20)
    assert Seal.objects.unscoped().count() == 1
    sealed.set()
    thread.join()
    assert proof(world).waiting == 1
    sealer.seal(at=world.now)
    found = proof(world)
    assert (found.faults, found.waiting, found.rows) == ([], 0, 2)


TAMPERINGS = ["change", "remove", "words", "seal", "salt", "erase", "nothing"]


@settings(max_examples=25)
@given(deeds=st.lists(st.sampled_from(TAMPERINGS), min_size=1, max_size=3), seed=st.integers(0, 2**32))
def test_any_tampering_is_noticed_and_no_erasure_is(sealed: World, deeds: list[str], seed: int) -> None:
    dice = random.Random(seed)
    with transaction.atomic():
        done = [tamper(sealed, deed, dice) for deed in deeds]
        assert bool(proof(sealed).faults) == any(done), (deeds, proof(sealed).faults)
        transaction.set_rollback(True)


def tamper(world: World, deed: str, dice: random.Random) -> bool:
    """Whether it must be noticed."""
    entries = list(Entry.objects.unscoped().order_by("pk").values_list("pk", flat=True))
    if not entries:
        return False
    pk = dice.choice(entries)
    if deed == "change":
        sql(f"UPDATE {ENTRY} SET to_state = 'x{dice.randrange(9999)}' WHERE id = %s", pk)
    elif deed == "remove":
        sql(f"DELETE FROM {ENTRY} WHERE id = %s", pk)
    elif deed == "words":
        sql(f"UPDATE {ENTRY} SET note = 'x{dice.randrange(9999)}' WHERE id = %s", pk)
    elif deed in ("seal", "salt"):
        column = "leaves" if deed == "seal" else "salts"
        link = dice.choice(list(Seal.objects.unscoped()))
        blob = bytearray(getattr(link, column))
        blob[dice.randrange(len(blob))] ^= 1 + dice.randrange(255)
        Seal.objects.unscoped().filter(pk=link.pk).update(**{column: bytes(blob)})
    elif deed == "erase":
        with contextlib.suppress(sealer.TamperedError), transaction.atomic():  # it covers up nothing
            erase(world, Entry, {pk: {"note": "", "data": {}}})
    return deed not in ("erase", "nothing")


def test_five_minutes_later_the_worker_has_sealed_it(world: World) -> None:
    from steward.worker.loop import run_until_idle  # noqa: PLC0415

    look(world)
    run_until_idle(world.now + timedelta(minutes=5))
    assert proof(world).rows == 1
