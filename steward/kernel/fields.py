"""Fields with a meaning of their own."""

from typing import Any

from django.db import models


class ProjectForeignKey(models.ForeignKey):  # type: ignore[type-arg]
    """A link between two project rows: both ends share their project.

    Today a thin ForeignKey plus a contract test; on a cluster its joins carry the project too.
    """

    def __init__(self, to: Any, on_delete: Any = models.PROTECT, **kwargs: Any) -> None:
        super().__init__(to, on_delete, **kwargs)


class ProjectOneToOne(models.OneToOneField):  # type: ignore[type-arg]
    """The one-to-one form of :class:`ProjectForeignKey` (a case and its typed detail)."""

    def __init__(self, to: Any, on_delete: Any = models.PROTECT, **kwargs: Any) -> None:
        super().__init__(to, on_delete, **kwargs)


class MoneyField(models.DecimalField):  # type: ignore[type-arg]
    """Yuan with two decimals; never a float."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 14)
        kwargs.setdefault("decimal_places", 2)
        super().__init__(**kwargs)
