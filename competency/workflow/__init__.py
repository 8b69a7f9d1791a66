"""Changes of several models of the app, one module a noun."""

from competency.workflow.assignments import (
    AssignmentsMoved,
    StaleAssignments,
    import_assignments,
    read_wanted,
    save_assignments,
)
from competency.workflow.catalogue import (
    RegisterMoved,
    load_providers,
    load_qualifications,
    register_in_use,
    replace_register,
)
from competency.workflow.duties import (
    DUTY_STALE,
    DutyValues,
    Loaded,
    StaleDuty,
    add_duty,
    change_duty,
    load_duties,
    may_change_duty,
    retire_duty,
    values_of,
)
from competency.workflow.frameworks import PublishedDiffers, load_framework, publish
from competency.workflow.profiles import StaleProfile, load_profile, save_profile

__all__ = [
    "DUTY_STALE",
    "AssignmentsMoved",
    "DutyValues",
    "Loaded",
    "PublishedDiffers",
    "RegisterMoved",
    "StaleAssignments",
    "StaleDuty",
    "StaleProfile",
    "add_duty",
    "change_duty",
    "import_assignments",
    "load_duties",
    "load_framework",
    "load_profile",
    "load_providers",
    "load_qualifications",
    "may_change_duty",
    "publish",
    "read_wanted",
    "register_in_use",
    "replace_register",
    "retire_duty",
    "save_assignments",
    "save_profile",
    "values_of",
]
