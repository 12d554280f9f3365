from django.apps import AppConfig


class HistoryConfig(AppConfig):
    """No tables; an app for the sake of its translations."""

    name = "steward.history"
    label = "history"
