"""Customers' files as a real desk keeps them: care, family, cars, key customers, consents, requests, when not to call."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from steward.assurance.wishes import set_wish
from steward.demo.stage import Scene, Stage
from steward.demo.words.office import MEETINGS
from steward.registers.party.models import Contact, DataRequest, Occupancy
from steward.registers.party.verbs import perform

Acts = tuple[tuple[int, str, str, Mapping[str, Any]], ...]
#: (days ago, who, verb, input) on the file of the owner of 3-2-1201.
OF_THE_OWNER: Final[Acts] = (
    (60, "desk", "correct", {"salutation": "王阿姨", "reach_note": "先打电话，说慢些；12:00–14:30 勿扰"}),
    (60, "desk", "correct", {"id_number": "330106195203041228"}),
    (60, "desk", "consent", {"purpose": "family", "how": "paper"}),
    (60, "desk", "add_flag", {"kind": "hearing", "note": "按铃两次", "agreed": "paper"}),
    (59, "desk", "add_flag", {"kind": "elderly", "note": "74 岁，9–17 点独自在家"}),
    (59, "desk", "withdraw", {"purpose": "marketing", "how": "phone"}),
    (58, "desk", "add_contact", {"name": "顾建平", "relation": "女婿", "phone": "13700005580", "use": "emergency"}),
    (58, "desk", "add_contact", {"name": "杨阿姨", "relation": "钟点工", "use": "access"}),
    (45, "butler", "add_vehicle", {"plate": "浙A362K5", "note": "白色轿车，女儿使用"}),
    (40, "headbutler", "classify", {"value_class": "A"}),
    (24, "butler", "met", {"kind": "visit", "note": "季度走访：希望 2 单元门口加扶手，已转工程"}),
    (6, "butler", "met", {"kind": "call", "note": "电话问候，地暖正常"}),
    (3, "desk", "request", {"kind": "access", "how": "phone", "text": "想看看你们登记了我哪些信息"}),
)
#: The same of others of the estate, by room.
OF_OTHERS: Final[dict[str, Acts]] = {
    "9-2-1502": (
        (70, "desk", "correct", {"salutation": "单女士（读 shàn）"}),
        (60, "headbutler", "classify", {"value_class": "A"}),
        (51, "headbutler", "met", {"kind": "visit", "note": "上门道歉，当面约定每天 17:00 由林静回话"}),
        (30, "headbutler", "met", {"kind": "visit", "note": "窗户返工后一起看淋水，书柜损失谈妥"}),
    ),
    "2-2-0103": (
        (66, "butler", "add_flag", {"kind": "alone", "note": "九十岁独居，敲门请等一会儿"}),
        (66, "butler", "add_flag", {"kind": "elderly", "note": "每周三上午社区食堂送饭"}),
        (21, "butler", "met", {"kind": "visit", "note": "独居走访，药按时吃，灯都换成感应的了"}),
    ),
    "8-1-0501": (
        (55, "desk", "add_flag", {"kind": "rest", "note": "白天上夜班休息，14 点后再联系"}),
        (48, "desk", "add_vehicle", {"plate": "浙A8F21D", "note": "灰色新能源，慢充桩 B-17"}),
        (5, "desk", "request", {"kind": "erasure", "how": "desk", "text": "以前留的亡父资料请删掉"}),
    ),
    "6-1-1102": (
        (52, "desk", "consent", {"purpose": "face", "how": "paper"}),
        (52, "desk", "add_flag", {"kind": "newborn", "note": "提前约时间，戴鞋套，别按门铃"}),
        (16, "desk", "withdraw", {"purpose": "face", "how": "portal"}),
    ),
    "4-2-0801": (
        (44, "desk", "add_flag", {"kind": "phone_only", "note": "不用微信，只接座机"}),
        (44, "butler", "add_vehicle", {"plate": "浙A9T70Q", "note": "黑色越野"}),
        (12, "desk", "request", {"kind": "correction", "how": "phone", "text": "手机号换过了"}),
    ),
    "5-2-0704": (
        (63, "butler", "add_flag", {"kind": "dialect", "note": "说温州话"}),
        (39, "desk", "consent", {"purpose": "survey", "how": "chat"}),
    ),
    "6-2-0402": (
        (57, "butler", "add_flag", {"kind": "animal", "note": "养金毛，进门前先打电话"}),
        (33, "desk", "consent", {"purpose": "third_party", "how": "paper"}),
        (32, "desk", "share", {"recipient": "恒安电梯服务有限公司", "what": "姓名、房号", "purpose": "困人回访", "basis": "consent"}),
    ),
    "8-2-1601": (
        (50, "headbutler", "classify", {"value_class": "B"}),
        (29, "yx_butler3", "met", {"kind": "call", "note": "节前问候，出差到月底，水阀已关"}),
    ),
}  # fmt: skip
#: (room, plan, who answers for it, days until it is looked at again)
KEYS: Final = (
    ("9-2-1502", "每天 17:00 回话一次，雨后必到现场，直到连续三场雨不渗", "headbutler", 9),
    ("2-2-0103", "每周三敲门，子女每月通一次电话", "butler", 25),
)
WISHES: Final = (("8-1-0501", "08:30-14:00"), ("6-1-1102", "12:00-15:00,19:00-20:00"), ("4-2-0801", "11:30-13:30"))


def scenes(stage: Stage) -> list[Scene]:
    """The owner's file, those of her neighbours, and the butlers' rounds."""
    owner = stage.company.customers["owner"].pk
    told = [_act(stage, owner, *line) for line in OF_THE_OWNER]
    told += [_helped_by_daughter(stage, owner), _key_plan(stage, owner)]
    for room, acts in OF_OTHERS.items():
        told += [_act(stage, _lives_in(stage, room), *line) for line in acts]
    told += [_key(stage, *line) for line in KEYS]
    told += [_wish(stage, *line) for line in WISHES]
    return [*told, _answered(stage, "4-2-0801"), *_rounds(stage)]


def _lives_in(stage: Stage, room: str) -> int:
    rows = Occupancy.objects.in_project(stage.project("YX")).filter(unit__label=room, role="owner", until=None)
    return rows.values_list("customer_id", flat=True)[0]


def _act(stage: Stage, customer: int, ago: int, who: str, name: str, raw: Mapping[str, Any]) -> Scene:
    yield stage.day(ago, 10, 5)
    _do(stage, customer, who, name, raw)


def _do(stage: Stage, customer: int, who: str, name: str, raw: Mapping[str, Any]) -> None:
    perform(
        project_id=stage.project("YX"),
        customer_id=customer,
        verb=name,
        actor=stage.actor(who),
        at=stage.now,
        client_uuid=stage.uuid(),
        raw=raw,
    )


def _helped_by_daughter(stage: Stage, owner: int) -> Scene:
    yield stage.day(57, 10, 30)
    rows = Contact.objects.in_project(stage.project("YX")).filter(customer_id=owner, name="周晓岚")
    daughter = rows.values_list("pk", flat=True)[0]
    power = {"contact": daughter, "matter": "quotes", "also": "payment", "how": "paper"}
    _do(stage, owner, "desk", "grant_power", power)
    _do(stage, owner, "desk", "add_flag", {"kind": "child_helps", "note": "缴费找女儿", "contact": daughter})


def _key_plan(stage: Stage, owner: int) -> Scene:
    yield stage.day(40, 11)
    review = stage.until + timedelta(days=40)
    plan = {"plan": "每季上门走访一次，地暖季前免费检查", "responsible": stage.staff_id("butler")}
    _do(stage, owner, "headbutler", "make_key", {**plan, "review_on": f"{review:%Y-%m-%d}"})


def _key(stage: Stage, room: str, plan: str, who: str, review: int) -> Scene:
    yield stage.day(38, 11, 40)
    on = f"{stage.until + timedelta(days=review):%Y-%m-%d}"
    raw = {"plan": plan, "responsible": stage.staff_id(who), "review_on": on}
    _do(stage, _lives_in(stage, room), "headbutler", "make_key", raw)


def _wish(stage: Stage, room: str, not_at: str) -> Scene:
    yield stage.day(47, 15, 20)
    where = {"project_id": stage.project("YX"), "customer_id": _lives_in(stage, room)}
    set_wish(not_at=not_at, actor=stage.actor("desk"), at=stage.now, **where)


def _answered(stage: Stage, room: str) -> Scene:
    """The manager answered the request of a number to be put right."""
    yield stage.day(9, 16)
    customer = _lives_in(stage, room)
    rows = DataRequest.objects.in_project(stage.project("YX")).filter(customer_id=customer, state="open")
    request = rows.values_list("pk", flat=True)[0]
    raw = {"request": request, "outcome": "done", "answer": "已更正为现在用的号码，旧号已删除"}
    _do(stage, customer, "manager", "answer", raw)


def _rounds(stage: Stage) -> list[Scene]:
    """What the butlers wrote down of their visits."""
    rows = Occupancy.objects.in_project(stage.project("YX")).filter(role="owner", until=None).order_by("unit__label")
    chosen = stage.rng.sample(list(rows.values_list("customer_id", flat=True)), 40)
    return [_visited(stage, customer, n) for n, customer in enumerate(chosen)]


def _visited(stage: Stage, customer: int, n: int) -> Scene:
    yield stage.day(1 + n * 2 % 58, 15 + n % 4, n * 7 % 60)
    kind, note = MEETINGS[n % len(MEETINGS)]
    _do(stage, customer, ("butler", "yx_butler2", "yx_butler3")[n % 3], "met", {"kind": kind, "note": note})
