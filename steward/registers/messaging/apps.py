from importlib import import_module

from django.apps import AppConfig


class MessagingConfig(AppConfig):
    name = "steward.registers.messaging"
    label = "messaging"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Policies and presets are known, and the outbox asks here when a message leaves.
        for module in ("policies", "presets", "gates", "routing"):
            import_module(f"steward.registers.messaging.{module}")
