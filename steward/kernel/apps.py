from django.apps import AppConfig


class KernelConfig(AppConfig):
    name = "steward.kernel"
    label = "kernel"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from steward.kernel.audit.own import register  # noqa: PLC0415  models load after apps

        register()
