"""The settings: figures, prices, categories, rights; each from a day on, with its effect and its history."""

import re
import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from steward.kernel import policies
from steward.kernel.audit.models import AuditEvent, CompanyEvent
from steward.kernel.errors import InvalidError, NotAllowedError
from steward.kernel.models import PolicyValue
from steward.processes.repair.policies import COMPLETION
from steward.registers.org.figures import set_figure
from steward.registers.org.tree import place
from tests.console.conftest import SignIn
from tests.world import World

TODAY = "2026-11-21"


def controls(page: str) -> dict[str, Any]:
    """What a browser would send: the values of the form as the page shows them."""
    found: dict[str, Any] = {}
    form = page[page.index('<form class="form') :]
    form = form[: form.index("</form>")]
    for tag in re.findall(r"<input[^>]*>", form):
        name = re.search(r'name="([^"]+)"', tag)
        if name is None or (('type="radio"' in tag or 'type="checkbox"' in tag) and " checked" not in tag):
            continue
        value = re.search(r'value="([^"]*)"', tag)
        found.setdefault(name.group(1), []).append(value.group(1) if value else "")
    for name, inside in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', inside)
        found[name] = [chosen.group(1) if chosen else ""]
    for name, text in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.DOTALL):
        found[name] = [text]
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def test_every_figure_stands_in_the_list_with_its_source(world: World, sign_in: SignIn) -> None:
    page = sign_in("manager").page("/settings/figures/")
    for policy in policies.REGISTRY.values():
        assert f"/settings/figures/{policy.key}/" in page
    assert "2 天" in page
    assert "seed 0" not in page
    assert "DOMAIN-RULES" not in page
    assert sign_in("desk").get("/settings/figures/").status_code == 404
    assert sign_in("tech").get("/settings/").status_code == 404


def test_the_list_is_searched_by_words_people_use(world: World, sign_in: SignIn) -> None:
    page = sign_in("manager").page("/settings/figures/?q=免打扰")
    assert "/settings/figures/repair.completion/" not in page
    assert "callback.quiet" in page or "messages.quiet_hours" in page


@pytest.mark.parametrize("key", sorted(policies.REGISTRY))
def test_every_form_gives_back_what_it_shows(world: World, sign_in: SignIn, key: str) -> None:
    """Kept unchanged, each figure reads as before: no type is lost on the way through the browser."""
    manager, policy = sign_in("manager"), policies.REGISTRY[key]
    before = policies.in_force(policy, lineage=place(world.project_id).lineage, at=world.now)
    data = controls(manager.page(f"/settings/figures/{key}/?place=YX"))
    answer = manager.post(f"/settings/figures/{key}/?place=YX", {**data, "do": "keep"})
    assert answer.status_code == 303, answer.content.decode()
    now = policies.in_force(policy, lineage=place(world.project_id).lineage, at=world.now)
    assert now.version != "preset"
    if isinstance(now.value, list) and key != "messages.customer_channels":
        assert set(now.value) == set(before.value)
    elif key not in ("case.ready_words", "absence.kinds"):  # their words are kept in the language they were read in
        assert now.value == before.value


def table(**changes: str) -> dict[str, str]:
    rows = {"default": ("2", "1440"), "P0": ("2", "60"), "P1": ("1", "1440"), "P2": ("", "60"), "P3": ("", "60")}
    data = {"effective_on": TODAY, "note": "试行", "do": "keep", "client_uuid": str(uuid.uuid4()), "warn": "80"}
    for row, (amount, unit) in rows.items():
        mode = {"P2": "same", "P3": "none"}.get(row, "natural")
        data |= {f"{row}.amount": amount, f"{row}.unit": unit, f"{row}.mode": mode, f"{row}.hours": ""}
    stages = {"rung.accountable": "100", "rung.manager": "150", "rung.region": "200"}
    return {**data, **stages, **{name.replace("__", "."): value for name, value in changes.items()}}


URL = "/settings/figures/repair.completion/?place=YX"


