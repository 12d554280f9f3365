from importlib import import_module

from django.apps import AppConfig


class AssuranceConfig(AppConfig):
    name = "steward.assurance"
    label = "assurance"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make those known who listen to cases, and the texts customers are told."""
        for module in ("callbacks", "rain", "incidents.texts", "incidents.watch", "incidents.proposals", "duty.brief"):
            import_module(f"steward.assurance.{module}")
