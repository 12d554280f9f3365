"""Categories as reference data."""

from dataclasses import dataclass

from steward.cases.models import Category
from steward.kernel import reference


@dataclass(frozen=True, slots=True)
class CategoryRow:
    id: int
    kind: str
    code: str
    name: str
    name_en: str
    urgency: str
    skill: str
    is_leak: bool
    node_id: int | None
    parent_id: int | None = None

    def title(self, language: str) -> str:
        return self.name_en if language.startswith("en") and self.name_en else self.name


@reference.cached
def categories() -> dict[int, CategoryRow]:
    return {c.pk: _row(c) for c in Category.objects.order_by("kind", "position", "code")}


def _row(c: Category) -> CategoryRow:
    return CategoryRow(c.pk, c.kind, c.code, c.name, c.name_en, c.urgency, c.skill, c.is_leak, c.node_id, c.parent_id)


@reference.cached
def _by_code() -> dict[tuple[str, str, int | None], CategoryRow]:
    return {(c.kind, c.code, c.node_id): c for c in categories().values()}


def category_by_code(kind: str, code: str, project_id: int) -> CategoryRow | None:
    return _by_code().get((kind, code, project_id)) or _by_code().get((kind, code, None))


def of_kind(kind: str, project_id: int) -> list[CategoryRow]:
    """Categories offered for a kind in a project: the company's, and its own."""
    return [c for c in categories().values() if c.kind == kind and c.node_id in (None, project_id)]
