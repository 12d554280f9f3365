"""Posts: the shipped catalogue, what a post grants and for how long, who may give it to whom."""

import itertools
import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from steward.assurance.models import Callback
from steward.cases.models import Case
from steward.casework.accountability import leaving
from steward.kernel.actor import SYSTEM, Actor, Role
from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError, RefusalError
from steward.kernel.models import AuditEvent, CompanyEvent
from steward.registers.estate.models import Unit
from steward.registers.org.actors import of_user
from steward.registers.org.models import RoleGrant, User
from steward.registers.org.operations import grant_role, together
from steward.registers.org.posts import PostData, found_departments, load_preset, save_post
from steward.registers.org.posts_models import Department, DepartmentKind, Post
from steward.registers.org.preset_posts import POSTS
from steward.registers.workforce import assignments, staffing
from steward.registers.workforce.models import Area, Staff
from steward.registers.workforce.posts_models import PostHeld
from tests.processes.test_repair_story import to_settling
from tests.world import World

TODAY = date(2026, 11, 21)
#: MISSION ORG-2, post by post.
NAMED = [
    "客户服务中心经理",
    "客户服务主管",
    "总值",
    "客户服务助理",
    "前台",
    "文员",
    "收发员",
    "电梯服务员",
    "租务助理",
    "环境绿化助理",
    "社区文化助理",
    "工程经理",
    "值班工程师",
    "土建维修工",
    "强电工",
    "弱电工",
    "水暖空调工",
    "安保经理",
    "安全保卫主任",
    "消防安全主任",
    "内保管理员",
    "消防员",
    "监控员",
    "消控室值班员",
    "档案管理员",
    "收银员",
    "交楼引导员",
    "大管家",
    "管家",
    "管家助理",
]


@pytest.fixture
def posts(world: World) -> World:
    load_preset(actor=SYSTEM, at=world.now)
    return world


def hire(world: World, username: str = "newcomer", node: str = "YX", who: str = "manager") -> Staff:
    return staffing.take_on(
        node_id=world.company.nodes[node].pk,
        data=staffing.NewStaff(name="贺新", username=username),
        actor=world.actor(who),
        at=world.now,
        client_uuid=uuid.uuid4(),
    )


def give(
    world: World, staff: Staff, code: str, who: str = "manager", node: str = "YX", since: date = TODAY
) -> PostHeld:
    return assignments.assign_post(
        staff_id=staff.pk,
        post_id=Post.objects.get(code=code).pk,
        node_id=world.company.nodes[node].pk,
        since=since,
        actor=world.actor(who),
        at=world.now,
    )


def take(world: World, held: PostHeld, until: date = TODAY, who: str = "manager") -> PostHeld:
    return assignments.end_post(held_id=held.pk, until=until, actor=world.actor(who), at=world.now)


def roles(staff: Staff) -> set[str]:
    staff.refresh_from_db()
    return {g.role for g in of_user(User.objects.get(pk=staff.user_id or 0)).grants}


def test_the_preset_holds_every_named_post_and_loads_once(posts: World) -> None:
    names = set(Post.objects.values_list("name", flat=True))
    assert set(NAMED) <= names
    assert load_preset(actor=SYSTEM, at=posts.now) == 0
    assert Post.objects.count() == len(POSTS)
    for post in Post.objects.all():
        assert post.duties, post.code
        assert post.authority, post.code
        assert post.qualifications, post.code
        assert post.reports_to_id or post.code == "hq_service_director"
        assert not together({Role(r) for r in post.roles})


def test_what_a_company_changed_survives_loading_again(posts: World) -> None:
    butler = Post.objects.get(code="butler")
    data = PostData(
        name="楼栋管家",
        name_en="Butler",
        department=DepartmentKind(butler.department),
        duties="改过的职责",
        reports_to=butler.reports_to_id,
    )
    save_post(code="butler", data=data, roles=[Role.BUTLER], actor=posts.actor("hq"), at=posts.now)
    load_preset(actor=SYSTEM, at=posts.now)
    assert Post.objects.get(code="butler").name == "楼栋管家"
    assert CompanyEvent.objects.filter(what="post.save").count() == 1
    save_post(code="butler", data=data, roles=[Role.BUTLER], actor=posts.actor("hq"), at=posts.now)
    assert CompanyEvent.objects.filter(what="post.save").count() == 1


def test_only_head_office_words_the_catalogue(posts: World) -> None:
    data = PostData(name="门童", name_en="Doorman", department=DepartmentKind.SERVICE, duties="开门")
    for who in ("manager", "region", "desk"):
        with pytest.raises(NotAllowedError):
            save_post(code="doorman", data=data, roles=[], actor=posts.actor(who), at=posts.now)


