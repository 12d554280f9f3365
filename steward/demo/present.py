"""The present: what the desks have on their hands right now, in every state, with clocks that are due soon."""

from datetime import datetime, timedelta
from typing import Any, Final

from steward.casework import subtasks
from steward.casework.accountability import handovers
from steward.casework.models import Conflict
from steward.casework.replays.conflicts import resolve_conflict
from steward.demo.aftermath import cancelled
from steward.demo.grievances import Anger, Plea, asked_of_firm
from steward.demo.scenes import Crew, Order, Road
from steward.demo.stage import Scene, Stage
from steward.demo.talks import inquiry, praise, service, suggestion
from steward.demo.words.complaints import NOW
from steward.demo.words.repairs import COMMON, HOMES, OFFICES, STORY, WARRANTY, Job
from steward.demo.words.talks import FOUND_OUT, IDEAS, KNOWLEDGE, SERVICES, THANKS
from steward.registers.estate.models import Unit, UnitKind, UnitStatus

YX: Final = Crew(
    ("desk", "desk2"),
    ("tech", "tech2", "yx_tech3", "yx_tech4"),
    ("butler", "yx_butler2", "yx_butler3", "headbutler"),
    "cashier",
    "manager",
    ("yx_night", "yx_night2"),
    ("butler", "headbutler"),
)
RT: Final = Crew(
    ("tower_desk",), ("rt_tech1", "rt_tech2"), ("tower_desk",), "rt_cashier", "rt_manager", ("rt_manager",)
)
JZ: Final = Crew(
    ("outsider", "jz_desk2"), ("outsider_tech", "jz_tech2"), ("outsider",), "jz_cashier", "jz_manager", ("jz_manager",)
)
#: Ideas and thanks that the present uses; the past has others.
IDEAS_NOW: Final = (8, 9, 16, 18)
THANKS_NOW: Final = (0, 7, 9)


def scenes(stage: Stage) -> list[Scene]:
    repairs = [*_story(stage), *_in_hand(stage), *_finished(stage), *_elsewhere(stage)]
    return [*repairs, *_talks(stage), *_anger(stage), *_between_us(stage)]


def homes_of(stage: Stage, project: str) -> list[str]:
    """Rooms in use, in a fixed order."""
    rows = Unit.objects.in_project(stage.company.nodes[project].pk).exclude(kind=UnitKind.HOTEL)
    rows = rows.filter(status__in=(UnitStatus.OCCUPIED, UnitStatus.LET)).order_by("label")
    return list(rows.values_list("label", flat=True))


def at(start: datetime, scene: Scene) -> Scene:
    """A scene without a beginning of its own, from an instant on."""
    yield start
    yield from scene


def _job(title: str, jobs: tuple[Job, ...] = (*HOMES, *COMMON)) -> Job:
    return next(job for job in jobs if job.title == title)


def _order(stage: Stage, job: Job | str, unit: str = "", *, start: datetime, **more: object) -> Scene:
    chosen = _job(job) if isinstance(job, str) else job
    crew = more.pop("crew", YX)
    order = Order(project="YX", job=chosen, start=start, crew=crew, unit=unit, **more)  # type: ignore[arg-type]
    return Road(stage, order).play()


def _story(stage: Stage) -> list[Scene]:
    """The drawn screens: a leak under the roof of 3-2-1201, contained, waiting for consent to 286.00."""
    return [
        _leak(stage),
        _locked_out(stage),
        _refused(stage, stage.ago(hours=4), "8栋2单元门口"),
        _refused(stage, stage.day(9, 9, 20), "2栋1单元门口"),
    ]


