"""The app and its guards in the database."""

from django.apps import AppConfig

from lib.guards import install_after_migrate


class AssessmentsConfig(AppConfig):
    """Installs the triggers of `guards.py` after every migrate."""

    name = "assessments"

    def ready(self):
        """Connect the guards."""
        from assessments.guards import GUARDS

        install_after_migrate(self, GUARDS)
