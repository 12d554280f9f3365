"""The audit log: for managers, scoped, paged, and taking it out is on record."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from steward.kernel import audit
from steward.kernel.models import AuditEvent, CompanyEvent
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
    for words in ("周敏", "查看客户个人信息", "第7户", "陈*", "业主来电"):
        assert words in page


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
    for n in range(120):
        look(world, n)
    manager = sign_in("manager")
    first = manager.page("/audit/")
    assert first.count("<tr>") == 51
    with CaptureQueriesContext(
        connection,
    ) as few:
        manager.page("/audit/?who=没有这个人")
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
