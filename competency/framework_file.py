"""Framework files: YAML or JSON text in, frozen dataclasses out, and back. Pure; knows no database.

The shape is in competency.framework_shape, described in competency/data/README.md. What is wrong with a file is said
all at once, each sentence with the place it is about, so that a person can mend the file in one go.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from competency.framework_shape import (
    RULES,
    STAGE_COUNT,
    STEP_NAMES,
    STEPS,
    Area,
    Base,
    Category,
    FrameworkFile,
    FrameworkFileError,
    Mark,
    Origin,
    dump,
    dumps,
)

__all__ = [
    "STAGE_COUNT",
    "STEPS",
    "STEP_NAMES",
    "Area",
    "Base",
    "Category",
    "FrameworkFile",
    "FrameworkFileError",
    "Mark",
    "Origin",
    "Reader",
    "dump",
    "dumps",
    "parse",
    "plain_data",
]

MAX_BYTES = 1_000_000
# Nested lists and values in a YAML file: 400 cells with every text have some 25,000, five deep.
MAX_DEPTH, MAX_EVENTS = 30, 100_000
MAX_CELLS = 1000  # in a whole matrix; the desk is made for 400
MAX_ITEMS = 200  # in any one list; the matrix of LASDEC has 5 at most
# In characters; the columns of the models are as wide (a test compares them).
MAX_CODE, MAX_CELL_CODE, MAX_FRAMEWORK_CODE = 60, 80, 40
MAX_NAME, MAX_FRAMEWORK_NAME, MAX_STAGE_NAME, MAX_VERSION = 60, 80, 15, 40
MAX_SENTENCE, MAX_SOURCE, MAX_PART_SOURCE, MAX_NOTE = 120, 1000, 200, 400
_CODE = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*")
_FRAMEWORK_CODE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_OF_FILE = {
    "code", "name", "framework", "version", "source", "based_on", "note", "stages", "steps", "placement_confirmed",
    "categories",
    "crosswalk_q3_1",  # belongs to the survey of 2019, not to the matrix: allowed, not read
}  # fmt: skip
_OF_MARK = {
    "code", "task", "stage", "placement_confirmed", "example", "wording", "source", "in_use", "origins",
}  # fmt: skip


def parse(text: str) -> FrameworkFile:
    """Read a framework from YAML or JSON text.

    Raises FrameworkFileError with every fault found: not YAML or JSON, a missing or unknown key, a code used
    twice, a stage that is not in `stages`, steps other than 0 to 4.
    """
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise FrameworkFileError([f"ファイルが大きすぎます。{MAX_BYTES // 1000:,} KB までにしてください。"])
    reader = Reader()
    parsed = reader.framework(plain_data(text))
    if reader.errors or parsed is None:
        raise FrameworkFileError(reader.errors)
    return parsed


def plain_data(text: str) -> Any:
    """Return the plain data of a YAML or JSON text; duty_file reads its files by it too.

    Raises FrameworkFileError for what cannot be read, keys written twice and YAML references included.
    """
    try:
        if text.lstrip("\ufeff \t\r\n").startswith("{"):
            return json.loads(text.lstrip("\ufeff"), object_pairs_hook=_unique)
        _refuse_hostile_yaml(text)
        _refuse_repeated_keys(yaml.compose(text, Loader=yaml.SafeLoader))
        return yaml.safe_load(text)
    except json.JSONDecodeError as fault:
        raise FrameworkFileError([f"{fault.lineno}行目：JSON として読めません（{fault.msg}）。"]) from fault
    except yaml.YAMLError as fault:
        mark = getattr(fault, "problem_mark", None)
        where = f"{mark.line + 1}行目：" if mark else ""
        raise FrameworkFileError([f"{where}YAML として読めません。"]) from fault
    # Nested without end; a number, date or tag that cannot be: the constructors of PyYAML raise anything.
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError) as fault:
        raise FrameworkFileError(["YAML または JSON として読めません。"]) from fault


def is_code(text: str) -> bool:
    """Say whether a text may be the code of an area, a cell or a duty."""
    return _CODE.fullmatch(text) is not None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        times = Counter(name for name, _ in pairs)
        twice = next(name for name, count in times.items() if count > 1)
        raise FrameworkFileError([f"キー「{twice}」が同じところに2回あります。"])
    return found


def _refuse_hostile_yaml(text: str) -> None:
    """Refuse what would take minutes to read: the reader of YAML is slow, and quadratic in what is nested."""
    depth = 0
    for count, event in enumerate(yaml.parse(text, Loader=yaml.SafeLoader)):
        line = event.start_mark.line + 1
        # A reference can make a short file expand without end, and nobody needs one here.
        if isinstance(event, yaml.AliasEvent):
            raise FrameworkFileError([f"{line}行目：YAML の参照（*）は使えません。"])
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise FrameworkFileError([f"{line}行目：入れ子が深すぎて、YAML として読めません。"])
        if count > MAX_EVENTS:
            raise FrameworkFileError(
                [f"{line}行目：値が多すぎて、YAML として読めません。JSON にしてください。"]
            )


def _refuse_repeated_keys(node: yaml.Node | None) -> None:
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                line = key.start_mark.line + 1
                raise FrameworkFileError([f"{line}行目：キー「{key.value}」が同じところに2回あります。"])
            seen.add(key.value if isinstance(key, yaml.ScalarNode) else id(key))
            _refuse_repeated_keys(value)
    elif isinstance(node, yaml.SequenceNode):
        for child in node.value:
            _refuse_repeated_keys(child)


@dataclass
class Reader:
    """Turns plain data into dataclasses and collects what is wrong on the way."""

    errors: list[str] = field(default_factory=list)
    codes: dict[str, set[str]] = field(default_factory=dict)

    def framework(self, data: Any) -> FrameworkFile | None:
        top = self.mapping(data, "ファイル", _OF_FILE)
        if top is None:
            return None
        framework = self.text(top, "framework", "ファイル", needed=True, limit=MAX_FRAMEWORK_CODE)
        code = self.code(top, "ファイル", "framework", default=_slug(framework))
        stages = self.stages(top.get("stages"))
        confirmed = self.flag(top, "placement_confirmed", "ファイル", default=False)
        steps = self.sentences(top.get("steps"), "ファイル", "steps")
        if steps and steps != STEP_NAMES:
            self.errors.append(f"ファイル：steps の名前は変えられません（{'、'.join(STEP_NAMES)}）。")
        found = FrameworkFile(
            code=code,
            name=self.text(top, "name", "ファイル", limit=MAX_FRAMEWORK_NAME) or framework,
            version=self.version(top),
            source=self.text(top, "source", "ファイル", limit=MAX_SOURCE),
            stages=stages,
            categories=tuple(
                self.category(item, place, position, stages, confirmed)
                for position, place, item in self.items(top, "categories", "ファイル", "分類")
            ),
            based_on=self.base(top),
            note=self.text(top, "note", "ファイル", limit=MAX_NOTE),
        )
        count = sum(1 for _ in found.marks())
        if count > MAX_CELLS:
            self.errors.append(f"ファイル：項目が多すぎます（{count:,}件。{MAX_CELLS:,}件まで）。")
        return found

    def base(self, top: dict[str, Any]) -> Base | None:
        """Return the version that the file says it came from, None where it says nothing."""
        if top.get("based_on") is None:
            return None
        place = "ファイルの based_on"
        row = self.mapping(top["based_on"], place, {"code", "version"}) or {}
        return Base(
            self.text(row, "code", place, needed=True, limit=MAX_FRAMEWORK_CODE),
            self.version(row, place),
        )

    def origins(self, row: dict[str, Any], place: str) -> tuple[Origin, ...] | None:
        """Return what the mark came from: None where the file does not tell, () for what is new."""
        found = row.get("origins")
        if found is None:
            return None
        if not isinstance(found, list) or len(found) > MAX_ITEMS:
            self.errors.append(f"{place}：origins は{MAX_ITEMS}件までの一覧で書いてください。")
            return None
        made = []
        for position, item in enumerate(found, start=1):
            below = f"{place}の origins の{position}"
            one = self.mapping(item, below, {"code", "rule"}) or {}
            rule = self.text(one, "rule", below, limit=MAX_CODE) or RULES[0]
            if rule not in RULES:
                self.errors.append(f"{below}：rule は {'、'.join(RULES)} のどれかにしてください。")
            code = self.text(one, "code", below, needed=True, limit=MAX_CELL_CODE)
            if any(code == origin.code for origin in made):
                self.errors.append(f"{below}：code「{code}」が重複しています。")
            made.append(Origin(code, rule))
        return tuple(made)

    def category(
        self, data: Any, place: str, position: int, stages: tuple[str, ...], confirmed: bool
    ) -> Category:
        row = self.mapping(data, place, {"code", "name", "alias", "source", "areas"}) or {}
        name = self.text(row, "name", place, needed=True, limit=MAX_NAME)
        place = f"{place}「{name}」"
        return Category(
            code=self.code(row, place, "category", default=f"category-{position}"),
            name=name,
            alias=self.text(row, "alias", place, limit=MAX_NAME),
            areas=tuple(
                self.area(item, below, stages, confirmed)
                for _, below, item in self.items(row, "areas", place, "区分")
            ),
            source=self.text(row, "source", place, limit=MAX_PART_SOURCE),
        )

    def area(self, data: Any, place: str, stages: tuple[str, ...], confirmed: bool) -> Area:
        row = self.mapping(data, place, {"code", "name", "source", "marks"}) or {}
        name = self.text(row, "name", place, needed=True, limit=MAX_NAME)
        place = f"{place}「{name}」"
        return Area(
            code=self.code(row, place, "area"),
            name=name,
            marks=tuple(
                self.mark(item, below, stages, confirmed)
                for _, below, item in self.items(row, "marks", place, "項目")
            ),
            source=self.text(row, "source", place, limit=MAX_PART_SOURCE),
        )

    def mark(self, data: Any, place: str, stages: tuple[str, ...], confirmed: bool) -> Mark:
        row = self.mapping(data, place, _OF_MARK) or {}
        code = self.code(row, place, "mark")
        place = f"{place}「{code}」"
        stage = self.text(row, "stage", place, needed=True, limit=MAX_STAGE_NAME)
        if stage and stages and stage not in stages:
            self.errors.append(f"{place}：段階「{stage}」は stages にありません（{'、'.join(stages)}）。")
        return Mark(
            code=code,
            task=self.text(row, "task", place, limit=MAX_NAME),
            stage=stage,
            placement_confirmed=self.flag(row, "placement_confirmed", place, default=confirmed),
            example=self.text(row, "example", place, limit=MAX_SENTENCE),
            wording=self.sentences(row.get("wording"), place, "wording"),
            source=self.text(row, "source", place, limit=MAX_PART_SOURCE),
            in_use=self.flag(row, "in_use", place, default=True),
            origins=self.origins(row, place),
        )

    def mapping(self, data: Any, place: str, known: set[str]) -> dict[str, Any] | None:
        if not isinstance(data, dict):
            self.errors.append(f"{place}：キーと値の組で書いてください。")
            return None
        unknown = [str(key) for key in data if key not in known]
        if unknown:
            self.errors.append(f"{place}：知らないキーがあります（{'、'.join(unknown[:5])}）。")
        return data

    def items(self, row: dict[str, Any], key: str, place: str, noun: str) -> Iterator[tuple[int, str, Any]]:
        """Yield (position from 1, place, item) of a list that must hold something."""
        found = row.get(key)
        if not isinstance(found, list) or not found:
            self.errors.append(f"{place}：{key} に{noun}を1つ以上書いてください。")
            return
        if len(found) > MAX_ITEMS:
            self.errors.append(f"{place}：{key} が多すぎます（{len(found)}件。{MAX_ITEMS}件まで）。")
            return
        prefix = "" if place == "ファイル" else f"{place}の"
        for position, item in enumerate(found, start=1):
            yield position, f"{prefix}{noun}{position}", item

    def text(self, row: dict[str, Any], key: str, place: str, *, limit: int, needed: bool = False) -> str:
        value = row.get(key)
        if value is None:
            value = ""
        if not isinstance(value, str):
            self.errors.append(f"{place}：{key} は文字で書いてください（数字や日付は引用符で囲みます）。")
            return ""
        value = value.strip()
        if needed and not value:
            self.errors.append(f"{place}：{key} がありません。")
        if len(value) > limit:
            self.errors.append(f"{place}：{key} は{limit}字までにしてください（いま{len(value)}字）。")
        if _CONTROL.search(value):
            self.errors.append(f"{place}：{key} に使えない文字があります。")
        return value

    def code(self, row: dict[str, Any], place: str, kind: str, *, default: str = "") -> str:
        limit = {"framework": MAX_FRAMEWORK_CODE, "mark": MAX_CELL_CODE}.get(kind, MAX_CODE)
        code = self.text(row, "code", place, limit=limit) or default
        if not code:
            self.errors.append(f"{place}：code がありません。")
        elif not (_FRAMEWORK_CODE if kind == "framework" else _CODE).fullmatch(code):
            self.errors.append(
                f"{place}：code「{code}」は英小文字、数字、ハイフン（項目などはピリオドも）で書いてください。"
            )
        elif code in self.codes.setdefault(kind, set()):
            self.errors.append(f"{place}：code「{code}」が重複しています。")
        self.codes.setdefault(kind, set()).add(code)
        return code

    def version(self, top: dict[str, Any], place: str = "ファイル") -> str:
        found = top.get("version")
        if isinstance(found, int) and not isinstance(found, bool):
            found = str(found)  # 2012 without quotes can mean nothing else
        return self.text(top | {"version": found}, "version", place, needed=True, limit=MAX_VERSION)

    def flag(self, row: dict[str, Any], key: str, place: str, *, default: bool) -> bool:
        value = row.get(key, default)
        if not isinstance(value, bool):
            self.errors.append(f"{place}：{key} は true か false で書いてください。")
            return default
        return value

    def stages(self, found: Any) -> tuple[str, ...]:
        names = found if isinstance(found, list) else []
        if (
            len(names) != STAGE_COUNT
            or not all(isinstance(name, str) and 0 < len(name) <= MAX_STAGE_NAME for name in names)
            or any(name != name.strip() or _CONTROL.search(name) for name in names)
            or len(set(names)) < STAGE_COUNT
        ):
            self.errors.append(f"ファイル：stages に段階の名前を{STAGE_COUNT}つ、易しい順に書いてください。")
            return ()
        return tuple(names)

    def sentences(self, found: Any, place: str, key: str) -> tuple[str, ...]:
        """Return the five texts of steps 0 to 4, or nothing where the key is absent or wrong."""
        if found is None:
            return ()
        rows = {str(step): text for step, text in found.items()} if isinstance(found, dict) else {}
        if sorted(rows) != [str(step) for step in STEPS] or len(found) > len(rows):
            self.errors.append(f"{place}：{key} には 0 から 4 までの5つを書いてください。")
            return ()
        return tuple(
            self.text({key: rows[str(step)]}, key, f"{place}の到達度{step}", needed=True, limit=MAX_SENTENCE)
            for step in STEPS
        )


def _slug(name: str) -> str:
    """Return a code made from a name: small letters and digits, the rest hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
