"""The residents' pages at their outer edge: what is shown, what is sent, what is refused."""

import base64
import uuid
from collections.abc import Iterator
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from steward.cases.models import Case
from steward.casework.models import CaseFile
from steward.kernel import reference
from steward.processes.repair.models import Consent
from tests.processes.test_repair_story import to_quoted, to_settling
from tests.world import World, picture

QUERIES = 10
OK, FOUND, OTHER = HTTPStatus.OK, HTTPStatus.FOUND, HTTPStatus.SEE_OTHER
MISSING, TAKEN, WRONG = HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY


@pytest.fixture
def world(world: World) -> Iterator[World]:
    """Pages read the real clock: the cast lives in the present, its price list since long ago."""
    world.now = timezone.now().replace(microsecond=0)
    yield world
    reference.forget()


def enter(world: World, username: str) -> Client:
    client = Client()
    client.force_login(world.company.users[username], backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def owner(world: World) -> Client:
    return enter(world, "owner")


@pytest.fixture
def tenant(world: World) -> Client:
    return enter(world, "tenant")


@pytest.fixture
def stranger(world: World) -> Client:
    return enter(world, "foreign_owner")


def text(answer: Any) -> str:
    return str(answer.content.decode())


def send(client: Client, path: str, **data: Any) -> Any:
    data.setdefault("client_uuid", str(uuid.uuid4()))
    return client.post(path, {key: value for key, value in data.items() if value is not None})


def home_of(world: World, username: str = "owner") -> int:
    return world.actor(username).homes[0].unit_id


def report(client: Client, world: World, **data: Any) -> Any:
    sent = {"home": home_of(world), "room": "kitchen", "what": "水槽下面一直滴水", "told_fee": "30.00", **data}
    return send(client, "/portal/report/", **sent)


def number_in(answer: HttpResponse) -> str:
    return str(answer["Location"].split("/")[3])


def case_of(number: str) -> Case:
    return Case.objects.unscoped().select_related("repair").get(number=number)


def quoted(world: World) -> tuple[str, str]:
    number = to_quoted(world)
    return number, case_of(number).repair.quote_hash


# --- reporting -------------------------------------------------------------------------------------


def test_a_report_arrives_with_photo_place_and_the_fee_that_was_told(owner: Client, world: World) -> None:
    photo = SimpleUploadedFile("leak.png", picture(), "image/png")
    answer = report(owner, world, photos=photo)

    assert answer.status_code == OTHER
    case = case_of(number_in(answer))
    assert (case.channel, case.place, case.unit_label) == ("portal", "厨房", "3-2-1201")
    assert case.title == "厨房：水槽下面一直滴水"
    assert case.accountable == world.company.staff["butler"]
    assert (case.repair.flat_rate_code, str(case.repair.flat_rate_amount)) == ("CALL", "30.00")
    assert CaseFile.objects.unscoped().filter(case=case, label="before").count() == 1
    assert "陈悦" in text(owner.get(answer["Location"]))


def test_the_same_report_twice_is_one_case(owner: Client, world: World) -> None:
    form = str(uuid.uuid4())
    first, second = (report(owner, world, client_uuid=form) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert Case.objects.unscoped().count() == 1


def test_common_parts_cost_no_visit(owner: Client, world: World) -> None:
    case = case_of(number_in(report(owner, world, room="outside")))
    assert case.repair.flat_rate_code == ""


def test_a_fee_that_changed_meanwhile_is_told_anew(owner: Client, world: World) -> None:
    answer = report(owner, world, told_fee="20.00")
    assert answer.status_code == TAKEN
    assert "水槽下面一直滴水" in text(answer)
    assert not Case.objects.unscoped().exists()


def test_photo_or_words_are_needed_and_nothing_is_lost(owner: Client, world: World) -> None:
    answer = report(owner, world, what="")
    assert answer.status_code == WRONG
    assert 'id="what-error"' in text(answer)

    photo = SimpleUploadedFile("leak.png", picture(), "image/png")
    answer = report(owner, world, room="", photos=photo)
    assert answer.status_code == WRONG
    assert 'id="room-error"' in text(answer)
    assert 'name="photos" value="' in text(answer)
    assert "水槽下面一直滴水" in text(answer)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("urgency", "P0"),
        ("payer", "developer"),
        ("received_at", "2020-01-01T00:00"),
        ("customer", "1"),
        ("received_by", "1"),
        ("due_at", "2030-01-01T00:00"),
        ("amount", "0.01"),
        ("flat_rate", "F-LOCK"),
    ],
)
def test_priority_deadline_and_amounts_cannot_be_forged(owner: Client, world: World, name: str, value: str) -> None:
    answer = report(owner, world, **{name: value})
    assert answer.status_code == WRONG
    assert not Case.objects.unscoped().exists()


