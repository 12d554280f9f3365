"""The delivery log and the texts: scoped, masked, settled once, refused by field."""

import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from steward.kernel import outbox
from steward.kernel.models import Outbox, OutboxState
from steward.registers.messaging.models import MessageTemplate
from steward.registers.messaging.templates import REGISTRY, preset
from steward.registers.party.models import Customer
from steward.worker.loop import run_until_idle
from tests.console.conftest import SignIn
from tests.processes.test_repair_story import to_quoted
from tests.world import World

LOG = "/messages/"
TEXT = "/messages/texts/repair.received/"


@pytest.fixture(autouse=True)
def mail(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def unclear(world: World, event: str = "e") -> Outbox:
    wang = Customer.objects.in_project(world.project_id).get(email="wang@example.org")
    message = outbox.Message(
        event=event,
        recipient=f"customer:{wang.pk}",
        channel="sms",
        subject="报修已受理",
        body="http://x/l/secrettoken/",
        payload={"to": "13805710001", "case": "YX-1"},
    )
    outbox.post([message], project_id=world.project_id, at=world.now)
    rows = Outbox.objects.in_project(world.project_id).filter(event=event, channel="sms")
    rows.update(state=OutboxState.UNKNOWN, done_at=world.now, attempts=1, error="cut off")
    return rows.get()


def test_the_log_shows_what_left_masked_and_without_a_usable_link(world: World, sign_in: SignIn) -> None:
    number = to_quoted(world)
    run_until_idle(world.now)
    unclear(world)
    text = sign_in("manager").page(LOG)
    assert number in text
    assert "w***@example.org" in text
    assert "wang@example.org" not in text
    assert "138****0001" in text
    assert "13805710001" not in text
    assert "secrettoken" not in text
    for row in Outbox.objects.in_project(world.project_id).exclude(payload__path=""):
        assert not row.payload.get("path") or row.payload["path"] not in text


def test_the_log_ends_at_the_project(world: World, sign_in: SignIn) -> None:
    row = unclear(world)
    outsider = sign_in("outsider")
    assert "138****0001" not in outsider.page(LOG)
    assert outsider.post(f"/messages/{row.project_id}/{row.pk}/again/", {}).status_code == 404
    assert outsider.post(f"/messages/{row.project_id}/{row.pk}/became/", {"arrived": "yes"}).status_code == 404
    row.refresh_from_db(from_queryset=Outbox.objects.in_project(row.project_id))
    assert row.state == OutboxState.UNKNOWN


def test_field_staff_do_not_read_it(world: World, sign_in: SignIn) -> None:
    assert sign_in("tech").get(LOG).status_code == 404


def test_filters(world: World, sign_in: SignIn) -> None:
    to_quoted(world)
    run_until_idle(world.now)
    unclear(world)
    desk = sign_in("desk")
    assert "138****0001" not in desk.page(f"{LOG}?state=done")
    assert "w***@" not in desk.page(f"{LOG}?channel=sms")
    assert "138****0001" in desk.page(f"{LOG}?case=YX-1")
    assert desk.get(f"{LOG}?before=9999999999999999999999&state=%00").status_code == 200


@pytest.mark.parametrize(("arrived", "state"), [("yes", OutboxState.DONE), ("no", OutboxState.DEAD)])
def test_a_person_says_what_became_of_it_once(world: World, sign_in: SignIn, arrived: str, state: str) -> None:
    row = unclear(world)
    desk = sign_in("desk")
    url = f"/messages/{row.project_id}/{row.pk}/became/"
    assert desk.post(url, {"arrived": arrived}).status_code == 303
    kept = Outbox.objects.in_project(row.project_id).get(pk=row.pk)
    assert (kept.state, kept.payload["by_hand"]) == (state, world.actor("desk").key)
    assert desk.post(f"/messages/{row.project_id}/{row.pk}/became/", {"arrived": "no"}).status_code == 303
    assert Outbox.objects.in_project(row.project_id).get(pk=row.pk).state == state


def test_what_arrived_cannot_be_sent_again(world: World, sign_in: SignIn) -> None:
    row = unclear(world)
    Outbox.objects.in_project(row.project_id).filter(pk=row.pk).update(state=OutboxState.DONE)
    sign_in("desk").post(f"/messages/{row.project_id}/{row.pk}/again/", {})
    assert Outbox.objects.in_project(row.project_id).get(pk=row.pk).state == OutboxState.DONE


def test_the_cashier_reads_but_does_not_settle(world: World, sign_in: SignIn) -> None:
    row = unclear(world)
    assert sign_in("cashier").post(f"/messages/{row.project_id}/{row.pk}/again/", {}).status_code == 403


def test_the_log_is_read_in_few_statements(world: World, sign_in: SignIn) -> None:
    desk = sign_in("desk")

    def statements() -> int:
        with CaptureQueriesContext(connection) as seen:
            desk.page(LOG)
        return len(seen)

    unclear(world)
    statements()  # fills what is kept in the process
    one = statements()
    for n in range(12):
        unclear(world, f"e{n}")
    assert statements() == one <= 10


def test_the_case_page_brings_the_state_of_its_messages(world: World, sign_in: SignIn) -> None:
    number = to_quoted(world)
    run_until_idle(world.now)
    desk = sign_in("desk")
    assert f"/messages/of/{number}/" in desk.page(f"/cases/{number}/")
    assert "已送达" in desk.page(f"/messages/of/{number}/")
    assert sign_in("tech").get(f"/messages/of/{number}/").status_code == 404


def words(**changed: str) -> dict[str, Any]:
    shipped = preset(REGISTRY["repair.received"], "zh-hans")
    given = {"subject": shipped.subject, "body": shipped.body, "short": shipped.short}
    return {**given, "note": "", "do": "keep", "client_uuid": str(uuid.uuid4()), **changed}


def test_a_project_puts_a_message_in_its_own_words(world: World, sign_in: SignIn) -> None:
    manager = sign_in("manager")
    assert manager.post(f"{TEXT}?place=YX", words(body="{title}：云栖花园已收到，{who}负责。")).status_code == 303
    number = world.open("desk").case.number
    row = Outbox.objects.in_project(world.project_id).get(
        channel="inapp", about=number, recipient__startswith="customer:"
    )
    assert row.body.startswith("主卧卫生间吊顶滴水：云栖花园已收到，")
    page = manager.page(f"{TEXT}?place=YX")
    assert "云栖花园已收到" in page
    assert manager.post(f"{TEXT}?place=YX", words(do="preset")).status_code == 303
    again = world.open("desk", client_uuid=uuid.uuid4()).case.number
    row = Outbox.objects.in_project(world.project_id).get(
        channel="inapp", about=again, recipient__startswith="customer:"
    )
    assert "云栖花园已收到" not in row.body


@pytest.mark.parametrize(
    ("part", "text"),
    [
        ("subject", "报修 {numer} 已受理"),
        ("body", "没有合上 {number"),
        ("short", "多余的 number}"),
        ("short", "长" * 141),
        ("body", "  "),
    ],
)
def test_a_broken_text_is_refused_beside_its_field(world: World, sign_in: SignIn, part: str, text: str) -> None:
    answer = sign_in("manager").post(f"{TEXT}?place=YX", words(**{part: text}))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert f'id="form-{part}-error"' in page
    assert text.strip() in page
    assert world.open("desk").case.number


def test_a_preview_keeps_nothing(world: World, sign_in: SignIn) -> None:
    answer = sign_in("manager").post(f"{TEXT}?place=YX", words(do="preview", short="试写 {number} 给 {who}"))
    assert answer.status_code == 200
    assert "试写 YX-20261121-0007 给 李建国" in answer.content.decode()
    assert "自定义文案" not in sign_in("manager").page("/messages/texts/?place=YX")


def test_only_whoever_leads_the_project_chooses_words(world: World, sign_in: SignIn) -> None:
    assert sign_in("desk").get("/messages/texts/").status_code == 404
    assert sign_in("desk").post(f"{TEXT}?place=YX", words()).status_code == 404
    # A manager who names another place writes for the own one.
    sign_in("manager").post(f"{TEXT}?place=HQ", words(body="只在本项目 {number}"))
    assert [row.node_id for row in MessageTemplate.objects.all()] == [world.project_id]


def test_every_shipped_text_names_only_what_it_is_given() -> None:
    for template in REGISTRY.values():
        for language in ("zh-hans", "en"):
            shipped = preset(template, language)
            for text in (shipped.subject, shipped.body, shipped.short):
                assert "%(" not in text, (template.key, language)
                assert text
