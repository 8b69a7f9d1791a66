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
from competency.workflow.crosswalks import (
    StaleCrosswalk,
    load_crosswalk,
    retire_crosswalk,
    save_crosswalk,
    standing_crosswalk,
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
from competency.workflow.surveys import (
    StaleSurvey,
    discard_survey,
    load_survey,
    move_survey,
    save_survey,
    standing_survey,
)

__all__ = [
    "DUTY_STALE",
    "AssignmentsMoved",
    "DutyValues",
    "Loaded",
    "PublishedDiffers",
    "RegisterMoved",
    "StaleAssignments",
    "StaleCrosswalk",
    "StaleDuty",
    "StaleProfile",
    "StaleSurvey",
    "add_duty",
    "change_duty",
    "discard_survey",
    "import_assignments",
    "load_crosswalk",
    "load_duties",
    "load_framework",
    "load_profile",
    "load_providers",
    "load_qualifications",
    "load_survey",
    "may_change_duty",
    "move_survey",
    "publish",
    "read_wanted",
    "register_in_use",
    "replace_register",
    "retire_crosswalk",
    "retire_duty",
    "save_assignments",
    "save_crosswalk",
    "save_profile",
    "save_survey",
    "standing_crosswalk",
    "standing_survey",
    "values_of",
]
