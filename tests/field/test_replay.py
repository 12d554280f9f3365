"""What a phone sends after a time without network: done once, or kept whole for the office."""

import json
import uuid
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from steward.cases.models import Entry
from steward.casework.models import CaseFile, Conflict
from steward.kernel.models import Attachment
from tests.field.conftest import LINES, signed_in, to_state
from tests.world import World, picture


class Phone:
    """A technician's phone with its queue."""

    def __init__(self, world: World, username: str = "tech", *, client: Client | None = None) -> None:
        self.world, self.owner = world, world.actor(username).key
        self.client = client or signed_in(world, username)

    def item(self, number: str, action: str, *, minutes: float = 0, **fields: Any) -> dict[str, Any]:
        sent = timezone.now()
        return {
            "owner": self.owner,
            "number": number,
            "action": action,
            "client_uuid": str(uuid.uuid4()),
            "tapped_at": (sent - timedelta(minutes=minutes)).isoformat(),
            "sent_at": sent.isoformat(),
            **fields,
        }

    def send(self, item: dict[str, Any], status: int = HTTPStatus.OK) -> dict[str, Any]:
        for value in item.values():
            for upload in value if isinstance(value, list) else [value]:
                if isinstance(upload, SimpleUploadedFile):
                    upload.seek(0)
        answer = self.client.post("/field/replay/", item)
        assert answer.status_code == status, answer.content.decode()
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture
def phone(world: World) -> Phone:
    # What happens on a phone lies between the call and now.
    world.now = timezone.now() - timedelta(hours=3)
    return Phone(world)


def photo(colour: str = "red") -> SimpleUploadedFile:
    return SimpleUploadedFile("p.png", picture(colour), "image/png")


def conflicts(world: World) -> list[Conflict]:
    return list(Conflict.objects.in_project(world.project_id).order_by("pk"))


def test_times_count_from_the_tap(phone: Phone, world: World) -> None:
    number = to_state(world, "dispatched")
    assert phone.send(phone.item(number, "accept", minutes=40))["status"] == "done"
    assert phone.send(phone.item(number, "arrive", minutes=25))["status"] == "done"
    entries = Entry.objects.in_project(world.project_id).filter(action__in=("accept", "arrive")).order_by("seq")
    ages = [(timezone.now() - entry.happened_at).total_seconds() / 60 for entry in entries]
    assert ages == pytest.approx([40, 25], abs=1)
    assert all(entry.is_late_entry for entry in entries)


def test_a_phone_whose_clock_is_wrong_still_counts_right(phone: Phone, world: World) -> None:
    number = to_state(world, "dispatched")
    ahead = timezone.now() + timedelta(hours=9)
    item = phone.item(number, "accept") | {
        "tapped_at": (ahead - timedelta(minutes=30)).isoformat(),
        "sent_at": ahead.isoformat(),
    }
    assert phone.send(item)["status"] == "done"
    entry = Entry.objects.in_project(world.project_id).get(action="accept")
    assert (timezone.now() - entry.happened_at).total_seconds() / 60 == pytest.approx(30, abs=1)


def test_the_same_item_again_is_harmless_and_stores_its_photos_once(phone: Phone, world: World) -> None:
    number = to_state(world, "working")
    before = Attachment.objects.in_project(world.project_id).count()
    item = phone.item(
        number,
        "finish",
        work_done="更换接头",
        labour_minutes="45",
        site_cleaned="true",
        photos_after=[photo(), photo("blue")],
        photos_before=[photo("green")],
    )
    assert phone.send(item)["status"] == "done"
    assert phone.send(item)["status"] == "again"
    assert Attachment.objects.in_project(world.project_id).count() == before + 3
    assert CaseFile.objects.in_project(world.project_id).filter(label="after").count() == 2
    assert Entry.objects.in_project(world.project_id).filter(action="finish").count() == 1


def test_again_even_when_the_case_went_to_somebody_else_meanwhile(phone: Phone, world: World) -> None:
    number = to_state(world, "dispatched")
    item = phone.item(number, "give_back", reason="我不会修这个")
    assert phone.send(item)["status"] == "done"
    world.act("desk", number, "dispatch", handler=world.company.staff["tech2"].pk)
    assert phone.send(item)["status"] == "again"
    assert conflicts(world) == []


