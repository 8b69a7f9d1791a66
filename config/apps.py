"""The project itself as an app: pages that belong to no domain (manual, health)."""

from django.apps import AppConfig


class ConfigApp(AppConfig):
    """Holds `manual` and `health`; has no models."""

    name = "config"
    label = "config"