def _refused(stage: Stage, start: datetime, place: str) -> Scene:
    """A phone was offline while the desk sent somebody else: what it replays waits for the office."""
    order = Order(
        project="YX", job=_job("单元门禁刷卡没反应"), start=start, crew=YX, place=place,
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
    yield start + timedelta(hours=5)
    row = Conflict.objects.in_project(stage.project("YX")).get(case__number=road.number, resolved_at__isnull=True)
    said = "已问过王强：到了门口才知道改派，按唐立军的到场时间算"
    resolve_conflict(**stage.by("desk"), pk=row.pk, resolution=said)
    yield from _by_the_other(stage, road)


def _by_the_other(stage: Stage, road: Road) -> Scene:
    who, number = "yx_tech4", road.number
    yield stage.after(1, 3)
    stage.act(who, number, "accept")
    yield stage.after(4, 9)
    stage.act(who, number, "arrive")
    photos = [stage.photo(who, "YX", "panel")]
    found = {"cause": "读卡器进水", "scope": "更换读卡器并做防水", "confirmed_by": "物业巡查"}
    stage.act(who, number, "confirm_scope", photos=photos, **found)
    stage.act(who, number, "start")
    yield stage.after(30, 50)
    done = {"work_done": "换读卡器，试卡十张都能开", "labour_minutes": 40, "site_cleaned": True}
    stage.act(who, number, "finish", photos_after=[stage.photo(who, "YX", "done")], **done)
    yield stage.after(30, 50)
    stage.act("butler", number, "accept_work", remark="单元里几户都试过")
    yield stage.callable_from(number, stage.now + timedelta(hours=20))
    stage.act("butler", number, "callback", outcome="satisfied", rating=3, comment="单元里都能刷了")


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
    manifold = Job(
        "heating", "地暖分水器整组漏水", "分水器底下一直滴，接头都锈了", "分水器腐蚀，八路接头渗水", "整组更换分水器接头",
        "", (("CALL", "1"), ("L-PLUMB", "8"), ("P-DN20", "24"), ("P-VALVE", "8")), photo="pipe",
    )  # fmt: skip
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
        # The price is above the company's limit; a ceiling was agreed; finished, to be accepted by a butler.
        _order(stage, manifold, "5-2-0901", start=ago(hours=5, minutes=20), tech="tech", stop="quote"),
        _order(stage, "厨房水槽下面滴水", "2-2-0803", start=ago(hours=4), tech="tech", consent="call", ceiling="600.00", stop="start"),
        _order(stage, "楼道声控灯不亮", start=ago(hours=6), place="7栋2单元12层楼道", payer="common", tech="yx_tech3", stop="finish"),
        # Past its 48 hours while somebody works on it.
        _order(stage, "地库排水沟盖板松动", start=ago(hours=50), place="地下车库A区", payer="common", tech="yx_tech3", stop="start"),
    ]  # fmt: skip


def _called_off(stage: Stage) -> Scene:
    order = Order(project="YX", job=_job("可视对讲听不到声音"), start=stage.ago(hours=29), crew=YX, unit="2-2-0103")
    return cancelled(stage, order)


def _finished(stage: Stage) -> list[Scene]:
    """Amounts to confirm and to pay; callbacks late, due today, tried, done and to come."""
    ago, leaky = stage.ago, "家里三个卫生间的角阀都要看一下"
    open_call, unpaid = {"call": "none"}, {"settle": "none"}
    return [
        _order(stage, "厨房水槽下面滴水", "8-1-0502", start=ago(hours=11), tech="tech", stop="finish"),
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
        _order(stage, "厨房下水堵了", homes_of(stage, "YX")[40], start=ago(hours=3, minutes=10), tech="tech", settle="none", **open_call),
        _called_off(stage),
        # Done twice: not satisfied, opened again.
        _order(stage, "客卫吊顶渗水", "3-2-1101", start=ago(days=4), tech="tech", call="bad", call_after_hours=20),
        # The cast's own past.
        _order(stage, "淋浴龙头关不紧", "3-2-1201", start=ago(days=19), by="owner", channel="portal", consent="portal", tech="tech"),
        _order(stage, "卫生间地漏返味", "2-1-0304", start=ago(days=11), by="tenant", channel="portal", tech="tech"),
        _order(stage, Job("water", "角阀老化检查", leaky, "阀芯老化", "更换角阀三只", "换三只，试水不漏", (("CALL", "1"), ("L-VALVE", "3"), ("P-VALVE", "3")), photo="pipe"), "3-2-1201", start=ago(days=27), consent="link", tech="tech", settle="bill"),
    ]  # fmt: skip


