"""The app, and what it tells the person's home page."""

from django.apps import AppConfig


class GapsConfig(AppConfig):
    """Says on the home page what the own department lacks (docs/adr/0031)."""

    name = "gaps"

    def ready(self):
        """Answer for `assessments`, which may not import this app."""
        from assessments.team import answer_with
        from gaps.near import lacking

        answer_with(lacking)
