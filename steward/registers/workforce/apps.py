from importlib import import_module

from django.apps import AppConfig


class WorkforceConfig(AppConfig):
    name = "steward.registers.workforce"
    label = "workforce"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Posts and stand-ins that begin or end on a day are recurring jobs.
        import_module("steward.registers.workforce.assignments")
        import_module("steward.registers.workforce.standins")
