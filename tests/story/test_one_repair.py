"""The story of one repair: six people on three faces, in a real browser (docs/pictures/story is made so)."""

import pytest
from playwright.sync_api import Locator, Page, expect

from steward.assurance.models import Callback
from steward.cases.models import Case, Entry
from steward.processes.repair.models import Consent
from steward.registers.billing.models import Receipt
from tests.story.conftest import Stage
from tests.world import World, picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def sign(page: Page, scope: Locator) -> None:
    """Write on the signature pad with a finger."""
    pad = scope.locator("canvas:visible")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 40, box["y"] + box["height"] / 2)
    page.mouse.down()
    for dx, dy in ((30, -20), (60, 18), (95, -24), (130, 12), (170, -6)):
        page.mouse.move(box["x"] + 40 + dx, box["y"] + box["height"] / 2 + dy, steps=4)
    page.mouse.up()


def state_of(number: str) -> str:
    return Case.objects.unscoped().get(number=number).state


def test_one_repair_from_the_call_to_the_callback(stage: Stage, world: World) -> None:
    number = the_desk_takes_the_call(stage)
    the_head_butler_dispatches(stage, number)
    tech = the_technician_comes_and_quotes(stage, number)
    the_owner_agrees(stage, number)
    the_technician_works(stage, tech, number)
    the_owner_confirms_the_amount(stage, number)
    the_cashier_takes_the_money(stage, number)
    the_butler_calls_back(stage, number)
    everything_stands_in_the_timeline(stage, number)
    assert stage.complaints == []


def the_desk_takes_the_call(stage: Stage) -> str:
    page = stage.enter("desk", "/intake/")
    page.locator("#ask").press_sequentially("3-2-1201", delay=30)
    page.locator("[role=option]").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("听力弱")
    page.locator("label:visible:has(input[name=category][value=leak])").click()
    page.locator("#what").fill("主卧卫生间吊顶滴水\n已用盆接着")
    page.locator("[name=payer]").first.scroll_into_view_if_needed()
    choose(page, "payer", "owner")
    choose(page, "flat_rate", "CALL")
    page.locator("#ask").scroll_into_view_if_needed()
    stage.picture(page, "desk-takes-the-call")
    page.locator("button[name=then][value=case]").click()
    page.wait_for_url("**/cases/**")
    case = Case.objects.unscoped().get()
    assert (case.accountable.name if case.accountable else "", case.urgency) == ("周敏", "P1")
    return case.number


def choose(page: Page, name: str, value: str) -> None:
    """A choice, whether it is drawn as chips or as a list."""
    chip = page.locator(f"label:visible:has(input[name={name}][value={value}])")
    if chip.count():
        chip.first.click()
    else:
        page.locator(f"select[name={name}]").select_option(value)


def do(page: Page, action: str) -> Locator:
    """Open an action's dialog on the case page."""
    page.locator(f'.acts [hx-get$="/actions/{action}/"]').click()
    form = page.locator("form#act")
    expect(form).to_be_visible()
    return form


def the_head_butler_dispatches(stage: Stage, number: str) -> None:
    page = stage.enter("headbutler", f"/cases/{number}/")
    form = do(page, "dispatch")
    form.locator("label", has_text="李建国").first.click()
    stage.picture(page, "head-butler-dispatches")
    form.locator("button[type=submit]").click()
    expect(page.locator("h1")).to_contain_text("待接单")
    assert state_of(number) == "dispatched"


def the_technician_comes_and_quotes(stage: Stage, number: str) -> Page:
    page = stage.enter("tech", "/field/", phone=True)
    stage.picture(page, "technician-has-a-job")
    page.goto(f"/field/jobs/{number}/")
    step(page, number, "accept", "accepted")
    step(page, number, "arrive", "on_site")
    stage.picture(page, "technician-is-on-site")
    page.goto(f"/field/jobs/{number}/?step=confirm_scope")
    form = page.locator("#f-confirm_scope")
    form.locator("[name=cause]").fill("地暖分水器第三路接头渗漏")
    form.locator("[name=scope]").fill("更换接头两只并试压")
    form.locator("[name=confirmed_by]").fill("王淑芬")
    form.locator("input[type=file]").first.set_input_files(
        {"name": "before.png", "mimeType": "image/png", "buffer": picture("orange")}
    )
    submit(page, "confirm_scope")
    arrived(page, number, "scoped")
    page.goto(f"/field/jobs/{number}/?step=quote")
    for code in ("L-PLUMB", "P-DN20", "P-DN20"):  # the call-out fee told at reporting stands there already
        add_item(page, code)
    stage.picture(page, "technician-quotes")
    submit(page, "quote")
    arrived(page, number, "quoted")
    return page


