"""Who holds which post, who looks after which homes, and the firms that work for the estates."""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from steward.cases.models import Case
from steward.casework import subtasks
from steward.demo.cast import Company
from steward.kernel.actor import SYSTEM, Actor
from steward.kernel.schema import parse
from steward.registers.estate.models import Building
from steward.registers.org.actors import of_user
from steward.registers.org.posts import catalogue, load_preset
from steward.registers.org.posts_models import Department
from steward.registers.workforce import areas, contractors, standins
from steward.registers.workforce.assignments import assign_post, end_post, today_at
from steward.registers.workforce.contractors import ContractorData, StaffData
from steward.registers.workforce.models import Staff
from steward.registers.workforce.operations import hire

SPACE: Final = uuid.UUID("8c1f7a86-40b2-4d4e-9d5a-0c6b7b0f5a33")
#: username → (post, held since so many days before the story).
POSTS: Final[Mapping[str, tuple[str, int]]] = {
    "desk": ("front_desk", 320),
    "desk2": ("front_desk", 150),
    "tech": ("plumber", 350),
    "tech2": ("civil_technician", 280),
    "yx_tech3": ("hv_electrician", 200),
    "yx_tech4": ("lv_electrician", 90),
    "butler": ("butler", 340),
    "yx_butler2": ("butler", 60),
    "yx_butler3": ("butler", 210),
    "headbutler": ("head_butler", 120),
    "cashier": ("cashier", 300),
    "manager": ("project_manager", 330),
    "region": ("regional_director", 300),
    "hq": ("hq_service_director", 360),
    "outsider": ("front_desk", 260),
    "outsider_tech": ("plumber", 240),
    "tower_desk": ("front_desk", 310),
    "rt_tech1": ("duty_engineer", 300),
    "rt_tech2": ("plumber", 160),
    "rt_cashier": ("cashier", 290),
    "rt_manager": ("project_manager", 300),
    "jz_desk2": ("front_desk", 80),
    "jz_tech2": ("plumber", 330),
    "jz_cashier": ("cashier", 345),
    "jz_manager": ("project_manager", 340),
    "yx_eng": ("engineering_manager", 270),
    "yx_guard": ("security_manager", 180),
    "yx_night": ("clerk", 130),
    "yx_night2": ("clerk", 40),
    "north": ("regional_director", 310),
}
#: Colleagues without a sign-in: (place, name, post, phone).
OTHERS: Final = (
    ("YX", "方毅", "guard_supervisor", "13600010031"), ("YX", "卢永胜", "fire_supervisor", "13600010032"),
    ("YX", "石磊", "control_room_officer", "13600010033"), ("YX", "孟庆元", "control_room_officer", "13600010034"),
    ("YX", "蒋小燕", "monitor_officer", "13600010035"), ("YX", "杜鹃", "environment_assistant", "13600010036"),
    ("YX", "潘美玲", "community_assistant", "13600010037"), ("YX", "薛兰", "archivist", "13600010038"),
    ("RT", "袁成", "guard_supervisor", "13600010041"), ("RT", "汪洋", "fire_officer", "13600010042"),
    ("RT", "谭丽", "leasing_assistant", "13600010043"), ("RT", "崔玉", "lift_attendant", "13600010044"),
    ("JZ", "韩大勇", "guard_supervisor", "13600010051"), ("JZ", "白桦", "monitor_officer", "13600010052"),
)  # fmt: skip
#: Posts held before: (post, from, until), days before the story.
EARLIER: Final = {"headbutler": ("butler", 355, 120), "yx_butler2": ("butler_assistant", 240, 60)}
#: Building → butler and stand-in. In the ninth only the first entrance: the second is still to be given.
SHARED: Final = (
    *((str(n), "", "butler", "headbutler") for n in (1, 2, 3)),
    *((str(n), "", "yx_butler2", "yx_butler3") for n in (4, 5, 6)),
    *((str(n), "", "yx_butler3", "yx_butler2") for n in (7, 8)),
    ("9", "", "yx_butler3", "yx_butler2"),
    ("9", "1", "yx_butler3", "yx_butler2"),
    ("5", "2", "headbutler", "yx_butler2"),
)
#: Firm, trade, scope, contract from and until, insured until (days from the present), people.
FIRMS: Final[Mapping[str, tuple[tuple[Any, ...], ...]]] = {
    "YX": (
        ("恒安电梯服务有限公司", "lift", "18 台客梯的维保、年检配合与困人救援", -347, 18, 410, "谢工", "0571-85550121",
         (("谢志强", "电梯维保", "电梯作业证 T", 240), ("罗海", "电梯维保", "电梯作业证 T", -5))),
        ("净界保洁服务有限公司", "cleaning", "公共区域日常保洁，每季外墙清洗", -200, 165, 62, "陶经理", "0571-85550122",
         (("万秀兰", "保洁领班", "", None), ("季凤英", "楼道保洁", "", None))),
        ("绿野园林工程有限公司", "greening", "绿地养护、修剪、补种与防寒", -290, 75, 200, "俞工", "0571-85550123", ()),
        ("安虫净有害生物防治有限公司", "pest", "灭鼠灭蟑每月一次，夏季灭蚊每周一次", -100, 265, None, "丁师傅", "0571-85550124", ()),
        ("磐石保安服务有限公司", "guard", "三处门岗、夜间巡逻、监控室值守", -30, 335, 335, "韦队长", "0571-85550125",
         (("韦国梁", "保安队长", "保安员证", 900), ("阮浩", "门岗", "保安员证", 20))),
        ("蓝盾消防技术有限公司", "fire", "消防主机、喷淋与报警系统维保", -60, 305, 305, "冉工", "0571-85550126", ()),
    ),
    "RT": (
        ("恒安电梯服务有限公司", "lift", "12 台客梯、2 台货梯的维保", -300, 65, 410, "谢工", "0571-85550121", ()),
        ("鸿运物业清洁有限公司", "cleaning", "写字楼与裙楼保洁，垃圾清运", -120, 245, 245, "卜经理", "0571-85550127", ()),
    ),
    "JZ": (
        ("锦捷电梯维护有限公司", "lift", "40 台客梯的维保与困人救援", -210, 155, 300, "佟工", "010-85550131",
         (("佟立国", "电梯维保", "电梯作业证 T", 35),)),
        ("常青环境服务有限公司", "cleaning", "楼内外保洁与垃圾清运", -330, 35, 120, "郎经理", "010-85550132", ()),
    ),
}  # fmt: skip
ASKED: Final = ("恒安电梯服务有限公司", "净界保洁服务有限公司")
TO_DO: Final = ("请检查 2 号梯平层偏差并调整", "请清理 3 单元楼道积水")


