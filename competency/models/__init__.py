"""What good looks like: frameworks, their versions and the matrix of each."""

from competency.models.framework import Framework, FrameworkVersion
from competency.models.matrix import HOLDER_STEP, NEXT_STEP, Area, Category, Cell, Stage, Step, StepWording

__all__ = [
    "HOLDER_STEP",
    "NEXT_STEP",
    "Area",
    "Category",
    "Cell",
    "Framework",
    "FrameworkVersion",
    "Stage",
    "Step",
    "StepWording",
]
