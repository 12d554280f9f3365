from importlib import import_module

from django.apps import AppConfig


class WorkerConfig(AppConfig):
    name = "steward.worker"
    label = "worker"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        for channel in ("route", "email", "sms", "robots"):
            import_module(f"steward.worker.channels.{channel}")
        import_module("steward.worker.jobs")
        import_module("steward.worker.weather")
