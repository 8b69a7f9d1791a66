"""The permission table; has no models."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """Holds the table, the actor and the refusals."""

    name = "access"
