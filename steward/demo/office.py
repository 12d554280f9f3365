"""What an office keeps beside its cases: posts, firms, areas, the on-call list, knowledge, figures, an import."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from steward.demo import shifts
from steward.demo.cast import Company
from steward.demo.stage import Scene, Stage
from steward.demo.words.office import FIRMS
from steward.demo.words.talks import KNOWLEDGE
from steward.kernel.actor import SYSTEM
from steward.kernel.excel import Book
from steward.registers.cutover import operations as cutover
from steward.registers.estate.models import Building
from steward.registers.knowledge import articles
from steward.registers.messaging.operations import set_template
from steward.registers.org import figures, posts
from steward.registers.org.posts import catalogue
from steward.registers.org.posts_models import Department
from steward.registers.workforce import areas, assignments, contractors, oncall, staffing
from steward.registers.workforce.oncall import Entry
from steward.registers.workforce.operations import hire
from steward.registers.workforce.posts_models import PostHeld

#: Which post everybody of the cast and the colleagues holds.
POSTS: Final = {
    "desk": "front_desk", "desk2": "front_desk", "tech": "plumber", "tech2": "civil_technician", "butler": "butler",
    "headbutler": "head_butler", "cashier": "cashier", "manager": "project_manager", "region": "regional_director",
    "hq": "hq_service_director", "north": "regional_director", "outsider": "front_desk", "outsider_tech": "plumber", "tower_desk": "front_desk",
    "yx_tech3": "duty_engineer", "yx_tech4": "lv_electrician", "yx_butler2": "butler", "yx_butler3": "butler_assistant",
    "yx_eng": "engineering_manager", "yx_guard": "security_manager", "yx_night": "clerk", "yx_night2": "clerk",
    "rt_tech1": "duty_engineer", "rt_tech2": "plumber", "rt_cashier": "cashier", "rt_manager": "project_manager",
    "jz_desk2": "front_desk", "jz_tech2": "lv_electrician", "jz_cashier": "cashier", "jz_manager": "project_manager",
}  # fmt: skip
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
#: (days ago, who, figure, value, why). What is not listed keeps its preset.
FIGURES: Final = (
    (58, "hq", "HQ", "contractor.notice_days", 90, "续签和招标要一个季度"),
    (41, "manager", "YX", "complaint.collective_from", 8, "本项目楼栋小，八户就按群诉报"),
    (23, "hq", "HQ", "knowledge.review_days", 120, "供暖季问答变化快，改为四个月一审"),
    (9, "region", "EAST", "duty.brief_hour", 6, "晨会提前到七点"),
)  # fmt: skip
TEXTS: Final = {
    "case.next_word": {
        "subject": "{number} 的最新进展",
        "body": "您好，您反映的“{title}”（{number}）：{text}。我们最迟 {when} 再和您说。云栖花园服务中心 0571-88010000",
        "short": "{number}：{text}，最迟{when}再告知您。",
    },
}  # fmt: skip
ROTA: Final = ("tech", "yx_tech3", "tech2", "yx_tech4")


def scenes(stage: Stage, *, days: int, rain: Sequence[float]) -> list[Scene]:
    kept = [_knowledge(stage, days), _firms(stage, days), _areas(stage, days), _on_call(stage, min(days, 10))]
    return [*kept, _import(stage, min(days, 20)), *_figures(stage, days), *shifts.scenes(stage, days=days, rain=rain)]


def found(company: Company, *, at: datetime) -> None:
    """The catalogue of posts, the departments, and who holds what: before the first case."""
    posts.load_preset(actor=SYSTEM, at=at)
    by_code = {post.code: post.id for post in catalogue().values()}
    since = at.date()
    for code in ("HQ", "EAST", "NORTH", "YX", "RT", "JZ"):
        posts.found_departments(node=company.nodes[code], actor=SYSTEM, at=at)
    for name, post in POSTS.items():
        _give(company.staff[name].pk, by_code[post], company.staff[name].node_id, since, at)
    for code, name, post, phone in OTHERS:
        company.staff[name] = hire(node=company.nodes[code], name=name, phone=phone, at=at)
        _give(company.staff[name].pk, by_code[post], company.staff[name].node_id, since, at)
    _into_departments(company, at)


def _into_departments(company: Company, at: datetime) -> None:
    """Everybody sits where the post belongs."""
    rooms = {(d.node_id, d.kind): d.pk for d in Department.objects.all()}
    kinds = {post.id: post.department for post in catalogue().values()}
    held = dict(PostHeld.objects.values_list("staff_id", "post_id"))
    for staff in company.staff.values():
        department = rooms[staff.node_id, kinds[held[staff.pk]]]
        kept = {"name": staff.name, "phone": staff.phone, "email": staff.email, "skills": staff.skills}
        data = staffing.StaffForm(department=department, **kept)
        staffing.change(staff_id=staff.pk, data=data, actor=SYSTEM, at=at)


def _give(staff_id: int, post_id: int, node_id: int, since: date, at: datetime) -> None:
    assignments.assign_post(staff_id=staff_id, post_id=post_id, node_id=node_id, since=since, actor=SYSTEM, at=at)


def _knowledge(stage: Stage, days: int) -> Scene:
    """Written at the beginning; one revised when the rules changed, one read again, one retired."""
    today, hq = stage.until.date(), stage.actor("hq")
    yield stage.day(days + 1, 10)
    for n, known in enumerate(KNOWLEDGE):
        row = articles.save_article(
            article_id=None,
            node_id=None,
            actor=hq,
            at=stage.now,
            question=known.question,
            answer=known.answer,
            keywords=known.keywords,
            for_residents=known.for_residents,
            owner=stage.staff_id(("desk", "manager", "headbutler")[n % 3]),
            review_on=today + timedelta(days=known.review + 3 * n if known.review > 100 else known.review),
        )
        stage.articles[known.question] = row.pk
    yield from _grown(stage, days, today)


def _grown(stage: Stage, days: int, today: date) -> Scene:
    hq, known = stage.actor("hq"), KNOWLEDGE[2]
    yield stage.day(min(days, 48), 11, 20)
    articles.save_article(
        article_id=stage.articles[known.question],
        node_id=None,
        actor=hq,
        at=stage.now,
        version=1,
        question=known.question,
        answer=f"{known.answer}高考、中考期间全天不做有声施工。",
        keywords=known.keywords,
        owner=stage.staff_id("manager"),
        review_on=today + timedelta(days=160),
    )
    yield stage.day(min(days, 20), 15)
    again: dict[str, Any] = {"article_id": stage.articles[KNOWLEDGE[5].question], "actor": hq, "at": stage.now}
    articles.confirm(review_on=today + timedelta(days=210), node_id=None, **again)
    yield stage.day(min(days, 6), 9, 30)
    articles.retire(article_id=stage.articles[KNOWLEDGE[12].question], node_id=None, actor=hq, at=stage.now)


def _firms(stage: Stage, days: int) -> Scene:
    yield stage.day(days + 1, 14)
    for code, manager in (("YX", "manager"), ("RT", "rt_manager"), ("JZ", "jz_manager")):
        for firm in FIRMS if code == "YX" else FIRMS[2:4] + FIRMS[5:6]:
            _engage(stage, code, manager, firm)


def _engage(stage: Stage, code: str, manager: str, firm: Any) -> None:
    """Contract, insurance and people, with days counted from the present."""
    name, trade, scope, contract, begins, ends, insurer, insured, contact, phone, people = firm
    where = stage.by(manager, code)
    data = contractors.ContractorData(
        name=name,
        trade=trade,
        scope_of_work=scope,
        contract_no=f"{code}-{contract}",
        contract_from=_day(stage, begins),
        contract_until=_day(stage, ends),
        insurer=insurer,
        policy_no=f"PL{phone[-6:]}" if insurer else "",
        insured_until=_day(stage, insured) if insurer else None,
        contact=contact,
        phone=phone,
    )
    row = contractors.engage(data=data, **where)
    for n, (who, duty, certificate, left) in enumerate(people):
        person = contractors.StaffData(
            name=who,
            duty=duty,
            phone=f"{phone[:-2]}{int(phone[-2:]) + 40 + n:02d}",
            certificate=certificate,
            certified_until=_day(stage, left) if certificate else None,
        )
        contractors.send_staff(contractor_id=row.pk, data=person, **where)


def _day(stage: Stage, ahead: int) -> date:
    return stage.until.date() + timedelta(days=ahead)


def _areas(stage: Stage, days: int) -> Scene:
    """Three buildings for each butler; one went to another when a colleague came back."""
    yield stage.day(days + 1, 15)
    project_id = stage.project("YX")
    buildings = {b.code: b.pk for b in Building.objects.in_project(project_id)}
    butlers = ("butler", "yx_butler2", "yx_butler3")

    def give(code: str, butler: str, stand_in: str) -> Any:
        return areas.assign(
            project_id=project_id,
            building_id=buildings[code],
            butler_id=stage.staff_id(butler),
            stand_in_id=stage.staff_id(stand_in),
            actor=stage.actor("manager"),
            at=stage.now,
        )

    for code in sorted(buildings)[:9]:
        n = (int(code) - 1) // 3
        give(code, butlers[n], butlers[(n + 1) % 3])
    yield stage.day(min(days, 71), 9, 10)
    give("6", "yx_butler3", "butler")
    yield stage.day(min(days, 37), 9, 10)
    give("6", "yx_butler2", "yx_butler3")


def _on_call(stage: Stage, days: int) -> Scene:
    """Every afternoon the night a week ahead; the first week at once."""
    for ago in range(days, -1, -1):
        yield stage.day(ago, 16, 30)
        for ahead in range(8) if ago == days else (7,):
            day = stage.day(ago - ahead, 12).date()
            _night(stage, "YX", "headbutler", day, ROTA, "孟庆元")
            if ago < 3:
                _night(stage, "RT", "rt_manager", day, ("rt_tech1", "rt_tech2"), "袁成")
                _night(stage, "JZ", "jz_manager", day, ("outsider_tech", "jz_tech2"), "韩大勇")


def _night(stage: Stage, code: str, keeper: str, day: date, techs: tuple[str, ...], guard: str) -> None:
    n = day.toordinal()
    manager = {"YX": ("headbutler", "manager"), "RT": ("rt_manager",), "JZ": ("jz_manager",)}[code]
    entries = {
        "technician": Entry(staff_id=stage.staff_id(techs[n % len(techs)])),
        "second": Entry(staff_id=stage.staff_id(techs[(n + 1) % len(techs)])),
        "guard": Entry(name=guard, phone="0571-88010110"),
        "manager": Entry(staff_id=stage.staff_id(manager[n % len(manager)])),
        "lift": Entry(name="杭安电梯 值班", phone="400-8001203"),
    }
    where = stage.by(keeper, code)
    oncall.set_on_call(day=day, entries=entries, **where)


def _figures(stage: Stage, days: int) -> list[Scene]:
    return [_chosen(stage, min(days, ago), *rest) for ago, *rest in FIGURES] + [_worded(stage, min(days, 30))]


def _chosen(stage: Stage, ago: int, *chosen: Any) -> Scene:
    who, code, key, value, why = chosen
    yield stage.day(ago, 11, 5)
    today = stage.day(ago, 11).date()
    where = stage.at_node(who, code)
    figures.set_figure(key=key, raw=value, effective_on=today, note=why, **where)


def _worded(stage: Stage, ago: int) -> Scene:
    yield stage.day(ago, 16, 40)
    for key, words in TEXTS.items():
        where = stage.at_node("manager", "YX")
        set_template(key=key, language="zh-hans", words=words, note="落款加服务中心电话", **where)


def _import(stage: Stage, ago: int) -> Scene:
    """The tenth building, handed over late: the first list had errors, the second was loaded."""
    for minute, faulty in ((10, True), (42, False)):
        yield stage.day(ago, 14, minute)
        name = f"10栋业主清册{'' if faulty else '（改）'}.xlsx"
        where = {"project_id": stage.project("YX")}
        run = cutover.give(
            name=name, content=_workbook(faulty=faulty), actor=stage.actor("manager"), client_uuid=stage.uuid(),
            at=stage.now, **where,
        )  # fmt: skip
        cutover.check(run_id=run.pk, at=stage.now, **where)
        if not faulty:
            yield stage.after(6, 9)
            cutover.confirm(run_id=run.pk, actor=stage.actor("manager"), at=stage.now, **where)
            cutover.load(run_id=run.pk, at=stage.now, **where)


def _workbook(*, faulty: bool) -> bytes:
    book = Book()
    page = book.sheet("楼栋", ["楼栋编号", "楼栋名称", "俗称", "竣工日期"])
    book.row(page, 1, ["10", "10栋", "望秋楼", "2026-08-30"])
    units = book.sheet("房产", ["楼栋", "单元", "楼层", "房号", "用途", "状态", "建筑面积"])
    people = book.sheet("业户", ["房屋", "姓名", "身份", "电话"])
    doors = [(storey, door) for storey in range(1, 7) for door in (1, 2)]
    for line, (storey, door) in enumerate(doors, start=1):
        room = f"{storey:02d}{door:02d}"
        area: Any = "一百二十八" if faulty and line == 5 else 128.5 if door == 1 else 96.3
        book.row(units, line, ["10", "1", f"{storey:02d}", room, "住宅", "已交付", area])
        phone = "1380002" if faulty and line == 8 else f"138000210{line:02d}"
        book.row(people, line, [f"10-1-{room}", NEWCOMERS[line - 1], "业主", phone])
    return book.done()


NEWCOMERS: Final = (
    "贺敏",
    "尹志强",
    "毛晓燕",
    "段伟",
    "侯静",
    "龚建新",
    "邢丽",
    "文海",
    "常玉兰",
    "史磊",
    "龙芳",
    "万军",
)
