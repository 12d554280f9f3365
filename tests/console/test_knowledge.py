"""The knowledge base in the console: found, written, looked at again, and taken into an answer."""

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from steward.kernel.models import Outbox
from steward.processes.inquiry.models import Inquiry
from steward.registers.knowledge import articles, reviews
from steward.registers.knowledge.models import Article
from tests.console.conftest import SignIn
from tests.knowledge.test_articles import DEPOSIT, write
from tests.world import World


def form(world: World, **changes: Any) -> dict[str, Any]:
    return {
        "client_uuid": str(uuid.uuid4()),
        "place": str(world.project_id),
        "question": "快递代收到几点？",
        "answer": "前台代收到晚上九点，凭取件码领取。",
        "keywords": "包裹 驿站",
        "for_residents": "true",
        "owner": str(world.company.staff["desk"].pk),
        "review_on": (world.now + timedelta(days=60)).date().isoformat(),
        **changes,
    }


def test_written_found_and_opened(world: World, sign_in: SignIn) -> None:
    desk = sign_in("desk")
    assert "知识库是空的" in desk.page("/knowledge/")
    saved = desk.post("/knowledge/new/", form(world))
    assert saved.status_code == 303
    assert "凭取件码领取" in desk.page(saved.url)
    assert "快递代收到几点" in desk.page("/knowledge/?q=kddsd")
    assert "快递代收到几点" in desk.page("/knowledge/?q=取件码")
    part = desk.client.get("/knowledge/?q=电梯", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "没有找到" in part
    assert "快递" not in part


def test_wrong_input_stands_beside_its_field_and_nothing_typed_is_lost(world: World, sign_in: SignIn) -> None:
    desk = sign_in("desk")
    refused = desk.post("/knowledge/new/", form(world, question="", review_on="someday"))
    page = refused.content.decode()
    assert refused.status_code == 422
    assert page.count('class="field-error"') == 2
    assert "凭取件码领取" in page
    assert desk.post("/knowledge/new/", form(world, place="company")).status_code == 422
    assert not Article.objects.exists()


def test_an_unticked_box_keeps_it_among_colleagues(world: World, sign_in: SignIn) -> None:
    data = form(world)
    del data["for_residents"]
    sign_in("desk").post("/knowledge/new/", data)
    assert Article.objects.get().for_residents is False


def test_two_who_revise_the_same_are_told_and_see_both(world: World, sign_in: SignIn) -> None:
    row = write(world)
    desk, other = sign_in("desk"), sign_in("headbutler")
    mine = form(world, **DEPOSIT, version="1")
    assert other.post(f"/knowledge/{row.pk}/revise/", {**mine, "answer": "满一个月即可退。"}).status_code == 303
    late = desk.post(f"/knowledge/{row.pk}/revise/", {**mine, "answer": "满两个月即可退。"})
    page = late.content.decode()
    assert late.status_code == 409
    assert "存了第 2 版" in page
    assert re.search(r"<del>一</del>\s*<ins>两</ins>", page)
    assert 'name="version" value="2"' in page
    assert (
        desk.post(f"/knowledge/{row.pk}/revise/", {**mine, "answer": "满两个月即可退。", "version": "2"}).status_code
        == 303
    )
    assert articles.articles()[row.pk].version == 3
    shown = desk.page(f"/knowledge/{row.pk}/")
    assert re.search(r"<del>一</del>\s*<ins>两</ins>", shown)


def test_looked_at_again_and_taken_out(world: World, sign_in: SignIn) -> None:
    row = write(world, review_on=world.now.date())
    desk = sign_in("desk")
    assert DEPOSIT["question"] in desk.page("/knowledge/?due=1")
    assert desk.post(f"/knowledge/{row.pk}/confirm/", {"review_on": "2026-01-01"}).status_code == 422
    assert desk.post(f"/knowledge/{row.pk}/confirm/", {"review_on": "2027-05-01"}).status_code == 303
    assert DEPOSIT["question"] not in desk.page("/knowledge/?due=1")
    assert desk.post(f"/knowledge/{row.pk}/retire/", {}).status_code == 303
    assert "已停用" in desk.page(f"/knowledge/{row.pk}/")
    assert DEPOSIT["question"] not in desk.page("/knowledge/")
    assert desk.get(f"/knowledge/{row.pk}/revise/").status_code == 404


def test_out_of_sight_and_out_of_hand(world: World, sign_in: SignIn) -> None:
    row = write(world)
    outsider, butler, tech = sign_in("outsider"), sign_in("butler"), sign_in("tech")
    for path in ("", "revise/"):
        assert outsider.get(f"/knowledge/{row.pk}/{path}").status_code == 404
        assert tech.get(f"/knowledge/{row.pk}/{path}").status_code == 404
    assert outsider.post(f"/knowledge/{row.pk}/retire/", {}).status_code == 404
    assert outsider.get(f"/knowledge/find/?q=押金&project={world.project_id}").status_code == 404
    assert outsider.get("/knowledge/find/?q=装修押金").json() == {"items": []}
    assert butler.get(f"/knowledge/{row.pk}/").status_code == 200
    assert butler.get(f"/knowledge/{row.pk}/revise/").status_code == 403
    assert butler.post(f"/knowledge/{row.pk}/retire/", {}).status_code == 403


def test_beside_the_answer_stands_what_is_near(world: World, sign_in: SignIn) -> None:
    row = write(world)
    number = world.open("desk", kind="inquiry", title="装修押金多久能退").case.number
    desk = sign_in("desk")
    asked = desk.page(f"/cases/{number}/actions/answer/")
    link = re.search(r'hx-get="(/knowledge/beside/[^"]+)"', asked)
    assert link is not None
    assert f'data-article="{row.pk}"' in desk.page(link.group(1))
    given = {"client_uuid": str(uuid.uuid4()), "answer": row.answer, "article": str(row.pk)}
    assert desk.post(f"/cases/{number}/actions/answer/", given).status_code == 303
    assert Inquiry.objects.in_project(world.project_id).get().article_id == row.pk
    assert number in desk.page(f"/knowledge/{row.pk}/")


def test_an_answer_that_is_not_kept_becomes_work(world: World, sign_in: SignIn) -> None:
    number = world.open("desk", kind="inquiry", title="地库可以给电动车充电吗").case.number
    world.act("desk", number, "answer", answer="地库不可以，请到东门充电棚。")
    desk = sign_in("desk")
    page = desk.page("/knowledge/unanswered/")
    assert "地库可以给电动车充电吗" in page
    assert "东门充电棚" in page
    data = {
        "client_uuid": str(uuid.uuid4()),
        "question": "地库可以给电动车充电吗",
        "answer": "地库不可以，请到东门充电棚。",
    }
    assert sign_in("outsider").post(f"/knowledge/unanswered/{number}/keep/", data).status_code == 404
    assert desk.post(f"/knowledge/unanswered/{number}/keep/", data).status_code == 303
    assert desk.post(f"/knowledge/unanswered/{number}/keep/", data).status_code == 303  # a double click
    assert Article.objects.get().answer == "地库不可以，请到东门充电棚。"
    assert "地库可以给电动车充电吗" not in desk.page("/knowledge/unanswered/")


def test_the_owner_is_reminded_once_on_the_day(world: World) -> None:
    day = (world.now + timedelta(days=3)).date()
    row = write(world, review_on=day)

    def told() -> int:
        mail = Outbox.objects.in_project(world.project_id).filter(recipient=f"staff:{row.owner_id}", channel="inapp")
        return mail.filter(subject__contains=DEPOSIT["question"]).count()

    reviews.remind(world.now + timedelta(days=2))
    assert told() == 0
    for hours in (0, 1, 24):
        reviews.remind(world.now + timedelta(days=3, hours=hours))
    assert told() == 1
    articles.confirm(
        article_id=row.pk,
        node_id=row.node_id,
        review_on=day + timedelta(days=90),
        actor=world.actor("desk"),
        at=world.now + timedelta(days=4),
    )
    reviews.remind(world.now + timedelta(days=5))
    assert told() == 1
    reviews.remind(world.now + timedelta(days=94))
    assert told() == 2


@pytest.mark.parametrize("path", ["/knowledge/", "/knowledge/unanswered/"])
def test_the_number_of_statements_does_not_grow(world: World, sign_in: SignIn, path: str) -> None:
    desk = sign_in("desk")
    desk.page(path)

    def cost() -> int:
        with CaptureQueriesContext(connection) as caught:
            desk.page(path)
        return len(caught)

    for n in range(2):
        write(world, question=f"第{n}个问题怎么办？")
        world.act("desk", world.open("desk", kind="inquiry", title=f"问{n}").case.number, "answer", answer="好的")
    desk.page(path)
    few = cost()
    for n in range(2, 12):
        write(world, question=f"第{n}个问题怎么办？")
        world.act("desk", world.open("desk", kind="inquiry", title=f"问{n}").case.number, "answer", answer="好的")
    desk.page(path)
    assert cost() == few <= 10
