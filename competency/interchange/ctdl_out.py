"""A framework as CTDL-ASN in JSON-LD, for registries of credentials (ADR 0045). Pure.

One node for the framework and one for each 分類, 区分 and 項目, with the identifiers of CASE; texts are language maps. CTDL-ASN
has no place in words for 段階, steps and 出典 of a part: they stand among the keywords and the comments.
"""

import datetime
from typing import Any

from competency.framework_shape import STEP_NAMES, Area, FrameworkFile, Mark
from competency.interchange.case_ids import Names, document_id
from competency.interchange.case_out import AREA, CATEGORY, CELL

_LANGUAGE = "ja"
_MAPS = (
    "name", "description", "competencyText", "competencyCategory", "conceptKeyword", "comment", "publisherName",
)  # fmt: skip
_LINKS = ("hasTopChild", "isTopChildOf", "hasChild", "isChildOf", "isPartOf")
# Written out, so that whoever reads the file has to ask nobody what its words mean.
CONTEXT: dict[str, Any] = {
    "ceasn": "https://purl.org/ctdlasn/terms/",
    "ceterms": "https://purl.org/ctdl/terms/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    **{f"ceasn:{name}": {"@container": "@language"} for name in _MAPS},
    **{f"ceasn:{name}": {"@type": "@id"} for name in _LINKS},
    "ceasn:dateModified": {"@type": "xsd:dateTime"},
}


def ctdl(
    framework: FrameworkFile, *, changed: datetime.datetime, creator: str, base: str = ""
) -> dict[str, Any]:
    """Return a framework as a JSON-LD document, ready for JSON.

    `changed` is when it was last changed, `creator` who keeps it, `base` the address of the server, "" for none.
    """
    names = Names(document_id(framework.code, framework.version), base)
    top = names.uri("CFDocuments", str(names.document))
    graph: list[dict[str, Any]] = [
        {
            "@id": top,
            "@type": "ceasn:CompetencyFramework",
            "ceterms:ctid": f"ce-{names.document}",
            "ceasn:name": _text(framework.name),
            "ceasn:description": _text(framework.note or f"{framework.name}（版 {framework.version}）"),
            "ceasn:inLanguage": [_LANGUAGE],
            "ceasn:publisherName": _text(creator),
            "ceasn:dateModified": changed.astimezone(datetime.UTC).isoformat(timespec="seconds"),
            "ceasn:hasTopChild": [_id(names, CATEGORY, each.code) for each in framework.categories],
            **_comments(framework.source),
        }
    ]
    for at, category in enumerate(framework.categories, start=1):
        here = _node(names, CATEGORY, category.code, category.name, at)
        here |= {"ceasn:isTopChildOf": top} | _comments(category.source, category.alias)
        here["ceasn:hasChild"] = [_id(names, AREA, area.code) for area in category.areas]
        graph.append(here)
        for below, area in enumerate(category.areas, start=1):
            node = _node(names, AREA, area.code, area.name, below) | _comments(area.source)
            node["ceasn:isChildOf"] = [here["@id"]]
            node["ceasn:hasChild"] = [_id(names, CELL, mark.code) for mark in area.marks]
            graph.append(node)
            graph += [_cell(names, area, mark, last) for last, mark in enumerate(area.marks, start=1)]
    return {"@context": CONTEXT, "@graph": graph}


def _cell(names: Names, area: Area, mark: Mark, at: int) -> dict[str, Any]:
    steps = zip(STEP_NAMES, mark.wording, strict=True) if mark.wording else ()
    said = [f"到達度{step} {name}：{text}" for step, (name, text) in enumerate(steps)]
    return {
        **_node(names, CELL, mark.code, mark.task or area.name, at),
        "ceasn:isChildOf": [_id(names, AREA, area.code)],
        "ceasn:conceptKeyword": {_LANGUAGE: [mark.stage]},
        **_comments(mark.source, *([f"例：{mark.example}"] if mark.example else []), *said),
    }


def _node(names: Names, kind: str, code: str, text: str, at: int) -> dict[str, Any]:
    return {
        "@id": _id(names, kind, code),
        "@type": "ceasn:Competency",
        "ceterms:ctid": f"ce-{names.id(kind, code)}",
        "ceasn:competencyText": _text(text),
        "ceasn:competencyCategory": _text(kind),
        "ceasn:codedNotation": code,
        "ceasn:listID": str(at),
        "ceasn:inLanguage": [_LANGUAGE],
        "ceasn:isPartOf": [names.uri("CFDocuments", str(names.document))],
    }


def _id(names: Names, kind: str, code: str) -> str:
    return names.uri("CFItems", names.id(kind, code))


def _text(text: str) -> dict[str, str]:
    return {_LANGUAGE: text}


def _comments(source: str, *others: str) -> dict[str, Any]:
    """Return what is said of a part in words, nothing where nothing is."""
    said = [*filter(None, others), *([f"出典：{source}"] if source else [])]
    return {"ceasn:comment": {_LANGUAGE: said}} if said else {}
