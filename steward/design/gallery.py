"""Every component on three pages, for engineers and for the pictures of the tests. Absent in production."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import get_language

from .forms import Field, Form
from .shell import MenuItem, Person, ProjectChoice, Shell

NOW = datetime(2026, 11, 21, 10, 24, tzinfo=timezone(timedelta(hours=8)))
DUE = {
    "late": NOW - timedelta(minutes=35),
    "soon": NOW + timedelta(hours=1, minutes=12),
    "ok": NOW + timedelta(hours=5, minutes=12),
    "days": NOW + timedelta(days=3, hours=4),
}

View = Callable[[HttpRequest], HttpResponse]


def _never_in_production(view: View) -> View:
    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        if not (settings.DEBUG or getattr(settings, "DEMO", False) or getattr(settings, "TESTING", False)):
            raise Http404
        return view(request)

    vars(guarded)["steward_guarded"] = True  # as the pages of the faces say it
    return guarded


@_never_in_production
def console(request: HttpRequest) -> HttpResponse:
    return render(request, "design/gallery_console.jinja", _context(_menu()))


@_never_in_production
def intake(request: HttpRequest) -> HttpResponse:
    return render(request, "design/gallery_intake.jinja", _context(_menu()))


@_never_in_production
def dispatch(request: HttpRequest) -> HttpResponse:
    return render(request, "design/gallery_dispatch.jinja", _context(_menu()))


@_never_in_production
def counter(request: HttpRequest) -> HttpResponse:
    return render(request, "design/gallery_counter.jinja", _context(_menu()))


@_never_in_production
def part(request: HttpRequest) -> HttpResponse:
    """A form for the shared dialog; every answer to it is refused, with what was typed kept."""
    typed = request.POST.get("reason", "")
    error = "至少 12 个字。" if request.method == "POST" else ""
    form = Form(
        action=request.path,
        submit="保存",
        target="#part",
        fields=(Field(name="reason", label="原因", kind="textarea", required=True, value=typed, error=error),),
    )
    return render(request, "design/gallery_part.jinja", {"form": form}, status=422 if error else 200)


@_never_in_production
def search(request: HttpRequest) -> HttpResponse:
    rooms = (
        {"value": "7", "label": "3-2-1201", "hint": "王淑芬"},
        {"value": "8", "label": "3-2-1202", "hint": "许文静"},
    )
    return JsonResponse([room for room in rooms if request.GET.get("q", "") in room["label"]], safe=False)


@_never_in_production
def phone(request: HttpRequest) -> HttpResponse:
    return render(request, "design/gallery_phone.jinja", _context(_tabs(), theme="auto"))


@_never_in_production
def plain(request: HttpRequest) -> HttpResponse:
    return render(request, "design/gallery_plain.jinja", _context(()))


def _context(menu: tuple[MenuItem, ...], **shell: Any) -> dict[str, Any]:
    return {
        "shell": Shell(
            product="管家",
            project="云栖花园",
            projects=(
                ProjectChoice(code="YQ", name="云栖花园", url="#", current=True),
                ProjectChoice(code="HX", name="恒信中心（写字楼、酒店、商场）", url="#"),
            ),
            search_url="#",
            menu=menu,
            user=Person(name="周敏", post="前台", profile_url="#"),
            todo_count=9,
            todo_url="#",
            language=get_language() or "zh-hans",
            language_url="#",
            sign_out_url="#",
            demo=True,
            demo_url="#",
            **shell,
        ),
        "now": NOW,
        "due": DUE,
        "form": _form(),
        "stages": _stages(),
        "messages": [{"level_tag": "success", "message": "已派给 李建国，业主已收到短信。"}],
        "price": Decimal("1093.83"),
    }


def _menu() -> tuple[MenuItem, ...]:
    return (
        MenuItem(label="工作台", url="#", icon="layout-dashboard"),
        MenuItem(label="业务受理", url="#", icon="headset", children=(MenuItem(label="来电受理", url="#"),)),
        MenuItem(
            label="工单",
            url="#",
            icon="clipboard-list",
            children=(
                MenuItem(label="报修", url="#", current=True, count=17),
                MenuItem(label="投诉", url="#", count=2),
            ),
        ),
        MenuItem(label="派工", url="#", icon="calendar-time"),
        MenuItem(label="回访", url="#", icon="phone-outgoing", count=5),
        MenuItem(label="业户与房产", url="#", icon="users"),
        MenuItem(label="收费", url="#", icon="receipt"),
    )


def _tabs() -> tuple[MenuItem, ...]:
    return (
        MenuItem(label="待办", url="#", icon="clipboard-check", current=True, count=4),
        MenuItem(label="巡检", url="#", icon="route"),
        MenuItem(label="扫码", url="#", icon="scan"),
        MenuItem(label="我的", url="#", icon="user-circle"),
    )


def _stages() -> list[dict[str, str]]:
    done = [("受理", "09:36"), ("派单", "09:40"), ("接单", "09:43"), ("上门", "09:52"), ("报价", "10:06")]
    coming = [("处理", "约 1小时"), ("付款", "现场或前台"), ("回访", "完成后 24小时内")]
    return [
        *({"label": label, "note": note, "state": "done"} for label, note in done),
        {"label": "待业主确认", "note": "已等 18分", "state": "now"},
        *({"label": label, "note": note} for label, note in coming),
    ]


def _form() -> Form:
    kinds = (("leak", "漏水"), ("power", "停电"), ("lock", "门锁"), ("drain", "下水"), ("other", "其他"))
    items = (("P01", "更换分水器接头，人工"), ("P02", "分水器接头 DN20"), ("P03", "上门费"))
    return Form(
        action="#",
        submit="保存并派单",
        submit_icon="check",
        cancel_url="#",
        errors=("报价已改，请业主重新确认。",),
        note="保存后：派给 李建国，10:06 前到场，自 09:36 接听起算。",
        fields=(
            Field(name="kind", label="类别", kind="choice", choices=kinds, value="leak", required=True),
            Field(name="unit", label="房号", kind="unit", search_url="/design/search/", required=True),
            Field(
                name="description",
                label="说明",
                kind="textarea",
                required=True,
                value="主卧卫生间吊顶滴水",
                error="请写明滴水的位置，至少 12 个字。",
            ),
            Field(name="title", label="标题", value="吊顶滴水"),
            Field(name="count", label="数量", kind="int", unit="只", value=2),
            Field(name="area", label="面积", kind="decimal", unit="㎡", value=Decimal("138.60")),
            Field(
                name="amount", label="金额", kind="money", value=Decimal("286.00"), error="超出报价，须业主重新确认。"
            ),
            Field(name="urgent", label="紧急", kind="bool", help="漏水不止、停电、被困时勾选", value=True),
            Field(
                name="tools",
                label="要带的工具",
                kind="multichoice",
                choices=(("ladder", "人字梯"), ("pump", "抽水泵"), ("lamp", "照明灯")),
                value=("pump",),
            ),
            Field(name="visit", label="上门时间", kind="datetime", value=NOW, help="业主 13:00 后在家"),
            Field(name="until", label="改期到", kind="date"),
            Field(
                name="handler",
                label="处理人",
                kind="staff",
                choices=(("li", "李建国（水电，空闲）"), ("wang", "王强（土建，10:45 空）")),
            ),
            Field(name="phone", label="联系电话", kind="phone"),
            Field(
                name="lines",
                label="报价项目",
                kind="lines",
                required=True,
                prices={"P01": "180.00", "P02": "38.00", "P03": "30.00"},
                columns=(
                    Field(name="item", label="项目", kind="choice", choices=items),
                    Field(name="quantity", label="数量", kind="decimal"),
                ),
                value=(
                    {"item": "P01", "quantity": "1"},
                    {"item": "P02", "quantity": "0", "errors": {"quantity": "至少 1"}},
                ),
            ),
            Field(name="photos", label="照片", kind="photos", help="修前至少 1 张"),
            Field(name="signature", label="签字", kind="signature", required=True),
        ),
    )
