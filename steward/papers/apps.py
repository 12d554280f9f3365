from django.apps import AppConfig


class PapersConfig(AppConfig):
    name = "steward.papers"
    label = "papers"
    default_auto_field = "django.db.models.BigAutoField"