def test_a_clock_is_changed_from_today_on_and_twice_changes_nothing(world: World, sign_in: SignIn) -> None:
    manager = sign_in("manager")
    old = world.open("desk", urgency="P1").case
    world.pass_time(minutes=5)
    data = table(P1__amount="4", P1__unit="60")
    assert manager.post(URL, data).status_code == 303
    assert manager.post(URL, data).status_code == 303
    rows = PolicyValue.objects.filter(key="repair.completion")
    assert rows.count() == 1
    found = policies.in_force(COMPLETION, lineage=place(world.project_id).lineage, at=world.now)
    assert found.value.clock("P1").minutes == 240  # type: ignore[union-attr]
    assert found.value.clock("P3") is None
    assert found.value.clock("P2").minutes == 2880  # type: ignore[union-attr]
    said = AuditEvent.objects.in_project(world.project_id).filter(what="policy.set")
    assert said.count() == 1
    assert said.get().reason == "试行"
    new = world.open("desk", urgency="P1", title="厨房水管渗水").case
    due = {d.case_id: d.due_at for d in _deadlines(old.pk, new.pk)}
    assert due[old.pk] - old.received_at == timedelta(days=1)
    assert due[new.pk] - new.received_at == timedelta(hours=4)
    page = manager.page(URL)
    assert "试行" in page
    assert "生效中" in page


def _deadlines(*cases: int) -> Any:
    from steward.cases.models import Deadline  # noqa: PLC0415

    return Deadline.objects.unscoped().filter(case_id__in=cases, key="completion")


def test_wrong_values_are_named_and_what_was_typed_is_kept(world: World, sign_in: SignIn) -> None:
    manager = sign_in("manager")
    for wrong, words in (
        ({"P1__amount": "很快"}, "请填写数字"),
        ({"P1__amount": "-1"}, "不能小于 0"),
        ({"default__mode": "working", "default__hours": "17:30-08:30"}, "08:30-12:00,13:30-17:30"),
        ({"warn": "120"}, "不能大于 1"),
        ({"rung__region": "150"}, "逐级"),
        ({"effective_on": "2026-11-20"}, "不能早于今天"),
        ({"effective_on": "昨天"}, "请填写日期"),
    ):
        answer = manager.post(URL, table(**wrong))
        page = answer.content.decode()
        assert answer.status_code == 422, wrong
        assert "field-error" in page, wrong
        assert words in page, (wrong, re.findall(r"field-error.*?<span>(.*?)</span>", page))
        assert next(iter(wrong.values())) in page
    assert not PolicyValue.objects.exists()


def test_lists_spans_and_rules_are_checked_by_their_type(world: World, sign_in: SignIn) -> None:
    manager = sign_in("manager")
    base = {"effective_on": TODAY, "do": "keep", "note": ""}
    quiet = {"value.spans": "00:00-24:00", "value.urgent_gap_minutes": "180", "value.attempts": "3"}
    answer = manager.post("/settings/figures/callback.quiet/?place=YX", {**base, **quiet})
    assert answer.status_code == 422
    assert "留出" in answer.content.decode()
    good = {**quiet, "value.spans": "12:00-14:00\r\n21:00-08:00"}
    assert manager.post("/settings/figures/callback.quiet/?place=YX", {**base, **good}).status_code == 303
    assert PolicyValue.objects.get(key="callback.quiet").value["spans"] == ["12:00-14:00", "21:00-08:00"]
    rule = {"value-0-kinds": "投诉、报修", "value-0-categories": "", "value-0-leaks": "", "value-0-calls": "false"}
    answer = manager.post("/settings/figures/callback.rules/?place=YX", {**base, **rule, "value-0-after_rain": "false"})
    assert answer.status_code == 303, answer.content.decode()
    assert PolicyValue.objects.get(key="callback.rules").value[0]["kinds"] == ["complaint", "repair"]
    assert "投诉、报修：不回访" in manager.page("/settings/callbacks/?place=YX")


