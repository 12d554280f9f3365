from importlib import import_module

from django.apps import AppConfig


class CaseworkConfig(AppConfig):
    name = "steward.casework"
    label = "casework"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make those known who listen to cases, and have their timelines sealed."""
        import_module("steward.casework.erasure")
        import_module("steward.casework.links")
        import_module("steward.casework.pictures")
        import_module("steward.casework.areas")
        import_module("steward.casework.handovers")
        import_module("steward.casework.subtasks")
        import_module("steward.casework.leaving")
        import_module("steward.casework.oncall")
        import_module("steward.casework.sealed").register()
