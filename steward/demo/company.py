"""The whole demo company: estates, households, staff, months of work. One transaction, or nothing."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Final

from django.db.models import F
from django.utils import translation

from steward.casework.shipped import load_categories
from steward.demo import absent, cast, estate, files, history, nights, organisation
from steward.demo.cast import Company, Part
from steward.demo.stage import Stage
from steward.kernel import reference
from steward.kernel.actor import SYSTEM, Role
from steward.kernel.db import count_anew, write
from steward.kernel.models import Outbox, OutboxState
from steward.kernel.outbox import LOST, ROUTE
from steward.registers.messaging.models import Via
from steward.registers.org.models import Node, User
from steward.registers.org.operations import grant_role
from steward.registers.party import search
from steward.registers.workforce.models import Skill
from steward.registers.workforce.operations import hire
from steward.worker.channels.route import route

SEED: Final = 20261121
#: What ``load`` tells while it goes on.
STEPS: Final = {
    "people": "organisation and cast",
    "homes": "buildings, units, households, search keys",
    "work": "cases",
}

#: Colleagues beyond the cast. They have no button on the sign-in page.
COLLEAGUES: Final = (
    Part("yx_tech3", "马志刚", "电工", Role.TECHNICIAN, "YX", "13600010011", (Skill.ELECTRICAL, Skill.PLUMBING)),
    Part("yx_tech4", "唐立军", "弱电维修", Role.TECHNICIAN, "YX", "13600010012", (Skill.ELECTRICAL, Skill.CARPENTRY)),
    Part("yx_butler2", "郭晨", "管家", Role.BUTLER, "YX", "13600010013"),
    Part("yx_butler3", "沈雪", "管家", Role.BUTLER, "YX", "13600010014"),
    Part("yx_eng", "沈长林", "工程经理", Role.DESK, "YX", "13600010020", (Skill.ELECTRICAL, Skill.HVAC)),
    Part("yx_guard", "方卫国", "安保经理", Role.DESK, "YX", "13600010021"),
    Part("yx_night", "袁晓东", "夜班文员", Role.DESK, "YX", "13600010022"),
    Part("yx_night2", "孔繁星", "夜班文员", Role.DESK, "YX", "13600010023"),
    Part("north", "罗毅", "区域总监", Role.REGION, "NORTH", "13600010024"),
    Part("rt_tech1", "郝亮", "综合维修", Role.TECHNICIAN, "RT", "13600010015", (Skill.HVAC, Skill.ELECTRICAL)),
    Part("rt_tech2", "丁一凡", "空调维修", Role.TECHNICIAN, "RT", "13600010016", (Skill.HVAC, Skill.PLUMBING)),
    Part("rt_cashier", "方媛", "收银员", Role.CASHIER, "RT", "0571-88020002"),
    Part("rt_manager", "秦峰", "项目经理", Role.MANAGER, "RT", "13600010017"),
    Part("jz_desk2", "白洁", "前台", Role.DESK, "JZ", "010-66010002"),
    Part("jz_tech2", "宋铁生", "维修", Role.TECHNICIAN, "JZ", "13600010018", (Skill.ELECTRICAL, Skill.MASONRY)),
    Part("jz_cashier", "贾丽", "收银员", Role.CASHIER, "JZ", "010-66010003"),
    Part("jz_manager", "崔健民", "项目经理", Role.MANAGER, "JZ", "13600010019"),
)
#: How far back the delivery log goes, and what went wrong in it.
LOGGED: Final = timedelta(days=12)
FAILED: Final = (
    (OutboxState.DEAD, "550 5.1.1 mailbox unavailable"),
    (OutboxState.UNKNOWN, LOST),
    (OutboxState.DEAD, "552 5.2.2 mailbox full"),
)


def is_empty() -> bool:
    return not Node.objects.exists()


def load(
    *,
    at: datetime,
    days: int = history.DAYS,
    cases: int = history.CASES,
    tell: Callable[[str, float | None], None] = lambda _step, _share: None,
) -> Company:
    """Build the company and play its history up to ``at``. The same ``at`` gives the same company.

    ``days``: how far back it goes. ``cases``: about how many of the past; the present is always whole.
    ``tell``: a step, and how much of it is done (None: nobody can say).
    """
    at = at.replace(second=0, microsecond=0)
    rng = Random(SEED)  # noqa: S311  a story, not a secret
    begin = history.first_day(at, days)
    with translation.override("zh-hans"), write():
        reference.forget()
        tell("people", None)
        company = cast.build(at=begin)
        load_categories("complaint", actor=SYSTEM, at=begin)
        _hire(company, begin)
        organisation.give_posts(company, at=begin)
        tell("people", 1)
        tell("homes", None)
        estate.fill(company, at=begin, rng=rng)
        for code in estate.LAYOUT:
            search.reindex(company.nodes[code].pk)
        tell("homes", 1)
        stage = Stage(company=company, until=at, rng=rng, now=begin)
        stage.play([*files.scenes(stage), *history.scenes(stage, days=days, cases=cases)], _counting(tell))
        nights.fill(company, at=at)
        organisation.share_out(company, at=at)
        absent.fill(company, at=at)
        _deliver(at)
        tell("work", 1)
    return company


def _counting(tell: Callable[[str, float | None], None]) -> Callable[[float], None]:
    """Tells of the work; every tenth of it the rows are counted anew, as the worker would have done every few hours."""
    tenths = 0

    def told(share: float) -> None:
        nonlocal tenths
        tell("work", share)
        if int(share * 10) > tenths:
            tenths = int(share * 10)
            count_anew()

    return told


def _hire(company: Company, at: datetime) -> None:
    for part in COLLEAGUES:
        node = company.nodes[part.node]
        staff = hire(
            node=node,
            name=part.name,
            post=part.post,
            phone=part.phone,
            skills=part.skills,
            username=part.username,
            at=at,
        )
        user = User.objects.get(staff_id=staff.pk)
        company.staff[part.username], company.users[part.username] = staff, user
        grant_role(user=user, role=part.role, node=node, actor=SYSTEM, at=at)


def _deliver(at: datetime) -> None:
    """The story's letters count as sent: nobody outside gets mail from a demo. Old news has been read.

    Those of the last weeks went their real way, so that the delivery log has something to tell.
    """
    rows = Outbox.objects.unscoped()
    lately = rows.filter(channel=ROUTE, created_at__gt=at - LOGGED, recipient__startswith="customer:")
    for row in lately.order_by("pk"):
        route(row, row.created_at)
    rows.filter(done_at__isnull=True, created_at__lte=at).update(
        state=OutboxState.DONE, attempts=1, done_at=F("created_at")
    )
    mails = rows.filter(channel=Via.EMAIL).order_by("pk").values_list("pk", flat=True)
    for n, (state, error) in enumerate(FAILED):
        rows.filter(pk__in=mails[7 + 23 * n : 8 + 23 * n]).update(state=state, error=error)
