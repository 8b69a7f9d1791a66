"""Changes of several models of the app, one module a noun."""

from competency.workflow.assignments import (
    AssignmentsMoved,
    StaleAssignments,
    import_assignments,
    read_wanted,
    save_assignments,
)
from competency.workflow.frameworks import PublishedDiffers, load_framework, publish
from competency.workflow.profiles import StaleProfile, load_profile, save_profile

__all__ = [
    "AssignmentsMoved",
    "PublishedDiffers",
    "StaleAssignments",
    "StaleProfile",
    "import_assignments",
    "load_framework",
    "load_profile",
    "publish",
    "read_wanted",
    "save_assignments",
    "save_profile",
]
