"""Organisation files: read, compared with the tree that is there, planned. Nothing here touches the database."""

import datetime
import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from lib.dates import format_wareki
from lib.intervals import end_after, last_day
from lib.tabular import Problem, Row, Table
from organization.headers import Column, RowReader
from organization.roster import Outcome, Suspicion
from organization.roster.outcome import Change

COLUMNS = (
    Column("所属コード", ("所属CD", "所属番号", "部署コード", "組織コード", "課コード"), required=True),
    Column("所属名", ("所属名称", "部署名", "組織名", "名称"), required=True),
    Column("上位所属コード", ("上位コード", "上位所属CD", "親所属コード", "親コード", "上位組織コード")),
    Column("開始日", ("開始年月日", "設置日", "適用開始日", "有効開始日")),
    Column("終了日", ("終了年月日", "廃止日", "適用終了日", "有効終了日")),
    Column(
        "引継ぎ先所属コード",
        ("引継先所属コード", "引継ぎ先コード", "後継所属コード", "統合先所属コード", "改正後所属コード"),
    ),
)
# The path of a department holds fifteen levels (Department.path).
DEEPEST = 15


class Kind(StrEnum):
    """What a line of the file means against the tree."""

    NEW = "new"
    RENAMED = "renamed"
    MOVED = "moved"
    CLOSED = "closed"
    SUCCEEDED = "succeeded"
    CORRECTED = "corrected"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class DepartmentState:
    """A department by codes; `parent` "" is a root, `valid_to` is half-open, `successor` "" is nobody's."""

    code: str
    name: str
    parent: str
    valid_from: datetime.date
    valid_to: datetime.date | None = None
    successor: str = ""


@dataclass(frozen=True, slots=True)
class DepartmentLine:
    """One line that can be read. `parent` None: the file has no such column, and parents stay."""

    line: int
    code: str
    name: str = ""
    parent: str | None = None
    valid_from: datetime.date | None = None
    valid_to: datetime.date | None = None
    successor: str = ""


@dataclass
class DepartmentPlan:
    """What the file would do: `after` holds only departments that are new or change, in the order of the file."""

    outcomes: list[Outcome] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    new_positions: dict[str, int] = field(default_factory=dict)
    suspicions: list[Suspicion] = field(default_factory=list)
    after: dict[str, DepartmentState] = field(default_factory=dict)

    def counts(self) -> dict[str, int]:
        """Return {kind: lines}."""
        return dict(Counter(str(kind) for outcome in self.outcomes for kind in outcome.kinds))

    def fingerprint(self) -> str:
        """Return a hash of everything that would be written."""
        return hashlib.sha256(repr(list(self.after.values())).encode()).hexdigest()


def parse_departments(table: Table, mapping: Mapping[str, str]) -> tuple[list[DepartmentLine], list[Problem]]:
    """Return the readable lines and what is wrong with the others; 終了日 is the last day in use."""
    reader = _Reader(table, mapping)
    lines = [line for row in table.rows if (line := reader.read(row)) is not None]
    return lines, reader.problems


def plan_departments(
    lines: list[DepartmentLine],
    known: Mapping[str, DepartmentState],
    *,
    posted_after: Mapping[str, datetime.date | None] | None = None,
    columns: Mapping[str, str] | None = None,
) -> DepartmentPlan:
    """Compare an organisation file with the tree (`known`, by code) and return the plan.

    Parents may come later in the file. An empty 上位所属コード makes a root; other empty cells keep what is
    there. `posted_after` is, by code, the latest end of the postings in a department (None: open), to point
    out people who would stay in a closed one.
    """
    plan = DepartmentPlan()
    columns = columns or {}

    def problem(line: DepartmentLine, label: str, value: str, message: str) -> None:
        plan.problems.append(Problem(line.line, columns.get(label, label), value, message))

    first: dict[str, DepartmentLine] = {}
    for line in lines:
        if line.code in first:
            problem(
                line, "所属コード", line.code,
                f"{first[line.code].line}行目と同じ所属コードです。どちらかを消すか、コードを直してください。",
            )  # fmt: skip
            continue
        first[line.code] = line
    merged: dict[str, DepartmentState] = dict(known)
    for code, line in first.items():
        before = known.get(code)
        after = _merged(line, before)
        if isinstance(after, str):
            problem(line, after, "", f"新しい所属には{after}が要ります。入れてください。")
            continue
        if after.valid_to is not None and after.valid_to <= after.valid_from:
            problem(
                line,
                "終了日",
                _last(after.valid_to),
                "終了日が開始日より前です。どちらかの日付を直してください。",
            )
        merged[code] = after
        if before != after:
            plan.after[code] = after
    for code in (code for code in first if code in merged):
        kinds, changes = _compared(known.get(code), merged[code], merged)
        plan.outcomes.append(Outcome(first[code].line, code, merged[code].name, tuple(kinds), tuple(changes)))
    _check_tree(first, merged, problem)
    _check_successors(first, merged, problem)
    for code, after in plan.after.items():
        people_until = (posted_after or {}).get(code, after.valid_from)
        if after.valid_to is not None and (people_until is None or people_until > after.valid_to):
            plan.warnings.append(
                Problem(
                    first[code].line, columns.get("終了日", "終了日"), _last(after.valid_to),
                    "この日の後も在籍する職員がいます。名簿の取込みで、移る先の発令を入れてください。",
                )
            )  # fmt: skip
    plan.problems.sort(key=lambda found: found.line or 0)
    return plan