def test_somebody_elses_home_and_photos_are_refused(owner: Client, world: World) -> None:
    assert report(owner, world, home=home_of(world, "tenant")).status_code == WRONG
    assert report(owner, world, photos=world.photo("tenant")).status_code == WRONG
    assert not Case.objects.unscoped().exists()


def test_a_question_is_asked_answered_and_asked_again(owner: Client, world: World) -> None:
    answer = send(owner, "/portal/ask/", home=home_of(world), about="fees", what="车位费交到什么时候？")
    number = number_in(answer)
    world.act("desk", number, "answer", answer="交到十二月底")
    page = text(owner.get(f"/portal/cases/{number}/"))
    assert "交到十二月底" in page
    assert send(owner, f"/portal/cases/{number}/again/", answer="那明年呢？").status_code == OTHER
    assert case_of_inquiry(number).state == "received"


def case_of_inquiry(number: str) -> Case:
    return Case.objects.unscoped().get(number=number)


# --- who sees what ---------------------------------------------------------------------------------


def test_each_household_sees_its_own(owner: Client, tenant: Client, stranger: Client, world: World) -> None:
    number, _hash = quoted(world)
    for page in ("", "quote/", "decline/", "amount/", "rate/", "cancel/", "reopen/", "again/"):
        path = f"/portal/cases/{number}/{page}"
        assert owner.get(path).status_code == OK, page
        assert tenant.get(path).status_code == MISSING, page
        assert stranger.get(path).status_code == MISSING, page
    assert number in text(owner.get("/portal/cases/"))
    assert number not in text(tenant.get("/portal/cases/")) + text(tenant.get("/portal/"))
    assert number not in text(stranger.get("/portal/cases/")) + text(stranger.get("/portal/"))


def test_numbers_that_are_none_are_not_found(owner: Client, world: World) -> None:
    for number in ("x", "BX-YX-000000-0001", "BX-JZ-261121-0001", "BX-QQ-261121-0001", "9" * 200):
        assert owner.get(f"/portal/cases/{number}/").status_code == MISSING, number


def test_staff_and_strangers_are_sent_elsewhere(world: World) -> None:
    assert enter(world, "desk").get("/portal/").status_code == MISSING
    assert Client().get("/portal/")["Location"].startswith("/sign-in/")
    assert Client().get("/portal/manifest.webmanifest").json()["start_url"] == "/portal/"


# --- deciding --------------------------------------------------------------------------------------


def test_home_shows_first_what_waits_for_me(owner: Client, world: World) -> None:
    world.open("owner", channel="portal", title="阳台灯不亮")
    number, _hash = quoted(world)
    page = text(owner.get("/portal/"))
    assert page.count("btn-primary") == 1
    assert f"/portal/cases/{number}/quote/" in page
    assert "¥286.00" in page


def test_agreeing_needs_no_signature_but_keeps_one(owner: Client, world: World) -> None:
    number, digest = quoted(world)
    page = text(owner.get(f"/portal/cases/{number}/quote/"))
    assert digest in page
    assert "¥286.00" in page
    answer = send(owner, f"/portal/cases/{number}/quote/", quote_hash=digest, who="self")
    assert answer.status_code == OTHER
    given = Consent.objects.unscoped().get()
    assert (given.way, given.person_name, given.relation) == ("portal", "王淑芬", "本人")
    assert given.signature_id is None
    assert case_of(number).state == "agreed"


