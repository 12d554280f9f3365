"""Contractors in the console: the list and what runs out, a firm with what it owes, keeping them."""

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from steward.casework import subtasks
from steward.kernel.models import AuditEvent
from steward.registers.workforce.models import Contractor, ContractorStaff
from steward.registers.workforce.papers_models import ContractorPage
from tests.console.conftest import Browser, SignIn
from tests.workforce.test_papers import PDF, night
from tests.world import World, picture

LIST = "/settings/contractors/"
LIFT = {
    "name": "恒安电梯有限公司", "trade": "lift", "contract_from": "2025-01-01", "contract_until": "2026-12-11",
    "insured_until": "2027-02-01", "scope_of_work": "18 台客梯维保", "contact": "谢工", "phone": "0571-88001122",
}  # fmt: skip


def send(browser: Browser, path: str, **data: Any) -> Any:
    return browser.post(path, {"client_uuid": str(uuid.uuid4()), **data})


def engaged(world: World, browser: Browser, **more: str) -> Contractor:
    answer = send(browser, f"{LIST}{world.project_id}/new/", **{**LIFT, **more})
    assert answer.status_code == 303, answer.content.decode()
    return Contractor.objects.in_project(world.project_id).latest("pk")


def ask(world: World, firm: str, hours: int) -> Any:
    number = world.open("desk", urgency="P2", payer="owner").case.number
    return subtasks.ask_subtask(
        project_id=world.project_id,
        number=number,
        data={"what": "检查平层", "contractor": firm, "due_at": (world.now + timedelta(hours=hours)).isoformat()},
        actor=world.actor("desk"),
        at=world.now,
        client_uuid=uuid.uuid4(),
    )


def test_added_changed_renewed_and_ended(world: World, sign_in: SignIn) -> None:
    manager = sign_in("manager")
    row = engaged(world, manager)
    page = f"{LIST}{world.project_id}/{row.pk}/"
    assert "18 台客梯维保" in manager.page(page)
    wrong = send(manager, f"{page}change/", **{**LIFT, "contract_until": "2024-01-01"})
    assert wrong.status_code == 422
    assert 'data-field="contract_until"' in wrong.content.decode()
    version = re.findall(r'name="version"[^>]* value="(\w+)"', manager.page(f"{page}change/"))[0]
    assert send(manager, f"{page}change/", **{**LIFT, "insured_until": "2028-02-01"}).status_code == 303
    late = send(manager, f"{page}change/", **{**LIFT, "phone": "0571-1"}, version=version)
    assert late.status_code == 409
    assert "其他同事刚改过这份资料" in late.content.decode()
    assert version not in late.content.decode(), "saving again knows what is there"
    assert send(manager, f"{page}change/", **{**LIFT, "insured_until": "2028-02-01"}).status_code == 303
    told = AuditEvent.objects.in_project(world.project_id).filter(what="contractor.amend")
    assert told.get().after == {"insured_until": "2028-02-01"}
    form = manager.page(f"{LIST}{world.project_id}/new/?like={row.pk}")
    assert 'value="2026-12-11"' in form
    later = engaged(world, manager, contract_from="2026-12-11", contract_until="2028-12-11")
    assert later.pk != row.pk
    assert send(manager, f"{page}end/").status_code == 303
    assert "合同已终止" in manager.page(page)
    assert send(manager, f"{page}change/", **LIFT).status_code == 409
    assert f"/{row.pk}/" not in manager.page(LIST)
    assert f"/{row.pk}/" in manager.page(f"{LIST}?ended=1")


def test_what_runs_out_is_amber_and_then_red(world: World, sign_in: SignIn) -> None:
    manager = sign_in("manager")
    engaged(world, manager)
    engaged(world, manager, name="净界保洁", trade="cleaning", contract_until="2027-02-18", insured_until="2026-11-20")
    engaged(world, manager, name="绿野园林", trade="greening", contract_until="2027-02-20", insured_until="2028-01-01")
    text = manager.page(LIST).partition("即将到期")[2]
    for words, tone in (("已过期 1 天", "late"), ("剩 20 天", "late"), ("剩 72 天", "soon"), ("剩 89 天", "soon")):
        assert f'<span class="state {tone}"><i' in text.partition(words)[0][-120:], words
    assert "绿野园林" not in text
    assert text.index("已过期 1 天") < text.index("剩 20 天") < text.index("剩 72 天")


