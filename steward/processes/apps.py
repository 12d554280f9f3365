from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig

# One folder per process; a new one is a line here.
PROCESSES = ("repair", "complaint", "inquiry", "suggestion", "praise", "service_order")


class ProcessesConfig(AppConfig):
    name = "steward.processes"
    label = "processes"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        for name in PROCESSES:
            import_module(f"steward.processes.{name}.process")
            for more in ("categories", "screens", "erasure"):
                if find_spec(f"steward.processes.{name}.{more}"):
                    import_module(f"steward.processes.{name}.{more}")
