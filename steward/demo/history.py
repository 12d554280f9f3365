"""Weeks of believable work, and the present: what the desks have on their hands right now."""

from datetime import datetime, timedelta
from typing import Final

from steward.demo import incidents
from steward.demo.scenes import Crew, Order, Road, cancelled, inquiry
from steward.demo.stage import ZONE, Scene, Stage
from steward.demo.wording import COMMON, HOMES, INQUIRIES, OFFICES, STORY, TOWER, WARRANTY, Job
from steward.registers.estate.models import Unit, UnitKind, UnitStatus

DAYS: Final = 35
YX: Final = Crew(
    ("desk", "desk2"),
    ("tech", "tech2", "yx_tech3", "yx_tech4"),
    ("butler", "yx_butler2", "yx_butler3", "headbutler"),
    "cashier",
    "manager",
)
RT: Final = Crew(("tower_desk",), ("rt_tech1", "rt_tech2"), ("tower_desk",), "rt_cashier", "rt_manager")
JZ: Final = Crew(("outsider", "jz_desk2"), ("outsider_tech", "jz_tech2"), ("outsider",), "jz_cashier", "jz_manager")
#: Finished cases of the past weeks in each project.
PAST: Final = (("YX", YX, 56), ("RT", RT, 20), ("JZ", JZ, 32))


def scenes(stage: Stage, *, past: float = 1.0) -> list[Scene]:
    """Everything that happens, past and present. ``past``: how much of the finished work to play."""
    played: list[Scene] = []
    for project, crew, count in PAST:
        homes = _homes(stage, project)
        played += [_past(stage, project, crew, homes) for _ in range(round(count * past))]
        played += _questions(stage, project, crew, homes)
    return played + _present(stage) + _elsewhere(stage) + incidents.scenes(stage)


def _homes(stage: Stage, project: str) -> list[str]:
    """Rooms in use, in a fixed order."""
    rows = Unit.objects.in_project(stage.company.nodes[project].pk).exclude(kind=UnitKind.HOTEL)
    rows = rows.filter(status__in=(UnitStatus.OCCUPIED, UnitStatus.LET)).order_by("label")
    return list(rows.values_list("label", flat=True))


def _past(stage: Stage, project: str, crew: Crew, homes: list[str]) -> Scene:
    """One finished (or nearly finished) case, somewhere in the past weeks."""
    rng = stage.rng
    start = stage.day(rng.randint(2, DAYS), rng.randint(8, 19), rng.randrange(60))
    chance = rng.random()
    slow = 6.0 if rng.random() < 0.1 else 1.0
    if chance < 0.2:
        job = rng.choice(TOWER if project == "RT" else COMMON)
        place = rng.choice(job.places)
        order = Order(
            project=project, job=job, start=start, crew=crew, place=place, channel="patrol", payer="common", slow=slow
        )
        return Road(stage, order).play()
    job = rng.choice(OFFICES if project == "RT" else HOMES)
    payer, payer_name = "owner", ""
    if chance < 0.27 and project != "RT":
        job, payer, payer_name = rng.choice(WARRANTY), "developer", "开发商维保部"
    elif not job.lines and not job.flat:
        payer = "common"
    order = Order(
        project=project,
        job=job,
        start=start,
        crew=crew,
        unit=rng.choice(homes),
        channel=rng.choice(("phone", "phone", "wechat", "visit")),
        payer=payer,
        payer_name=payer_name,
        late_entry=rng.choice((0, 0, 3, 6)),
        slow=slow,
        consent=rng.choice(("signature", "signature", "signature", "call", "link")),
        settle=rng.choices(("pay", "bill", "waive"), (80, 16, 4))[0],
        call=rng.choices(("good", "retry", "bad"), (82, 13, 5))[0],
        hold=rng.choices(("", "parts", "customer", "capacity"), (86, 6, 5, 3))[0],
        answer="no" if job.lines and rng.random() < 0.06 else "yes",
    )
    return cancelled(stage, order) if rng.random() < 0.04 else Road(stage, order).play()