def test_no_post_combines_money_and_field_work(posts: World) -> None:
    data = PostData(name="多面手", name_en="Jack", department=DepartmentKind.ENGINEERING, duties="修了就收钱")
    with pytest.raises(ConflictError):
        save_post(code="jack", data=data, roles=[Role.CASHIER, Role.TECHNICIAN], actor=SYSTEM, at=posts.now)


def test_a_reporting_line_leads_upwards(posts: World) -> None:
    top = Post.objects.get(code="project_manager")
    below = Post.objects.get(code="butler").pk
    data = PostData(
        name=top.name, name_en=top.name_en, department=DepartmentKind(top.department), duties="转圈", reports_to=below
    )
    with pytest.raises(InvalidError) as refused:
        save_post(code=top.code, data=data, roles=[], actor=SYSTEM, at=posts.now)
    assert "reports_to" in refused.value.fields


# --- holding a post ---------------------------------------------------------------------------------------
def test_a_post_grants_its_roles_and_ending_it_ends_them(posts: World) -> None:
    staff = hire(posts)
    assert roles(staff) == set()
    held = give(posts, staff, "front_desk")
    assert roles(staff) == {"desk"}
    assert staff.post == "前台"
    take(posts, held)
    assert roles(staff) == set()
    told = AuditEvent.objects.in_project(posts.project_id).exclude(actor_kind="system")
    for what in ("staff.hire", "post.assign", "role.grant", "post.end", "role.end"):
        assert told.filter(what=what).count() == 1, what


def test_giving_and_ending_twice_is_once(posts: World) -> None:
    staff = hire(posts)
    first, again = give(posts, staff, "front_desk"), give(posts, staff, "front_desk")
    assert first.pk == again.pk
    take(posts, first)
    take(posts, first)
    assert AuditEvent.objects.in_project(posts.project_id).filter(what="post.end").count() == 1


def test_a_role_given_otherwise_stays(posts: World) -> None:
    desk = posts.company.staff["desk"]
    held = give(posts, desk, "front_desk")
    take(posts, held)
    assert roles(desk) == {"desk"}


def test_a_role_that_another_post_gives_goes_over_to_it(posts: World) -> None:
    staff = hire(posts)
    first, second = give(posts, staff, "front_desk"), give(posts, staff, "clerk")
    take(posts, first)
    assert roles(staff) == {"desk"}
    assert staff.post == "文员"
    take(posts, second)
    assert roles(staff) == set()


def test_a_post_that_cannot_begin_holds_up_no_other(posts: World) -> None:
    """Who was to be a butler takes money meanwhile."""
    hq, first, second = posts.actor("hq"), hire(posts, "first"), hire(posts, "second")
    for staff in (first, second):
        give(posts, staff, "butler", since=TODAY + timedelta(days=2))
    cashier = User.objects.get(pk=first.user_id or 0)
    grant_role(user=cashier, role=Role.CASHIER, node=posts.company.nodes["YX"], actor=hq, at=posts.now)
    assignments.take_effect(posts.now + timedelta(days=2))
    begun = {held.staff_id: held.begun_at is not None for held in PostHeld.objects.all()}
    assert begun == {first.pk: False, second.pk: True}


def test_a_post_begins_and_ends_on_its_day(posts: World) -> None:
    staff = hire(posts)
    held = give(posts, staff, "butler", since=TODAY + timedelta(days=2))
    assignments.take_effect(posts.now + timedelta(days=1))
    assert roles(staff) == set()
    assignments.take_effect(posts.now + timedelta(days=2))
    assert roles(staff) == {"butler"}
    take(posts, held, until=TODAY + timedelta(days=9))
    assert roles(staff) == {"butler"}
    assignments.take_effect(posts.now + timedelta(days=9))
    assert roles(staff) == set()


def test_money_and_field_work_stay_apart_also_before_they_begin(posts: World) -> None:
    staff = hire(posts)
    give(posts, staff, "cashier", since=TODAY + timedelta(days=5))
    for code in ("plumber", "butler"):
        with pytest.raises(ConflictError):
            give(posts, staff, code)
    guard = hire(posts, username="")
    give(posts, guard, "plumber")
    with pytest.raises(ConflictError):
        give(posts, guard, "cashier")


