"""How lines of the timeline are called that no process declares."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

BASE_TITLES: Mapping[str, Any] = {
    "open": _("Received"),
    "imported": _("Imported"),
    "warn": _("Deadline warning"),
    "escalate": _("Deadline passed"),
    "settle": _("Refused entry settled"),
    "reveal": _("Looked at a phone number"),
}
