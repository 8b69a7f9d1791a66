"""The app, what it tells the person's home page, and what it takes into a copied year."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class GapsConfig(AppConfig):
    """Says on the home page what the own department lacks (docs/adr/0031), copies 必要人数 (docs/adr/0034), tells
    the desk of the 体系 who uses a cell (docs/adr/0043), and keeps tallies of large municipalities (docs/adr/0073).
    """

    name = "gaps"

    def ready(self):
        """Answer for `assessments` and `competency`, which may not import this app."""
        from assessments.carry import keep_with
        from assessments.revising import revise_with
        from assessments.team import answer_with
        from competency.uses import watch_with
        from gaps import desk_uses
        from gaps.guards import GUARDS
        from gaps.near import lacking
        from gaps.workflow import carry, revising
        from gaps.workflow.tallies import count_changed, forget_after_migrate
        from lib.guards import install_after_migrate
        from organization.counted import count_with

        answer_with(lacking)
        keep_with(carry)
        revise_with(revising)
        watch_with(desk_uses)
        count_with(count_changed)
        install_after_migrate(self, GUARDS)
        post_migrate.connect(forget_after_migrate, sender=self, dispatch_uid="gaps.tallies")
