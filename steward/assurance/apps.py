from django.apps import AppConfig


class AssuranceConfig(AppConfig):
    name = "steward.assurance"
    label = "assurance"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from steward.assurance import callbacks  # noqa: F401, PLC0415  registers the listeners
