"""Single-use links: bound to one case and purpose, kind when closed, never used up by looking."""

import re
import uuid
from collections.abc import Iterator
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from steward.cases.models import Case
from steward.casework.customer.links import issue_link
from steward.casework.customer.sharing import share
from steward.casework.models import Link
from steward.kernel import reference
from steward.kernel.models import Outbox
from steward.processes.repair.models import Consent
from tests.processes.test_repair_story import to_quoted, to_settling
from tests.world import World

OK, OTHER, MISSING, GONE = HTTPStatus.OK, HTTPStatus.SEE_OTHER, HTTPStatus.NOT_FOUND, HTTPStatus.GONE
TAKEN, WRONG, FORBIDDEN = HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.FORBIDDEN


@pytest.fixture
def world(world: World) -> Iterator[World]:
    world.now = timezone.now().replace(microsecond=0)
    yield world
    reference.forget()


def case_of(number: str) -> Case:
    return Case.objects.unscoped().select_related("repair").get(number=number)


def path_to(number: str) -> str:
    """The newest link to decide something that was sent to the customer of a case."""
    rows = Outbox.objects.unscoped().filter(channel="inapp", payload__case=number).exclude(event__endswith=":rate")
    return str(next(row.payload["path"] for row in rows.order_by("-pk") if row.payload.get("path")))


def issued(world: World, number: str, purpose: str) -> str:
    who = world.actor("desk")
    token = issue_link(case=case_of(number), purpose=purpose, person_name="王淑芬", actor=who, at=world.now)
    return f"/l/{token}/"


def agree(client: Client, path: str, digest: str, **data: Any) -> Any:
    return client.post(path, {"client_uuid": str(uuid.uuid4()), "quote_hash": digest, "who": "self", **data})


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_a_link_to_follow_shows_how_far_it_is_and_can_do_nothing(client: Client, world: World) -> None:
    number = world.open("desk", description="密码是1234").case.number
    shared = share(project_id=world.project_id, number=number, actor=world.actor("desk"), at=world.now)
    path = f"/l/{shared.token}/"
    assert path in shared.text
    page = text(client.get(path))
    for word in ("主卧卫生间吊顶滴水", "周敏", number):
        assert word in page
    assert "密码" not in page
    assert "<form" not in page
    client.post(path, {"client_uuid": str(uuid.uuid4())})
    assert client.get(path).status_code == OK, "looking never uses it up"
    Link.objects.in_project(world.project_id).update(expires_at=world.now)
    assert client.get(path).status_code == GONE


def test_it_names_company_project_and_butler_and_asks_for_no_sign_in(client: Client, world: World) -> None:
    page = text(client.get(path_to(to_quoted(world))))
    for word in ("云和物业", "云栖花园", "陈悦", "¥286.00"):
        assert word in page


def test_looking_never_uses_it_up(client: Client, world: World) -> None:
    path = path_to(to_quoted(world))
    for _n in range(3):
        assert client.get(path).status_code == OK
        assert client.head(path).status_code == OK
        assert client.get(f"{path}decline/").status_code == OK
    assert Link.objects.unscoped().get().used_at is None


def test_the_address_leaks_nowhere(client: Client, world: World) -> None:
    path = path_to(to_quoted(world))
    for found in (path, "/l/1.unknown/", "/l/whatever/"):
        answer = client.get(found)
        assert answer["Cache-Control"] == "no-store, private"
        assert answer["Referrer-Policy"] == "strict-origin"
        assert "noindex" in answer["X-Robots-Tag"]
    outside = re.findall(r'(?:src|href|action)="(https?://[^"]+)"', text(client.get(path)))
    assert outside == []


def test_agreeing_by_link_is_recorded_as_such_and_closes_it(client: Client, world: World) -> None:
    number = to_quoted(world)
    path = path_to(number)
    answer = agree(client, path, case_of(number).repair.quote_hash)
    assert (answer.status_code, answer["Location"]) == (OTHER, path)
    given = Consent.objects.unscoped().get()
    assert (given.way, given.person_name, given.relation) == ("link", "王淑芬", "本人")

    page = client.get(path)
    assert page.status_code == OK
    assert "王淑芬同意报价" in text(page)
    assert "链接已用过" in text(page)
    again = agree(client, path, case_of(number).repair.quote_hash)
    assert again.status_code == TAKEN
    assert Consent.objects.unscoped().count() == 1


def test_a_forwarded_link_lets_the_daughter_agree_by_name(client: Client, world: World) -> None:
    number = to_quoted(world)
    path, digest = path_to(number), case_of(number).repair.quote_hash
    assert agree(client, path, digest, who="other").status_code == WRONG
    assert Link.objects.unscoped().get().used_at is None
    agree(client, path, digest, who="other", person_name="周晓岚", relation="女儿")
    assert Consent.objects.unscoped().get().relation == "女儿"


