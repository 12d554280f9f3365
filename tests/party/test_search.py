"""Search: whatever the caller says leads to the household, and to no household of somebody else."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from steward.kernel.actor import ANONYMOUS
from steward.kernel.privacy import mask_phone
from steward.registers.party import search
from steward.registers.party.models import Contact, Customer, CustomerKind, SearchKey
from tests.world import World

Found = Callable[..., list[str]]


@pytest.fixture
def found(world: World) -> Found:
    def labels(text: str, who: str = "desk", project: str | None = "YX") -> list[str]:
        node = world.company.nodes[project].pk if project else None
        return [hit.label for hit in search.find(world.actor(who), node, text)]

    return labels


@pytest.mark.parametrize(
    "said",
    [
        "3-2-1201",
        "3#1201",
        "3栋2单元1201",
        "３栋２单元１２０１室",
        "321201",
        "3-1201",
        "三号楼二单元1201",
        "3 2 1201",
        "1201",
    ],
)
def test_a_room_in_any_wording(found: Found, said: str) -> None:
    assert found(said)[0] == "3-2-1201"


@pytest.mark.parametrize(
    "said",
    [
        "王淑芬", "王淑", "王", "淑芬", "wangshufen", "Wang Shu Fen", "wsf", "WSF", "ｗｓｆ", "shufen", "sf",
        "13800016621", "138 0001 6621", "138-0001-6621", "+86 13800016621", "6621", "16621", "0016621",
        "周晓岚", "zxl", "13900010417", "0417",
    ],
)  # fmt: skip
def test_a_customer_by_name_pinyin_phone_or_contact(found: Found, said: str) -> None:
    assert "王淑芬" in found(said), said


def test_several_readings(world: World, found: Found) -> None:
    add(world, "单雪琴", "13500000001")
    add(world, "曾长乐", "13500000002")
    for said in ("shanxueqin", "danxueqin", "sxq", "dxq"):
        assert "单雪琴" in found(said), said
    for said in ("zengchangle", "cengchangle", "zcl"):
        assert "曾长乐" in found(said), said


def test_a_company_from_any_of_its_characters(world: World, found: Found) -> None:
    add(world, "杭州启明远信息技术有限公司", "0571-88020001", kind=CustomerKind.COMPANY)
    for said in ("杭州启明", "启明远", "信息技术", "qmy", "qimingyuan", "hzqmy", "88020001"):
        assert found(said) == ["杭州启明远信息技术有限公司"], said


def test_a_hit_shows_who_and_where(world: World) -> None:
    [hit] = search.find(world.actor("desk"), world.project_id, "6621")
    assert (hit.kind, hit.label, hit.units, hit.by, hit.exact) == ("customer", "王淑芬", ("3-2-1201",), "tail", True)
    assert hit.phone == "138****6621"
    [unit] = search.find(world.actor("desk"), world.project_id, "2-1-0304")
    assert (unit.kind, set(unit.people)) == ("unit", {"刘洋", "高建民"})


def test_exact_before_longer(world: World, found: Found) -> None:
    add(world, "王淑芬芳", "13500000003")
    assert found("王淑芬") == ["王淑芬", "王淑芬芳"]


def test_nobody_finds_beyond_their_projects(found: Found) -> None:
    for said in ("郑凯", "zk", "13700990101", "0101", "1-1-0101"):
        assert found(said, "outsider", "JZ"), said
        assert found(said, "hq", None), said
        for who in ("desk", "butler", "cashier", "manager", "region"):
            assert found(said, who, "JZ") == [], (who, said)
            assert "郑凯" not in found(said, who, None), (who, said)
        assert "郑凯" not in found(said, "hq", "YX"), said


def test_field_staff_find_rooms_without_people(world: World, found: Found) -> None:
    assert found("3-2-1201", "tech") == ["3-2-1201"]
    [unit] = search.find(world.actor("tech"), world.project_id, "3-2-1201")
    assert unit.people == ()
    for said in ("6621", "13800016621", "王淑芬", "wsf"):
        assert found(said, "tech") == [], said


def test_residents_and_strangers_find_nothing(world: World, found: Found) -> None:
    for said in ("3-2-1201", "王淑芬", "6621", "刘洋"):
        assert found(said, "owner") == found(said, "tenant") == []
        assert search.find(ANONYMOUS, world.project_id, said) == []


@pytest.mark.parametrize(
    "text", ["", " ", "\x00", "%", "_", "a", "1", "'; --", "\U0010ffff", "𠮷", "-" * 500, "1" * 500]
)
def test_odd_input_finds_nothing_and_does_not_fail(found: Found, text: str) -> None:
    assert found(text) == []


@given(st.text(max_size=60))
def test_any_text_has_at_most_two_forms(text: str) -> None:
    forms = search.prefixes(text)
    assert len(forms) <= 2
    assert all(forms)
    assert not any("\x00" in form for form in forms)


def test_changes_are_found_and_old_words_are_not(world: World, found: Found) -> None:
    customer = world.company.customers["owner"]
    customer.name, customer.phone = "王淑芳", "13511112222"
    customer.save()
    Contact.objects.in_project(world.project_id).filter(customer=customer).delete()
    search.index_customers(world.project_id, [customer.pk])
    assert found("wangshufang") == found("2222") == ["王淑芳"]
    assert found("王淑芬") == found("6621") == found("0417") == []

    unit = world.company.units["YX:3-2-1201"]
    unit.building.nicknames = "望湖楼"
    unit.building.save()
    search.index_units(world.project_id, [unit.pk])
    assert found("望湖楼1201") == ["3-2-1201"]


def test_a_reindex_changes_nothing_that_was_right(world: World) -> None:
    def keys() -> list[tuple[Any, ...]]:
        rows = SearchKey.objects.in_project(world.project_id).values_list("kind", "key", "unit_id", "customer_id")
        return sorted((k, bytes(b), u or 0, c or 0) for k, b, u, c in rows)

    before = keys()
    assert search.reindex(world.project_id) == len(before)
    assert keys() == before
    assert len(before) == len(set(before))


def test_a_lookup_is_one_query_two_for_a_number(world: World, django_assert_num_queries: Any) -> None:
    actor = world.actor("desk")
    for text, queries in (("wsf", 1), ("3-2-1201", 1), ("王淑芬", 1), ("6621", 2), ("13800016621", 2)):
        with django_assert_num_queries(queries):
            search.find(actor, world.project_id, text)


def test_the_lookup_is_a_range_of_the_index(world: World) -> None:
    """Among many keys the database walks the index from the first match on; nothing is sorted or scanned."""
    many = [SearchKey(project_id=world.project_id, kind="name", key=f"nobody{n}".encode()) for n in range(20_000)]
    SearchKey.objects.bulk_create(many, batch_size=2000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    rows = search.keys_from(SearchKey.objects.visible_to(world.actor("desk")), "wsf")
    plan = rows.filter(project_id=world.project_id).values("pk")[:48].explain()
    assert "search_key_prefix" in plan, plan
    assert "SCAN" not in plan.upper().replace("INDEX SCAN", "").replace("INDEX ONLY SCAN", ""), plan
    assert "TEMP B-TREE" not in plan, plan


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("13800016621", "138****6621"),
        ("0571-88010001", "0571-****0001"),
        ("", ""),
        ("110", "***"),
        ("8801000", "*******"),
        ("138****6621", "138****6621"),
    ],
)
def test_masks(phone: str, masked: str) -> None:
    assert mask_phone(phone) == masked


def add(world: World, name: str, phone: str, kind: CustomerKind = CustomerKind.PERSON) -> Customer:
    customer = Customer.objects.create(project=world.company.nodes["YX"], name=name, phone=phone, kind=kind)
    search.index_customers(world.project_id, [customer.pk])
    return customer
