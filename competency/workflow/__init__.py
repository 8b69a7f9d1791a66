"""Changes of several models of the app, one module a noun."""

from competency.workflow.frameworks import PublishedDiffers, load_framework, publish

__all__ = ["PublishedDiffers", "load_framework", "publish"]
