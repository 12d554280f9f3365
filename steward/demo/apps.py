from django.apps import AppConfig


class DemoConfig(AppConfig):
    """Nothing but the catalogue of its words; the company is loaded by ``steward demo load`` alone."""

    name = "steward.demo"
    label = "demo"