#: Who takes money does no work and is not audited by oneself; who audits handles nothing (MISSION ORG-3).
APART = {
    *(frozenset({Role.CASHIER, r}) for r in (Role.TECHNICIAN, Role.ENGINEER, Role.BUTLER, Role.HEAD_BUTLER)),
    *(
        frozenset({a, r})
        for a in (Role.MANAGER, Role.REGION, Role.HQ)
        for r in (Role.CASHIER, Role.TECHNICIAN, Role.BUTLER)
    ),
}


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(Role, 2)))
def test_duties_that_stay_apart_whichever_way_they_come(posts: World, one: Role, other: Role) -> None:
    """Granted, in one post, in two posts of which one is to come: the same pairs are refused, the others are not."""
    system: dict[str, Any] = {"actor": SYSTEM, "at": posts.now}
    node = posts.company.nodes["YX"]
    apart = frozenset({one, other}) in APART
    data = {
        r: PostData(name=f"岗位{r}", name_en=r, department=DepartmentKind.SERVICE, duties="试用") for r in (one, other)
    }
    rows = {r: save_post(code=r, data=data[r], roles=[r], **system) for r in (one, other)}

    def granted() -> None:
        user = User.objects.get(pk=hire(posts, "granted").user_id or 0)
        for role in (one, other):
            grant_role(user=user, role=role, node=node, **system)

    def in_two_posts() -> None:
        staff = hire(posts, "held")
        for role, since in ((one, TODAY), (other, TODAY + timedelta(days=30))):
            assignments.assign_post(staff_id=staff.pk, post_id=rows[role].pk, node_id=node.pk, since=since, **system)

    def in_one_post() -> None:
        save_post(code="both", data=data[one], roles=[one, other], **system)

    for way in (granted, in_two_posts, in_one_post):
        if apart:
            with pytest.raises(ConflictError) as told, transaction.atomic():
                way()
            assert told.value.rule == "org.separation_of_duties", way.__name__
        else:
            way()


def test_nobody_appoints_the_own_level_or_oneself(posts: World) -> None:
    staff = hire(posts)
    with pytest.raises(NotAllowedError):
        give(posts, staff, "project_manager")
    assert give(posts, staff, "project_manager", who="region").pk
    with pytest.raises(NotAllowedError) as refused:
        give(posts, posts.company.staff["manager"], "front_desk")
    assert refused.value.rule == "post.not_to_oneself"
    with pytest.raises(NotAllowedError):
        give(posts, hire(posts, "second"), "front_desk", who="headbutler")


def test_others_projects_are_out_of_reach(posts: World) -> None:
    stranger = posts.company.staff["outsider"]
    with pytest.raises(NotFoundError):
        give(posts, stranger, "front_desk", node="JZ")
    with pytest.raises(NotFoundError):
        give(posts, stranger, "front_desk")
    with pytest.raises(NotFoundError):
        staffing.release(staff_id=stranger.pk, reason="走了", actor=posts.actor("manager"), at=posts.now)


NODES = st.sampled_from(["HQ", "EAST", "NORTH", "YX", "RT", "JZ"])
ACTORS = st.sampled_from(
    ["desk", "tech", "butler", "cashier", "manager", "region", "hq", "outsider", "tower_desk", "owner"]
)


@settings(max_examples=60)
@given(who=ACTORS, node=NODES, code=st.sampled_from([s.code for s in POSTS]))
def test_nobody_grants_beyond_the_own_subtree_and_level(posts: World, who: str, node: str, code: str) -> None:
    """Whatever is tried: a grant arises only within the actor's subtree and below the actor's level."""
    actor, company = posts.actor(who), posts.company
    staff = staffing_row(posts)
    before = set(RoleGrant.objects.values_list("pk", flat=True))
    try:
        held = give(posts, staff, code, who=who, node=node)
    except RefusalError:
        assert set(RoleGrant.objects.values_list("pk", flat=True)) == before
        return
    fresh = RoleGrant.objects.exclude(pk__in=before).select_related("node")
    rank = max(actor.grants, key=lambda g: ("manager", "region", "hq").index(g.role)).role
    for grant in fresh:
        under = {n.pk for n in company.nodes.values() if n.path.startswith(grant.node.path) and n.level == "project"}
        assert under <= actor.project_ids
        assert rank == Role.HQ or grant.role not in (rank, Role.HQ)
    assert rank in ("manager", "region", "hq")
    assignments.end_post(held_id=held.pk, until=TODAY, actor=SYSTEM, at=posts.now)


def staffing_row(world: World) -> Staff:
    found = Staff.objects.filter(user_id__in=User.objects.filter(username="trial").values("pk")).first()
    return found or hire(world, "trial")