def _questions(stage: Stage, project: str, crew: Crew, homes: list[str]) -> list[Scene]:
    rng = stage.rng
    return [
        inquiry(
            stage,
            crew,
            project=project,
            start=stage.day(rng.randint(1, 20), rng.randint(9, 18), rng.randrange(60)),
            topic=topic,
            unit=rng.choice(homes),
            answered_after=rng.uniform(2, 240),
        )
        for topic in rng.sample(INQUIRIES, 3)
    ]


def _job(title: str, jobs: tuple[Job, ...] = (*HOMES, *COMMON)) -> Job:
    return next(job for job in jobs if job.title == title)


def _present(stage: Stage) -> list[Scene]:
    """The estate as it stands: every state of a repair, with clocks that are due soon."""
    return [*_story(stage), *_in_hand(stage), *_finished(stage), *_open_questions(stage)]


def _order(stage: Stage, job: Job | str, unit: str = "", *, start: datetime, **more: object) -> Scene:
    chosen = _job(job) if isinstance(job, str) else job
    crew = more.pop("crew", YX)
    order = Order(project="YX", job=chosen, start=start, crew=crew, unit=unit, **more)  # type: ignore[arg-type]
    return Road(stage, order).play()


def _story(stage: Stage) -> list[Scene]:
    """The drawn screens: a leak under the roof of 3-2-1201, contained, waiting for consent to 286.00."""
    return [_leak(stage), _locked_out(stage), _refused(stage)]


def _refused(stage: Stage) -> Scene:
    """A phone was offline while the desk sent somebody else: what it replays waits for the office."""
    order = Order(
        project="YX", job=_job("单元门禁刷卡没反应"), start=stage.ago(hours=4), crew=YX, place="8栋2单元门口",
        payer="common", tech="tech2", stop="accept",
    )  # fmt: skip
    road = Road(stage, order)
    yield from road.play()
    yield stage.after(12, 15)
    stage.act("tech2", road.number, "give_back", reason="手头这件走不开")
    yield stage.after(2, 4)
    stage.act("desk", road.number, "dispatch", handler=stage.staff_id("yx_tech4"))
    yield stage.after(20, 25)
    stage.replay("tech2", road.number, "arrive", minutes_ago=30)


def _leak(stage: Stage) -> Scene:
    ago = stage.ago
    yield ago(minutes=44)
    case = stage.open(
        "desk",
        project="YX",
        title=STORY.title,
        description=STORY.words,
        category="leak",
        urgency="P1",
        channel="phone",
        unit="3-2-1201",
        payer="owner",
        flat_rate="CALL",
        received_at=ago(minutes=48),
    ).case
    stage.act("desk", case.number, "dispatch", handler=stage.staff_id("tech"))
    yield ago(minutes=41)
    stage.act("tech", case.number, "accept")
    yield ago(minutes=32)
    stage.act("tech", case.number, "arrive")
    yield ago(minutes=27)
    photos = [stage.photo("tech", "YX", "leak"), stage.photo("tech", "YX", "pipe")]
    stage.act("tech", case.number, "contain", what="关闭第3路阀门，滴水停止", photos=photos)
    yield ago(minutes=23)
    photos = [stage.photo("tech", "YX", "pipe")]
    stage.act(
        "tech", case.number, "confirm_scope", cause=STORY.cause, scope=STORY.scope, confirmed_by="王淑芬", photos=photos
    )
    yield ago(minutes=18)
    lines = [{"code": code, "quantity": quantity} for code, quantity in STORY.lines]
    stage.act("tech", case.number, "quote", lines=lines)
    yield ago(minutes=8)
    stage.act("desk", case.number, "say", text="业主听力弱，已打给女儿周晓岚，她在看链接")


def _locked_out(stage: Stage) -> Scene:
    ago = stage.ago
    yield ago(minutes=12)
    number = stage.open(
        "desk",
        project="YX",
        title="入户门锁无法开启",
        description="业主在门外等候，钥匙断在锁芯里",
        category="door",
        urgency="P1",
        channel="phone",
        unit="7-1-0603",
        payer="owner",
        flat_rate="F-LOCK",
    ).case.number
    yield ago(minutes=10)
    stage.act("desk", number, "dispatch", handler=stage.staff_id("tech2"))
    yield ago(minutes=7)
    stage.act("tech2", number, "accept")