def test_declining_by_link(client: Client, world: World) -> None:
    number = to_quoted(world)
    path = path_to(number)
    assert "¥30.00" in text(client.get(f"{path}decline/"))
    assert client.post(f"{path}decline/", {"client_uuid": str(uuid.uuid4())}).status_code == OTHER
    assert case_of(number).state == "done"


def test_a_link_serves_its_own_purpose_only(client: Client, world: World) -> None:
    """A link to rate neither agrees nor confirms; forged fields are refused by name."""
    number = to_quoted(world)
    path = issued(world, number, "rate")
    assert agree(client, path, case_of(number).repair.quote_hash).status_code == WRONG
    declined = client.post(f"{path}decline/", {"client_uuid": str(uuid.uuid4())})
    assert declined.status_code == WRONG
    assert case_of(number).state == "quoted"


def test_amount_and_rating_by_link(client: Client, world: World) -> None:
    number = to_settling(world)
    path = issued(world, number, "rate")
    assert client.post(path, {"client_uuid": str(uuid.uuid4()), "rating": "4"}).status_code == OTHER
    assert case_of(number).repair.rating == 4
    # The amount was confirmed on the residents' page meanwhile: its link says so and stays harmless.
    assert "现在没有要您决定的" in text(client.get(path_to(number)))


def test_expired_and_unknown_links_name_whom_to_call(client: Client, world: World) -> None:
    path = path_to(to_quoted(world))
    Link.objects.unscoped().update(expires_at=timezone.now() - timedelta(seconds=1))
    closed = client.get(path)
    assert closed.status_code == GONE
    assert "0571-88010000" in text(closed)
    number = Case.objects.unscoped().get()
    assert agree(client, path, number.repair.quote_hash).status_code == GONE
    unknown = client.get(path[:-5] + "/")
    assert unknown.status_code == MISSING
    assert "0571-88010000" in text(unknown)
    for nonsense in ("/l/x/", "/l/99999999999999999999.x/", "/l/%00/", "/l/4./", "/l/.x/"):
        assert client.get(nonsense).status_code == MISSING, nonsense


def test_a_changed_quote_needs_a_look_at_the_new_one(client: Client, world: World) -> None:
    number = to_quoted(world)
    path, old = path_to(number), case_of(number).repair.quote_hash
    world.act("tech", number, "quote", lines=[{"code": "L-VALVE", "quantity": "1"}])
    answer = agree(client, path, old)
    assert answer.status_code == TAKEN
    assert "¥60.00" in text(answer)
    assert agree(client, path, case_of(number).repair.quote_hash).status_code == OTHER


def test_the_form_is_protected_although_nobody_signs_in(world: World) -> None:
    number = to_quoted(world)
    strict = Client(enforce_csrf_checks=True)
    assert agree(strict, path_to(number), case_of(number).repair.quote_hash).status_code == FORBIDDEN
    page = strict.get(path_to(number))
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', text(page))
    assert token is not None
    sent = agree(strict, path_to(number), case_of(number).repair.quote_hash, csrfmiddlewaretoken=token[1])
    assert sent.status_code == OTHER


def test_a_link_keeps_its_budget(client: Client, world: World, django_assert_max_num_queries: Any) -> None:
    path = path_to(to_quoted(world))
    client.get(path)
    with django_assert_max_num_queries(10):
        client.get(path)


def test_a_ceiling_is_agreed_by_link_and_shown_afterwards(client: Client, world: World) -> None:
    number = to_quoted(world)
    path, digest = path_to(number), case_of(number).repair.quote_hash
    assert "约定上限" in text(client.get(path))
    refused = agree(client, path, digest, ceiling="100")
    assert refused.status_code == WRONG
    assert "约定上限不能低于报价 ¥286.00" in text(refused)
    assert 'value="100"' in text(refused), "what was typed is kept"
    assert agree(client, path, digest, ceiling="500").status_code == OTHER
    assert str(Consent.objects.unscoped().get().ceiling) == "500.00"
    world.act("tech", number, "start")
    photos = [world.photo("tech")]
    world.act("tech", number, "finish", work_done="换好", labour_minutes=40, photos_after=photos, site_cleaned=True)
    assert "最高不超过 ¥500.00" in text(client.get(path_to(number)))


def test_a_link_sent_before_says_nothing_of_a_price_that_waits_for_the_manager(client: Client, world: World) -> None:
    number = to_quoted(world)
    path = path_to(number)
    world.act("tech", number, "quote", lines=[{"code": "L-PLUMB", "quantity": "12"}])
    answer = client.get(path)
    assert "2,160.00" not in text(answer)
    assert agree(client, path, case_of(number).repair.quote_hash).status_code in (TAKEN, MISSING, WRONG, OK)
    assert not Consent.objects.unscoped().exists()