def test_a_signature_on_the_pad_stays_with_the_consent(owner: Client, world: World) -> None:
    number, digest = quoted(world)
    drawn = "data:image/png;base64," + base64.b64encode(picture("black")).decode()
    send(owner, f"/portal/cases/{number}/quote/", quote_hash=digest, who="self", signature=drawn)
    assert Consent.objects.unscoped().get().signature_id is not None


def test_a_signature_is_kept_when_something_else_is_missing(owner: Client, world: World) -> None:
    number, digest = quoted(world)
    path = f"/portal/cases/{number}/quote/"
    drawn = "data:image/png;base64," + base64.b64encode(picture("black")).decode()
    refused = send(owner, path, quote_hash=digest, who="other", signature=drawn)
    assert refused.status_code == WRONG
    assert "签字已保留" in text(refused)
    kept = text(refused).split('name="signature" value="')[1].split('"')[0]
    send(owner, path, quote_hash=digest, who="other", person_name="周晓岚", relation="女儿", signature=kept)
    assert Consent.objects.unscoped().get().signature_id == int(kept)


def test_the_daughter_agrees_by_name(owner: Client, world: World) -> None:
    number, digest = quoted(world)
    path = f"/portal/cases/{number}/quote/"
    missing = send(owner, path, quote_hash=digest, who="other")
    assert missing.status_code == WRONG
    assert 'id="person_name-error"' in text(missing)
    send(owner, path, quote_hash=digest, who="other", person_name="周晓岚", relation="女儿")
    given = Consent.objects.unscoped().get()
    assert (given.person_name, given.relation) == ("周晓岚", "女儿")


def test_a_changed_quote_is_shown_anew(owner: Client, world: World) -> None:
    number, old = quoted(world)
    world.act("tech", number, "quote", lines=[{"code": "L-VALVE", "quantity": "1"}])
    answer = send(owner, f"/portal/cases/{number}/quote/", quote_hash=old, who="self")
    assert answer.status_code == TAKEN
    assert "¥60.00" in text(answer)
    assert case_of(number).state == "quoted"


def test_somebody_elses_signature_is_refused(owner: Client, world: World) -> None:
    number, digest = quoted(world)
    path = f"/portal/cases/{number}/quote/"
    answer = send(owner, path, quote_hash=digest, who="self", signature=world.photo("tenant"))
    assert answer.status_code == WRONG
    assert case_of(number).state == "quoted"


def test_declining_says_what_is_still_due(owner: Client, world: World) -> None:
    number, _hash = quoted(world)
    path = f"/portal/cases/{number}/decline/"
    assert "¥30.00" in text(owner.get(path))
    assert send(owner, path).status_code == OTHER
    assert (case_of(number).state, str(case_of(number).repair.amount)) == ("done", "30.00")


def finished(world: World) -> str:
    number = to_quoted(world)
    world.act(
        "owner", number, "consent", quote_hash=case_of(number).repair.quote_hash, way="portal",
        person_name="王淑芬", relation="本人",
    )  # fmt: skip
    world.act("tech", number, "start")
    done = {"work_done": "更换接头2只", "labour_minutes": 55, "site_cleaned": True}
    world.act("tech", number, "finish", photos_after=[world.photo("tech")], **done)
    return number


def test_the_amount_is_confirmed_as_shown_or_not_at_all(owner: Client, world: World) -> None:
    number = finished(world)
    path = f"/portal/cases/{number}/amount/"
    assert send(owner, path, amount="0.01", who="self").status_code == TAKEN
    assert send(owner, path, amount="286.00", who="self", way="call").status_code == WRONG
    assert send(owner, path, amount="286.00", who="self").status_code == OTHER
    assert case_of(number).state == "settling"


def test_nothing_is_preselected_and_silence_is_no_answer(owner: Client, world: World) -> None:
    number = to_settling(world)
    path = f"/portal/cases/{number}/rate/"
    assert "checked" not in text(owner.get(path))
    assert send(owner, path).status_code == WRONG
    assert case_of(number).repair.rating is None
    assert send(owner, path, rating="3", on_time="true").status_code == OTHER
    assert case_of(number).repair.rating == 3


