"""Scope: the one filter between a person and business data.

``Model.objects`` refuses to run until it is told whose eyes are used:
``visible_to(actor)`` for reads on somebody's behalf, ``in_project(id)`` inside a verb that has
already loaded a visible row, ``unscoped()`` for the worker, sweeps and reports over all projects.
"""

from collections.abc import Iterator
from typing import Any, Self, TypeVar

from django.db import models
from django.db.models import Q

from steward.kernel.actor import Actor
from steward.kernel.errors import ScopeMissingError

M = TypeVar("M", bound=models.Model)


class ScopedQuerySet(models.QuerySet[M]):
    _scoped = False

    def visible_to(self, actor: Actor) -> Self:
        """Rows the actor may see; the rule stands beside the model in ``scope``."""
        return self.within(self.model.scope(actor))  # type: ignore[attr-defined]

    def within(self, scope: Q) -> Self:
        """The same for prepared reads: the model's ``scope`` of an actor, as a condition."""
        marked: Self = self._mark(self.filter(scope))
        return marked

    def in_project(self, project_id: int) -> Self:
        marked: Self = self._mark(self.filter(project_id=project_id))
        return marked

    def unscoped(self) -> Self:
        marked: Self = self._mark(self.all())
        return marked

    @staticmethod
    def _mark(queryset: Any) -> Any:
        queryset._scoped = True  # noqa: SLF001  its own kind
        return queryset

    def _clone(self) -> Self:
        clone: Self = super()._clone()  # type: ignore[misc]
        clone._scoped = self._scoped
        return clone

    def require_scope(self) -> None:
        # A reverse relation of an instance is as visible as that instance.
        if not self._scoped and "instance" not in self._hints:  # type: ignore[attr-defined]
            raise ScopeMissingError(f"{self.model.__name__} read without a scope")

    def _fetch_all(self) -> None:
        self.require_scope()
        super()._fetch_all()

    def iterator(self, chunk_size: int | None = None) -> Iterator[M]:
        self.require_scope()
        return super().iterator(chunk_size)

    def count(self) -> int:
        self.require_scope()
        return super().count()

    def exists(self) -> bool:
        self.require_scope()
        return super().exists()

    def aggregate(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        self.require_scope()
        return super().aggregate(*args, **kwargs)

    def update(self, **kwargs: Any) -> int:
        self.require_scope()
        return super().update(**kwargs)

    def delete(self) -> tuple[int, dict[str, int]]:
        self.require_scope()
        return super().delete()


class ScopedManager(models.Manager[M]):
    """Default manager of project rows; its query sets refuse to run without a scope."""

    def get_queryset(self) -> ScopedQuerySet[M]:
        return ScopedQuerySet(self.model, using=self._db, hints=self._hints)  # type: ignore[attr-defined]

    def visible_to(self, actor: Actor) -> ScopedQuerySet[M]:
        return self.get_queryset().visible_to(actor)

    def within(self, scope: Q) -> ScopedQuerySet[M]:
        return self.get_queryset().within(scope)

    def in_project(self, project_id: int) -> ScopedQuerySet[M]:
        return self.get_queryset().in_project(project_id)

    def unscoped(self) -> ScopedQuerySet[M]:
        return self.get_queryset().unscoped()
