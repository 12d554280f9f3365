"""Posts and people in the console: who sees them, what a form does, few statements."""

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from steward.cases.models import Case
from steward.kernel.actor import SYSTEM
from steward.registers.org.models import Level, RoleGrant, User
from steward.registers.org.posts import found_departments, load_preset
from steward.registers.org.posts_models import Post
from steward.registers.workforce.models import Staff
from steward.registers.workforce.oncall import Entry as Line
from steward.registers.workforce.oncall import duty_date, on_call_of, set_on_call
from tests.console.conftest import Browser, SignIn
from tests.world import World


@pytest.fixture
def posts(world: World) -> World:
    load_preset(actor=SYSTEM, at=world.now)
    return world


def send(browser: Browser, path: str, **data: Any) -> Any:
    return browser.post(path, {"client_uuid": str(uuid.uuid4()), **data})


def hired(world: World, browser: Browser, **data: Any) -> Staff:
    answer = send(browser, f"/settings/people/hire/{world.project_id}/", name="贺新", **data)
    assert answer.status_code == 303, answer.content.decode()
    staff = Staff.objects.get(name="贺新")
    assert answer["Location"] == f"/settings/people/{staff.pk}/", "where the post is given"
    return staff


def test_hire_give_a_post_end_it_and_let_go(posts: World, sign_in: SignIn) -> None:
    manager = sign_in("manager")
    found_departments(node=posts.company.nodes["YX"], actor=SYSTEM, at=posts.now)
    assert manager.get("/settings/people/hire/").headers["Location"] == f"/settings/people/hire/{posts.project_id}/"
    staff = hired(posts, manager, username="hexin", skills=["plumbing", "hvac"])
    assert staff.skills == ["plumbing", "hvac"]
    page = f"/settings/people/{staff.pk}/"
    plumber = Post.objects.get(code="plumber")
    assert send(manager, f"{page}post/", post=plumber.pk, node=posts.project_id, since="2026-11-21").status_code == 303
    assert RoleGrant.objects.filter(user_id=staff.user_id or 0, role="technician", ended_at__isnull=True).exists()
    shown = manager.page(page)
    assert "水暖空调工" in shown
    assert "贺新" in manager.page("/settings/posts/plumber/")
    refused = send(
        manager, f"{page}post/", post=Post.objects.get(code="cashier").pk, node=posts.project_id, since="2026-11-21"
    )
    assert refused.status_code == 409
    assert "必须由不同的人" in refused.content.decode()
    held = staff.posts.get()
    assert send(manager, f"{page}posts/{held.pk}/end/", until="2026-11-21").status_code == 303
    assert not RoleGrant.objects.filter(user_id=staff.user_id or 0, ended_at__isnull=True).exists()
    assert send(manager, f"{page}leave/", reason="合同到期").status_code == 303
    assert not User.objects.get(pk=staff.user_id or 0).is_active
    assert "贺新" not in manager.page("/settings/people/")
    assert "贺新" in manager.page("/settings/people/?left=1")


def test_wrong_answers_stay_beside_their_fields(posts: World, sign_in: SignIn) -> None:
    manager = sign_in("manager")
    answer = send(manager, f"/settings/people/hire/{posts.project_id}/", name="贺", username="he xin", email="不是邮箱")
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "he xin" in text
    assert text.count('class="field-error"') >= 2
    staff = hired(posts, manager)
    answer = send(manager, f"/settings/people/{staff.pk}/post/", post="", node="", since="昨天")
    assert answer.status_code == 422
    assert answer.content.decode().count('class="field-error"') == 3


def test_leaving_names_what_is_open_and_asks_who_takes_it(posts: World, sign_in: SignIn) -> None:
    posts.open("owner")
    manager, butler = sign_in("manager"), posts.company.staff["butler"]
    path = f"/settings/people/{butler.pk}/leave/"
    assert "1" in manager.page(path)
    answer = send(manager, path, reason="合同到期")
    assert answer.status_code == 422
    assert 'data-field="receiver"' in answer.content.decode()
    assert send(manager, path, reason="合同到期", receiver=posts.company.staff["headbutler"].pk).status_code == 303


def test_leaving_asks_who_takes_the_nights_on_call(posts: World, sign_in: SignIn) -> None:
    staff, manager = posts.company.staff, sign_in("manager")
    path = f"/settings/people/{staff['tech2'].pk}/leave/"
    assert 'data-field="nights"' not in manager.page(path), "there are none"
    day = duty_date(posts.project_id, posts.now)
    line = {"technician": Line(staff["tech2"].pk)}
    set_on_call(project_id=posts.project_id, day=day, entries=line, actor=posts.actor("manager"), at=posts.now)
    page = manager.page(path)
    assert "1 晚值班（11-21）" in page
    assert f'value="{staff["tech"].pk}"' in page
    assert send(manager, path, reason="合同到期", nights=staff["tech"].pk).status_code == 303
    assert [r.name for r in on_call_of(posts.project_id, [day])[day]] == ["李建国"]