def test_not_satisfied_says_why_and_reopens(owner: Client, world: World) -> None:
    number = to_settling(world)
    send(owner, f"/portal/cases/{number}/rate/", rating="1", bad_not_fixed="true", comment="又漏了")
    case = case_of(number)
    assert (case.state, case.round) == ("received", 2)
    assert case.repair.rating_comment == "没修好；又漏了"
    assert owner.get(f"/portal/cases/{number}/").status_code == OK


def test_reopen_and_withdraw(owner: Client, world: World) -> None:
    number = to_settling(world)
    path = f"/portal/cases/{number}/reopen/"
    assert send(owner, path, reason="").status_code == WRONG
    assert send(owner, path, reason="又漏了").status_code == OTHER
    assert case_of(number).round == 2
    assert send(owner, f"/portal/cases/{number}/cancel/", reason="自己修好了").status_code == OTHER
    assert case_of(number).state == "settling"  # the first amount is still to be paid


def test_after_the_visit_nothing_is_withdrawn(owner: Client, world: World) -> None:
    number, _hash = quoted(world)
    assert send(owner, f"/portal/cases/{number}/cancel/", reason="不修了").status_code == TAKEN
    assert case_of(number).state == "quoted"


# --- honesty, budget -------------------------------------------------------------------------------


def test_late_is_said_with_minutes_and_what_is_done(owner: Client, world: World) -> None:
    world.now -= timedelta(minutes=45)
    number = world.open("desk", category="leak", urgency="P1", payer="owner").case.number
    for path in ("/portal/", "/portal/cases/", f"/portal/cases/{number}/"):
        assert "晚了 30分" in text(owner.get(path)).replace("\u00a0", " "), path


def test_put_off_says_why_until_when_and_what_follows(owner: Client, world: World) -> None:
    number, digest = quoted(world)
    send(owner, f"/portal/cases/{number}/quote/", quote_hash=digest, who="self")
    new = world.now + timedelta(days=1)
    world.act("tech", number, "suspend", reason="parts", promised_at=new.isoformat(), customer_told=True)
    page = text(owner.get(f"/portal/cases/{number}/"))
    assert "改期，到时继续" in page
    assert f"明天 {timezone.localtime(new):%H:%M}" in page
    assert page.index("改期，到时继续") < page.index("维修，您验收")


def test_pages_are_not_kept_on_a_lent_phone(owner: Client, world: World) -> None:
    assert owner.get("/portal/")["Cache-Control"] == "private, no-cache"


def test_pages_keep_their_budget_however_much_there_is(
    owner: Client, world: World, django_assert_max_num_queries: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    number, _hash = quoted(world)
    pages = ["", "cases/", "report/", "ask/", "me/"] + [f"cases/{number}/{p}" for p in ("", "quote/", "decline/")]
    counts = {}
    for page in pages:
        owner.get(f"/portal/{page}")
        with django_assert_max_num_queries(QUERIES) as counted:
            owner.get(f"/portal/{page}")
        counts[page] = len(counted)
    for n in range(30):
        world.open("owner", channel="portal", title=f"灯不亮 {n}")
    world.act("desk", number, "tell", text="马上到", photos=[world.photo("desk")])
    for page, count in counts.items():
        with django_assert_num_queries(count):
            owner.get(f"/portal/{page}")


def test_lists_page_on_without_losing_a_row(owner: Client, world: World) -> None:
    for n in range(25):
        world.now += timedelta(seconds=1)
        world.open("owner", channel="portal", title=f"灯不亮 {n:02d}")
    first = text(owner.get("/portal/cases/"))
    after = first.split("after=")[1].split('"')[0]
    second = text(owner.get(f"/portal/cases/?after={after}"))
    seen = [n for n in range(25) if f"灯不亮 {n:02d}" in first] + [n for n in range(25) if f"灯不亮 {n:02d}" in second]
    assert sorted(seen) == list(range(25))
    assert owner.get("/portal/cases/?after=broken").status_code == WRONG