def test_a_later_day_waits_and_an_old_value_comes_back_as_a_new_one(world: World, sign_in: SignIn) -> None:
    manager = sign_in("manager")
    assert manager.post(URL, table(P1__amount="4", P1__unit="60")).status_code == 303
    assert manager.post(URL, table(P1__amount="8", P1__unit="60", effective_on="2026-12-01")).status_code == 303
    lineage = place(world.project_id).lineage
    midnight = datetime(2026, 11, 30, 16, 0, tzinfo=UTC)
    for at, minutes in ((midnight - timedelta(seconds=1), 240), (midnight, 480)):
        assert policies.in_force(COMPLETION, lineage=lineage, at=at).value.clock("P1").minutes == minutes  # type: ignore[union-attr]
    page = manager.page(URL)
    assert "待生效" in page
    first = PolicyValue.objects.earliest("pk").pk
    back = controls(manager.page(f"{URL}&from={first}"))
    assert (back["P1.amount"], back["P1.unit"]) == ("4", "60")
    world.now = midnight + timedelta(days=2)
    assert manager.post(URL, {**back, "effective_on": "2026-12-03", "do": "keep"}).status_code == 303
    assert PolicyValue.objects.count() == 3
    assert policies.in_force(COMPLETION, lineage=lineage, at=world.now).value.clock("P1").minutes == 240  # type: ignore[union-attr]


def test_whoever_leads_the_place_decides(world: World, sign_in: SignIn) -> None:
    """A manager for the project, nobody below the head office for the company."""
    value = COMPLETION.dump(COMPLETION.preset)
    ask = {"key": COMPLETION.key, "raw": value, "effective_on": date(2026, 11, 21), "at": world.now}
    for who, where in (("manager", "HQ"), ("manager", "EAST"), ("manager", "JZ"), ("desk", "YX"), ("owner", "YX")):
        with pytest.raises(NotAllowedError):
            set_figure(**ask, node_id=world.company.nodes[where].pk, actor=world.actor(who))
    for who, where in (("manager", "YX"), ("hq", "HQ"), ("hq", "YX")):
        set_figure(**ask, node_id=world.company.nodes[where].pk, actor=world.actor(who))
    assert CompanyEvent.objects.filter(what="policy.set").count() == 1
    # Somebody else's place in the address shows one's own.
    assert "锦州新苑" not in sign_in("manager").page("/settings/figures/?place=JZ")


def test_what_was_in_force_on_past_days_stays(world: World) -> None:
    ask = {"key": COMPLETION.key, "raw": COMPLETION.dump(COMPLETION.preset), "node_id": world.project_id}
    with pytest.raises(InvalidError) as caught:
        set_figure(**ask, effective_on=date(2026, 11, 20), actor=world.actor("manager"), at=world.now)
    assert list(caught.value.fields) == ["effective_on"]
    assert not PolicyValue.objects.exists()


def test_the_effect_is_recomputed_from_past_clocks(world: World, sign_in: SignIn) -> None:
    """Three urgent repairs: done after two, six and thirty hours; the fourth still runs."""
    manager = sign_in("manager")
    for n, hours in enumerate((2, 6, 30)):
        case = world.open("desk", urgency="P1", title=f"厨房漏水 {n}").case
        row = _deadlines(case.pk).get()
        row.end(at=world.now + timedelta(hours=hours))
        row.save()
    world.pass_time(hours=31)
    world.open("desk", urgency="P1", title="还在跑的工单")
    page = manager.post(URL, {**table(P1__amount="4", P1__unit="60"), "do": "preview", "effective_on": "2026-11-22"})
    text = page.content.decode()
    assert page.status_code == 200
    assert "过去 30 天的 4 个工单，按新规则会有 2 个超期（现为 1 个）" in text
    assert "现有 1 个时限在走" in text
    assert "1 个会提前到期，0 个会推后" in text
    assert not PolicyValue.objects.exists()


def test_pages_ask_few_questions(world: World, sign_in: SignIn) -> None:
    manager = sign_in("manager")
    for number in (1, 5):
        for n in range(number):
            manager.post(URL, table(P1__amount=str(n + 2), P1__unit="60"))
        for path in ("/settings/", "/settings/figures/", "/settings/callbacks/", URL):
            with CaptureQueriesContext(connection) as seen:
                manager.page(path)
            assert len(seen) <= 10, (path, len(seen))


PRICE = Decimal("1.00")
