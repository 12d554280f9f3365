from importlib import import_module
from typing import Final

from django.apps import AppConfig

LISTENERS: Final = (
    "erasure",
    "pictures",
    "customer.links",
    "accountability.areas",
    "accountability.handovers",
    "accountability.leaving",
    "accountability.oncall",
    "replays.conflicts",
    "subtasks.telling",
    "subtasks.verbs",
)


class CaseworkConfig(AppConfig):
    name = "steward.casework"
    label = "casework"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make those known who listen to cases, and have their timelines sealed."""
        for module in LISTENERS:
            import_module(f"steward.casework.{module}")
        import_module("steward.casework.sealed").register()