def test_people_come_and_go(world: World, sign_in: SignIn) -> None:
    manager = sign_in("manager")
    row = engaged(world, manager)
    page = f"{LIST}{world.project_id}/{row.pk}/"
    person = {"name": "谢志强", "phone": "13700001111", "certificate": "电梯作业证", "certified_until": "2026-12-01"}
    for _twice in range(2):
        assert send(manager, f"{page}staff/", **person).status_code == 303
    one = ContractorStaff.objects.in_project(world.project_id).get()
    assert "剩 10 天" in manager.page(page)
    for _twice in range(2):
        assert send(manager, f"{page}staff/{one.pk}/left/").status_code == 303
    assert "已撤场" in manager.page(page)
    assert "谢志强" not in manager.page(LIST)
    send(manager, f"{page}staff/", **person)
    one.refresh_from_db()
    assert one.left_at is None


def test_what_they_owe_stands_with_its_clock_and_its_case(world: World, sign_in: SignIn) -> None:
    desk = sign_in("desk")
    row = engaged(world, sign_in("manager"))
    mine, late, others = ask(world, "恒安电梯", 5), ask(world, row.name, 1), ask(world, "净界保洁", 5)
    world.pass_time(hours=2)
    text = desk.page(f"{LIST}{world.project_id}/{row.pk}/")
    for task in (mine, late):
        assert f"/cases/{task.case.number}/#subtasks" in text
    assert others.case.number not in text
    assert "超" in text
    assert "1 项超时" in desk.page(LIST)
    assert "还有 2 项交办未完成" in sign_in("manager").page(f"{LIST}{world.project_id}/{row.pk}/end/")
    form = desk.page(f"/cases/{mine.case.number}/asks/sub-task/")
    assert f'<option value="{row.name}">' in form


def test_who_reads_and_who_keeps(world: World, sign_in: SignIn) -> None:
    row = engaged(world, sign_in("manager"))
    page = f"{LIST}{world.project_id}/{row.pk}/"
    for who in ("desk", "butler", "headbutler"):
        browser = sign_in(who)
        assert row.name in browser.page(LIST)
        assert "/change/" not in browser.page(page)
        for act, data in (("change/", LIFT), ("end/", {}), ("staff/", {"name": "谢志强"})):
            assert send(browser, f"{page}{act}", **data).status_code == 403, (who, act)
    for who in ("outsider", "tech", "owner"):
        browser = sign_in(who)
        for act in ("", "change/", "end/", "staff/"):
            assert browser.get(f"{page}{act}").status_code == 404, (who, act)
        assert send(browser, f"{page}end/").status_code == 404
    assert row.name not in sign_in("outsider").page(LIST)
    row.refresh_from_db()
    assert row.ended_at is None


