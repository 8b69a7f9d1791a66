"""What good looks like: frameworks, their versions and the matrix of each; duties, and what a 職位 is expected to do."""

from competency.models.duties import DepartmentDuty, Duty, DutyAssignment, DutyDemand, DutyPlan
from competency.models.framework import Framework, FrameworkVersion
from competency.models.matrix import HOLDER_STEP, NEXT_STEP, Area, Category, Cell, Stage, Step, StepWording
from competency.models.profiles import Profile, ProfileTarget

__all__ = [
    "HOLDER_STEP",
    "NEXT_STEP",
    "Area",
    "Category",
    "Cell",
    "DepartmentDuty",
    "Duty",
    "DutyAssignment",
    "DutyDemand",
    "DutyPlan",
    "Framework",
    "FrameworkVersion",
    "Profile",
    "ProfileTarget",
    "Stage",
    "Step",
    "StepWording",
]
