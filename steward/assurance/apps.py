from importlib import import_module

from django.apps import AppConfig


class AssuranceConfig(AppConfig):
    name = "steward.assurance"
    label = "assurance"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make those known who listen to cases, and the texts customers are told."""
        import_module("steward.assurance.callbacks")
        import_module("steward.assurance.incidents.texts")
        import_module("steward.assurance.duty.brief")