def test_papers_stand_with_their_day_and_open_through_the_firm(world: World, sign_in: SignIn) -> None:
    manager, desk = sign_in("manager"), sign_in("desk")
    row = engaged(world, manager)
    page = f"{LIST}{world.project_id}/{row.pk}/"
    assert manager.page(page).count("未上传") == 2, "contract and insurance are expected"
    assert "保险单" in manager.page(f"{page}papers/?kind=insurance")

    def upload(*contents: bytes, **told: Any) -> Any:
        files = [SimpleUploadedFile(f"{n}.pdf", content) for n, content in enumerate(contents)]
        return send(manager, f"{page}papers/", files=files, **told)

    refused = upload(b"MZ", kind="insurance")
    assert (refused.status_code, 'data-field="files"' in refused.content.decode()) == (422, True)
    assert upload(PDF, picture(), kind="insurance", valid_until="2026-12-01").status_code == 303
    shown = desk.page(page)
    assert "剩 10 天" in shown
    first, second = re.findall(rf'href="({page}papers/\d+/\d+/)"', shown)
    answer = desk.get(second)
    assert b"".join(answer.streaming_content)[:3] == b"\xff\xd8\xff"
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("image/jpeg", "private, no-store")
    answer = desk.get(first)
    assert b"".join(answer.streaming_content) == PDF
    assert answer["Content-Disposition"].startswith("attachment")
    stored = ContractorPage.objects.in_project(world.project_id).latest("pk").attachment_id
    assert manager.get(f"/files/{world.project_id}/{stored}/").status_code == 404, "not past the record of looks"
    withdraw = f"{first.rsplit('/', 2)[0]}/withdraw/"
    assert upload(PDF, kind="insurance").status_code == 303
    assert "1 份历史证照" in desk.page(page)
    assert send(manager, withdraw, reason="传错了公司").status_code == 409, "it was followed already"
    again = re.findall(rf'href="({page}papers/\d+/withdraw/)"', manager.page(page))[0]
    assert send(manager, again, reason="传错了公司").status_code == 303
    assert "传错了公司" in desk.page(page)
    for who, status in (("desk", 403), ("tech", 404), ("outsider", 404)):
        browser = sign_in(who)
        assert send(browser, f"{page}papers/", kind="insurance").status_code == status
        assert send(browser, again, reason="传错了公司").status_code == status
        if who != "desk":
            assert browser.get(first).status_code == 404


def test_an_identity_paper_says_when_it_was_erased(world: World, sign_in: SignIn) -> None:
    manager = sign_in("manager")
    row = engaged(world, manager)
    page = f"{LIST}{world.project_id}/{row.pk}/"
    send(manager, f"{page}staff/", name="谢志强", phone="13700001111")
    one = ContractorStaff.objects.in_project(world.project_id).get()
    scan = [SimpleUploadedFile("id.pdf", PDF)]
    assert send(manager, f"{page}papers/", files=scan, kind="identity", person=one.pk).status_code == 303
    assert "保存 24 个月" in manager.page(page)
    (first,) = re.findall(rf'href="({page}papers/\d+/\d+/)"', manager.page(page))
    assert send(manager, f"{page}staff/{one.pk}/left/").status_code == 303
    world.pass_time(days=740)
    night(world)
    shown = manager.page(page)
    assert "谢志强 身份证件" in shown
    assert f"已按保存期限删除（{world.now:%Y-%m-%d}）" in shown
    assert first not in shown
    assert manager.get(first).status_code == 404


def test_ten_statements_however_many_firms_and_more_on_the_next_page(world: World, sign_in: SignIn) -> None:
    manager = sign_in("manager")
    row = engaged(world, manager)
    for target in (LIST, f"{LIST}{world.project_id}/{row.pk}/"):
        counts = []
        for n in range(2):
            manager.page(target)
            with CaptureQueriesContext(connection) as captured:
                manager.page(target)
            counts.append(len(captured))
            for k in range(25):
                firm = engaged_row(world, f"单位{target[-3:]}{n}{k}")
                ContractorStaff.objects.create(project_id=world.project_id, contractor=firm, name=f"人{k}")
                ContractorStaff.objects.create(project_id=world.project_id, contractor=row, name=f"人{target}{n}{k}")
        assert counts[0] == counts[1] <= 10, (target, counts)
    assert "cursor=" in manager.page(LIST)


def engaged_row(world: World, name: str) -> Contractor:
    days = {"contract_from": world.now.date(), "contract_until": world.now.date() + timedelta(days=400)}
    return Contractor.objects.create(project_id=world.project_id, name=name, trade="other", **days)


@pytest.mark.parametrize("path", [LIST, "/settings/areas/", "/settings/people/", "/settings/posts/"])
def test_an_empty_page_teaches_the_next_step(world: World, sign_in: SignIn, path: str) -> None:
    assert sign_in("manager").get(path).status_code == 200
