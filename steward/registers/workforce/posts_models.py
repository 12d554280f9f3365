"""Who holds which post where, from which day until which: the roles of the post come and go with it (MISSION ORG-2)."""

from typing import ClassVar

from django.db import models
from django.db.models import Q


class PostHeld(models.Model):
    """A colleague in a post. A reference row: posts are held at head office and in regions too.

    ``since`` and ``until`` are days of the node's own calendar, half-open. ``grants`` are the role grants that came
    with it and go with it; a role given otherwise stays.
    """

    staff = models.ForeignKey("workforce.Staff", models.PROTECT, related_name="posts")
    post = models.ForeignKey("org.Post", models.PROTECT, related_name="+")
    node = models.ForeignKey("org.Node", models.PROTECT, related_name="+")
    since = models.DateField()
    until = models.DateField(null=True, blank=True)
    begun_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    grants = models.JSONField(default=list)
    set_by = models.CharField(max_length=60)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["staff", "post", "node"], condition=Q(ended_at__isnull=True), name="post_held_once"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["post", "ended_at"], name="post_held_by_post")]