def test_a_state_that_moved_on_becomes_a_conflict_with_its_photos(phone: Phone, world: World) -> None:
    number = to_state(world, "on_site")
    world.act("tech", number, "confirm_scope", cause="老化", scope="更换", confirmed_by="王淑芬")
    item = phone.item(
        number, "confirm_scope", cause="接头渗漏", scope="更换接头", confirmed_by="王淑芬", photos=[photo()], minutes=50
    )
    answer = phone.send(item, HTTPStatus.CONFLICT)
    assert (answer["status"], answer["kept"], answer["rule"]) == ("conflict", True, "case.state")
    kept = conflicts(world)[0]
    assert (kept.action, kept.data["cause"], kept.actor_name) == ("confirm_scope", "接头渗漏", "李建国")
    stored = Attachment.objects.in_project(world.project_id).get(pk=kept.data["photos"][0])
    assert stored.uploaded_by == world.actor("tech").key
    assert (timezone.now() - kept.happened_at).total_seconds() / 60 == pytest.approx(50, abs=1)


def test_a_refused_item_stays_refused_and_stands_once(phone: Phone, world: World) -> None:
    """Else the same tap could be done later behind the office's back, while its conflict still stands."""
    number = to_state(world, "dispatched")
    item = phone.item(number, "arrive")
    assert phone.send(item, HTTPStatus.CONFLICT)["kept"]
    world.act("tech", number, "accept")
    assert phone.send(item, HTTPStatus.CONFLICT)["kept"]
    assert len(conflicts(world)) == 1


def test_a_guard_that_refuses_is_named(phone: Phone, world: World) -> None:
    number = to_state(world, "scoped")
    answer = phone.send(phone.item(number, "start"), HTTPStatus.CONFLICT)
    assert (answer["rule"], answer["kept"]) == ("repair.no_work_before_consent", True)


def test_input_that_does_not_hold_is_kept_with_its_fields_named(phone: Phone, world: World) -> None:
    number = to_state(world, "scoped")
    item = phone.item(number, "quote") | {"lines-0-code": "NO-SUCH", "lines-0-quantity": "1"}
    answer = phone.send(item, HTTPStatus.UNPROCESSABLE_ENTITY)
    assert (answer["status"], answer["kept"]) == ("invalid", True)
    assert list(answer["fields"]) == ["lines.0.code"]
    assert conflicts(world)[0].data["lines"] == [{"code": "NO-SUCH", "quantity": "1"}]


def test_too_far_back_is_kept(phone: Phone, world: World) -> None:
    number = to_state(world, "dispatched")
    answer = phone.send(phone.item(number, "accept", minutes=60 * 24 * 5), HTTPStatus.UNPROCESSABLE_ENTITY)
    assert (answer["kept"], list(answer["fields"])) == (True, ["happened_at"])


def test_a_file_that_is_no_picture_does_not_take_the_rest_down(phone: Phone, world: World) -> None:
    number = to_state(world, "working")
    bad = SimpleUploadedFile("x.jpg", b"<script>", "image/jpeg")
    item = phone.item(
        number, "finish", work_done="更换接头", labour_minutes="45", photos_after=[photo(), bad, photo("blue")]
    )
    answer = phone.send(item, HTTPStatus.UNPROCESSABLE_ENTITY)
    assert (answer["kept"], list(answer["fields"])) == (True, ["photos_after"])
    assert len(conflicts(world)[0].data["photos_after"]) == 2
    assert conflicts(world)[0].data["work_done"] == "更换接头"


def test_not_this_role_is_kept(world: World) -> None:
    """A butler sees the case and never was its technician."""
    world.now = timezone.now() - timedelta(hours=3)
    number = to_state(world, "dispatched")
    phone = Phone(world, "butler")
    answer = phone.send(phone.item(number, "accept"), HTTPStatus.FORBIDDEN)
    assert (answer["status"], answer["kept"], answer["rule"]) == ("conflict", True, "case.role")