def step(page: Page, number: str, action: str, state: str) -> None:
    """The one big button under the thumb."""
    with page.expect_navigation():
        page.locator(f'.thumb-bar:visible form[action$="/{action}/"] button').click()
    arrived(page, number, state)


def arrived(page: Page, number: str, state: str) -> None:
    """The phone sends by itself; wait until the server has it."""
    for _attempt in range(300):
        if state_of(number) == state:
            page.wait_for_load_state()
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"{number} is {state_of(number)}, not {state}")


def submit(page: Page, step_name: str) -> None:
    """And on to the page that the phone turns to by itself once it is sent."""
    with page.expect_navigation():
        page.locator(f'button[form="f-{step_name}"]:visible').last.click()


def add_item(page: Page, code: str) -> None:
    more = page.locator(f'[data-item="{code}"]:visible [data-step-by="1"]')
    if more.count():
        more.first.click()
        return
    page.evaluate("document.querySelectorAll('details.price-group').forEach(d => { d.open = true })")
    page.locator(f'.chip[data-add="{code}"]').click()


def the_owner_agrees(stage: Stage, number: str) -> None:
    page = stage.enter("owner", "/portal/", phone=True)
    stage.picture(page, "owner-sees-what-waits")
    page.goto(f"/portal/cases/{number}/quote/")
    expect(page.locator("main")).to_contain_text("286.00")
    sign(page, page.locator("main"))
    stage.picture(page, "owner-agrees")
    page.locator(
        "main button.btn-primary[type=submit]:visible, footer button.btn-primary[type=submit]:visible"
    ).last.click()
    arrived(page, number, "agreed")
    given = Consent.objects.unscoped().get()
    assert (given.way, str(given.amount)) == ("portal", "286.00")


def the_technician_works(stage: Stage, page: Page, number: str) -> None:
    page.goto(f"/field/jobs/{number}/")
    stage.picture(page, "technician-may-start")
    step(page, number, "start", "working")
    page.goto(f"/field/jobs/{number}/?step=finish")
    form = page.locator("#f-finish")
    form.locator("[name=work_done]").fill("更换接头两只，试压三十分钟不漏")
    form.locator("label:visible:has(input[name=labour_minutes][value='60']), select[name=labour_minutes]").first.click()
    form.locator("input[type=file][name=photos_after]").set_input_files(
        {"name": "after.png", "mimeType": "image/png", "buffer": picture("green")}
    )
    form.locator("label:has([name=site_cleaned])").click()
    stage.picture(page, "technician-finishes")
    submit(page, "finish")
    arrived(page, number, "done")


def the_owner_confirms_the_amount(stage: Stage, number: str) -> None:
    page = stage.enter("owner", f"/portal/cases/{number}/amount/", phone=True)
    stage.picture(page, "owner-confirms-the-amount")
    page.locator(
        "main button.btn-primary[type=submit]:visible, footer button.btn-primary[type=submit]:visible"
    ).last.click()
    arrived(page, number, "settling")


def the_cashier_takes_the_money(stage: Stage, number: str) -> None:
    """Three keys at the counter: the way of payment by its letter, then Enter."""
    page = stage.enter("cashier", "/cashier/?q=3-2-1201")
    expect(page.locator("#take")).to_contain_text(number)
    page.keyboard.press("w")
    stage.picture(page, "cashier-takes-the-money")
    page.locator("#take button[type=submit]").click()
    page.wait_for_url("**/cashier/receipts/**")
    expect(page.locator("main")).to_contain_text("286.00")
    stage.picture(page, "receipt")
    assert [r.serial for r in Receipt.objects.unscoped()] == [1]
    assert state_of(number) == "settling"


def the_butler_calls_back(stage: Stage, number: str) -> None:
    page = stage.enter("butler", "/callbacks/")
    form = page.locator("form.call")
    expect(form).to_contain_text(number)
    form.locator("label:has(input[value=satisfied])").click()
    form.locator("label:has(input[value='4'])").click()
    stage.picture(page, "butler-calls-back")
    form.locator("button[type=submit]").click()
    arrived(page, number, "closed")
    assert Callback.objects.unscoped().get().state == "satisfied"


def everything_stands_in_the_timeline(stage: Stage, number: str) -> None:
    page = stage.enter("manager", f"/cases/{number}/")
    stage.picture(page, "manager-looks-back")
    road = list(Entry.objects.unscoped().filter(case__number=number).order_by("seq").values_list("action", flat=True))
    assert road == [
        "open", "dispatch", "accept", "arrive", "confirm_scope", "quote", "consent", "start",
        "finish", "confirm_amount", "pay", "callback",
    ]  # fmt: skip
    expect(page.locator("main")).to_contain_text("王淑芬")