def test_jobs_in_hand_are_passed_on_after_a_look(posts: World, sign_in: SignIn) -> None:
    staff, manager = posts.company.staff, sign_in("manager")
    begun, waiting = (posts.open("desk", urgency="P2", payer="owner", category="leak").case.number for _n in "ab")
    for number in (begun, waiting):
        posts.act("desk", number, "dispatch", handler=staff["tech"].pk)
    for step in ("accept", "arrive"):
        posts.act("tech", begun, step)
    person = f"/settings/people/{staff['tech'].pk}/"
    path = f"{person}jobs/"
    assert f'href="{path}"' in manager.page(person)
    shown = send(manager, path, reason="李建国离职").content.decode()
    assert f"{begun} 3-2-1201 主卧卫生间吊顶滴水，到场：无法退回，请指定接手的同事" in shown
    assert "退回待派" in shown
    seen = re.findall(r'name="seen"[^>]* value="(\w+)"', shown)[0]
    answer = send(manager, path, reason="李建国离职", seen=seen)
    assert answer.status_code == 409
    assert f"已转派 1 单。未能转派：{begun}" in answer.content.decode()
    cases = Case.objects.in_project(posts.project_id)
    assert (cases.get(number=waiting).handler_id, cases.get(number=begun).handler_id) == (None, staff["tech"].pk)
    asked = {"reason": "李建国离职", "receiver": staff["tech2"].pk}
    shown = send(manager, path, **asked).content.decode()
    assert "转给王强（非本工种）" in shown
    seen = re.findall(r'name="seen"[^>]* value="(\w+)"', shown)[0]
    assert send(manager, path, **asked, seen=seen).status_code == 303
    assert path not in manager.page(person)


@pytest.mark.parametrize("who", ["desk", "butler", "headbutler", "tech", "cashier", "owner"])
def test_for_others_the_pages_do_not_exist(posts: World, sign_in: SignIn, who: str) -> None:
    browser, desk = sign_in(who), posts.company.staff["desk"].pk
    for path in ("posts/", "posts/butler/", "people/", f"people/{desk}/", f"people/{desk}/jobs/"):
        assert browser.get(f"/settings/{path}").status_code == 404, path
    for path in (f"people/hire/{posts.project_id}/", f"people/{desk}/leave/", f"people/{desk}/post/", "posts/preset/"):
        assert send(browser, f"/settings/{path}", reason="走吧").status_code in (403, 404), path
    assert Staff.objects.get(pk=desk).is_active


def test_a_manager_reaches_nobody_of_another_project(posts: World, sign_in: SignIn) -> None:
    manager, stranger = sign_in("manager"), posts.company.staff["outsider"]
    for path in ("", "post/", "leave/", "change/"):
        assert manager.get(f"/settings/people/{stranger.pk}/{path}").status_code == 404, path
    assert stranger.name not in manager.page("/settings/people/")
    assert manager.get(f"/settings/people/hire/{posts.company.nodes['JZ'].pk}/").status_code == 404


def test_head_office_words_a_post(posts: World, sign_in: SignIn) -> None:
    hq, path = sign_in("hq"), "/settings/posts/butler/word/"
    form = {
        "name": "楼栋管家",
        "name_en": "Butler",
        "department": "service",
        "duties": "照看一栋楼",
        "roles": ["butler"],
    }
    assert send(hq, path, **form).status_code == 303
    assert "楼栋管家" in hq.page("/settings/posts/butler/")
    assert send(hq, path, **{**form, "roles": ["butler", "cashier"]}).status_code == 409
    assert send(sign_in("manager"), path, **form).status_code == 403


@pytest.mark.parametrize("path", ["posts/", "posts/front_desk/", "people/", "person"])
def test_at_most_ten_statements_however_many_people(posts: World, sign_in: SignIn, path: str) -> None:
    region, desk = sign_in("region"), posts.company.staff["desk"]
    target = f"/settings/people/{desk.pk}/" if path == "person" else f"/settings/{path}"
    counts = []
    for n in range(2):
        region.page(target)
        with CaptureQueriesContext(connection) as seen:
            region.page(target)
        counts.append(len(seen))
        node = posts.company.nodes["YX"]
        assert node.level == Level.PROJECT
        for k in range(20):
            Staff.objects.create(node=node, name=f"同事{n}{k}", hired_at=posts.now - timedelta(days=k))
    assert counts[0] == counts[1] <= 10, counts
