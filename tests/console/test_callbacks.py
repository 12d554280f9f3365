import uuid
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from steward.assurance.models import Callback, CallbackAttempt
from steward.cases.models import Case
from tests.console.conftest import Browser, SignIn, to_settling
from tests.world import World


def write_down(browser: Browser, *numbers: str, **data: Any) -> Any:
    return browser.post("/callbacks/record/", {"client_uuid": str(uuid.uuid4()), "number": list(numbers), **data})


def finished(world: World) -> str:
    """Done on Saturday noon; the next morning calls may be made."""
    number = to_settling(world)
    world.pass_time(hours=22)
    return number


def test_a_call_says_what_was_done_and_for_how_much(world: World, sign_in: SignIn) -> None:
    number = finished(world)
    page = sign_in("butler").page("/callbacks/")
    for words in (number, "更换接头2只，试压合格", "¥286.00", "李建国", "听力弱，请打给女儿周晓岚", "139****0417"):
        assert words in page
    assert f'name="{number}.outcome"' in page


def test_quiet_hours_are_grey_with_the_reason(world: World, sign_in: SignIn) -> None:
    number = finished(world)
    world.now = world.now.replace(hour=4, minute=30)  # 12:30 there
    page = sign_in("butler").page("/callbacks/")
    assert "免打扰时段，14:00 起可拨" in page
    assert f'name="{number}.outcome"' not in page
    refused = write_down(sign_in("butler"), number, **{f"{number}.outcome": "satisfied"})
    assert refused.status_code == 409


def test_satisfied_ends_it(world: World, sign_in: SignIn) -> None:
    number = finished(world)
    browser = sign_in("butler")
    data = {f"{number}.outcome": "satisfied", f"{number}.rating": "4", f"{number}.comment": "很及时"}
    answer = write_down(browser, number, **data)
    assert answer.status_code == 303
    callback = Callback.objects.in_project(world.project_id).get(case__number=number)
    assert (callback.state, callback.rating) == ("satisfied", 4)
    page = browser.page("/callbacks/")
    assert "很及时" in page
    assert f'name="{number}.outcome"' not in page


def test_no_answer_waits_three_hours_outside_quiet_ones(world: World, sign_in: SignIn) -> None:
    number = finished(world)
    browser = sign_in("butler")
    write_down(browser, number, **{f"{number}.outcome": "no_answer"})
    assert "上次未接通" in browser.page("/callbacks/")
    world.pass_time(minutes=30)
    again = write_down(browser, number, **{f"{number}.outcome": "no_answer"})
    assert again.status_code == 409
    assert CallbackAttempt.objects.in_project(world.project_id).count() == 1


def test_not_satisfied_opens_the_case_again(world: World, sign_in: SignIn) -> None:
    number = finished(world)
    browser = sign_in("butler")
    data = {f"{number}.outcome": "unsatisfied", f"{number}.comment": "又漏了"}
    page = browser.client.post(
        "/callbacks/record/", {"client_uuid": str(uuid.uuid4()), "number": [number], **data}, follow=True
    ).content.decode()
    assert "已重新受理" in page
    case = Case.objects.in_project(world.project_id).get(number=number)
    assert (case.state, case.round) == ("received", 2)


def test_several_cases_of_a_household_are_one_call(world: World, sign_in: SignIn) -> None:
    first, second = to_settling(world), finished(world)
    browser = sign_in("butler")
    page = browser.page("/callbacks/")
    assert "2 件一次回访" in page
    assert page.count('name="number"') == 2
    # One answered, the other left alone; then the other.
    assert write_down(browser, first, second, **{f"{first}.outcome": "satisfied"}).status_code == 303
    states = dict(Callback.objects.in_project(world.project_id).values_list("case__number", "state"))
    assert states == {first: "satisfied", second: "open"}


def test_a_refusal_keeps_what_was_typed(world: World, sign_in: SignIn) -> None:
    number = finished(world)
    browser = sign_in("butler")
    nothing = write_down(browser, number, **{f"{number}.comment": "很及时"})
    assert nothing.status_code == 422
    assert "请选择回访结果" in nothing.content.decode()
    assert "很及时" in nothing.content.decode()
    wrong = write_down(browser, number, **{f"{number}.outcome": "satisfied", f"{number}.rating": "9"})
    assert wrong.status_code == 422
    assert 'value="satisfied" checked' in wrong.content.decode()


def test_a_double_click_is_one_call(world: World, sign_in: SignIn) -> None:
    number = finished(world)
    browser, same = sign_in("butler"), str(uuid.uuid4())
    for _ in range(2):
        answer = write_down(browser, number, client_uuid=same, **{f"{number}.outcome": "no_answer"})
        assert answer.status_code == 303
    assert CallbackAttempt.objects.in_project(world.project_id).count() == 1


def test_late_ones_come_first_and_count_in_the_month(world: World, sign_in: SignIn) -> None:
    late = finished(world)
    world.pass_time(hours=5)
    world.open("desk", unit="7-1-0603", title="别的")
    browser = sign_in("headbutler")
    page = browser.page("/callbacks/")
    assert page.index("已超时") < page.index(late)
    assert "0／1" in page


def test_only_those_who_call_have_the_page(world: World, sign_in: SignIn) -> None:
    number = finished(world)
    for username in ("tech", "cashier", "owner"):
        assert sign_in(username).get("/callbacks/").status_code == 404
    assert number not in sign_in("outsider").page("/callbacks/")
    assert f'name="{number}.outcome"' not in sign_in("region").page("/callbacks/")
    foreign = write_down(sign_in("outsider"), number, **{f"{number}.outcome": "satisfied"})
    assert foreign.status_code == 404
    assert number in sign_in("butler").page("/callbacks/?mine=1")
    assert number not in sign_in("desk").page("/callbacks/?mine=1")


def test_as_many_statements_for_thirty_as_for_one(world: World, sign_in: SignIn) -> None:
    number = finished(world)
    case = Case.objects.in_project(world.project_id).get(number=number)
    known = Callback.objects.in_project(world.project_id).get()
    browser = sign_in("butler")
    counts = []
    for rows in (0, 30):
        for n in range(rows):
            copy = Case(**{f.attname: getattr(case, f.attname) for f in Case._meta.concrete_fields})
            copy.pk, copy.number, copy.customer_id = None, f"{number}-{n}", None if n % 2 else case.customer_id
            copy.save(force_insert=True)
            Callback.objects.create(
                project_id=case.project_id,
                case=copy,
                round=1,
                is_urgent=False,
                started_at=world.now,
                due_at=known.due_at,
                not_before=known.not_before,
            )
        browser.page("/callbacks/")
        with CaptureQueriesContext(connection) as seen:
            browser.page("/callbacks/")
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 10
