from django.apps import AppConfig


class CutoverConfig(AppConfig):
    name = "steward.registers.cutover"
    label = "cutover"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from steward.registers.cutover import jobs  # noqa: F401, PLC0415  registers the outbox handler
