from typing import Any

from django.db import migrations
from django.utils import timezone

#: The roles that two shipped posts gave till now; a post that a company changed stays as it is.
WERE = {"engineering_manager": ["technician", "desk"], "duty_engineer": ["technician"]}


def engineers(apps: Any, schema_editor: Any) -> None:
    """The engineer's posts give the engineer's role; whoever was of the trade and of the desk at one place keeps it."""
    for code, roles in WERE.items():
        post = apps.get_model("org", "Post").objects.filter(code=code).first()
        if post is not None and sorted(post.roles) == sorted(roles):
            post.roles = ["technician", "engineer", *roles[1:]]
            post.save(update_fields=["roles"])
            _give_holders(apps, post.pk)
    grants = apps.get_model("org", "RoleGrant").objects.filter(ended_at__isnull=True)
    of_trade = set(grants.filter(role="technician").values_list("user_id", "node_id"))
    for user_id, node_id in of_trade & set(grants.filter(role="desk").values_list("user_id", "node_id")):
        given = _grant(apps, user_id, node_id)
        if given is not None:
            _end_with_the_post(apps, user_id, node_id, given)


def _end_with_the_post(apps: Any, user_id: int, node_id: int, given: int) -> None:
    """What came with a post goes with it: the new role ends with the post that gave the trade's."""
    trade = apps.get_model("org", "RoleGrant").objects.filter(
        user_id=user_id, node_id=node_id, role="technician", ended_at__isnull=True
    )
    known = set(trade.values_list("pk", flat=True))
    held = apps.get_model("workforce", "PostHeld").objects.filter(staff__user_id=user_id, ended_at__isnull=True)
    row = next((row for row in held.order_by("pk") if known & set(row.grants)), None)
    if row is not None:
        row.grants = [*row.grants, given]
        row.save(update_fields=["grants"])


def _give_holders(apps: Any, post_id: int) -> None:
    held = apps.get_model("workforce", "PostHeld").objects.filter(
        post_id=post_id, ended_at__isnull=True, begun_at__isnull=False, staff__user_id__isnull=False
    )
    for row in held.select_related("staff"):
        given = _grant(apps, row.staff.user_id, row.node_id)
        if given is not None:
            row.grants = [*row.grants, given]
            row.save(update_fields=["grants"])


def _grant(apps: Any, user_id: int, node_id: int) -> int | None:
    row, is_new = apps.get_model("org", "RoleGrant").objects.get_or_create(
        user_id=user_id,
        role="engineer",
        node_id=node_id,
        ended_at=None,
        defaults={"granted_by": "system", "granted_at": timezone.now()},
    )
    return int(row.pk) if is_new else None


class Migration(migrations.Migration):
    dependencies = [
        ("org", "0004_engineers"),
        ("workforce", "0008_contractor_papers"),
    ]

    operations = [
        migrations.RunPython(engineers, migrations.RunPython.noop),
    ]
