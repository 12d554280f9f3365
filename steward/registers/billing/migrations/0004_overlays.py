"""Places below the company keep only what is otherwise there; their whole lists become such.

What was in force on past days stays as it was: a new version begins now and changes nobody's price of today. Each
planned list is made anew: what was decided for it stays, what was only copied follows the list above.
"""

from datetime import datetime
from typing import Any

from django.db import migrations, models
from django.db.models import F
from django.utils import timezone

WORDS = ("code", "name", "kind", "unit", "price", "category", "warranty_months")


class Lists:
    """The published lists as they stood before, and what they name."""

    def __init__(self, apps: Any) -> None:
        self.list = apps.get_model("billing", "PriceList")
        self.item = apps.get_model("billing", "PriceItem")
        self.nodes = {node.pk: node for node in apps.get_model("org", "Node").objects.order_by("path")}
        self.lists: dict[int, list[Any]] = {}
        for row in self.list.objects.order_by("effective_from", "pk"):
            self.lists.setdefault(row.node_id, []).append(row)

    def standing(self, node_id: int, at: datetime) -> Any:
        past = [row for row in self.lists.get(node_id, []) if row.effective_from <= at]
        return past[-1] if past else None

    def items(self, row: Any) -> dict[str, tuple[Any, ...]]:
        return {i[0]: i for i in self.item.objects.filter(price_list=row).values_list(*WORDS)}

    def above(self, node: Any, at: datetime) -> dict[str, tuple[Any, ...]]:
        """What holds at the place above: by the rule of before, the nearest whole list."""
        parent = self.nodes.get(node.parent_id)
        while parent is not None:
            row = self.standing(parent.pk, at)
            if row is not None and not row.follows_above:
                return self.items(row)
            parent = self.nodes.get(parent.parent_id)
        return {}

    def publish(self, node: Any, at: datetime, now: datetime, own: dict[str, Any]) -> None:
        """``own``: code → its words, and whether it is taken off."""
        day = f"{at:%Y-%m-%d}"
        taken = self.list.objects.filter(node_id=node.pk, version__startswith=day).count()
        row = self.list.objects.create(
            node_id=node.pk,
            version=f"{day}.{taken + 1}" if taken else day,
            effective_from=at,
            published_by="system",
            published_at=now,
            follows_above=True,
            is_carried=True,
        )
        self.item.objects.bulk_create(
            self.item(price_list=row, **dict(zip(WORDS, words, strict=True)), is_withdrawn=off)
            for words, off in own.values()
        )


def overlays(apps: Any, _schema: Any, now: datetime | None = None) -> None:
    now = now or timezone.now()
    lists = Lists(apps)
    for node in lists.nodes.values():
        if node.parent_id is not None and node.pk in lists.lists:
            _of_place(lists, node, now)
    apps.get_model("kernel", "ReferenceVersion").objects.update(version=F("version") + 1)


def _of_place(lists: Lists, node: Any, now: datetime) -> None:
    standing = lists.standing(node.pk, now)
    planned = {row.effective_from: row for row in lists.lists[node.pk] if row.effective_from > now}
    whole = standing is not None and not standing.follows_above
    above = lists.above(node, now)
    before = lists.items(standing) if whole else above
    own = _differing(before, above)
    if whole:
        lists.publish(node, now, now, own)
    for at in sorted(planned):
        row = planned[at]
        above = lists.above(node, at)
        if row.follows_above:
            own, before = {}, above
            continue
        then = lists.items(row)
        changed = {code for code in {*then, *before} if then.get(code) != before.get(code)}
        fresh = {code: entry for code, entry in _differing(then, above).items() if code in changed}
        own, before = {**{c: e for c, e in own.items() if c not in changed}, **fresh}, then
        lists.publish(node, at, now, own)


def _differing(items: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    named = {code: (words, False) for code, words in items.items() if words != above.get(code)}
    return {**named, **{code: (words, True) for code, words in above.items() if code not in items}}


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0003_price_history"),
        ("kernel", "0001_initial"),
        ("org", "0003_posts"),
    ]

    operations = [
        migrations.AddField(
            model_name="priceitem",
            name="is_withdrawn",
            field=models.BooleanField(default=False),
        ),
        migrations.RunPython(overlays, migrations.RunPython.noop),
    ]