# --- hiring and leaving -----------------------------------------------------------------------------------
def test_the_same_form_hires_one(posts: World) -> None:
    once = uuid.uuid4()
    data = staffing.NewStaff(name="贺新", username="newcomer")
    asked: dict[str, Any] = {
        "node_id": posts.project_id,
        "data": data,
        "actor": posts.actor("manager"),
        "at": posts.now,
    }
    first = staffing.take_on(client_uuid=once, **asked)
    assert staffing.take_on(client_uuid=once, **asked).pk == first.pk
    with pytest.raises(InvalidError) as refused:
        staffing.take_on(client_uuid=uuid.uuid4(), **asked)
    assert "username" in refused.value.fields


def leave(world: World, username: str, receiver: str | None = None, who: str = "manager") -> Staff:
    to = world.company.staff[receiver].pk if receiver else None
    return leaving.leave(
        staff_id=world.company.staff[username].pk,
        data=leaving.Leave(receiver=to, reason="合同到期"),
        actor=world.actor(who),
        at=world.now,
        client_uuid=uuid.uuid4(),
    )


def test_nobody_leaves_open_work_behind(posts: World) -> None:
    number = posts.open("owner").case.number
    case = Case.objects.in_project(posts.project_id).get(number=number)
    assert case.accountable_id == posts.company.staff["butler"].pk
    with pytest.raises(InvalidError) as refused:
        leave(posts, "butler")
    assert "receiver" in refused.value.fields
    assert posts.company.staff["butler"].is_active
    leave(posts, "butler", "headbutler")
    case.refresh_from_db()
    assert case.accountable_id == posts.company.staff["headbutler"].pk
    gone = Staff.objects.get(pk=posts.company.staff["butler"].pk)
    assert not gone.is_active
    assert not RoleGrant.objects.filter(user_id=gone.user_id or 0, ended_at__isnull=True).exists()
    assert not User.objects.get(pk=gone.user_id or 0).is_active
    assert not Area.objects.unscoped().filter(butler=gone, until__isnull=True).exists()


@pytest.mark.parametrize(("who", "whom"), [("manager", "peer"), ("manager", "chief"), ("region", "chief")])
def test_nobody_releases_or_changes_the_own_level_or_above(posts: World, who: str, whom: str) -> None:
    level = Role.MANAGER if whom == "peer" else Role.REGION
    colleague = hire(posts, whom)
    above = User.objects.get(pk=colleague.user_id or 0)
    grant = grant_role(user=above, role=level, node=posts.company.nodes["YX"], actor=posts.actor("hq"), at=posts.now)
    data = staffing.StaffForm(name="改名了", phone="13600010099")
    asked: dict[str, Any] = {"staff_id": colleague.pk, "actor": posts.actor(who), "at": posts.now}
    for refused in (
        lambda: staffing.release(reason="不想要了", **asked),
        lambda: staffing.change(data=data, **asked),
        lambda: give(posts, colleague, "front_desk", who=who),
    ):
        with pytest.raises(NotAllowedError) as told:
            refused()
        assert told.value.rule == "staff.below_own_level"
    colleague.refresh_from_db()
    assert (colleague.is_active, colleague.name) == (True, "贺新")
    grant.refresh_from_db()
    assert grant.ended_at is None
    staffing.release(reason="合同到期", **{**asked, "actor": posts.actor("hq")})


def test_nobody_releases_oneself_and_a_post_to_come_counts(posts: World) -> None:
    for who in ("manager", "hq"):
        own = posts.company.staff[who].pk
        with pytest.raises(NotAllowedError):
            staffing.release(staff_id=own, reason="我走了", actor=posts.actor(who), at=posts.now)
    coming = hire(posts, "coming")
    give(posts, coming, "project_manager", who="region", since=TODAY + timedelta(days=9))
    with pytest.raises(NotAllowedError):
        staffing.release(staff_id=coming.pk, reason="先下手", actor=posts.actor("manager"), at=posts.now)


def test_who_also_works_elsewhere_is_released_by_the_level_above(posts: World) -> None:
    both = hire(posts, "both")
    give(posts, both, "plumber")
    give(posts, both, "plumber", who="hq", node="RT")
    asked: dict[str, Any] = {"staff_id": both.pk, "reason": "合同到期", "at": posts.now}
    with pytest.raises(NotAllowedError) as told:
        staffing.release(actor=posts.actor("manager"), **asked)
    assert told.value.rule == "staff.also_elsewhere"
    assert roles(both) == {"technician"}
    staffing.release(actor=posts.actor("region"), **asked)


