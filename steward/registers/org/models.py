"""The organisation: head office → region → project, users, grants, sessions, tokens."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from steward.kernel.actor import Role


class Level(models.TextChoices):
    HEAD_OFFICE = "head_office", _("Head office")
    REGION = "region", _("Region")
    PROJECT = "project", _("Project")


class ProjectKind(models.TextChoices):
    RESIDENTIAL = "residential", _("Residential compound")
    ESTATE = "estate", _("High-end estate")
    MIXED = "mixed", _("Offices, hotel and shops")


class Node(models.Model):
    """A place in the three-level organisation; a project is a leaf. ``path`` is ``/1/4/9/``."""

    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    path = models.CharField(max_length=120, unique=True)
    level = models.CharField(max_length=12, choices=Level)
    code = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=12, choices=ProjectKind, blank=True)
    time_zone = models.CharField(max_length=40, default="Asia/Shanghai")
    phone = models.CharField(max_length=30, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["level"], name="node_level")]

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    def create_user(self, username: str, password: str | None = None, **fields: object) -> "User":
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A sign-in. Staff rows and persons point here without a database constraint (SCALE.md)."""

    username = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=60)
    language = models.CharField(max_length=10, default="zh-hans")
    is_active = models.BooleanField(default=True)
    staff_id = models.BigIntegerField(null=True, blank=True)
    person_id = models.BigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField()
    #: Links to choose a password: only the last one made holds.
    links_made = models.PositiveIntegerField(default=0)

    USERNAME_FIELD = "username"
    objects: ClassVar[UserManager] = UserManager()

    def __str__(self) -> str:
        return self.username


class RoleGrant(models.Model):
    """A role over a subtree of the organisation, dated (half-open)."""

    user = models.ForeignKey(User, models.CASCADE, related_name="grants", db_constraint=False)
    role = models.CharField(max_length=20, choices=Role)
    node = models.ForeignKey(Node, models.PROTECT, related_name="+")
    granted_by = models.CharField(max_length=60)
    granted_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "role", "node"], condition=Q(ended_at__isnull=True), name="grant_once"
            ),
        ]


class Session(AbstractBaseSession):
    """A browser session that knows its user, so that one query loads session, user and grants."""

    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="sessions", db_constraint=False)

    @classmethod
    def get_session_store_class(cls) -> type:
        from steward.registers.org.sessions import SessionStore  # noqa: PLC0415  circular by design of Django

        return SessionStore


class ApiToken(models.Model):
    """A bearer token; only its hash is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="tokens", db_constraint=False)
    digest = models.CharField(max_length=64, unique=True)
    label = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)


from steward.registers.org import posts_models  # noqa: E402, F401  Django finds the models of the module
from steward.registers.org.pin_models import Pin  # noqa: E402, F401  a subject of its own
