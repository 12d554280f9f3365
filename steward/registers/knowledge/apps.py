from django.apps import AppConfig


class KnowledgeConfig(AppConfig):
    name = "steward.registers.knowledge"
    label = "knowledge"
    default_auto_field = "django.db.models.BigAutoField"