@pytest.mark.parametrize("state", ["dispatched", "accepted"])
def test_a_case_sent_to_somebody_else_meanwhile_keeps_what_was_typed(phone: Phone, world: World, state: str) -> None:
    """Dispatched to me and taken away before I touched it, or after: I no longer see it, my work is not lost."""
    number = to_state(world, state)
    if state == "accepted":
        world.act("tech", number, "give_back", reason="另有急活")
    world.act("desk", number, "dispatch", handler=world.company.staff["tech2"].pk)
    answer = phone.send(phone.item(number, "contain", what="关了总阀", photos=[photo()]), HTTPStatus.NOT_FOUND)
    assert (answer["status"], answer["kept"]) == ("conflict", True)
    kept = conflicts(world)[0]
    assert kept.data["what"] == "关了总阀"
    assert Attachment.objects.in_project(world.project_id).filter(pk__in=kept.data["photos"]).count() == 1
    assert kept.case.title in phone.client.get("/field/").content.decode()


def test_nothing_of_a_stranger_is_kept(world: World) -> None:
    """A technician who never had the case, and one of another region, learn nothing and leave nothing."""
    world.now = timezone.now() - timedelta(hours=3)
    number = to_state(world, "accepted")
    for username in ("tech2", "outsider_tech"):
        phone = Phone(world, username)
        for action in ("contain", "no_such_action"):
            answer = phone.send(phone.item(number, action, what="x"), HTTPStatus.NOT_FOUND)
            assert answer == {"status": "conflict", "message": answer["message"], "rule": "", "kept": False}
    assert conflicts(world) == []


def test_nobody_sends_another_persons_queue(phone: Phone, world: World) -> None:
    number = to_state(world, "dispatched")
    other = Phone(world, "tech2", client=phone.client)
    assert other.send(other.item(number, "accept"), HTTPStatus.UNAUTHORIZED)["status"] == "sign_in"
    signed_out = Phone(world, "tech", client=Client())
    assert signed_out.send(signed_out.item(number, "accept"), HTTPStatus.UNAUTHORIZED)["status"] == "sign_in"
    assert phone.send(phone.item(number, "accept"))["status"] == "done"


def test_owners_do_not_replay(world: World) -> None:
    number = to_state(world, "dispatched")
    owner = Phone(world, "owner")
    assert owner.send(owner.item(number, "accept"), HTTPStatus.UNAUTHORIZED)["status"] == "sign_in"


@pytest.mark.parametrize(
    "broken",
    [
        {"number": "BX-YX-999999-9999"},
        {"number": "nothing"},
        {"number": ""},
        {"client_uuid": "no"},
        {"action": "x" * 400},
        {"tapped_at": "yesterday"},
        {"tapped_at": "0001-01-01T00:00:00", "sent_at": "9999-12-31T23:59:59"},
        {"tapped_at": "2026-11-21T10:00:00", "sent_at": "2026-11-21T10:00:00+08:00"},
        {"text": "a\x00b", "action": "say"},
    ],
)
def test_broken_items_get_an_answer_never_a_500(phone: Phone, world: World, broken: dict[str, str]) -> None:
    number = to_state(world, "accepted")
    item = phone.item(number, "arrive") | broken
    answer = phone.client.post("/field/replay/", item)
    assert answer.status_code in (200, 403, 404, 409, 422)
    assert answer.json()["status"] in ("done", "conflict", "invalid")
    json.dumps([conflict.data for conflict in conflicts(world)])


def test_another_payload_under_the_same_identifier_is_not_kept_and_not_done(phone: Phone, world: World) -> None:
    number = to_state(world, "accepted")
    item = phone.item(number, "say", text="第一句")
    assert phone.send(item)["status"] == "done"
    answer = phone.send(item | {"text": "第二句"}, HTTPStatus.UNPROCESSABLE_ENTITY)
    assert (answer["kept"], list(answer["fields"])) == (False, ["client_uuid"])


def test_a_quote_from_the_phone_ignores_rows_without_quantity(phone: Phone, world: World) -> None:
    number = to_state(world, "scoped")
    fields = {f"lines-{n}-{k}": v for n, line in enumerate(LINES) for k, v in line.items()}
    fields |= {"lines-7-code": "P-TAPE", "lines-7-quantity": "", "lines-8-code": "P-LAMP", "lines-8-quantity": "0"}
    assert phone.send(phone.item(number, "quote") | fields)["status"] == "done"
    assert str(world.act("tech", number, "say", text="x").detail.quote_total) == "286.00"
