from importlib import import_module

from django.apps import AppConfig


class WorkforceConfig(AppConfig):
    name = "steward.registers.workforce"
    label = "workforce"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Posts and stand-ins that begin or end on a day, and papers whose time is over, are recurring jobs; who is named
        # in a customer's file is checked.
        for name in ("assignments", "named", "paper_retention", "standins"):
            import_module(f"steward.registers.workforce.{name}")