def _elsewhere(stage: Stage) -> list[Scene]:
    """The tower and the compound are at work as well."""
    ago, rng = stage.ago, stage.rng
    trapped = Job("lift", "2号楼货梯困住两人", "人没事，能通话", "门锁触点松动", "维保紧固触点", "", photo="panel")
    towers, homes = homes_of(stage, "RT"), homes_of(stage, "JZ")

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


def _talks(stage: Stage) -> list[Scene]:
    """Questions, ideas, thanks and orders of today, and those of the cast."""
    ago = stage.ago
    here: dict[str, Any] = {"project": "YX"}
    known = {k.question: k for k in KNOWLEDGE}

    def ask(title: str, of: str, **more: object) -> Scene:
        entry = known[of]
        return inquiry(stage, YX, topic=(entry.category, title, entry.answer), known=entry, **here, **more)  # type: ignore[arg-type]

    open_ = {"answered_after": None}
    return [
        at(ago(hours=20, minutes=50), ask("装修押金退还要带什么", "装修押金怎么退", unit="9-2-1502", **open_)),
        at(ago(hours=2), ask("车位费能不能按季交", "车位费标准和缴费方式", unit="5-1-0902", passed_to="cashier", **open_)),
        at(ago(minutes=35), inquiry(stage, YX, topic=FOUND_OUT[0], unit="7-1-0603", **here, **open_)),  # type: ignore[arg-type]
        at(ago(minutes=95), ask("地暖不热要等几天", "供暖时间和温度", by="owner", unit="3-2-1201", **open_)),
        at(ago(days=33), ask("女儿来住两周，停车怎么登记", "访客和搬家怎么登记", by="owner", unit="3-2-1201")),
        at(ago(days=12), ask("电瓶车充电位在哪", "电动车在哪里充电", by="tenant", unit="2-1-0304")),
        at(ago(days=44), suggestion(stage, YX, idea=IDEAS[8], unit="3-2-1201", handler="yx_eng", by="owner", **here)),
        at(ago(hours=26), suggestion(stage, YX, idea=IDEAS[16], unit="3-2-1201", handler="headbutler", by="owner", stop="route", **here)),
        at(ago(minutes=70), suggestion(stage, YX, idea=IDEAS[18], unit="6-1-1102", handler="butler", stop="open", **here)),
        at(ago(days=4), suggestion(stage, YX, idea=IDEAS[9], unit="8-2-1601", handler="yx_eng", stop="route", silent=True, **here)),
        at(ago(days=26), praise(stage, YX, thanks=THANKS[0], unit="3-2-1201", by="owner", **here)),
        at(ago(hours=3), praise(stage, YX, thanks=THANKS[7], unit="4-2-0801", stop="open", **here)),
        at(ago(days=2, hours=21), praise(stage, YX, thanks=THANKS[9], unit="1-1-0702", stop="open", **here)),
        at(ago(days=15), service(stage, YX, service=SERVICES[3], unit="3-2-1201", doer="tech2", by="owner", wanted_in=(40, 44), **here)),
        at(ago(hours=5), service(stage, YX, service=SERVICES[0], unit="3-2-1201", doer="butler", by="owner", wanted_in=(26, 30), stop="arrange", **here)),
        at(ago(hours=2), service(stage, YX, service=SERVICES[6], unit="8-1-0501", doer="butler", wanted_in=(40, 60), stop="open", **here)),
        at(ago(hours=9), service(stage, YX, service=SERVICES[4], unit="6-2-0402", doer="tech2", wanted_in=(1, 2), stop="arrange", **here)),
        at(ago(hours=30), service(stage, YX, service=SERVICES[1], unit="5-2-0704", doer="yx_butler2", wanted_in=(3, 4), settle="none", **here)),
    ]  # fmt: skip


