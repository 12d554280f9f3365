"""The audit log: for managers, scoped, paged, and taking it out is on record."""

import re
import uuid
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

import steward
from steward.console.audit import words
from steward.kernel import audit
from steward.kernel.models import AuditEvent, CompanyEvent
from steward.registers.party.verbs import perform
from tests.console.conftest import SignIn
from tests.world import World


def look(world: World, n: int = 0, *, who: str = "desk", project: str = "YX") -> None:
    audit.record(
        project_id=world.company.nodes[project].pk,
        actor=world.actor(who),
        at=world.pass_time(minutes=1),
        what="customer.reveal",
        subject_kind="party.customer",
        subject_id=n,
        label=f"第{n}户",
        personal={"whose": "陈*"},
        reason="业主来电",
        kind="view",
    )


def test_managers_read_who_looked_at_what(world: World, sign_in: SignIn) -> None:
    look(world, 7)
    page = sign_in("manager").page("/audit/")
    for said in ("周敏", "查看客户个人信息", "第7户", "陈*", "业主来电"):
        assert said in page


@pytest.mark.parametrize("who", ["desk", "cashier", "butler", "tech"])
def test_for_others_there_is_no_such_page(world: World, sign_in: SignIn, who: str) -> None:
    look(world)
    for path in ("/audit/", "/audit/export/"):
        assert sign_in(who).get(path).status_code == 404
    assert AuditEvent.objects.unscoped().filter(what="customer.reveal").count() == 1


def test_another_project_s_log_is_not_shown(world: World, sign_in: SignIn) -> None:
    look(world, 7, who="outsider", project="JZ")
    assert "第7户" not in sign_in("manager").page("/audit/")
    assert "第7户" in sign_in("hq").page("/audit/")


def test_the_company_s_log_is_the_head_office_s(world: World, sign_in: SignIn) -> None:
    audit.record(
        project_id=None, actor=world.actor("hq"), at=world.now, what="policy.set", subject_kind="x", label="夜间"
    )
    assert "夜间" in sign_in("hq").page("/audit/?of=company")
    assert sign_in("manager").get("/audit/?of=company").status_code == 404


def test_it_is_narrowed_and_paged(world: World, sign_in: SignIn) -> None:
    look(world, 0)
    manager = sign_in("manager")
    manager.page("/audit/")
    with CaptureQueriesContext(connection) as few:
        manager.page("/audit/?kind=view")
    for n in range(1, 120):
        look(world, n)
    first = manager.page("/audit/")
    assert first.count("<tr>") == 51
    with CaptureQueriesContext(connection) as many:
        manager.page("/audit/?kind=view")
    assert len(many) == len(few) <= 10
    older = first.split('href="?cursor=')[1].split('"')[0]
    second = manager.page(f"/audit/?cursor={older}")
    assert ("第119户" in first, "第69户" in first, "第69户" in second, "第70户" in second) == (True, False, True, False)
    assert manager.get("/audit/?cursor=x").status_code == 422


def test_what_is_taken_out_is_on_record(world: World, sign_in: SignIn) -> None:
    look(world, 3)
    audit.record(
        project_id=world.project_id,
        actor=world.actor("desk"),
        at=world.now,
        what="x.y",
        subject_kind="x",
        label="=cmd()",
    )
    answer = sign_in("manager").get("/audit/export/?who=周敏")
    text = answer.content.decode("utf-8-sig")
    assert "第3户" in text
    assert "'=cmd()" in text
    row = AuditEvent.objects.unscoped().get(what="audit.export")
    assert (row.kind, row.actor_name, row.after["rows"]) == ("export", "赵伟", 2)
    assert not CompanyEvent.objects.filter(what="audit.export").exists()


def test_a_change_of_a_file_reads_as_words(world: World, sign_in: SignIn) -> None:
    customer = world.company.customers["owner"]
    perform(
        project_id=world.project_id,
        customer_id=customer.pk,
        verb="add_contact",
        raw={"name": "周晓光", "relation": "儿子", "phone": "13900010418"},
        actor=world.actor("desk"),
        at=world.now,
        client_uuid=uuid.uuid4(),
    )
    page = sign_in("manager").page("/audit/")
    row = page[page.index("<tbody>") :]
    assert "王淑芬" in row
    assert '["' not in row
    assert "儿子" in row


def test_every_deed_has_words() -> None:
    """A code that nobody put into words would stand on the page as it is."""
    written = {
        code
        for path in Path(steward.__file__).parent.rglob("*.py")
        for code in re.findall(r'what="([a-z]+\.[a-z_]+)"', path.read_text())
    }
    with translation.override("en"):
        assert {code for code in written if words.deed(code) == code} == set()
