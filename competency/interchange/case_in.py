"""A CASE package as a framework of ours (ADR 0045). Pure.

What stands lowest is a 項目, what it stands in a 区分, what is at the top a 分類; steps between them are joined to the
name of the 区分. The 段階 come from items of ours, else every 項目 stands in the first one, to be confirmed.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from competency.framework_file import (
    MAX_CELL_CODE,
    MAX_CODE,
    MAX_FRAMEWORK_CODE,
    MAX_NAME,
    MAX_SENTENCE,
    Reader,
)
from competency.framework_shape import STAGE_COUNT, STEPS, FrameworkFile, FrameworkFileError
from competency.interchange.case_out import STAGE
from competency.interchange.case_tree import Node, Tree, clean, number, ours_of, shortened, tree_of

USUAL_STAGES = ("初級", "中級", "上級")
_LEVEL = "hasSkillLevel"


def framework_of(data: Mapping[str, Any]) -> tuple[FrameworkFile, list[str]]:
    """Return the framework of a package, and in sentences what of it could not be taken over; a list.

    Raises FrameworkFileError with every fault.
    """
    reading = _Reading(tree_of(data))
    shape = reading.shape()
    reader = Reader()
    parsed = reader.framework(shape)
    if reader.errors or parsed is None:
        raise FrameworkFileError(shortened(reader.errors))
    return parsed, reading.notes


class _Reading:
    """Turns a tree into the plain data of a file of ours."""

    def __init__(self, tree: Tree):
        self.tree = tree
        self.notes = list(tree.notes)
        self.stage_of = {
            link.origin: tree.nodes[link.destination]
            for link in tree.links
            if link.way == _LEVEL and link.destination in tree.nodes
        }
        targets = {node.key for node in self.stage_of.values()}
        self.stages = [
            node
            for node in tree.nodes.values()
            if not node.children and (node.key in targets or node.text("CFItemType") == STAGE)
        ]
        self.stages.sort(key=lambda node: node.sequence)
        # What is taken already, with what the package said for it.
        self.codes: dict[str, dict[str, str]] = {"category": {}, "area": {}, "mark": {}}
        self.wordings = self._wordings()
        self.cut = 0

    def shape(self) -> dict[str, Any]:
        """Return the plain data."""
        document = self.tree.document
        ours = ours_of(document)
        title = clean(document.get("title"))
        stages = self._stage_names()
        known = {node.key for node in self.stages}
        roots = [node for node in self.tree.roots if node.key not in known]
        based_on = ours.get("basedOn")
        code = ours.get("code") if isinstance(ours.get("code"), str) else _slug(title, MAX_FRAMEWORK_CODE)
        shape = {
            "code": code or "case",
            "framework": (code or "case").upper(),
            "name": title[:80],
            "version": clean(document.get("version"))[:40] or "1",
            "source": _source(document)[:1000],
            "stages": stages,
            "note": ours.get("note"),
            "based_on": based_on if isinstance(based_on, dict) else None,
            "categories": [self.category(node, stages) for node in roots],
        }
        if self.cut:
            self.notes.append(
                f"{MAX_NAME}字を超える名前が{self.cut}件あり、はじめの部分を名前にして、文を例に入れました。"
            )
        return shape

    def category(self, node: Node, stages: list[str]) -> dict[str, Any]:
        """Return what stands at the top with its 区分."""
        groups = list(_groups(node))
        return {
            "code": self.code(node, "category", MAX_CODE),
            "name": self.name(node)[0],
            "alias": node.text("alternativeLabel")[:MAX_NAME],
            "source": node.ours.get("source"),
            "areas": [self.area(path, leaves, stages) for path, leaves in groups],
        }

    def area(self, path: list[Node], leaves: list[Node], stages: list[str]) -> dict[str, Any]:
        """Return what stands between the top and the 項目, with these."""
        *between, last = path
        name = "・".join([*(self.name(node)[0] for node in between), self.name(last)[0]])
        return {
            "code": self.code(last, "area", MAX_CODE),
            "name": name[:MAX_NAME],
            "source": last.ours.get("source"),
            "marks": [self.mark(node, stages) for node in leaves],
        }

    def mark(self, node: Node, stages: list[str]) -> dict[str, Any]:
        """Return one 項目."""
        name, rest = self.name(node)
        stage = self.stage_of.get(node.key)
        shape: dict[str, Any] = {
            "code": self.code(node, "mark", MAX_CELL_CODE),
            "task": "" if node.ours.get("unnamed") is True else name,
            "stage": stage.text("fullStatement") if stage in self.stages and stage else stages[0],
            "placement_confirmed": node.ours.get("placementConfirmed") is True,
            "example": (node.text("notes") or rest)[:MAX_SENTENCE],
            "source": node.ours.get("source"),
            "in_use": node.ours.get("inUse") is not False,
        }
        if node.key in self.wordings:
            shape["wording"] = self.wordings[node.key]
        if "origins" in node.ours:
            shape["origins"] = node.ours["origins"]
        return shape

    def name(self, node: Node) -> tuple[str, str]:
        """Return the name of an item, and what of its statement does not fit into one."""
        statement, short = node.text("fullStatement"), node.text("abbreviatedStatement")
        if not ours_of(self.tree.document):
            statement, short = _line(statement), _line(short)
        if len(statement) <= MAX_NAME:
            return statement, ""
        if short and len(short) <= MAX_NAME:
            return short, statement
        self.cut += 1
        return statement[: MAX_NAME - 1] + "…", statement

    def code(self, node: Node, kind: str, limit: int) -> str:
        """Return the code of an item as ours are written, another one where it is taken by the way of writing alone.

        A code that stands twice in the package is left as it is, for the reader to refuse.
        """
        given = node.text("humanCodingScheme")
        code = _slug(given, limit) or f"{kind}-{node.key[:8]}"
        taken = self.codes[kind]
        if code in taken and taken[code] != given:
            code = f"{code[: limit - 9]}-{node.key[:8]}"
        taken.setdefault(code, given)
        return code

    def _stage_names(self) -> list[str]:
        names = [node.text("fullStatement") for node in self.stages]
        if len(names) == STAGE_COUNT:
            return names
        if names:
            self.notes.append(
                f"段階が{len(names)}つあるため、使えません。段階は{STAGE_COUNT}つにしてください。"
            )
            self.stages = []
        self.notes.append("段階がわからないため、すべての項目を初級に置きました。要確認です。")
        return list(USUAL_STAGES)

    def _wordings(self) -> dict[str, dict[str, str]]:
        """Return the sentences of the five steps by item; rubrics of another size are left out and said."""
        found: dict[str, dict[str, str]] = {}
        odd = 0
        for rubric in self.tree.rubrics:
            criteria = rubric.get("CFRubricCriteria")
            for criterion in criteria if isinstance(criteria, list) else []:
                item = criterion.get("CFItemURI") if isinstance(criterion, dict) else None
                key = str(item.get("identifier", "")).lower() if isinstance(item, dict) else ""
                levels = criterion.get("CFRubricCriterionLevels") if isinstance(criterion, dict) else None
                texts = _levels(levels)
                if key not in self.tree.nodes or texts is None:
                    odd += 1
                    continue
                found[key] = {str(step): text for step, text in enumerate(texts)}
        if odd:
            self.notes.append(f"5段階ではない評価基準が{odd}件あり、到達度の文には入れていません。")
        return found


def _groups(root: Node) -> Iterator[tuple[list[Node], list[Node]]]:
    """Yield (the items from below the top down to a 区分, its 項目). What has nothing below it is a 項目 of itself."""
    if not root.children:
        yield [root], [root]
        return
    loose = [node for node in root.children if not node.children]
    if loose:
        yield [root], loose
    stack = [[node] for node in reversed(root.children) if node.children]
    while stack:
        path = stack.pop()
        leaves = [node for node in path[-1].children if not node.children]
        if leaves:
            yield path, leaves
        stack += [[*path, node] for node in reversed(path[-1].children) if node.children]


def _levels(levels: Any) -> list[str] | None:
    """Return the texts of five levels in their order, None where they are not five."""
    if not isinstance(levels, list) or len(levels) != len(STEPS):
        return None
    if not all(isinstance(level, dict) for level in levels):
        return None
    ordered = sorted(enumerate(levels), key=lambda pair: (number(pair[1].get("position"), pair[0]), pair[0]))
    texts = [clean(level.get("description")) or clean(level.get("quality")) for _, level in ordered]
    return [text[:MAX_SENTENCE] for text in texts] if all(texts) else None


def _line(text: str) -> str:
    """Return a text in one line."""
    return re.sub(r"\s*[\r\n\t]+\s*", " ", text)


def _source(document: Mapping[str, Any]) -> str:
    """Return where a framework comes from: its notes, else who made it and where it is published."""
    notes = clean(document.get("notes"))
    if notes or ours_of(document):
        return notes
    said = [clean(document.get(name)) for name in ("creator", "publisher", "officialSourceURL")]
    return "　".join(dict.fromkeys(filter(None, said)))


def _slug(text: str, limit: int) -> str:
    """Return a code in small letters, digits, hyphens and full stops; "" where nothing of that is in it."""
    lowered = re.sub(r"[^a-z0-9.]+", "-", text.lower())
    return re.sub(r"[.-]*\.[.-]*", ".", re.sub(r"-+", "-", lowered)).strip("-.")[:limit].strip("-.")
