"""Views of the app, one module a noun."""

from competency.views.frameworks import framework, version

__all__ = ["framework", "version"]
