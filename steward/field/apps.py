from django.apps import AppConfig


class FieldConfig(AppConfig):
    name = "steward.field"
    label = "field"
