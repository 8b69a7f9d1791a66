"""What is stored, as it would stand in a file."""

import json

from competency.framework_shape import Area, Base, Category, FrameworkFile, Mark, Origin
from competency.models import Cell, FrameworkVersion, ReferenceSurvey
from competency.survey_file import SurveyFile


def framework_file_of(version: FrameworkVersion) -> FrameworkFile:
    """Return a version as it would stand in a file. Six queries, however large the matrix is."""
    marks: dict[int, list[Mark]] = {}
    for cell in version.cells.select_related("stage").prefetch_related("wordings", "origins"):
        marks.setdefault(cell.area_id, []).append(
            Mark(
                code=cell.code,
                task=cell.task,
                stage=cell.stage.name,
                placement_confirmed=cell.placement_confirmed,
                example=cell.example,
                wording=tuple(wording.text for wording in cell.wordings.all()),
                source=cell.source,
                in_use=cell.in_use,
                origins=_origins(cell) if version.base_code else None,
            )
        )
    areas: dict[int, list[Area]] = {}
    for area in version.areas.all():
        areas.setdefault(area.category_id, []).append(
            Area(area.code, area.name, tuple(marks.get(area.pk, ())), area.source)
        )
    return FrameworkFile(
        code=version.framework.code,
        name=version.framework.name,
        version=version.name,
        source=version.source,
        stages=tuple(stage.name for stage in version.stages.all()),
        categories=tuple(
            Category(
                category.code,
                category.name,
                category.alias,
                tuple(areas.get(category.pk, ())),
                category.source,
            )
            for category in version.categories.all()
        ),
        based_on=Base(version.base_code, version.base_version) if version.base_code else None,
        note=version.note,
    )


def _origins(cell: Cell) -> tuple[Origin, ...] | None:
    """Return what a cell came from; None where that is the cell of the same code, as a file leaves it out."""
    found = tuple(Origin(origin.code, origin.rule) for origin in cell.origins.all())
    return None if found == (Origin(cell.code),) else found


def survey_file_of(row: ReferenceSurvey) -> SurveyFile:
    """Return a stored survey or statistic as it would stand in a file."""
    return SurveyFile(
        row.code, row.kind, row.name, row.year, row.source, row.asked, row.answered, json.loads(row.content)
    )
