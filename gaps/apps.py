"""The app, what it tells the person's home page, and what it takes into a copied year."""

from django.apps import AppConfig


class GapsConfig(AppConfig):
    """Says on the home page what the own department lacks (docs/adr/0031), copies 必要人数 (docs/adr/0034), and tells
    the desk of the 体系 who uses a cell (docs/adr/0043).
    """

    name = "gaps"

    def ready(self):
        """Answer for `assessments` and `competency`, which may not import this app."""
        from assessments.carry import keep_with
        from assessments.revising import revise_with
        from assessments.team import answer_with
        from competency.uses import watch_with
        from gaps import desk_uses
        from gaps.near import lacking
        from gaps.workflow import carry, revising

        answer_with(lacking)
        keep_with(carry)
        revise_with(revising)
        watch_with(desk_uses)
