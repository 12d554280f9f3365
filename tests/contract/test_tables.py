"""Rules for tables (docs: SCALE): held for every model the moment it is declared."""

from itertools import chain

import pytest
from django.apps import apps
from django.db import models

from steward.kernel.errors import ScopeMissingError
from steward.kernel.fields import ProjectForeignKey, ProjectOneToOne
from steward.kernel.models import ProjectRow
from tests.processes.test_repair_story import to_settling
from tests.world import World

OURS = [m for m in apps.get_models() if m.__module__.startswith("steward.")]
PROJECT_ROWS = [m for m in OURS if issubclass(m, ProjectRow)]
#: Rows about the organisation itself or shared by all its projects.
REFERENCE_OR_IDENTITY = {
    "Node", "User", "RoleGrant", "Session", "ApiToken", "Staff", "Person", "PriceList", "PriceItem",
    "Category", "PolicyValue", "CalendarDay", "ReferenceVersion", "CronSlot", "ReceiptCounter",
    "CompanyEvent", "CompanyPersonal", "CompanySeal", "SealState", "Article", "ArticleVersion",
    "Absence", "Pin", "MessageTemplate", "Department", "Post", "PostHeld", "RetiredCategory",
}  # fmt: skip


def links(model: type[models.Model]) -> list[models.ForeignKey]:  # type: ignore[type-arg]
    return [f for f in model._meta.concrete_fields if isinstance(f, models.ForeignKey)]


def test_every_table_is_of_one_of_three_kinds() -> None:
    others = {m.__name__ for m in OURS} - {m.__name__ for m in PROJECT_ROWS}
    assert others == REFERENCE_OR_IDENTITY


@pytest.mark.parametrize("model", PROJECT_ROWS, ids=lambda m: m.__name__)
class TestProjectRow:
    def test_the_project_is_never_empty(self, model: type[models.Model]) -> None:
        assert not model._meta.get_field("project").null

    def test_links_between_project_rows_are_project_links(self, model: type[models.Model]) -> None:
        plain = [
            f.name
            for f in links(model)
            if issubclass(f.related_model, ProjectRow) and not isinstance(f, (ProjectForeignKey, ProjectOneToOne))
        ]
        assert plain == []

    def test_unique_constraints_are_named_and_include_the_project(self, model: type[models.Model]) -> None:
        unique = [c for c in model._meta.constraints if isinstance(c, models.UniqueConstraint)]
        assert all(c.name and "project" in c.fields for c in unique), [c.name for c in unique]
        loose = [f.name for f in model._meta.concrete_fields if f.unique and not f.primary_key and not f.is_relation]
        assert loose == []
        assert not model._meta.unique_together

    def test_nothing_is_read_without_a_scope(self, model: type[ProjectRow], db: None) -> None:
        with pytest.raises(ScopeMissingError):
            list(model.objects.all())
        with pytest.raises(ScopeMissingError):
            model.objects.filter(pk=1).exists()
        with pytest.raises(ScopeMissingError):
            model.objects.count()
        with pytest.raises(ScopeMissingError):
            model.objects.filter(pk=1).update(project=1)
        with pytest.raises(ScopeMissingError):
            model.objects.filter(pk=1).delete()


def test_both_ends_of_a_project_link_share_their_project(world: World) -> None:
    """After a whole repair: every row with such a link, in every table."""
    to_settling(world)
    checked = 0
    for model in PROJECT_ROWS:
        fields = [f for f in links(model) if isinstance(f, (ProjectForeignKey, ProjectOneToOne))]
        for row, link in chain.from_iterable([(r, f) for f in fields] for r in model.objects.unscoped()):
            other = getattr(row, link.name)
            if other is not None:
                assert other.project_id == row.project_id, (model.__name__, link.name)
                checked += 1
    assert checked > 30


def test_saving_never_moves_a_row_to_another_project(world: World) -> None:
    case = world.open("desk").case
    case.project_id = world.company.nodes["JZ"].pk
    with pytest.raises(Exception, match=r"did not affect any rows|no rows"):
        case.save(update_fields=["title"])
