"""Changes of several models of the app, one module a noun."""

from competency.workflow.frameworks import PublishedDiffers, load_framework, publish
from competency.workflow.profiles import StaleProfile, load_profile, save_profile

__all__ = [
    "PublishedDiffers",
    "StaleProfile",
    "load_framework",
    "load_profile",
    "publish",
    "save_profile",
]
