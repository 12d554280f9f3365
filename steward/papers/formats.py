"""The three sheets an office prints on."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Format(models.TextChoices):
    """A4; continuous three-part paper 241 mm wide, half a sheet long; the roll of an 80 mm receipt printer."""

    A4 = "a4", _("A4")
    THREE_PART = "241", _("241 mm, three-part")
    SLIP = "80", _("80 mm slip")


def format_of(text: str) -> Format:
    """What the address asks for; A4 where it asks for nothing we print on."""
    return Format(text) if text in Format.values else Format.A4
