"""The weather log, and how far callbacks reach."""

from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile

from steward.assurance.models import Callback
from steward.insight.coverage import coverage
from steward.registers.estate.weather_models import RainDay
from tests.assurance.test_callbacks import it_rains, leak, repaired, today
from tests.console.conftest import SignIn
from tests.world import World


def test_rain_is_typed_in_corrected_and_taken_over(world: World, sign_in: SignIn) -> None:
    browser = sign_in("desk")
    assert "暂无记录" in browser.page("/callbacks/weather/")
    wrong = browser.post("/callbacks/weather/", {"day": "yesterday", "millimetres": "3"})
    assert wrong.status_code == 422
    assert 'value="yesterday"' in wrong.content.decode()
    assert browser.post("/callbacks/weather/", {"day": "2026-11-20", "millimetres": "12.5"}).status_code == 303
    page = browser.page("/callbacks/weather/")
    assert "12.5" in page
    assert "有雨" in page
    again = browser.post("/callbacks/weather/", {"day": "2026-11-20", "millimetres": "0"})
    assert "请说明更正这一天的原因" in again.content.decode()
    file = SimpleUploadedFile("rain.csv", "日期,降水量\n2026-11-18,4\nx,1\n".encode())
    taken = browser.post("/callbacks/weather/", {"file": file})
    assert "第 3 行" in taken.content.decode()
    assert RainDay.objects.in_project(world.project_id).count() == 2
    assert sign_in("owner").get("/callbacks/weather/").status_code == 404
    foreign = sign_in("region").post(
        "/callbacks/weather/", {"project": world.project_id, "day": "2026-11-19", "millimetres": "3"}
    )
    assert foreign.status_code == 403


def test_a_file_that_differs_asks_first(world: World, sign_in: SignIn) -> None:
    browser, at = sign_in("desk"), "/callbacks/weather/"
    sign_in("desk2").post(at, {"day": "2026-11-19", "millimetres": "8"})
    lines = "日期,降水量\n2026-11-18,4\n2026-11-19,12.5\n2026-11-20,0\n"
    asked = browser.post(at, {"file": SimpleUploadedFile("rain.csv", lines.encode())})
    page = asked.content.decode()
    row = page[page.index("2026-11-19</td>") :].split("</tr>")[0]
    for words in ("8.0", "12.5", "手工录入", world.actor("desk2").name):
        assert words in row, words
    assert "1 天与已有记录不一致" in page
    assert RainDay.objects.in_project(world.project_id).count() == 1
    seen = page.split('name="seen" value="')[1].split('"')[0]
    told = {"csv": page.split('name="csv" hidden>')[1].split("<")[0], "seen": seen, "against": "correct", "why": ""}
    refused = browser.post(at, told)
    assert refused.status_code == 422
    assert "请说明为什么以文件为准" in refused.content.decode()
    assert "2026-11-19</td>" in refused.content.decode()
    assert browser.post(at, {**told, "why": "以气象站为准"}).status_code == 303
    assert "更正 1 天" in browser.page(at)
    days = RainDay.objects.in_project(world.project_id).order_by("day").values_list("millimetres", flat=True)
    assert [str(mm) for mm in days] == ["4.0", "12.5", "0.0"]


def test_the_morning_after_the_rain_the_call_is_on_the_list(world: World, sign_in: SignIn) -> None:
    number = leak(world)
    browser = sign_in("butler")
    assert "另有 1 个回访等待修后第一场雨" in browser.page("/callbacks/")
    world.pass_time(days=1)
    it_rains(world, today(world))
    world.pass_time(days=1)
    page = browser.page("/callbacks/")
    assert f'value="{number}~rain"' in page
    assert "下过雨，上次维修的地方还渗水吗" in page
    data = {"client_uuid": "7d4bb0d6-7ad0-4d30-8e5f-1a2b3c4d5e6f", "number": [number, f"{number}~rain"]}
    data |= {f"{number}.outcome": "satisfied", f"{number}.rating": "4", f"{number}~rain.outcome": "satisfied"}
    assert browser.post("/callbacks/record/", data).status_code == 303
    states = Callback.objects.in_project(world.project_id).values_list("purpose", "state")
    assert dict(states) == {"courtesy": "satisfied", "after_rain": "satisfied"}


def test_coverage_counts_and_hides_small_numbers(world: World, sign_in: SignIn) -> None:
    numbers = [repaired(world, "power") for _ in range(6)]
    world.pass_time(days=1)
    for number in numbers[:3]:
        world.act("butler", number, "callback", outcome="satisfied", rating=4)
    world.act("owner", numbers[3], "rate", rating=3)
    world.pass_time(days=8)
    world.act("butler", numbers[4], "callback", outcome="satisfied")
    asked = {"actor": world.actor("headbutler"), "projects": frozenset({world.project_id})}
    since, until = world.now - timedelta(days=30), world.now
    (whole,) = coverage(**asked, since=since, until=until)  # type: ignore[arg-type]
    assert (whole.due, whole.in_time, whole.reached, whole.rated) == (6, 4, 5, 4)
    assert [str(s) for s in whole.shares] == ["66.7", "83.3", "66.7"]
    (kind,) = coverage(**asked, since=since, until=until, by="kind")  # type: ignore[arg-type]
    assert (kind.key, kind.due) == ("repair", 6)
    Callback.objects.in_project(world.project_id).filter(case__number__in=numbers[:2]).update(state="void")
    (butler,) = coverage(**asked, since=since, until=until, by="butler")  # type: ignore[arg-type]
    assert (butler.name, butler.due, butler.shares) == ("陈悦", 4, (None, None, None))
    page = sign_in("headbutler").page("/callbacks/coverage/?by=month")
    assert "2026-11" in page
    assert sign_in("cashier").get("/callbacks/coverage/").status_code == 404
