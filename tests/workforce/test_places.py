"""The company is founded once; places are opened and corrected by the level above, and work from the first minute."""

import re
from typing import Any

import pytest
from click.testing import CliRunner
from django.test import Client

from steward.casework.categories import of_kind
from steward.casework.founding import found_company
from steward.casework.founding_cli import company
from steward.kernel import reference
from steward.kernel.actor import Actor
from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from steward.kernel.models import AuditEvent
from steward.kernel.schema import parse
from steward.registers.org.actors import of_user
from steward.registers.org.models import Node
from steward.registers.org.posts_models import Post
from steward.registers.org.tree import tree
from steward.registers.workforce.authority import placing_role
from steward.registers.workforce.places import NewProject, Particulars, correct_place, open_project
from tests.world import World

FOUND = {"name": "晴川物业", "project": "晴川里", "code": "QC", "person": "方总", "username": "fang"}


def found(**other: str) -> Any:
    options = [part for key, value in {**FOUND, **other}.items() for part in (f"--{key}", value)]
    return CliRunner().invoke(company, ["found", *options])


def opened(world: World, who: str = "hq", *, under: str = "HQ", **data: str) -> Node:
    raw = {"name": "晴川里", "code": "QC", "under": str(world.company.nodes[under].pk), **data}
    return open_project(data=parse(NewProject, raw), actor=now(world, who), at=world.now)


def now(world: World, who: str) -> Actor:
    """As each request finds them: over what there is by then."""
    return of_user(world.company.users[who])


@pytest.mark.django_db
def test_an_empty_database_becomes_a_company_that_works() -> None:
    assert "steward company found" in Client().get("/sign-in/").content.decode()
    made = found()
    assert made.exit_code == 0, made.output
    assert "steward company found" not in Client().get("/sign-in/").content.decode()
    link = re.search(r"/sign-in/first/\S+", made.output)
    assert link
    client = Client()
    chosen = {"password": "Xq7-haitang-42", "again": "Xq7-haitang-42"}
    assert client.post(link[0], chosen).status_code in {302, 303}
    client.post("/sign-in/", {"username": "fang", "password": chosen["password"]})
    for path in ("/", "/intake/", "/settings/people/", "/settings/places/", "/settings/", "/duty/", "/dispatch/"):
        answer = client.get(path, follow=True)
        assert answer.status_code == 200, path
        assert "方总" in answer.content.decode(), path
    assert Post.objects.count() > 30
    assert {c.code for c in of_kind("repair", 0)} > {"water", "lift"}
    assert found().exit_code == 1, "once"


@pytest.mark.django_db(transaction=True)
def test_what_cannot_be_founded_leaves_nothing() -> None:
    for wrong in ({"code": "qc"}, {"username": "方"}, {"code": "HQ"}):
        assert found(**wrong).exit_code == 1
        assert not Node.objects.exists()


def test_a_project_opened_takes_calls_at_once(world: World) -> None:
    row = opened(world)
    assert opened(world).pk == row.pk, "the same form again"
    assert row.pk in now(world, "hq").project_ids
    world.company.nodes["QC"] = row
    number = world.open("hq", project="QC", place="门岗").case.number
    assert number.startswith("BX-QC-")
    told = AuditEvent.objects.in_project(row.pk).get(what="place.open")
    assert told.after == {"name": "晴川里", "kind": "residential", "phone": "", "code": "QC", "under": "HQ"}


def test_a_region_comes_with_its_first_project(world: World) -> None:
    row = opened(world, region_name="华中区域", region_code="MID")
    region = Node.objects.get(code="MID")
    assert (row.parent_id, region.level) == (region.pk, "region")
    assert opened(world, region_name="华中区域", region_code="MID").pk == row.pk
    for wrong in ({"region_name": "西南"}, {"region_code": "SW"}, {"region_name": "西南", "region_code": "X9"}):
        with pytest.raises(InvalidError):
            opened(world, code="X9", **wrong)
    assert not Node.objects.filter(code="X9").exists()


def test_projects_are_opened_from_above_only(world: World) -> None:
    assert opened(world, "region", under="EAST", code="Q2").parent_id == world.company.nodes["EAST"].pk
    for who, under in (("manager", "EAST"), ("region", "HQ"), ("desk", "HQ"), ("owner", "EAST")):
        with pytest.raises((NotAllowedError, NotFoundError)):
            opened(world, who, under=under, code="Q3")
    with pytest.raises((NotAllowedError, NotFoundError)):
        opened(world, "region", under="NORTH", code="Q3")
    with pytest.raises(InvalidError) as refused:
        opened(world, under="YX", code="Q3")
    assert "under" in refused.value.fields
    with pytest.raises(InvalidError) as taken:
        opened(world, code="YX")
    assert "code" in taken.value.fields


def test_particulars_are_corrected_by_whoever_leads_the_place(world: World) -> None:
    data = parse(Particulars, {"name": "云栖花园一期", "kind": "residential", "phone": "0571-88880000"})
    row = correct_place(node_id=world.project_id, data=data, actor=world.actor("manager"), at=world.now)
    assert (row.name, row.phone, row.code) == ("云栖花园一期", "0571-88880000", "YX")
    correct_place(node_id=world.project_id, data=data, actor=world.actor("manager"), at=world.now)
    assert AuditEvent.objects.in_project(world.project_id).filter(what="place.correct").count() == 1
    for who in ("desk", "outsider", "owner"):
        with pytest.raises((NotAllowedError, NotFoundError)):
            correct_place(node_id=world.project_id, data=data, actor=world.actor(who), at=world.now)
    with pytest.raises((NotAllowedError, NotFoundError)):
        correct_place(node_id=world.company.nodes["HQ"].pk, data=data, actor=world.actor("manager"), at=world.now)


def test_nobody_is_over_a_place_without_projects(world: World) -> None:
    """Such a region cannot be opened; one out of an import gives no rights to whoever directs another."""
    Node.objects.create(parent=world.company.nodes["HQ"], path="/1/999/", level="region", code="VOID", name="空")
    reference.forget()
    assert placing_role(world.actor("region"), tree().by_code["VOID"]) is None


def test_a_company_exists_once(world: World) -> None:
    with pytest.raises(ConflictError):
        found_company(name="别家", code="BJ", project="别苑", person="某人", username="mou", at=world.now)
