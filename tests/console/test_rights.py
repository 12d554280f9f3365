"""Roles and rights: what a role may do, who holds it by which post, what giving or ending one would mean."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from steward.cases.declare import REGISTRY
from steward.kernel import reference
from steward.kernel.actor import SYSTEM, Role
from steward.registers.org.models import RoleGrant
from steward.registers.org.posts import load_preset
from steward.registers.org.posts_models import Post
from steward.registers.workforce.assignments import assign_post, today_at
from steward.registers.workforce.models import Staff
from tests.console.conftest import Browser, SignIn
from tests.world import World


@pytest.fixture
def posts(world: World) -> World:
    load_preset(actor=SYSTEM, at=world.now)
    return world


def placed(world: World, who: str, post: str) -> Any:
    """The post as the manager gives it, on top of what the cast has."""
    return assign_post(
        staff_id=world.company.staff[who].pk,
        post_id=Post.objects.get(code=post).pk,
        node_id=world.project_id,
        since=today_at(world.project_id, world.now),
        actor=world.actor("manager"),
        at=world.now,
    )


def look(browser: Browser, path: str, **data: Any) -> str:
    answer = browser.post(path, {"client_uuid": str(uuid.uuid4()), "do": "preview", **data})
    assert answer.status_code == 200, answer.status_code
    text: str = answer.content.decode()
    return text


def test_a_role_names_every_declared_action_and_its_holders(posts: World, sign_in: SignIn) -> None:
    manager = sign_in("manager")
    for role in Role:
        page = manager.page(f"/settings/rights/{role.value}/")
        for process in REGISTRY.values():
            for action in process.actions:
                if role in action.by.roles:
                    assert str(action.title) in page or _zh(action.title) in page, (role, action.name)
    page = manager.page("/settings/rights/cashier/")
    assert "许文静" in page
    assert "直接授予" in page
    assert "钱进" not in manager.page("/settings/rights/desk/")
    assert "经办人" in manager.page("/settings/rights/")
    assert manager.get("/settings/rights/nobody/").status_code == 404


def _zh(text: Any) -> str:
    from django.utils import translation  # noqa: PLC0415  one word in the reader's language

    with translation.override("zh-hans"):
        return str(text)


def test_a_role_by_a_post_says_so_with_its_end(posts: World, sign_in: SignIn) -> None:
    placed(posts, "tech2", "butler")
    manager, staff = sign_in("manager"), posts.company.staff["tech2"]
    page = manager.page("/settings/rights/butler/")
    row = page[page.index("王强") :]
    assert "管家" in row[: row.index("</tr>")]
    held = staff.posts.get()
    person = f"/settings/people/{staff.pk}/"
    answer = manager.post(f"{person}posts/{held.pk}/end/", {"client_uuid": str(uuid.uuid4()), "until": "2026-12-31"})
    assert answer.status_code == 303
    shown = manager.page(f"/settings/rights/of/{staff.pk}/")
    for words in ("2026-12-31", "任命岗位", "免去岗位", "赵伟"):
        assert words in shown, words


def test_roles_held_elsewhere_are_not_shown(posts: World, sign_in: SignIn) -> None:
    """The manager of one estate does not read where else a colleague works."""
    staff = posts.company.staff["desk"]
    for name in ("JZ", "YX"):
        RoleGrant.objects.create(
            user_id=staff.user_id or 0,
            role="butler",
            node=posts.company.nodes[name],
            granted_by="system",
            granted_at=posts.now,
        )
    reference.bump()
    for path in (f"/settings/rights/of/{staff.pk}/", "/settings/rights/butler/"):
        page = sign_in("manager").page(path)
        assert "周敏" in page
        assert "云栖花园" in page
        assert "锦州新苑" not in page, path
        assert "锦州新苑" in sign_in("hq").page(path), path


def test_ending_says_what_can_no_longer_be_done_and_what_is_theirs(posts: World, sign_in: SignIn) -> None:
    held = placed(posts, "tech2", "front_desk")
    case = posts.open("desk").case
    type(case).objects.unscoped().filter(pk=case.pk).update(accountable=posts.company.staff["tech2"].pk)
    staff, manager = posts.company.staff["tech2"], sign_in("manager")
    text = look(manager, f"/settings/people/{staff.pk}/posts/{held.pk}/end/", until="2026-11-21")
    for words in ("将不再是云栖花园的前台", "不能再办：报修", "1 个未结首问工单"):
        assert words in text, words
    held.refresh_from_db()
    assert held.until is None
    assert RoleGrant.objects.filter(user_id=staff.user_id or 0, role="desk", ended_at__isnull=True).exists()


def test_what_another_role_still_allows_is_not_lost(posts: World, sign_in: SignIn) -> None:
    """A head butler who is no front desk any more still receives and dispatches."""
    held = placed(posts, "headbutler", "front_desk")
    staff = posts.company.staff["headbutler"]
    text = look(sign_in("manager"), f"/settings/people/{staff.pk}/posts/{held.pk}/end/", until="2026-11-21")
    assert "将不再是云栖花园的前台" in text
    assert "派单" not in text[text.index("将不再是") : text.index("form-foot")]


def test_giving_says_what_comes_with_it(posts: World, sign_in: SignIn) -> None:
    staff, post = posts.company.staff["tech2"], Post.objects.get(code="butler")
    path = f"/settings/people/{staff.pk}/post/"
    text = look(sign_in("manager"), path, post=post.pk, node=posts.project_id, since="2026-11-21")
    assert "将在云栖花园担任：管家" in text
    assert "新增可办" in text
    assert not staff.posts.exists()


def test_nothing_is_said_about_places_out_of_reach(posts: World, sign_in: SignIn) -> None:
    staff, post, manager = posts.company.staff["tech2"], Post.objects.get(code="butler"), sign_in("manager")
    for node in (posts.company.nodes["JZ"].pk, 99999999):
        form = {"client_uuid": str(uuid.uuid4()), "do": "preview", "post": post.pk, "node": node, "since": "2026-11-21"}
        answer = manager.post(f"/settings/people/{staff.pk}/post/", form)
        assert answer.status_code == 404
        assert "锦州新苑" not in answer.content.decode()


def test_another_set_of_roles_of_a_post_is_looked_at_first_and_told(posts: World, sign_in: SignIn) -> None:
    hq, path = sign_in("hq"), "/settings/posts/plumber/word/"
    form = {
        "name": "水暖工",
        "name_en": "Plumber",
        "department": "engineering",
        "duties": "修水管",
        "roles": ["butler"],
    }
    text = look(hq, path, **form)
    assert "新任人员将增加角色：管家" in text
    assert "新任人员将不再有角色：维修" in text
    assert Post.objects.get(code="plumber").roles == ["technician"]
    assert hq.post(path, {**form, "client_uuid": str(uuid.uuid4())}).status_code == 303
    page = hq.page("/settings/posts/plumber/")
    for words in ("何琳", "修改岗位", "→ 水暖工", "→ 管家"):
        assert words in page, words


@pytest.mark.parametrize("who", ["desk", "tech", "butler", "cashier", "owner"])
def test_for_others_the_pages_do_not_exist(posts: World, sign_in: SignIn, who: str) -> None:
    for path in (
        "/settings/rights/",
        "/settings/rights/desk/",
        f"/settings/rights/of/{posts.company.staff['desk'].pk}/",
    ):
        assert sign_in(who).get(path).status_code == 404


def test_at_most_ten_statements_however_many_people(posts: World, sign_in: SignIn) -> None:
    region, counts = sign_in("region"), []
    for n in range(2):
        own = f"/settings/rights/of/{posts.company.staff['tech'].pk}/"
        for path in ("/settings/rights/", "/settings/rights/technician/", own):
            region.page(path)
            with CaptureQueriesContext(connection) as seen:
                region.page(path)
            counts.append(len(seen))
        for k in range(10 * (1 - n)):
            staff = Staff.objects.create(
                node_id=posts.project_id, name=f"同事{k}", hired_at=posts.now - timedelta(days=k)
            )
            user = posts.company.users["tech"].__class__.objects.create_user(
                f"u{k}", name=staff.name, created_at=posts.now
            )
            Staff.objects.filter(pk=staff.pk).update(user_id=user.pk)
            RoleGrant.objects.create(
                user=user, role="technician", node_id=posts.project_id, granted_by="system", granted_at=posts.now
            )
    assert counts[:3] == counts[3:]
    assert max(counts) <= 10, counts
