"""A revision of the small matrix that does everything a revision can: kept, renamed, moved, split, joined, dropped, new."""

from dataclasses import replace

from django.utils import timezone

from competency.exports import framework_file_of
from competency.framework_shape import Base, FrameworkFile, Mark, Origin
from competency.models import FrameworkVersion
from competency.workflow import load_framework, publish
from tests import builders as b


def marks_of(file: FrameworkFile, change) -> FrameworkFile:
    """Return the file with the marks of every area passed through `change` (a tuple of marks in, one out)."""
    return replace(
        file,
        categories=tuple(
            replace(
                category,
                areas=tuple(replace(area, marks=change(area.code, area.marks)) for area in category.areas),
            )
            for category in file.categories
        ),
    )


def revise(
    version: FrameworkVersion, change, *, by, name: str = "2026", publish_it: bool = True
) -> FrameworkVersion:
    """Return a version of the municipality of `by` (a person) that is based on another, its marks passed through `change`."""
    file = framework_file_of(FrameworkVersion.objects.select_related("framework").get(pk=version.pk))
    # What the base itself came from is no news to its successor.
    file = marks_of(file, lambda _, marks: tuple(replace(mark, origins=None) for mark in marks))
    file = replace(marks_of(file, change), version=name, based_on=Base(version.framework.code, version.name))
    made, _ = load_framework(parsed=file, by=b.actor_of(by), now=timezone.now())
    return publish(version=made, by=b.actor_of(by), now=timezone.now()) if publish_it else made


def everything(area: str, marks: tuple[Mark, ...]) -> tuple[Mark, ...]:
    """Split 業務分析 with a mark, rename 企画立案 with another code, reopen 策定管理, join both of システムの運用管理, and
    let コミュニケーション go for something new.
    """
    if area == "security-policy":
        return tuple(replace(mark, origins=(Origin(mark.code, "reopen"),)) for mark in marks)
    if area == "internal-it":
        analysis, planning = marks
        parts = (("internal-it.flow", "業務の流れ"), ("internal-it.data", "データの整理"))
        return (
            *(
                replace(analysis, code=code, task=task, origins=(Origin(analysis.code, "review"),))
                for code, task in parts
            ),
            replace(planning, code="internal-it.plan", task="企画と予算", origins=(Origin(planning.code),)),
        )
    if area == "system-operations":
        joined = tuple(Origin(mark.code, "review") for mark in marks)
        return (replace(marks[0], code="system-operations.all", origins=joined),)
    return (replace(marks[0], code="communication.new", task="住民への説明", origins=()),)


def split_one(area: str, marks: tuple[Mark, ...]) -> tuple[Mark, ...]:
    """Split 業務分析 into two with a mark, and keep the rest."""
    return everything(area, marks)[:2] + marks[1:] if area == "internal-it" else marks
