from importlib import import_module

from django.apps import AppConfig

# One folder per process; a new one is a line here.
PROCESSES = ("repair", "inquiry")


class ProcessesConfig(AppConfig):
    name = "steward.processes"
    label = "processes"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        for name in PROCESSES:
            import_module(f"steward.processes.{name}.process")
