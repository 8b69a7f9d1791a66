"""The app and its guards in the database."""

from django.apps import AppConfig

from lib.guards import install_after_migrate


class AuditConfig(AppConfig):
    """Installs the triggers of `guards.py` after every migrate."""

    name = "audit"

    def ready(self):
        """Connect the guards."""
        from audit.guards import GUARDS

        install_after_migrate(self, GUARDS)
