"""The app and its guards in the database."""

from django.apps import AppConfig

from lib.guards import install_after_migrate


class CompetencyConfig(AppConfig):
    """Installs the triggers of `guards.py` after every migrate."""

    name = "competency"

    def ready(self):
        """Connect the guards."""
        from competency.guards import GUARDS

        install_after_migrate(self, GUARDS)