def _in_hand(stage: Stage) -> list[Scene]:
    ago = stage.ago
    dark = Job(
        "power", "地下车库B区照明闪烁", "C12车位一带忽明忽暗，业主二次来电", "", "", "", photo="lamp"
    )  # fmt: skip
    smell = Job("water", "厨房下水反味", "今天在家，13点以后都方便", "存水弯漏气", "更换存水弯", "", photo="drain")
    intercom = _job("可视对讲听不到声音")
    screen = Job(
        "intercom", "可视对讲分机无画面", "屏幕全黑，声音正常", "屏幕排线断", "更换分机屏幕", "", photo="panel"
    )
    return [
        # Late: nobody has accepted it.
        _order(stage, dark, start=ago(minutes=50), place="地下车库B区", urgency="P1", payer="common", tech="yx_tech3", stop="dispatch"),
        # Fresh, to dispatch within minutes.
        _order(stage, "厨房下水堵了", "4-2-0801", start=ago(minutes=5), stop="open"),
        _order(stage, "玄关感应灯不亮", "5-1-0902", start=ago(minutes=14), channel="wechat", stop="open"),
        _order(stage, smell, start=ago(hours=5), by="tenant", channel="portal", stop="open", unit="2-1-0304"),
        _order(stage, "马桶水箱一直进水", "6-2-0402", start=ago(hours=6, minutes=50), tech="tech", stop="accept"),
        _order(stage, intercom, "1-1-0702", start=ago(hours=3), payer="common", tech="yx_tech4", stop="accept"),
        _order(stage, "次卧地暖不热", "8-2-1601", start=ago(hours=7, minutes=5), tech="tech", stop="arrive"),
        _order(stage, "阳台推拉窗卡住", "9-1-0302", start=ago(hours=26), tech="tech2", stop="confirm_scope"),
        _order(stage, "客厅半边没电", "6-2-1401", start=ago(hours=30), tech="yx_tech3", stop="quote"),
        _order(stage, "淋浴龙头关不紧", "3-1-0902", start=ago(hours=28), tech="tech", consent="call", stop="consent"),
        _order(stage, "外墙瓷砖空鼓", start=ago(hours=46, minutes=20), place="3栋北墙", payer="common", tech="tech2", stop="start"),
        _order(stage, screen, "1-1-0701", start=ago(hours=52), payer="common", tech="yx_tech4", hold="parts", hold_hours=96, stop="suspend"),
        _order(stage, WARRANTY[0], "9-2-1502", start=ago(hours=70), payer="developer", payer_name="开发商维保部", tech="tech2", hold="weather", hold_hours=120, stop="suspend"),
        # Past its 48 hours while somebody works on it.
        _order(stage, "地库排水沟盖板松动", start=ago(hours=50), place="地下车库A区", payer="common", tech="yx_tech3", stop="start"),
    ]  # fmt: skip


def _finished(stage: Stage) -> list[Scene]:
    """Amounts to confirm and to pay; callbacks late, due today, tried, done and to come."""
    ago, leaky = stage.ago, "家里三个卫生间的角阀都要看一下"
    open_call, unpaid = {"call": "none"}, {"settle": "none"}
    return [
        _order(stage, "厨房水槽下面滴水", "8-1-0502", start=ago(hours=9), tech="tech", stop="finish"),
        _order(stage, "玄关感应灯不亮", "6-1-1102", start=ago(days=6, hours=22), tech="yx_tech3", call_after_hours=20, **unpaid),
        _order(stage, "阳台推拉窗卡住", "7-2-0101", start=ago(days=9), tech="tech2", call_after_hours=30, **unpaid),
        _order(stage, "次卧地暖不热", "4-1-0302", start=ago(days=3), tech="tech", answer="no", call_after_hours=40, **unpaid),
        _order(stage, "客卫吊顶渗水", "5-2-0704", start=ago(hours=30), tech="tech", contain="关上层阀门，接盆", settle="pay", **open_call),
        _order(stage, "客厅半边没电", "8-1-0501", start=ago(hours=25), urgency="P1", tech="yx_tech3", settle="bill", **open_call),
        _order(stage, "卫生间地漏返味", "2-2-0103", start=ago(hours=23), tech="tech", settle="pay", call="retry", call_after_hours=1),
        _order(stage, "厨房水槽下面滴水", "3-1-0902", start=ago(days=7, hours=1), tech="tech", settle="pay", **open_call),
        _order(stage, "可视对讲听不到声音", "6-2-1401", start=ago(days=6, hours=20), payer="common", tech="yx_tech4", **open_call),
        _order(stage, "玄关感应灯不亮", "6-2-1401", start=ago(days=5, hours=3), tech="yx_tech3", settle="bill", **open_call),
        _order(stage, "马桶水箱一直进水", "4-2-0801", start=ago(days=2, hours=4), tech="tech", settle="pay", **open_call),
        _order(stage, "入户门锁钥匙拧不动", "1-1-0702", start=ago(days=1, hours=20), tech="tech2", settle="pay", **open_call),
        # Done twice: not satisfied, opened again.
        _order(stage, "客卫吊顶渗水", "3-2-1101", start=ago(days=4), tech="tech", call="bad", call_after_hours=20),
        # The cast's own past.
        _order(stage, "淋浴龙头关不紧", "3-2-1201", start=ago(days=19), by="owner", channel="portal", consent="portal", tech="tech"),
        _order(stage, "卫生间地漏返味", "2-1-0304", start=ago(days=11), by="tenant", channel="portal", tech="tech"),
        _order(stage, Job("water", "角阀老化检查", leaky, "阀芯老化", "更换角阀三只", "换三只，试水不漏", (("CALL", "1"), ("L-VALVE", "3"), ("P-VALVE", "3")), photo="pipe"), "3-2-1201", start=ago(days=27), consent="link", tech="tech", settle="bill"),
    ]  # fmt: skip


