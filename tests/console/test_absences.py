"""The register of absences in the console, and the marks wherever people are offered."""

import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from steward.registers.workforce.absence_models import Absence
from tests.console.conftest import Browser, SignIn
from tests.world import World

LIST, NEW = "/settings/absences/", "/settings/absences/new/"


def form(world: World, who: str, **changes: str) -> dict[str, str]:
    data = {"staff": str(world.company.staff[who].pk), "kind": "Annual leave", "since": "2026-11-21", "cover": "true"}
    return {**data, "until": "2026-11-22", "client_uuid": str(uuid.uuid4()), **changes}


def enter(browser: Browser, data: dict[str, str]) -> str:
    """The effect is said first; the second time it is done."""
    look = browser.post(NEW, data)
    text: str = look.content.decode()
    assert look.status_code == 200, text
    seen = text.split('name="seen"')[1].split('value="')[1].split('"', maxsplit=1)[0]
    assert browser.post(NEW, {**data, "seen": seen}).status_code == 303
    return text


def test_it_is_entered_after_a_look_shown_and_called_off(world: World, sign_in: SignIn) -> None:
    manager = sign_in("manager")
    assert "目前人人在岗" in manager.page(LIST)
    look = enter(manager, form(world, "tech", kind="Sick leave", reason="发烧"))
    assert "李建国：11-21 至 11-22" in look
    page = manager.page(LIST)
    for words in ("李建国", "病假", "他人只见“不在岗”", "发烧", "11-21 至 11-22", "现不在岗", "赵伟"):
        assert words in page, words
    cancel = f"{LIST}{Absence.objects.get().pk}/cancel/"
    assert cancel in page
    assert manager.post(cancel, {"client_uuid": str(uuid.uuid4()), "why": "x"}).status_code == 422
    assert manager.post(cancel, {"client_uuid": str(uuid.uuid4()), "why": "已退烧"}).status_code == 303
    assert "目前人人在岗" in manager.page(LIST)
    assert "已退烧" in manager.page(f"{LIST}?when=over")


def test_wrong_days_stand_beside_their_fields_and_stay(world: World, sign_in: SignIn) -> None:
    manager = sign_in("manager")
    for wrong in ({"since": "2026-01-01"}, {"until": "2026-11-20"}, {"from_time": "9 o'clock"}, {"kind": "Fishing"}):
        answer = manager.post(NEW, form(world, "tech", reason="留着", **wrong))
        if answer.status_code == 200:  # what only the verb knows comes with the second press
            seen = answer.content.decode().split('name="seen"')[1].split('value="')[1].split('"')[0]
            answer = manager.post(NEW, form(world, "tech", reason="留着", seen=seen, **wrong))
        assert answer.status_code == 422, wrong
        assert "留着" in answer.content.decode()
    assert not Absence.objects.exists()


def test_on_the_dispatch_board_whoever_is_absent_is_marked_and_stands_last(world: World, sign_in: SignIn) -> None:
    world.open("desk", category="water", urgency="P2", payer="owner")
    enter(sign_in("manager"), form(world, "tech", kind="Sick leave"))
    page = sign_in("desk").page("/dispatch/")
    plumber, carpenter = (world.company.staff[name].pk for name in ("tech", "tech2"))
    lane = page.split(f'<li class="no" data-staff="{plumber}"')[1].split("</li>")[0]
    assert "不在岗 11-21 至 11-22" in lane
    assert "病假" not in page
    assert page.index(f'value="{carpenter}"') < page.index(f'value="{plumber}"')


def test_the_on_call_list_offers_the_absent_last(world: World, sign_in: SignIn) -> None:
    manager = sign_in("manager")
    enter(manager, form(world, "tech"))
    page = manager.page("/on-call/technician/")
    assert "13600010001 年休假 11-21 至 11-22" in page
    assert page.index("王强") < page.index("李建国")


def test_areas_show_a_butler_who_is_absent(world: World, sign_in: SignIn) -> None:
    manager = sign_in("manager")
    assert "年休假" not in manager.page("/settings/areas/")
    enter(manager, form(world, "butler"))
    assert "年休假 11-21 至 11-22" in manager.page("/settings/areas/")


def test_hand_overs_mark_the_absent_and_an_order_names_why(world: World, sign_in: SignIn) -> None:
    number = world.open("desk").case.number
    manager = sign_in("manager")
    enter(manager, form(world, "desk", kind="Training"))
    enter(manager, form(world, "butler"))
    asked = manager.page(f"/cases/{number}/asks/order/")
    assert "周敏不在岗：培训 11-21 至 11-22" in asked
    assert "陈悦 · 管家 · 年休假 11-21 至 11-22" in asked
    assert asked.index("林静") < asked.index("陈悦 · 管家")
    data: dict[str, Any] = {"client_uuid": str(uuid.uuid4()), "receiver": world.company.staff["headbutler"].pk}
    data |= {"cause": "off_shift", "reason": "周敏培训"}
    assert manager.post(f"/cases/{number}/asks/order/", data).status_code == 303
    assert "培训 11-21 至 11-22" in manager.page(f"/cases/{number}/")


@pytest.mark.parametrize("who", ["desk", "tech", "butler", "cashier", "owner"])
def test_for_others_the_pages_do_not_exist(world: World, sign_in: SignIn, who: str) -> None:
    enter(sign_in("manager"), form(world, "tech"))
    browser, cancel = sign_in(who), f"{LIST}{Absence.objects.get().pk}/cancel/"
    for path in (LIST, NEW, cancel):
        assert browser.get(path).status_code == 404, path
    assert browser.post(NEW, form(world, "tech2")).status_code == 404
    assert browser.post(cancel, {"client_uuid": str(uuid.uuid4()), "why": "试试"}).status_code == 404
    assert Absence.objects.filter(cancelled_at__isnull=True).count() == 1


def test_another_projects_people_are_not_there(world: World, sign_in: SignIn) -> None:
    enter(sign_in("hq"), form(world, "outsider"))
    assert "钱进" not in sign_in("manager").page(LIST)
    assert sign_in("manager").get(f"{LIST}{Absence.objects.get().pk}/cancel/").status_code == 404
    assert sign_in("manager").post(NEW, form(world, "outsider_tech")).status_code in (404, 422)


def test_a_link_names_one_colleague_and_never_another(world: World, sign_in: SignIn) -> None:
    """Whichever project is chosen; whose register the viewer does not keep is not there."""
    staff = world.company.staff
    chosen = f'<option value="{staff["outsider"].pk}" selected'
    page = sign_in("hq").page(f"{NEW}?project=YX&staff={staff['outsider'].pk}")
    assert chosen in page
    assert sign_in("manager").get(f"{NEW}?staff={staff['outsider'].pk}").status_code == 404
    assert sign_in("manager").get(f"{NEW}?staff=x").status_code == 404


def test_the_list_asks_few_questions(world: World, sign_in: SignIn) -> None:
    manager, counts = sign_in("manager"), []
    for people in (("tech",), ("tech2", "desk", "desk2", "butler", "cashier")):
        for who in people:
            enter(manager, form(world, who))
        with CaptureQueriesContext(connection) as seen:
            manager.page(LIST)
        counts.append(len(seen))
    assert len(set(counts)) == 1
    assert counts[0] <= 10
