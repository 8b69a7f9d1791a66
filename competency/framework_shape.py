"""The shape of a framework file: frozen dataclasses, and how they are written down. Pure; knows no database.

The shape is described in competency/data/README.md; competency.framework_file reads it.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

# Fixed in the whole product (models.Step); a file may repeat them but not rename them.
STEP_NAMES = ("未経験", "知識がある", "支援があればできる", "独力でできる", "教えられる")
STEPS = range(len(STEP_NAMES))
STAGE_COUNT = 3
# What becomes of a rating of an origin (models.CellOrigin.Rule).
RULES = ("carry", "review", "reopen")


@dataclass(frozen=True)
class Origin:
    """A cell of the base version that a cell came from, and what becomes of its ratings: one of RULES."""

    code: str
    rule: str = "carry"


@dataclass(frozen=True)
class Base:
    """The version that the cells of a file came from: code of its framework, name of the version."""

    code: str
    version: str


@dataclass(frozen=True)
class Mark:
    """One cell. `stage` is a name from the file's stages; `wording` has 5 sentences, or none at all.

    `origins` None says that the file does not tell: then the cell of the base with the same code is meant.
    """

    code: str
    task: str
    stage: str
    placement_confirmed: bool = False
    example: str = ""
    wording: tuple[str, ...] = ()
    source: str = ""
    in_use: bool = True
    origins: tuple[Origin, ...] | None = None


@dataclass(frozen=True)
class Area:
    """One 区分: a row of the matrix."""

    code: str
    name: str
    marks: tuple[Mark, ...]
    source: str = ""


@dataclass(frozen=True)
class Category:
    """One 分類: a group of rows."""

    code: str
    name: str
    alias: str
    areas: tuple[Area, ...]
    source: str = ""


@dataclass(frozen=True)
class FrameworkFile:
    """A whole file. `code` knows the framework, `code` and `version` together know this edition of it."""

    code: str
    name: str
    version: str
    source: str
    stages: tuple[str, ...]
    categories: tuple[Category, ...]
    based_on: Base | None = None
    note: str = ""

    def marks(self) -> Iterator[tuple[Category, Area, Mark]]:
        """Yield every cell with where it stands, in the order of the file."""
        for category in self.categories:
            for area in category.areas:
                for mark in area.marks:
                    yield category, area, mark


class FrameworkFileError(Exception):
    """The file cannot be used. `errors` is the list of Japanese sentences that say why and where."""

    def __init__(self, errors: list[str]):
        # What is quoted from a broken file may hold half a character, which no screen or log can take.
        self.errors = [error.encode("utf-8", "replace").decode() for error in errors]
        super().__init__("\n".join(self.errors))


def dump(framework: FrameworkFile) -> dict[str, Any]:
    """Return the framework in the shape of a file, ready for JSON or YAML; `parse` of it gives it back."""
    base = framework.based_on
    return {
        "code": framework.code,
        "name": framework.name,
        "framework": framework.code.upper(),
        "version": framework.version,
        "source": framework.source,
        **({"based_on": {"code": base.code, "version": base.version}} if base else {}),
        **({"note": framework.note} if framework.note else {}),
        "stages": list(framework.stages),
        "steps": {str(step): name for step, name in enumerate(STEP_NAMES)},
        "categories": [
            {
                "code": category.code,
                "name": category.name,
                "alias": category.alias,
                **_dump_source(category),
                "areas": [
                    {
                        "code": area.code,
                        "name": area.name,
                        **_dump_source(area),
                        "marks": [_dump_mark(mark) for mark in area.marks],
                    }
                    for area in category.areas
                ],
            }
            for category in framework.categories
        ],
    }


def dumps(framework: FrameworkFile) -> str:
    """Return the framework as JSON text, readable by people, ending in a newline."""
    return json.dumps(dump(framework), ensure_ascii=False, indent=2) + "\n"


def _dump_source(part: Category | Area | Mark) -> dict[str, str]:
    return {"source": part.source} if part.source else {}


def _dump_mark(mark: Mark) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "code": mark.code,
        "task": mark.task,
        "stage": mark.stage,
        "placement_confirmed": mark.placement_confirmed,
    }
    if mark.example:
        shape["example"] = mark.example
    if mark.wording:
        shape["wording"] = {str(step): sentence for step, sentence in enumerate(mark.wording)}
    shape |= _dump_source(mark)
    if not mark.in_use:
        shape["in_use"] = False
    if mark.origins is not None:
        shape["origins"] = [{"code": origin.code, "rule": origin.rule} for origin in mark.origins]
    return shape
