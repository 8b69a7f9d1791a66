"""The project itself as an app: pages that belong to no domain (manual, health)."""

from django.apps import AppConfig, apps
from django.conf import settings
from django.core.checks import Warning as Finding
from django.core.checks import register

from config import transport
from lib.wall_install import install_after_migrate


class ConfigApp(AppConfig):
    """Holds `manual` and `health`; has no models."""

    name = "config"
    label = "config"

    def ready(self) -> None:
        """Register what every command says at its start; build the second wall after every migrate.

        The wall is built when the last app with tables has said that it is through.
        """
        from config import checks  # noqa: F401  # registers itself

        register(plain_http)
        install_after_migrate([each for each in apps.get_app_configs() if each.models_module][-1])


def plain_http(app_configs, **kwargs) -> list[Finding]:
    """Return the warning of PLAIN_HTTP (a system check)."""
    return [Finding(transport.WARNING, id="config.W001")] if settings.PLAIN_HTTP else []
