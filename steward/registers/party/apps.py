from django.apps import AppConfig


class PartyConfig(AppConfig):
    name = "steward.registers.party"
    label = "party"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from steward.registers.party import (  # noqa: F401, PLC0415  register themselves
            care,
            contacts,
            homes,
            moves,
            rights,
        )
