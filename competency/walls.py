"""Where the second wall stands (lib/walls.py, docs/adr/0052)."""

from lib.walls import Wall

# Rows without a municipality are everybody's to read: the framework, duties and surveys that the product brings.
_DUTY = Wall("competency_duty", common=True)
_FRAMEWORK = Wall("competency_framework", common=True)
_CROSSWALK = Wall("competency_crosswalk", common=True)
_VERSION = Wall("competency_frameworkversion", column="framework_id", under=_FRAMEWORK)
_CELL = Wall("competency_cell", column="version_id", under=_VERSION)
_ITEM = Wall("competency_crosswalkitem", column="crosswalk_id", under=_CROSSWALK)
_COURSE = Wall("competency_course")
_PROFILE = Wall("competency_profile")

ROW_WALL = (
    _FRAMEWORK,
    _VERSION,
    Wall("competency_category", column="version_id", under=_VERSION),
    Wall("competency_area", column="version_id", under=_VERSION),
    Wall("competency_stage", column="version_id", under=_VERSION),
    _CELL,
    Wall("competency_stepwording", column="cell_id", under=_CELL),
    Wall("competency_cellorigin", column="cell_id", under=_CELL),
    Wall("competency_versioncomment"),
    Wall("competency_qualification", common=True),
    Wall("competency_provider", common=True),
    _COURSE,
    Wall("competency_coursecell", column="course_id", under=_COURSE),
    _CROSSWALK,
    _ITEM,
    Wall("competency_crosswalklink", column="item_id", under=_ITEM),
    _DUTY,
    Wall("competency_dutydemand", column="duty_id", under=_DUTY),
    Wall("competency_dutyplan"),
    Wall("competency_departmentduty"),
    Wall("competency_dutyassignment"),
    _PROFILE,
    Wall("competency_profiletarget", column="profile_id", under=_PROFILE),
    Wall("competency_referencesurvey", common=True),
)
