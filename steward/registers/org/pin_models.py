"""The short number by which a colleague takes over a shared desk PC."""

from typing import ClassVar

from django.db import models


class Pin(models.Model):
    """One for each sign-in, set by oneself after the password; only its argon2 hash is kept."""

    user = models.OneToOneField("org.User", models.CASCADE, related_name="pin", db_constraint=False)
    digest = models.CharField(max_length=160)
    set_at = models.DateTimeField()
    failures = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager["Pin"]] = models.Manager()