def test_the_release_itself_refuses_open_work_also_out_of_sight(posts: World) -> None:
    """Cases answered for, jobs in hand, areas, homes, sub-tasks: by whatever verb, whoever sees them or not."""
    number = posts.open("desk", urgency="P2", payer="owner").case.number
    posts.act("desk", number, "dispatch", handler=posts.company.staff["tech"].pk)
    for username in ("tech", "butler", "desk"):
        staff_id = posts.company.staff[username].pk
        assert leaving.open_work(staff_id), username
        with pytest.raises(ConflictError) as told:
            staffing.release(staff_id=staff_id, reason="合同到期", actor=posts.actor("manager"), at=posts.now)
        assert told.value.rule == "staff.open_work"
    with pytest.raises(ConflictError):
        leave(posts, "tech", "headbutler")
    posts.act("desk", number, "dispatch", handler=posts.company.staff["tech2"].pk)
    leave(posts, "tech")


def test_work_in_a_foreign_project_is_neither_counted_nor_left_behind(posts: World) -> None:
    desk, manager = posts.company.staff["desk"], posts.actor("manager")
    posts.open("desk")
    seen = leaving.open_work(desk.pk, manager)
    foreign = posts.open("outsider", project="JZ", unit="1-1-0101").case
    Case.objects.in_project(foreign.project_id).filter(pk=foreign.pk).update(accountable_id=desk.pk)
    assert leaving.open_work(desk.pk, manager) == seen
    assert set(leaving.open_work(desk.pk)) == {posts.project_id, foreign.project_id}
    with pytest.raises(ConflictError) as told:
        leave(posts, "desk", "headbutler")
    assert told.value.rule == "staff.also_elsewhere"
    assert foreign.number not in str(told.value)
    assert leaving.open_work(desk.pk, manager) == seen, "nothing was handed over half-way"
    with pytest.raises(ConflictError):
        staffing.release(staff_id=desk.pk, reason="走了", actor=manager, at=posts.now)


def test_homes_outside_every_area_go_over_too(posts: World) -> None:
    butler, head = posts.company.staff["butler"].pk, posts.company.staff["headbutler"].pk
    homes = Unit.objects.in_project(posts.project_id)
    assert homes.filter(butler_staff_id=butler).exists()
    posts.open("owner")
    before = leaving.open_work(butler)
    with pytest.raises(InvalidError) as refused:
        leave(posts, "butler", "desk")
    assert "receiver" in refused.value.fields
    assert leaving.open_work(butler) == before, "nothing was handed over half-way"
    leave(posts, "butler", "headbutler")
    assert not homes.filter(butler_staff_id=butler).exists()
    assert homes.filter(butler_staff_id=head).exists()


def test_calls_still_to_be_made_go_to_whoever_answers_now(posts: World) -> None:
    desk, head = posts.company.staff["desk"].pk, posts.company.staff["headbutler"].pk
    number = to_settling(posts)
    calls = Callback.objects.in_project(posts.project_id).filter(case__number=number, ended_at__isnull=True)
    calls.update(butler_id=desk)
    Unit.objects.in_project(posts.project_id).update(butler_staff_id=None)
    Case.objects.in_project(posts.project_id).filter(number=number).update(accountable_id=desk)
    leave(posts, "desk", "headbutler")
    assert calls.get().butler_id == head


# --- departments ------------------------------------------------------------------------------------------
def test_six_departments_under_every_place(posts: World) -> None:
    for node in posts.company.nodes.values():
        assert len(found_departments(node=node, actor=SYSTEM, at=posts.now)) == 6
        assert len(found_departments(node=node, actor=SYSTEM, at=posts.now)) == 6
    with pytest.raises(NotAllowedError):
        found_departments(node=posts.company.nodes["JZ"], actor=posts.actor("manager"), at=posts.now)


def test_staff_belong_to_a_department_of_their_own_place(posts: World) -> None:
    for code in ("YX", "JZ"):
        found_departments(node=posts.company.nodes[code], actor=SYSTEM, at=posts.now)
    ours = Department.objects.get(node=posts.company.nodes["YX"], kind="service")
    theirs = Department.objects.get(node=posts.company.nodes["JZ"], kind="service")
    desk, manager = posts.company.staff["desk"], posts.actor("manager")

    def move(to: Department, actor: Actor = manager) -> Staff:
        data = staffing.StaffForm(name=desk.name, department=to.pk)
        return staffing.change(staff_id=desk.pk, data=data, actor=actor, at=posts.now)

    assert move(ours).department_id == ours.pk
    with pytest.raises(InvalidError):
        move(theirs)