def give_posts(company: Company, *, at: datetime) -> None:
    """The shipped posts, and the cast in theirs; the roles are there already."""
    load_preset(actor=SYSTEM, at=at)
    posts = {p.code: p for p in catalogue().values()}
    departments = {(d.node_id, d.kind): d.pk for d in Department.objects.all()}
    for node, name, _post, phone in OTHERS:
        company.staff[name] = hire(node=company.nodes[node], name=name, phone=phone, at=at)
    others = {name: (post, 90 + 20 * n) for n, (_node, name, post, _phone) in enumerate(OTHERS)}
    for username, (code, days) in {**POSTS, **others}.items():
        staff = company.staff[username]
        where: dict[str, Any] = {"staff_id": staff.pk, "node_id": staff.node_id, "actor": SYSTEM}
        today = today_at(staff.node_id, at)
        if username in EARLIER:
            before, since, until = EARLIER[username]
            then = at - timedelta(days=until)
            held = assign_post(post_id=posts[before].id, since=today - timedelta(days=since), at=then, **where)
            end_post(held_id=held.pk, until=today - timedelta(days=until), actor=SYSTEM, at=then)
        assign_post(post_id=posts[code].id, since=today - timedelta(days=days), at=at, **where)
        Staff.objects.filter(pk=staff.pk).update(
            department_id=departments[staff.node_id, posts[code].department], hired_at=at - timedelta(days=365)
        )
        staff.refresh_from_db()


def share_out(company: Company, *, at: datetime) -> None:
    """Areas with stand-ins and one gap, contractors with what runs out, and what two of them still owe."""
    manager = of_user(company.users["manager"])
    project_id = company.nodes["YX"].pk
    buildings = dict(Building.objects.in_project(project_id).values_list("code", "pk"))
    rows = [
        areas.assign(
            project_id=project_id,
            building_id=buildings[code],
            entrance=entrance,
            butler_id=company.staff[butler].pk,
            stand_in_id=company.staff[stand_in].pk,
            actor=manager,
            at=at if entrance == "2" else at - timedelta(days=30),  # open work that moves is told about today
        )
        for code, entrance, butler, stand_in in SHARED
    ]
    areas.end(project_id=project_id, area_id=rows[8].pk, actor=manager, at=at - timedelta(days=1))
    today = today_at(project_id, at)
    standins.cover_between(
        project_id=project_id,
        area_id=rows[0].pk,
        since=today + timedelta(days=3),
        until=today + timedelta(days=10),
        actor=manager,
        at=at,
    )
    for code, firms in FIRMS.items():
        leads = manager if code == "YX" else of_user(company.users[f"{code.lower()}_manager"])
        for firm in firms:
            _engage(company.nodes[code].pk, firm, leads, at)
    _ask(project_id, of_user(company.users["desk"]), at)


def _engage(project_id: int, firm: tuple[Any, ...], actor: Actor, at: datetime) -> None:
    name, trade, scope, begun, until, insured, contact, phone, people = firm
    today = today_at(project_id, at)

    def day(days: int | None) -> str | None:
        return (today + timedelta(days=days)).isoformat() if days is not None else None

    raw = {"name": name, "trade": trade, "scope_of_work": scope, "contact": contact, "phone": phone}
    raw |= {"contract_no": f"HT-{trade[:2].upper()}-{today.year}", "insurer": "之江财产保险" if insured else ""}
    raw |= {"contract_from": day(begun), "contract_until": day(until), "insured_until": day(insured)}
    data = parse(ContractorData, raw)
    row = contractors.engage(project_id=project_id, data=data, actor=actor, at=at)
    for person, duty, certificate, valid in people:
        sent = {"name": person, "duty": duty, "certificate": certificate, "certified_until": day(valid)}
        contractors.send_staff(
            project_id=project_id, contractor_id=row.pk, data=parse(StaffData, sent), actor=actor, at=at
        )


def _ask(project_id: int, actor: Actor, at: datetime) -> None:
    """Two open cases of common places: each has a part for a firm."""
    rows = Case.objects.in_project(project_id).filter(closed_at__isnull=True, is_imported=False).exclude(place="")
    for n, number in enumerate(rows.order_by("pk").values_list("number", flat=True)[: len(ASKED)]):
        subtasks.ask_subtask(
            project_id=project_id,
            number=number,
            data={"what": TO_DO[n], "contractor": ASKED[n]},
            actor=actor,
            at=at,
            client_uuid=uuid.uuid5(SPACE, number),
        )
