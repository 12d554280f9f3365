"""Workbooks as companies have them, and an import taken through all its steps."""

import io
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import xlsxwriter

from steward.registers.cutover import operations
from steward.registers.cutover.models import ImportRun
from steward.worker.loop import run_until_idle
from tests.world import World

UNITS = ("楼栋", "单元", "楼层", "房号", "用途", "状态", "建筑面积", "交付日期")
CUSTOMERS = ("房屋", "姓名", "类型", "身份", "电话", "邮箱", "入住日期", "迁出日期")
BUILDINGS = ("楼栋编号", "楼栋名称", "俗称", "竣工日期")
CONTACTS = ("房屋", "业户", "联系人", "关系", "联系人电话", "可代为确认")

#: Two homes in a new building, an owner of both, a tenant, a daughter to call.
SMALL: Mapping[str, Sequence[Sequence[Any]]] = {
    "楼栋": (BUILDINGS, ("12", "12栋", "竹影楼", "2019-10-01")),
    "房产": (
        UNITS,
        ("12栋", "1单元", "3层", "0301", "住宅", "已入住", "98.5㎡", "2020年1月8日"),
        ("12#", "一单元", "", 302.0, "住房", "已出租", 88, "2020/1/9"),
    ),
    "业户": (
        CUSTOMERS,
        ("12#0301", "郑若兰", "", "业主", "13800030001、0571-88123456", "", "2020-02-01", ""),
        ("12栋1单元302", "郑若兰", "个人", "业主", "138 0003 0001", "zheng@example.org", "", ""),
        ("12-1-302", "杭州青禾设计有限公司", "", "租户", "0571-88123457", "", "2024-03-01", ""),
    ),
    "联系人": (CONTACTS, ("12-1-0301", "郑若兰", "郑小满", "女儿", "13800030002", "是")),
}


def workbook(sheets: Mapping[str, Sequence[Sequence[Any]]]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False})
    for name, rows in sheets.items():
        page = book.add_worksheet(name)
        for n, row in enumerate(rows):
            page.write_row(n, 0, row)
    book.close()
    return out.getvalue()


def given(world: World, content: bytes, *, who: str = "manager", project: str = "YX") -> ImportRun:
    run = operations.give(
        project_id=world.company.nodes[project].pk,
        actor=world.actor(who),
        name="业主资料.xlsx",
        content=content,
        client_uuid=uuid.uuid4(),
        at=world.now,
    )
    run_until_idle(world.now)
    run.refresh_from_db()
    return run


def confirmed(world: World, run: ImportRun, *, who: str = "manager") -> ImportRun:
    operations.confirm(project_id=run.project_id, run_id=run.pk, actor=world.actor(who), at=world.now)
    run_until_idle(world.now)
    run.refresh_from_db()
    return run


def loaded(world: World, content: bytes, **more: Any) -> ImportRun:
    return confirmed(world, given(world, content, **more))


def undone(world: World, run: ImportRun, *, who: str = "manager") -> ImportRun:
    operations.ask_undo(project_id=run.project_id, run_id=run.pk, actor=world.actor(who), at=world.now)
    run_until_idle(world.now)
    run.refresh_from_db()
    return run
