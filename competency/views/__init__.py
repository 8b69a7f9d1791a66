"""Views of the app, one module a noun."""

from competency.views.frameworks import framework, version
from competency.views.profiles import profile, profiles
from competency.views.references import reference

__all__ = ["framework", "profile", "profiles", "reference", "version"]
