"""The base of project rows."""

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q

from steward.kernel.actor import Actor
from steward.kernel.scope import ScopedManager


class ProjectRow(models.Model):
    """A row that belongs to one project for ever (SCALE.md: first rule)."""

    project = models.ForeignKey("org.Node", models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager[Self]] = ScopedManager()

    class Meta:
        abstract = True

    @classmethod
    def scope(cls, actor: Actor) -> Q:
        """Staff see their projects. Models that residents may read override this."""
        if actor.is_system:
            return Q()
        if actor.is_staff:
            return in_projects(actor.project_ids)
        return Q(pk__in=[])

    def _do_update(  # type: ignore[override]  # the stubs lag behind the fifth of its arguments
        self, base_qs: Any, using: Any, pk_val: Any, values: Any, *rest: Any
    ) -> bool:
        # An update by id alone would touch every shard; the project itself never changes.
        values = [v for v in values if v[0].attname != "project_id"]
        scoped = base_qs.filter(project_id=self.project_id)
        return bool(super()._do_update(scoped, using, pk_val, values, *rest))


def in_projects(project_ids: frozenset[int]) -> Q:
    """``=`` for one project (keeps the index order), ``IN`` for several."""
    if len(project_ids) == 1:
        return Q(project_id=next(iter(project_ids)))
    return Q(project_id__in=project_ids)
