from importlib import import_module

from django.apps import AppConfig


class KnowledgeConfig(AppConfig):
    name = "steward.registers.knowledge"
    label = "knowledge"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make the recurring reminder known."""
        import_module("steward.registers.knowledge.reviews")