def _check_tree(
    first: Mapping[str, DepartmentLine],
    merged: Mapping[str, DepartmentState],
    problem: Callable[[DepartmentLine, str, str, str], None],
) -> None:
    """Refuse unknown parents, circles and trees that are too deep, below the departments of the file too."""
    for code, line in first.items():
        parent = merged[code].parent if code in merged else ""
        if parent and parent not in merged and parent not in first:
            message = (
                "組織にもこのファイルにもない所属コードです。コードを直すか、上位の所属の行を足してください。"
            )
            problem(line, "上位所属コード", parent, message)
    for code in merged:
        chain = [code]
        while (above := merged[chain[-1]].parent) in merged and above not in chain:
            chain.append(above)
        if above == code and code in first:
            message = "上へたどると自分に戻ります。上位所属コードを直してください。"
            problem(first[code], "上位所属コード", merged[code].parent, message)
        elif len(chain) > DEEPEST and (blamed := next((c for c in chain if c in first), "")):
            message = f"{DEEPEST}段より深くなります。上位所属コードを確かめてください。"
            problem(first[blamed], "上位所属コード", merged[blamed].parent, message)


def _check_successors(
    first: Mapping[str, DepartmentLine],
    merged: Mapping[str, DepartmentState],
    problem: Callable[[DepartmentLine, str, str, str], None],
) -> None:
    """Refuse successors that are unknown, of a department that goes on, or whose trail leads back."""
    for code, line in first.items():
        successor = merged[code].successor if code in merged else ""
        if not successor:
            continue
        trail = [code]
        while (onward := merged[trail[-1]].successor) in merged and onward not in trail:
            trail.append(onward)
        if successor not in merged:
            message = "組織にもこのファイルにもない所属コードです。コードを直すか、引き継ぐ所属の行を足してください。"
        elif merged[code].valid_to is None:
            message = "引継ぎ先は、終了日のある所属だけに入れられます。終了日を入れてください。"
        elif onward in trail:
            message = "引継ぎ先をたどると、同じ所属に戻ります。引継ぎ先所属コードを直してください。"
        else:
            continue
        problem(line, "引継ぎ先所属コード", successor, message)


def _merged(line: DepartmentLine, before: DepartmentState | None) -> DepartmentState | str:
    """Return the department after the line, or the label of a column that a new one lacks."""
    if before is None:
        if not line.name:
            return "所属名"
        if line.valid_from is None:
            return "開始日"
        return DepartmentState(
            line.code, line.name, line.parent or "", line.valid_from, line.valid_to, line.successor
        )
    return replace(
        before,
        name=line.name or before.name,
        parent=before.parent if line.parent is None else line.parent,
        valid_from=line.valid_from or before.valid_from,
        valid_to=line.valid_to or before.valid_to,
        successor=line.successor or before.successor,
    )


def _compared(
    before: DepartmentState | None, after: DepartmentState, names: Mapping[str, DepartmentState]
) -> tuple[list[Kind], list[Change]]:
    if before is None:
        return [Kind.NEW], [
            Change("上位所属", "", _name(after.parent, names)),
            Change("開始日", "", format_wareki(after.valid_from)),
        ]
    kinds, changes = [], []
    if before.name != after.name:
        kinds.append(Kind.RENAMED)
        changes.append(Change("所属名", before.name, after.name))
    if before.parent != after.parent:
        kinds.append(Kind.MOVED)
        changes.append(Change("上位所属", _name(before.parent, names), _name(after.parent, names)))
    if before.valid_to != after.valid_to:
        kinds.append(Kind.CLOSED if before.valid_to is None else Kind.CORRECTED)
        changes.append(Change("終了日", _last(before.valid_to), _last(after.valid_to)))
    if before.valid_from != after.valid_from:
        kinds.append(Kind.CORRECTED)
        changes.append(Change("開始日", format_wareki(before.valid_from), format_wareki(after.valid_from)))
    if before.successor != after.successor:
        kinds.append(Kind.SUCCEEDED)
        changes.append(Change("引継ぎ先", _successor(before, names), _successor(after, names)))
    return list(dict.fromkeys(kinds)) or [Kind.UNCHANGED], changes


def _successor(state: DepartmentState, names: Mapping[str, DepartmentState]) -> str:
    return _name(state.successor, names) if state.successor else ""


def _name(code: str, names: Mapping[str, DepartmentState]) -> str:
    if not code:
        return "なし（いちばん上）"
    return names[code].name if code in names else code


def _last(end: datetime.date | None) -> str:
    last = last_day(end)
    return format_wareki(last) if last else ""


class _Reader(RowReader):
    def read(self, row: Row) -> DepartmentLine | None:
        before = len(self.problems)
        code = self.code(row, "所属コード")
        name = self.text(row, "所属名", 60)
        parent = self.code(row, "上位所属コード") if self.has("上位所属コード") else None
        successor = self.code(row, "引継ぎ先所属コード")
        start, last = self.date(row, "開始日"), self.date(row, "終了日")
        if not code:
            self.problem(
                row, "所属コード", "所属コードがありません。コードを入れるか、この行を消してください。"
            )
        if start and last and last < start:
            self.problem(row, "終了日", "終了日が開始日より前です。どちらかの日付を直してください。")
        if len(self.problems) > before:
            return None
        return DepartmentLine(row.line, code, name, parent, start, end_after(last), successor)
