"""Common causes: proposed from place, time, category and words; decided by a person (MISSION DSK-12)."""

import csv
import gzip
from pathlib import Path
from typing import Any

import pytest

from steward.assurance.incidents import proposals
from steward.assurance.incidents.similar import Texts, grouped, pairs_of
from steward.assurance.models import Incident, IncidentCase
from steward.cases.models import Case
from steward.kernel.errors import NotAllowedError
from tests.assurance.test_incidents import begin
from tests.stopwatch import calm_seconds
from tests.world import World

CALLS = (("3-2-1201", "家里突然没水了"), ("3-2-1101", "没水了，整栋都没水吗"), ("3-2-0901", "停水了吗，没水用"))


@pytest.fixture
def block(world: World) -> World:
    """One more home in building 3."""
    from steward.demo.cast import Household, add_household, add_unit  # noqa: PLC0415

    add_unit(world.company, "YX", "3-2-0901", butler=world.company.staff["butler"])
    add_household(world.company, "YX", Household("3-2-0901", "赵一鸣", "13800030901"), world.now)
    return world


def call(world: World, unit: str, title: str, **more: Any) -> str:
    number = world.open("desk", unit=unit, title=title, **{"category": "water", **more}).case.number
    world.pass_time(minutes=4)
    return number


def found(world: World, who: str = "desk") -> list[proposals.Proposal]:
    return proposals.propose(actor=world.actor(who), projects=[world.project_id], at=world.now)


def test_three_households_one_building_like_words(block: World) -> None:
    numbers = [call(block, unit, title) for unit, title in CALLS]
    (one,) = found(block)
    assert one.numbers == numbers
    assert one.reason == "3栋，3户，8分钟内，给排水"
    assert not Incident.objects.in_project(block.project_id).exists()  # only a proposal
    assert found(block, "outsider") == []


def test_two_are_not_enough_and_one_household_is_one(block: World) -> None:
    for _ in range(3):
        call(block, *CALLS[0])
    call(block, *CALLS[1])
    assert found(block) == []


def test_what_differs_in_place_words_or_time_is_no_cause(block: World) -> None:
    call(block, *CALLS[0])
    call(block, "7-1-0603", CALLS[1][1])
    call(block, "5-1-0902", CALLS[2][1])
    assert found(block) == []
    call(block, "3-2-1101", "纱窗坏了")
    call(block, "3-2-0901", "想换个龙头")
    assert found(block) == []
    block.pass_time(hours=7)
    call(block, *CALLS[1])
    call(block, *CALLS[2])
    assert found(block) == []


def test_what_somebody_kept_apart_stays_apart(block: World) -> None:
    numbers = [call(block, unit, title) for unit, title in CALLS]
    with pytest.raises(NotAllowedError):
        proposals.keep_apart(project_id=block.project_id, numbers=numbers, actor=block.actor("tech"), at=block.now)
    for _ in range(2):
        proposals.keep_apart(project_id=block.project_id, numbers=numbers, actor=block.actor("desk"), at=block.now)
    assert found(block) == []


def test_what_belongs_to_an_incident_is_not_proposed(block: World) -> None:
    numbers = [call(block, unit, title) for unit, title in CALLS]
    begin(block, cases=numbers)
    assert found(block) == []
    assert IncidentCase.objects.in_project(block.project_id).count() == 3
    assert Case.objects.in_project(block.project_id).filter(promised_at__isnull=False).count() == 3


def test_words_are_compared_by_pairs_of_characters() -> None:
    assert pairs_of("没 水，了") == {"没水", "水了"}
    texts = Texts(["没水了", "没水了！", "电梯困人"])
    assert texts.alike(0, 1) == 1
    assert texts.alike(0, 2) == 0
    assert list(texts.close(0.5)) == [(0, 1, 1.0)]
    assert grouped(5, [(0, 3), (3, 4)]) == [[0, 3, 4]]


@pytest.mark.data
def test_thousands_of_messages_are_compared_in_seconds(data_folder: Path) -> None:
    """Forty subjects about one concrete plant beside one estate, found by their two names: most come together."""
    with gzip.open(data_folder / "messages" / "messages_hot.csv.gz", "rt", encoding="utf-8-sig") as file:
        subjects = [row["留言主题"] for row in csv.DictReader(file)]
    links: list[tuple[int, int]] = []

    def compare() -> None:
        links[:] = [(i, j) for i, j, _alike in Texts(subjects).close(float(proposals.POLICY.preset.words))]

    spent = calm_seconds(compare, rounds=1)
    plant = {n for n, s in enumerate(subjects) if "丽发" in s and "搅拌" in s}
    largest = max(grouped(len(subjects), links), key=lambda g: len(set(g) & plant))
    about = [n for n in largest if "丽发" in subjects[n] or "搅拌" in subjects[n]]
    assert (len(subjects), len(plant)) == (4326, 40)
    assert len(plant & set(largest)) >= 32
    assert len(about) / len(largest) >= 0.9
    assert spent < 30
