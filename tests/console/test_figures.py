"""Pages of figures: every figure opens its cases, the same as Excel, in as many statements whatever the number."""

import io
import re
from datetime import timedelta
from html import unescape

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries
from python_calamine import CalamineWorkbook

from steward.kernel.audit.models import AuditEvent
from tests.console.conftest import Browser, SignIn
from tests.processes import test_complaint as complaint
from tests.world import World

PAGES = ["/figures/complaints/", "/figures/first-responders/", "/figures/never-silent/"]


def figures(page: str) -> list[tuple[int, str]]:
    """(figure, link) of every cell that opens a list."""
    found = re.findall(r'<a href="(/cases/[^"]+)">(\d+)</a>', page)
    return [(int(n), unescape(link)) for link, n in found]


def listed(browser: Browser, link: str) -> int:
    return len(re.findall(r'class="title" href="/cases/', browser.page(link)))


def some_complaints(world: World, n: int = 3) -> None:
    for _n in range(n):
        complaint.answered(world)
    complaint.received(world, unit="2-1-0304", channel="phone")
    world.pass_time(hours=26)


@pytest.mark.parametrize("by", ["month", "severity", "unit", "validity", "building"])
def test_every_figure_opens_its_cases(world: World, sign_in: SignIn, by: str) -> None:
    some_complaints(world)
    browser = sign_in("manager")
    found = figures(browser.page(f"/figures/complaints/?by={by}"))
    assert len(found) >= 8
    assert [(n, link) for n, link in found if listed(browser, link) != n] == []


def test_the_list_says_what_it_is_narrowed_to(world: World, sign_in: SignIn) -> None:
    some_complaints(world)
    day = f"{world.now:%Y-%m-%d}"
    page = sign_in("manager").page(
        f"/cases/?kind=complaint&since=2026-11-01&until={day}&pick=channel.phone.answered_late"
    )
    assert "只列统计数字对应的工单：按来源 · 服务热线 · 答复超时" in page
    assert "2-1-0304" in page
    for nonsense in ("x", "channel.phone.x", "nothing.at.all", "..", "category.abc.received"):
        assert sign_in("manager").get(f"/cases/?since=2026-11-01&until={day}&pick={nonsense}").status_code == 200


def test_a_hot_spot_stands_on_top_and_opens_its_cases(world: World, sign_in: SignIn) -> None:
    number = complaint.received(world, persons=5)
    world.act("desk", number, "acknowledge", severity="minor")
    handler = world.company.staff["headbutler"].pk
    world.act("desk", number, "assign", responsible_unit="环境部", handler=handler)
    world.act("headbutler", number, "investigate", **complaint.INVESTIGATION, cause="staffing", root_cause="排班缺口")
    browser = sign_in("manager")
    page = browser.page("/figures/complaints/")
    assert "热点：多人反映同一原因" in page
    assert "5 人，1 件" in page
    (link,) = set(re.findall(r'href="(/cases/[^"]+pick=spot[^"]+)"', page))
    assert number in browser.page(unescape(link))


def test_few_are_marked_and_no_share_is_made_of_them(world: World, sign_in: SignIn) -> None:
    some_complaints(world)
    page = sign_in("manager").page("/figures/complaints/")
    assert "件数少" in page
    assert " %</td>" not in page


def test_excel_has_the_same_figures_and_is_written_down(world: World, sign_in: SignIn) -> None:
    some_complaints(world)
    answer = sign_in("manager").get("/figures/complaints.xlsx?by=channel")
    assert answer.status_code == 200
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    head, *rows = book.get_sheet_by_index(0).to_python()
    assert head[:4] == ["按来源", "受理", "按时答复", "答复超时"]
    assert [line[:4] for line in rows] == [["来信", 3, 3, 0], ["服务热线", 1, 0, 1], ["合计", 4, 3, 1]]
    record = AuditEvent.objects.in_project(world.project_id).filter(kind="export").latest("pk")
    assert record.label == "投诉统计"


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("n", [1, 8])
def test_statements_do_not_grow(
    world: World, sign_in: SignIn, django_assert_max_num_queries: DjangoAssertNumQueries, path: str, n: int
) -> None:
    some_complaints(world, n)
    browser = sign_in("manager")
    browser.page(path)
    with django_assert_max_num_queries(5):  # session, then three or four counts
        browser.page(path)


@pytest.mark.parametrize("path", [*PAGES, "/figures/complaints.xlsx"])
def test_only_the_office_reads_them_and_only_its_projects(world: World, sign_in: SignIn, path: str) -> None:
    some_complaints(world)
    for who in ("tech", "cashier", "owner"):
        assert sign_in(who).get(path).status_code in (302, 403, 404), who
    if path.endswith("/"):
        assert figures(sign_in("outsider").page(path)) == []


def test_figures_of_first_responders_open_their_cases(world: World, sign_in: SignIn) -> None:
    for _n in range(3):
        world.open("desk", urgency="P1", payer="owner")
    world.open("butler", kind="inquiry", title="停水到几点")
    world.now += timedelta(hours=5)
    browser = sign_in("manager")
    found = figures(browser.page("/figures/first-responders/"))
    assert sorted(n for n, _link in found) == [1, 1, 3, 3, 3]
    assert [(n, link) for n, link in found if listed(browser, link) != n] == []


@pytest.mark.parametrize("by", ["accountable", "kind", "month"])
def test_figures_of_silence_open_their_cases(world: World, sign_in: SignIn, by: str) -> None:
    for _n in range(6):
        world.open("desk", urgency="P1", payer="owner")
    world.now += timedelta(hours=5)
    browser = sign_in("manager")
    page = browser.page(f"/figures/never-silent/?by={by}")
    assert "0.0 %" in page
    assert [(n, listed(browser, link)) for n, link in figures(page)] == [(6, 6)]


def test_nonsense_in_the_days_is_as_if_nothing_was_said(world: World, sign_in: SignIn) -> None:
    browser = sign_in("manager")
    for days in (
        "since=x&until=y",
        "since=2026-13-01",
        "since=2027-01-01&until=2020-01-01",
        "since=0001-01-01",
        "until=9999-12-31",
    ):
        for path in PAGES:
            assert browser.get(f"{path}?{days}").status_code == 200, days
