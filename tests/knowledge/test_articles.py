"""The knowledge base: found in people's own words, owned, dated, in versions (MISSION DSK-5)."""

from datetime import timedelta
from typing import Any

import pytest

from steward.kernel.audit.models import AuditEvent
from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError
from steward.registers.knowledge import articles
from steward.registers.knowledge.models import Article, ArticleVersion
from steward.registers.org.tree import place
from tests.world import World

DEPOSIT = {
    "question": "装修押金什么时候退？",
    "answer": "验收合格满三个月，凭收据和身份证到前台办理，三个工作日内原路退回。",
    "keywords": "装修保证金 退押金",
}


def write(world: World, who: str = "desk", **changes: Any) -> Article:
    data = {
        "article_id": None,
        "node_id": world.project_id,
        "owner": world.company.staff["headbutler"].pk,
        "review_on": (world.now + timedelta(days=90)).date(),
        **DEPOSIT,
        **changes,
    }
    return articles.save_article(actor=world.actor(who), at=world.now, **data)


def found(world: World, text: str, **options: Any) -> list[str]:
    lineage = place(world.project_id).lineage
    return [a.question for a in articles.suggest(text, lineage=lineage, **options)]


def test_found_in_the_words_of_the_phone(world: World) -> None:
    write(world)
    write(world, question="停车位月租多少钱？", answer="地下车位每月三百元。", keywords="车位费")
    assert found(world, "我家装修好了押金怎么退") == [DEPOSIT["question"]]
    assert found(world, "zxyj") == [DEPOSIT["question"]]
    assert found(world, "车位费") == ["停车位月租多少钱？"]
    assert found(world, "电梯坏了") == []


def test_what_is_not_for_residents_is_not_shown_to_them(world: World) -> None:
    write(world, for_residents=False)
    assert found(world, "装修押金") == [DEPOSIT["question"]]
    assert found(world, "装修押金", residents=True) == []


def test_another_projects_answers_stay_there(world: World) -> None:
    other = world.company.nodes["JZ"].pk
    write(world, who="outsider", node_id=other, owner=world.company.staff["outsider"].pk)
    assert found(world, "装修押金") == []
    with pytest.raises(NotAllowedError):
        write(world, who="outsider")


def test_somebody_who_works_there_answers_for_it(world: World) -> None:
    for stranger in (world.company.staff["outsider"].pk, 999_999):
        with pytest.raises(InvalidError) as caught:
            write(world, owner=stranger)
        assert set(caught.value.fields) == {"owner"}


def test_the_company_writes_for_all(world: World) -> None:
    with pytest.raises(NotAllowedError):
        write(world, who="manager", node_id=None)
    write(world, who="hq", node_id=None)
    assert found(world, "装修押金") == [DEPOSIT["question"]]


def test_versions_are_kept_and_written_down(world: World) -> None:
    row = write(world)
    changed = write(world, article_id=row.pk, version=1, answer="验收合格满一个月即可办理。")
    assert changed.version == 2
    kept = list(ArticleVersion.objects.filter(article=row).order_by("version").values_list("answer", flat=True))
    assert kept == [DEPOSIT["answer"], "验收合格满一个月即可办理。"]
    events = AuditEvent.objects.in_project(world.project_id).filter(what="knowledge.written")
    assert events.count() == 2


def test_the_same_again_changes_nothing(world: World) -> None:
    row = write(world)
    assert write(world).pk == row.pk
    assert write(world, article_id=row.pk, version=1).version == 1
    assert ArticleVersion.objects.count() == 1


def test_two_writers_do_not_overwrite_each_other(world: World) -> None:
    row = write(world)
    write(world, article_id=row.pk, version=1, answer="甲的改动")
    with pytest.raises(ConflictError) as caught:
        write(world, article_id=row.pk, version=1, answer="乙的改动")
    assert caught.value.rule == "knowledge.version"


def test_looked_at_again(world: World) -> None:
    row = write(world)
    with pytest.raises(InvalidError) as caught:
        articles.confirm(
            article_id=row.pk, node_id=row.node_id, review_on=world.now.date(), actor=world.actor("desk"), at=world.now
        )
    assert set(caught.value.fields) == {"review_on"}


def test_retired_it_is_not_told_any_more(world: World) -> None:
    row = write(world)
    articles.retire(article_id=row.pk, node_id=row.node_id, actor=world.actor("desk"), at=world.now)
    assert found(world, "装修押金") == []
    assert write(world).pk != row.pk


class TestInquiry:
    def test_answered_from_the_base_at_first_contact(self, world: World) -> None:
        row = write(world)
        number = world.open("desk", kind="inquiry", title="装修押金怎么退").case.number
        world.pass_time(minutes=3)
        done = world.act("desk", number, "answer", answer=row.answer, article=row.pk)
        assert (done.detail.article_id, done.detail.at_first_contact) == (row.pk, True)

    def test_looked_up_for_longer_it_was_not_at_first_contact(self, world: World) -> None:
        number = world.open("desk", kind="inquiry").case.number
        world.pass_time(minutes=16)
        assert not world.act("desk", number, "answer", answer="查到了").detail.at_first_contact

    def test_an_article_of_elsewhere_is_refused(self, world: World) -> None:
        other = world.company.nodes["JZ"].pk
        row = write(world, who="outsider", node_id=other, owner=world.company.staff["outsider"].pk)
        number = world.open("desk", kind="inquiry").case.number
        with pytest.raises(InvalidError) as caught:
            world.act("desk", number, "answer", answer="甲", article=row.pk)
        assert set(caught.value.fields) == {"article"}

    def test_what_was_found_out_once_is_kept(self, world: World) -> None:
        number = world.open("desk", kind="inquiry", title="宠物登记去哪里").case.number
        world.act("desk", number, "answer", answer="前台登记，带疫苗本")
        world.act("desk", number, "keep", question="宠物登记去哪里办？", answer="前台登记，带疫苗本")
        assert found(world, "宠物怎么登记") == ["宠物登记去哪里办？"]
