from django.apps import AppConfig


class DesignConfig(AppConfig):
    name = "steward.design"
    label = "design"
