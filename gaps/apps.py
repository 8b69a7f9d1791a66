"""The app, what it tells the person's home page, and what it takes into a copied year."""

from django.apps import AppConfig


class GapsConfig(AppConfig):
    """Says on the home page what the own department lacks (docs/adr/0031), and copies 必要人数 (docs/adr/0034)."""

    name = "gaps"

    def ready(self):
        """Answer for `assessments`, which may not import this app."""
        from assessments.carry import keep_with
        from assessments.revising import revise_with
        from assessments.team import answer_with
        from gaps.near import lacking
        from gaps.workflow import carry, revising

        answer_with(lacking)
        keep_with(carry)
        revise_with(revising)
