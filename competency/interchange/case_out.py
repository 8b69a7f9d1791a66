"""A framework as a CASE 1.1 package (ADR 0045). Pure.

分類, 区分 and 項目 are items, each a child of the one above with its place as `sequenceNumber`; the three 段階 are items
too, and a 項目 `hasSkillLevel` of one. What the five steps mean is a rubric for each 項目, with a level for each step and
no score. What CASE has no word for stands in `extensions`; `not_carried` lists it.
"""

import datetime
from collections.abc import Iterator
from typing import Any

from competency.framework_shape import STEP_NAMES, Area, Category, FrameworkFile, Mark, Origin
from competency.interchange.case_ids import Names, document_id

CATEGORY, AREA, CELL, STAGE = "分類", "区分", "項目", "段階"
_HIERARCHY = {CATEGORY: "1", AREA: "1.1", CELL: "1.1.1", STAGE: "2"}
_TYPES = {
    CATEGORY: "項目をまとめる、いちばん大きな区切り",
    AREA: "マトリクスの行",
    CELL: "到達度を記入する1つの項目",
    STAGE: "身につける難しさ。人の格付けではない",
}
KEPT, BECAME = "exactMatchOf", "replacedBy"
# Of the key of our own members in `extensions`.
OURS = "skillResume"


