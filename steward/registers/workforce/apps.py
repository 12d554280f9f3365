from importlib import import_module

from django.apps import AppConfig


class WorkforceConfig(AppConfig):
    name = "steward.registers.workforce"
    label = "workforce"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Posts that begin or end on a day are a recurring job.
        import_module("steward.registers.workforce.assignments")
