"""What an office keeps beside its cases: posts, firms, areas, the on-call list, knowledge, figures, an import."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

from steward.demo import shifts
from steward.demo.stage import Scene, Stage
from steward.demo.words.talks import KNOWLEDGE
from steward.kernel.excel import Book
from steward.registers.cutover import operations as cutover
from steward.registers.knowledge import articles
from steward.registers.messaging.operations import set_template
from steward.registers.org import figures

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


def scenes(stage: Stage, *, days: int, rain: Sequence[float]) -> list[Scene]:
    return [
        _knowledge(stage, days),
        _import(stage, min(days, 20)),
        *_figures(stage, days),
        *shifts.scenes(stage, days=days, rain=rain),
    ]


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
