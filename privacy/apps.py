"""The app and its guards in the database."""

from django.apps import AppConfig

from lib.guards import install_after_migrate


class PrivacyConfig(AppConfig):
    """Installs the triggers of `guards.py` after every migrate, and answers for `assessments` what the data is for."""

    name = "privacy"

    def ready(self):
        """Connect the guards and the answers."""
        from assessments.purpose import purpose_with
        from privacy.guards import GUARDS
        from privacy.purposes import line_of, unread

        install_after_migrate(self, GUARDS)
        purpose_with(unread=unread, line=line_of)