class _Package:
    """Builds the parts of one package."""

    def __init__(self, framework: FrameworkFile, changed: datetime.datetime, base: str):
        self.framework = framework
        self.names = Names(document_id(framework.code, framework.version), base)
        self.changed = changed.astimezone(datetime.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        self.items: list[dict[str, Any]] = []
        self.associations: list[dict[str, Any]] = []
        self.types = {kind: self.names.id("type", kind) for kind in _TYPES}

    @property
    def document(self) -> str:
        return str(self.names.document)

    def node(self, kind: str, code: str, title: str) -> dict[str, str]:
        return self.names.link("CFItems", self.names.id(kind, code), title)

    def item(
        self, kind: str, code: str, statement: str, *, ours: dict[str, Any] | None = None, **more: str
    ) -> None:
        """Add an item; members without a value are left out, for CASE knows no null."""
        identifier = self.names.id(kind, code)
        made = {
            "identifier": identifier,
            "uri": self.names.uri("CFItems", identifier),
            "fullStatement": statement,
            "humanCodingScheme": code,
            "CFItemType": kind,
            "CFItemTypeURI": self.names.link("CFItemTypes", self.types[kind], kind),
            "language": "ja",
            "lastChangeDateTime": self.changed,
            **{name: value for name, value in more.items() if value},
        }
        if ours:
            made["extensions"] = {OURS: ours}
        self.items.append(made)

    def associate(
        self,
        way: str,
        origin: dict[str, str],
        destination: dict[str, str],
        *,
        sequence: int | None = None,
    ) -> None:
        """Add an association from one node to another."""
        identifier = self.names.id("association", way, origin["identifier"], destination["identifier"])
        made = {
            "identifier": identifier,
            "uri": self.names.uri("CFAssociations", identifier),
            "associationType": way,
            "originNodeURI": {**origin, "targetType": "CASE"},
            "destinationNodeURI": {**destination, "targetType": "CASE"},
            "lastChangeDateTime": self.changed,
        }
        if sequence is not None:
            made["sequenceNumber"] = sequence
        self.associations.append(made)

    def child(self, origin: dict[str, str], parent: dict[str, str], sequence: int) -> None:
        """Add that a node stands below another, at its place among the others."""
        self.associate("isChildOf", origin, parent, sequence=sequence)


def package(
    framework: FrameworkFile,
    *,
    changed: datetime.datetime,
    creator: str,
    status: str = "Adopted",
    base: str = "",
) -> dict[str, Any]:
    """Return a framework as a CFPackage, ready for JSON.

    `changed` is when it was last changed, `creator` who keeps it, `status` the adoption status of CASE ("Draft",
    "Adopted", "Deprecated"), `base` the address of the server that answers for the parts, "" for none.
    """
    made = _Package(framework, changed, base)
    top = made.names.link("CFDocuments", made.document, framework.name)
    for rank, stage in enumerate(framework.stages, start=1):
        made.item(STAGE, f"stage-{rank}", stage)
        made.child(made.node(STAGE, f"stage-{rank}", stage), top, len(framework.categories) + rank)
    rubrics = []
    for at, category in enumerate(framework.categories, start=1):
        _category(made, category, top, at)
        for below, area in enumerate(category.areas, start=1):
            _area(made, category, area, below)
            for last, mark in enumerate(area.marks, start=1):
                _mark(made, area, mark, last)
                if mark.wording:
                    rubrics.append(_rubric(made, area, mark))
    return {
        "CFDocument": _document(made, creator, status),
        "CFItems": made.items,
        "CFAssociations": made.associations,
        "CFDefinitions": {"CFItemTypes": list(_item_types(made))},
        **({"CFRubrics": rubrics} if rubrics else {}),
    }


def not_carried(framework: FrameworkFile) -> list[str]:
    """Return what of a framework another CASE system will not understand, a sentence each; a list.

    It travels all the same, in `extensions` and as associations, and comes back to a system of this kind as it was.
    """
    marks = [mark for _, _, mark in framework.marks()]
    parts = [*framework.categories, *(area for each in framework.categories for area in each.areas), *marks]
    told = [
        (True, "体系の符号（体系の名前から作り直されます）"),
        (not framework.source, "版の出典がないこと（作った団体の名前が入ります）"),
        (any(not mark.in_use for mark in marks), "年度票で使わない項目の印"),
        (any(mark.placement_confirmed for mark in marks), "段階の位置を確認した印"),
        (any(part.source for part in parts), "分類、区分、項目ごとの出典"),
        (any(not mark.task for mark in marks), "名前のない項目（区分の名前で書き出します）"),
        (bool(framework.based_on), "もとの版と、項目ごとの記入の引き継ぎ方"),
        (bool(framework.note), "改定の説明"),
    ]
    return [words for holds, words in told if holds]


def _document(made: _Package, creator: str, status: str) -> dict[str, Any]:
    framework = made.framework
    ours: dict[str, Any] = {"code": framework.code}
    if framework.note:
        ours["note"] = framework.note
    if framework.based_on:
        ours["basedOn"] = {"code": framework.based_on.code, "version": framework.based_on.version}
    return {
        "identifier": made.document,
        "uri": made.names.uri("CFDocuments", made.document),
        "caseVersion": "1.1",
        "creator": creator,
        "title": framework.name,
        "version": framework.version,
        "language": "ja",
        "adoptionStatus": status,
        "lastChangeDateTime": made.changed,
        **({"notes": framework.source} if framework.source else {}),
        "extensions": {OURS: ours},
    }


def _category(made: _Package, category: Category, top: dict[str, str], at: int) -> None:
    ours = {"source": category.source} if category.source else None
    made.item(CATEGORY, category.code, category.name, ours=ours, alternativeLabel=category.alias)
    made.child(made.node(CATEGORY, category.code, category.name), top, at)


def _area(made: _Package, category: Category, area: Area, at: int) -> None:
    made.item(AREA, area.code, area.name, ours={"source": area.source} if area.source else None)
    parent = made.node(CATEGORY, category.code, category.name)
    made.child(made.node(AREA, area.code, area.name), parent, at)


def _mark(made: _Package, area: Area, mark: Mark, at: int) -> None:
    ours: dict[str, Any] = {}
    if mark.placement_confirmed:
        ours["placementConfirmed"] = True
    if not mark.in_use:
        ours["inUse"] = False
    if mark.source:
        ours["source"] = mark.source
    if not mark.task:
        ours["unnamed"] = True
    if mark.origins is not None:
        ours["origins"] = [{"code": origin.code, "rule": origin.rule} for origin in mark.origins]
    statement = mark.task or area.name
    made.item(CELL, mark.code, statement, ours=ours, notes=mark.example)
    here = made.node(CELL, mark.code, statement)
    made.child(here, made.node(AREA, area.code, area.name), at)
    stage = made.framework.stages.index(mark.stage) + 1
    made.associate("hasSkillLevel", here, made.node(STAGE, f"stage-{stage}", mark.stage))
    for origin in mark.origins or ():
        _came_from(made, here, mark, origin)


def _came_from(made: _Package, here: dict[str, str], mark: Mark, origin: Origin) -> None:
    """Say to others from which item of the base this one came: the same one, or one that it stands for now."""
    base = made.framework.based_on
    if base is None:
        return
    names = Names(document_id(base.code, base.version), made.names.base)
    there = names.link("CFItems", names.id(CELL, origin.code), origin.code)
    if origin.code == mark.code:
        made.associate(KEPT, here, there)
    else:
        made.associate(BECAME, there, here)


def _rubric(made: _Package, area: Area, mark: Mark) -> dict[str, Any]:
    """Return what each step of a cell means: one criterion with a level for each step."""
    rubric, criterion = made.names.id("rubric", mark.code), made.names.id("criterion", mark.code)
    statement = mark.task or area.name
    levels = []
    for step, (name, text) in enumerate(zip(STEP_NAMES, mark.wording, strict=True)):
        level = made.names.id("level", mark.code, str(step))
        levels.append(
            {
                "identifier": level,
                "uri": made.names.uri("CFRubrics", rubric),
                "quality": name,
                "description": text,
                "position": step,
                "rubricCriterionId": criterion,
                "lastChangeDateTime": made.changed,
            }
        )
    return {
        "identifier": rubric,
        "uri": made.names.uri("CFRubrics", rubric),
        "title": f"{statement}の到達度",
        "lastChangeDateTime": made.changed,
        "CFRubricCriteria": [
            {
                "identifier": criterion,
                "uri": made.names.uri("CFRubrics", rubric),
                "category": CELL,
                "CFItemURI": made.node(CELL, mark.code, statement),
                "position": 0,
                "rubricId": rubric,
                "lastChangeDateTime": made.changed,
                "CFRubricCriterionLevels": levels,
            }
        ],
    }


def _item_types(made: _Package) -> Iterator[dict[str, Any]]:
    for kind, description in _TYPES.items():
        identifier = made.types[kind]
        yield {
            "identifier": identifier,
            "uri": made.names.uri("CFItemTypes", identifier),
            "title": kind,
            "description": description,
            "hierarchyCode": _HIERARCHY[kind],
            "lastChangeDateTime": made.changed,
        }
