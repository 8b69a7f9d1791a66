"""What good looks like: frameworks, their versions and the matrix of each; duties, 期待像, 資格, 研修, surveys, crosswalks."""

from competency.models.catalogue import Course, CourseCell, Provider, Qualification
from competency.models.crosswalks import Crosswalk, CrosswalkItem, CrosswalkLink
from competency.models.duties import DepartmentDuty, Duty, DutyAssignment, DutyDemand, DutyPlan
from competency.models.framework import Framework, FrameworkVersion
from competency.models.matrix import (
    HOLDER_STEP,
    NEXT_STEP,
    Area,
    Category,
    Cell,
    CellOrigin,
    Stage,
    Step,
    StepWording,
    VersionComment,
)
from competency.models.profiles import Profile, ProfileTarget
from competency.models.surveys import ReferenceSurvey

__all__ = [
    "HOLDER_STEP",
    "NEXT_STEP",
    "Area",
    "Category",
    "Cell",
    "CellOrigin",
    "Course",
    "CourseCell",
    "Crosswalk",
    "CrosswalkItem",
    "CrosswalkLink",
    "DepartmentDuty",
    "Duty",
    "DutyAssignment",
    "DutyDemand",
    "DutyPlan",
    "Framework",
    "FrameworkVersion",
    "Profile",
    "ProfileTarget",
    "Provider",
    "Qualification",
    "ReferenceSurvey",
    "Stage",
    "Step",
    "StepWording",
    "VersionComment",
]
