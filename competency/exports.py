"""The stored matrix as a framework file."""

from competency.framework_file import Area, Category, FrameworkFile, Mark
from competency.models import FrameworkVersion


def framework_file_of(version: FrameworkVersion) -> FrameworkFile:
    """Return a version as it would stand in a file. Five queries, however large the matrix is."""
    marks: dict[int, list[Mark]] = {}
    for cell in version.cells.select_related("stage").prefetch_related("wordings"):
        marks.setdefault(cell.area_id, []).append(
            Mark(
                code=cell.code,
                task=cell.task,
                stage=cell.stage.name,
                placement_confirmed=cell.placement_confirmed,
                example=cell.example,
                wording=tuple(wording.text for wording in cell.wordings.all()),
            )
        )
    areas: dict[int, list[Area]] = {}
    for area in version.areas.all():
        areas.setdefault(area.category_id, []).append(
            Area(area.code, area.name, tuple(marks.get(area.pk, ())))
        )
    return FrameworkFile(
        code=version.framework.code,
        name=version.framework.name,
        version=version.name,
        source=version.source,
        stages=tuple(stage.name for stage in version.stages.all()),
        categories=tuple(
            Category(category.code, category.name, category.alias, tuple(areas.get(category.pk, ())))
            for category in version.categories.all()
        ),
    )
