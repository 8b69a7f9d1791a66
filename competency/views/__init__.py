"""Views of the app, one module a noun."""

from competency.views.frameworks import framework, version
from competency.views.profiles import profile, profiles

__all__ = ["framework", "profile", "profiles", "version"]
