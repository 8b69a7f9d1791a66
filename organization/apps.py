"""The app and the search key that follows its migrations."""

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db.models.signals import post_migrate


class OrganizationConfig(AppConfig):
    """Brings the search keys of people up to date after every migrate (docs/adr/0039)."""

    name = "organization"

    def ready(self):
        """Connect the rebuilding, and what a session keeps."""
        post_migrate.connect(_rebuild, sender=self, dispatch_uid="organization.search")
        from organization import middleware

        user_logged_in.connect(middleware.begin, dispatch_uid="organization.sessions")
        user_logged_out.connect(middleware.left, dispatch_uid="organization.sessions")


def _rebuild(sender, using, apps=None, **kwargs):
    from organization.search import rebuild

    # A flush says so too, and leaves nobody to look for.
    if apps is None:
        return
    # The models as the migrations left them: a migrate to an older state has other columns.
    try:
        staff = apps.get_model("organization", "Staff")
    except LookupError:
        return
    rebuild(staff, using=using)