def _anger(stage: Stage) -> list[Scene]:
    """Complaints in every state; one of them official and due tomorrow, one of the household that had enough."""
    ago = stage.ago

    def plea(name: str, project: str = "YX", crew: Crew = YX, **more: object) -> Scene:
        return Anger(stage, Plea(project=project, crew=crew, told=NOW[name], **more)).play()  # type: ignore[arg-type]

    return [
        plea("guard", start=ago(minutes=50), unit="6-1-1102", handler="headbutler", stop="open"),
        plea("noise", start=ago(hours=5), unit="2-2-0103", handler="butler", stop="assign", slow=0.5),
        plea("again", start=ago(hours=28), unit="9-2-1502", handler="yx_eng", stop="assign", slow=0.5, ticket=52),
        plea("flood", start=ago(days=2), unit="4-2-0801", handler="yx_eng", plan_days=9, stop="ask_plan", slow=0.6),
        plea("deposit", start=ago(days=3), unit="8-1-0501", handler="cashier", call="none", slow=0.5),
        plea("deposit", "JZ", JZ, start=ago(hours=31), handler="jz_manager", unit="1-1-0101", stop="acknowledge", ticket=70),
        plea("lift", "JZ", JZ, start=ago(hours=50), handler="jz_manager", stop="investigate"),
        plea("noise", "RT", RT, start=ago(hours=20), handler="rt_manager", unit="1-1-1502", stop="assign"),
    ]  # fmt: skip


def _between_us(stage: Stage) -> list[Scene]:
    """What colleagues ask of each other: a hand-over to accept, parts of cases asked of others, one of them late."""
    return [_handing_over(stage), _asking_around(stage)]


def _handing_over(stage: Stage) -> Scene:
    ago = stage.ago
    yield ago(hours=3)
    offered = stage.open_case_of("YX", "2-2-0103", "complaint")
    reason = {"reason": "下午培训，麻烦接一下这户的回话", "receiver": stage.staff_id("butler")}
    stage.ask(handovers.offer_handover, stage.accountable(offered), offered, data=reason)
    yield ago(minutes=20)
    mine = stage.open_case_of("YX", "6-1-1102", "complaint")
    giver = stage.accountable(mine)
    to = "desk2" if giver == "desk" else "desk"
    data = {"reason": "这位业主一直是你在联系", "receiver": stage.staff_id(to)}
    stage.ask(handovers.offer_handover, giver, mine, data=data)


def _asking_around(stage: Stage) -> Scene:
    ago = stage.ago
    yield ago(hours=27)
    number = stage.open_case_of("YX", "9-2-1502", "complaint")
    asked = {
        "what": "带施工单位看窗檐交接处，拍照回报",
        "colleague": stage.staff_id("tech2"),
        "due_at": stage.in_(hours=20),
    }
    stage.ask(subtasks.ask_subtask, "desk", number, data=asked)
    upward = {"what": "书柜赔偿 1,800 元超出项目权限，请区域批复", "role": "region"}
    stage.ask(subtasks.ask_subtask, "manager", number, data=upward)
    yield from asked_of_firm(stage, number, "desk", "clean", stop="ask")
    yield ago(hours=4)
    flood = stage.open_case_of("YX", "4-2-0801", "complaint")
    asked = {
        "what": "量三块地板尺寸，确认型号和颜色",
        "colleague": stage.staff_id("tech"),
        "due_at": stage.in_(hours=7),
    }
    row = stage.ask(subtasks.ask_subtask, "desk", flood, data=asked)
    yield ago(hours=3)
    stage.go_on(subtasks.accept_subtask, "tech", row)
    yield ago(hours=2)
    data = {"what": "核对押金台账，给出到账日期", "role": "cashier"}
    stage.ask(subtasks.ask_subtask, "manager", flood, data=data)
