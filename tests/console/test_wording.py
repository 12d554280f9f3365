"""What a picky reader finds: words of the wrong language, of another matter, or for nobody."""

import re

from django.utils import translation

from steward.casework.clocks import sweep
from steward.console.audit import words
from steward.console.settings.words import clock_words
from steward.kernel.clocks.policy import Clock
from steward.processes.complaint.models import Member
from tests.console.conftest import SignIn
from tests.console.test_contractors import LIFT, engaged
from tests.world import World

ENGLISH = re.compile(r"[A-Za-z][a-z]{2,}")
#: Names of things that have no other.
NAMES = {"Steward"}


def shown(page: str) -> str:
    main = page[page.index("<main") : page.index("</main")]
    return re.sub(r"<[^>]*>", " ", re.sub(r"<script.*?</script>", " ", main, flags=re.DOTALL))


def test_figures_and_their_sources_are_read_in_chinese(sign_in: SignIn) -> None:
    for path in ("/settings/figures/", "/settings/callbacks/"):
        found = ENGLISH.findall(shown(sign_in("manager").page(path)))
        assert set(found) - NAMES == set(), path


def test_a_preset_rule_names_no_category_that_is_not_kept_here(sign_in: SignIn) -> None:
    assert "pipe" not in shown(sign_in("manager").page("/settings/callbacks/"))


def test_marks_around_the_hours_of_a_clock_follow_the_reader() -> None:
    clock = Clock(minutes=30, mode="working")
    with translation.override("zh-hans"):
        assert clock_words(clock).endswith("）")
    with translation.override("en"):
        assert clock_words(clock).endswith(")")


def test_what_changed_of_a_contractor_is_read_in_words(world: World, sign_in: SignIn) -> None:
    manager = sign_in("manager")
    firm = engaged(world, manager)
    manager.post(
        f"/settings/contractors/{world.project_id}/{firm.pk}/change/",
        {**LIFT, "scope_of_work": "20 台客梯维保", "client_uuid": "1d1f3a7e-59f4-4c4e-9d0c-0d7c5a7b9c11"},
    )
    page = shown(manager.page("/audit/"))
    assert "服务范围" in page
    assert not re.search(r"[a-z]+_[a-z]+", page)


def test_colleagues_on_record_are_named(world: World) -> None:
    rows = words.differences({"butler": None}, {"butler": world.company.staff["butler"].pk})
    assert [now for _name, _was, now in rows] == ["陈悦"]


def test_a_flat_rate_told_at_reporting_needs_no_consent(world: World, sign_in: SignIn) -> None:
    number = world.open("desk", category="drain", urgency="P1", payer="owner", flat_rate="F-UNCLOG").case.number
    page = sign_in("desk").page(f"/cases/{number}/")
    assert "无需另行确认" in page
    assert "无需回访" not in page


def test_a_complaint_is_no_repair(world: World, sign_in: SignIn) -> None:
    number = world.open("desk", kind="complaint", category="D", description="晚上十一点还在响").case.number
    page = sign_in("desk").page(f"/cases/{number}/")
    assert "诉求内容" in page
    assert "报修内容" not in page


def test_nobody_is_asked_for_a_number_of_the_database(world: World, sign_in: SignIn) -> None:
    number = world.open("desk", kind="complaint", category="D").case.number
    world.act("desk", number, "acknowledge", severity="collective", persons=17)
    page = sign_in("desk").page(f"/cases/{number}/")
    assert "actions/join/" in page
    # Seventeen were counted, none was entered: there is nobody to choose from.
    assert "actions/spokesperson/" not in page
    form = sign_in("desk").page(f"/cases/{number}/actions/join/")
    assert 'name="unit"' in form
    assert 'name="customer"' not in form
    world.act("desk", number, "join", unit="2-1-0304")
    assert "actions/spokesperson/" in sign_in("desk").page(f"/cases/{number}/")
    form = sign_in("desk").page(f"/cases/{number}/actions/spokesperson/")
    assert re.search('type="radio" name="member" value="[0-9]+"', form)
    assert "2-1-0304 刘洋" in form


def test_who_complains_together_stands_on_the_page(world: World, sign_in: SignIn) -> None:
    number = world.open("desk", kind="complaint", category="D").case.number
    world.act("desk", number, "acknowledge", severity="collective", persons=17)
    world.act("desk", number, "join", unit="2-1-0304")
    world.act("desk", number, "join", unit="3-2-1101", name="顾晓峰", is_spokesperson=True)
    page = sign_in("desk").page(f"/cases/{number}/")
    people = page[page.index('class="people"') :]
    assert people.index("代表") < people.index("顾晓峰") < people.index("加入者") < people.index("刘洋")
    assert 'aria-hidden="true">1</span>' not in people, "seventeen persons have no initial"
    member = Member.objects.in_project(world.project_id).get(name="刘洋")
    world.act("desk", number, "spokesperson", member=member.pk)
    told = sign_in("desk").page(f"/cases/{number}/").split('class="events"')[1]
    assert re.search("指定代表.*?加入者</span> 刘洋", told), "by name, not by a number of the database"
    assert re.search("住户加入投诉.*?2-1-0304.*?刘洋", told), "whom the room stood for"


def test_what_was_asked_and_answered_is_not_typed_again_to_be_kept(world: World, sign_in: SignIn) -> None:
    number = world.open("desk", kind="inquiry", title="车位地锁能不能装").case.number
    world.act("desk", number, "answer", answer="租赁车位不能装。")
    form = sign_in("desk").page(f"/cases/{number}/actions/keep/")
    assert "车位地锁能不能装" in form
    assert "租赁车位不能装。" in form


def test_a_question_is_answered_next_not_passed_on(world: World, sign_in: SignIn) -> None:
    number = world.open("desk", kind="inquiry", title="车位地锁能不能装").case.number
    page = sign_in("desk").page(f"/cases/{number}/")
    next_word = page[page.index("下次答复业户") :]
    assert "转交" not in next_word[: next_word.index("周敏")]


def test_an_alarm_names_its_clock_in_the_reader_s_language(world: World, sign_in: SignIn) -> None:
    number = world.open("desk", title="门锁打不开", urgency="P1").case.number
    world.pass_time(hours=1)
    for _ in range(3):
        for project_id, pk in sweep.due(world.now):
            sweep.fire(project_id, pk, world.now)
    desk = sign_in("desk")
    desk.post("/language/", {"language": "en", "next": "/"})
    page = desk.page("/")
    alarms = page[page.index('id="alarms"') :]
    assert number in alarms
    said = alarms[: alarms.index("</ul>")]
    assert "time is up" in said
    assert "接单:" not in said


def test_a_day_somebody_moved_in_is_no_day_of_a_charge(sign_in: SignIn) -> None:
    page = sign_in("desk").page("/customers/new/")
    assert "挂账" not in page
    assert "起始日期" in page


def test_what_the_system_did_is_not_the_butler_s(world: World, sign_in: SignIn) -> None:
    """The product is called Steward, 管家, and so is the butler."""
    page = shown(sign_in("manager").page(f"/settings/rights/of/{world.company.staff['desk'].pk}/"))
    assert "system" not in page
    assert "系统" in page
    assert "管家" not in page