def _open_questions(stage: Stage) -> list[Scene]:
    ago = stage.ago
    new = {"project": "YX", "answered_after": None}
    return [
        inquiry(stage, YX, start=ago(hours=20, minutes=50), topic=INQUIRIES[0], unit="9-2-1502", **new),  # type: ignore[arg-type]
        inquiry(stage, YX, start=ago(hours=2), topic=INQUIRIES[4], unit="5-1-0902", passed_to="cashier", **new),  # type: ignore[arg-type]
        inquiry(stage, YX, start=ago(minutes=35), topic=INQUIRIES[5], unit="7-1-0603", **new),  # type: ignore[arg-type]
    ]


def _elsewhere(stage: Stage) -> list[Scene]:
    """The tower and the compound are at work as well."""
    ago, rng = stage.ago, stage.rng
    trapped = Job("lift", "2号楼货梯困住两人", "人没事，能通话", "门锁触点松动", "维保紧固触点", "", photo="panel")
    towers, homes = _homes(stage, "RT"), _homes(stage, "JZ")

    def at(project: str, crew: Crew, job: Job, **more: object) -> Scene:
        return Road(stage, Order(project=project, job=job, crew=crew, **more)).play()  # type: ignore[arg-type]

    return [
        at("RT", RT, OFFICES[0], start=ago(minutes=25), unit="1-1-1502", urgency="P1", stop="accept"),
        at("RT", RT, OFFICES[2], start=ago(hours=4), unit=rng.choice(towers), stop="quote"),
        at("RT", RT, OFFICES[4], start=ago(hours=22), unit=rng.choice(towers), call="none", settle="none"),
        at("RT", RT, OFFICES[5], start=ago(hours=2), place="B座货梯", payer="common", stop="open"),
        at("JZ", JZ, trapped, start=ago(minutes=30), place="2栋1单元", payer="common", contain="已放人，电梯停用", stop="contain"),
        at("JZ", JZ, HOMES[3], start=ago(hours=1), unit="1-1-0101", stop="arrive"),
        at("JZ", JZ, COMMON[1], start=ago(hours=9), place="5栋2单元", payer="common", stop="dispatch"),
        at("JZ", JZ, HOMES[0], start=ago(hours=40), unit=rng.choice(homes), call="none", settle="none"),
        at("JZ", JZ, HOMES[9], start=ago(hours=27), unit=rng.choice(homes), contain="关阀接盆", call="none"),
    ]  # fmt: skip


def first_day(present: datetime) -> datetime:
    """When the company's data begin: before the first case."""
    return present.astimezone(ZONE).replace(hour=6, minute=0, second=0, microsecond=0) - timedelta(days=DAYS + 60)


def yesterday(present: datetime) -> datetime:
    return present - timedelta(days=1)
