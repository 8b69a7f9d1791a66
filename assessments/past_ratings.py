"""到達度 of past years as departments kept them in Excel: columns, reading, comparing (docs/adr/0040). Pure.

Two layouts are read by the same columns: a line a person with a column a cell, as our workbook and the wide export
have it, and a line a rating with 項目 and 到達度, as the long export has it.
"""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from assessments.past_words import step_of, year_of
from competency.models import Step
from lib.tabular import Problem, Row, Table
from organization.headers import Column, RowReader
from organization.import_kind import Parsed
from organization.roster import Change, Outcome, Suspicion

OWN, FINAL = "own", "final"
LABELS = {"new": "取り込む記録", "unchanged": "変更なし", "empty": "記入のない行"}
_LONG = ("到達度", "自己到達度", "確認到達度")
_BAD_STEP = "到達度は0から4までの数字です。0から4のどれかに直すか、空にしてください。"


class Kind(StrEnum):
    """What becomes of a person's line."""

    NEW = "new"
    UNCHANGED = "unchanged"
    EMPTY = "empty"


@dataclass(frozen=True)
class PastCell:
    """One cell of the version that the year is kept in."""

    pk: int
    code: str
    label: str
    full_name: str


@dataclass
class RatingLine:
    """What the file says of one person: {code: (own step, confirmed step)}; a layout by ratings is gathered here."""

    line: int
    number: str
    name: str = ""
    department: str = ""
    steps: dict[str, tuple[int | None, int | None]] = field(default_factory=dict)


@dataclass(frozen=True)
class Place:
    """Where somebody stood: department and 職位."""

    department_id: int
    path: str
    position: str = ""


@dataclass(frozen=True)
class There:
    """What is kept of the year already: whether anything counts of it, and the steps by code, own and confirmed."""

    stands: bool
    own: Mapping[str, int] = field(default_factory=dict)
    final: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Person:
    """Somebody whom the file may name. `then` is their 本務 at the end of the year, `now` that of today."""

    pk: int
    name: str
    employment: str
    then: Place | None = None
    now: Place | None = None
    there: There | None = None


@dataclass(frozen=True)
class Known:
    """What is there: people by number, places by department code, and why the year takes nothing, "" if it does."""

    people: Mapping[str, Person]
    places: Mapping[str, Place]
    refusal: str = ""


@dataclass(frozen=True)
class PastRecord:
    """One sheet to write: whose, where they stood, and (cell code, own step, confirmed step) in order of the matrix."""

    staff_id: int
    employment: str
    place: Place
    steps: tuple[tuple[str, int, int | None], ...]


@dataclass
class RatingsPlan:
    """What the file would do."""

    outcomes: list[Outcome] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    new_positions: dict[str, int] = field(default_factory=dict)
    suspicions: list[Suspicion] = field(default_factory=list)
    records: list[PastRecord] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """Return {kind: people}."""
        return dict(Counter(str(kind) for outcome in self.outcomes for kind in outcome.kinds))

    def fingerprint(self) -> str:
        """Return a hash of everything that would be written."""
        return hashlib.sha256(repr(self.records).encode()).hexdigest()


def columns_for(cells: Iterable[PastCell]) -> list[Column]:
    """Return our columns: the person, those of a layout by ratings, and one a cell."""
    cells = list(cells)
    shared = shared_labels(cells)
    return [
        Column("職員番号", ("職員コード", "社員番号", "職番"), required=True),
        Column("氏名", ("職員氏名", "名前")),
        Column("年度", ("対象年度",)),
        Column("所属コード", ("課コード",)),
        Column("項目コード", ("スキルコード",)),
        Column("項目", ("項目名", "スキル")),
        Column("到達度", ("評価", "点数", "レベル")),
        Column("自己到達度", ("自己評価", "本人評価", "本人")),
        Column("確認到達度", ("上司評価", "確認", "確定")),
        *(Column(cell_column(cell), _names(cell, shared)) for cell in cells),
    ]


def shared_labels(cells: Iterable[PastCell]) -> frozenset[str]:
    """Return the labels, folded, that stand for more than one cell: such a word alone never says which is meant."""
    found = Counter(_folded(cell.label) for cell in cells)
    return frozenset(label for label, times in found.items() if times > 1)


def _names(cell: PastCell, shared: frozenset[str]) -> tuple[str, ...]:
    return (cell.code,) if _folded(cell.label) in shared else (cell.code, cell.label)


def cell_column(cell: PastCell) -> str:
    """Return what the column of a cell is called: never the name of another column of ours."""
    return cell.full_name


def parse_ratings(
    table: Table, mapping: Mapping[str, str], cells: Sequence[PastCell], *, level: str, year: int
) -> Parsed:
    """Return one line a person; `level` says what a single 到達度 is, OWN or FINAL."""
    reader = _Reader(table, mapping, cells, level, year)
    wide = [cell for cell in cells if reader.has(cell_column(cell))]
    long = reader.has("項目コード") or reader.has("項目")
    if not wide and not long:
        message = "到達度の列がありません。項目ごとの列か、項目と到達度の列を、「列の対応を決める」で選んでください。"
        return Parsed(problems=[Problem(None, "到達度", "", message)])
    if long and not any(reader.has(label) for label in _LONG):
        message = "「項目」の列に対する「到達度」の列がありません。「列の対応を決める」で選んでください。"
        return Parsed(problems=[Problem(None, "到達度", "", message)])
    for row in table.rows:
        reader.take(row, wide, long)
    return Parsed(list(reader.people.values()), reader.problems, frozenset(reader.broken))


def plan_ratings(
    lines: Iterable[RatingLine],
    known: Known,
    cells: Sequence[PastCell],
    *,
    level: str,
    columns: Mapping[str, str],
    broken: frozenset[str] = frozenset(),
) -> RatingsPlan:
    """Compare with what is there. Nothing that is there is ever overwritten: equal is 変更なし, different a problem."""
    plan = RatingsPlan()

    def say(found: list[Problem], line: RatingLine, label: str, value: str, message: str) -> None:
        found.append(Problem(line.line, columns.get(label, label), value, message))

    if known.refusal:
        plan.problems.append(Problem(None, "年度", "", known.refusal))
        return plan
    for line in lines:
        person = known.people.get(line.number)
        if person is None:
            say(
                plan.problems,
                line,
                "職員番号",
                line.number,
                "名簿にない職員番号です。番号を確かめてください。",
            )
            continue
        if line.name and _folded(line.name) != _folded(person.name):
            message = f"名簿の氏名は「{person.name}」です。同じ人か確かめてください。"
            say(plan.warnings, line, "氏名", line.name, message)
        steps = _steps(line, cells, level)
        if isinstance(steps, str):
            say(plan.problems, line, "確認到達度", "", steps)
            continue
        if not steps:
            if line.number not in broken:
                plan.outcomes.append(Outcome(line.line, line.number, person.name, (Kind.EMPTY,), ()))  # type: ignore[arg-type]
            continue
        if person.there is not None:
            if message := _differs(person.there, steps, level, {cell.code: cell.full_name for cell in cells}):
                say(plan.problems, line, "職員番号", line.number, message)
            else:
                plan.outcomes.append(Outcome(line.line, line.number, person.name, (Kind.UNCHANGED,), ()))  # type: ignore[arg-type]
            continue
        place = person.then or known.places.get(line.department)
        if place is None and line.department:
            say(
                plan.problems,
                line,
                "所属コード",
                line.department,
                "組織にない所属コードです。直してください。",
            )
            continue
        if place is None:
            place = person.now
            if place is None:
                message = (
                    "その年度の所属が分かりません。「所属コード」の列に、そのときの所属を入れてください。"
                )
                say(plan.problems, line, "職員番号", line.number, message)
                continue
            message = "その年度の発令がないため、いまの所属の記録にします。違うときは「所属コード」を入れてください。"
            say(plan.warnings, line, "職員番号", line.number, message)
        if len(steps) < len(cells):
            say(
                plan.warnings,
                line,
                "職員番号",
                line.number,
                f"{len(cells) - len(steps)}項目が空です。空の項目は記録しません。",
            )
        plan.records.append(PastRecord(person.pk, person.employment, place, steps))
        changes = _changes(steps, cells)
        plan.outcomes.append(Outcome(line.line, line.number, person.name, (Kind.NEW,), changes))  # type: ignore[arg-type]
    plan.problems.sort(key=lambda problem: problem.line or 0)
    return plan


def _steps(
    line: RatingLine, cells: Sequence[PastCell], level: str
) -> tuple[tuple[str, int, int | None], ...] | str:
    """Return the steps in the order of the matrix, or why they cannot be taken.

    Where only the confirmed step was kept, the own one is the same: no year counts without one (docs/adr/0040).
    """
    found: list[tuple[str, int, int | None]] = []
    for cell in cells:
        own, final = line.steps.get(cell.code, (None, None))
        if level == OWN:
            if own is not None:
                found.append((cell.code, own, None))
        elif final is not None:
            found.append((cell.code, final if own is None else own, final))
        elif own is not None:
            return f"「{cell.full_name}」に確認した到達度がありません。入れるか、自己の記録として取り込んでください。"
    return tuple(found)


def _differs(
    there: There, steps: Iterable[tuple[str, int, int | None]], level: str, labels: Mapping[str, str]
) -> str:
    if not there.stands:
        return "この年度の年度票が、提出されないまま残っています。取込みでは上書きしません。この行を消してください。"
    stored = there.own if level == OWN else there.final
    for code, own, final in steps:
        step = own if level == OWN else final
        if stored.get(code) != step:
            was = "記録なし" if code not in stored else str(stored[code])
            return (
                f"この年度の記録がもうあり、「{labels[code]}」が違います（いま{was}、ファイル{step}）。"
                "上書きはしません。この行を消すか、年度票の訂正で直してください。"
            )
    return ""


def _changes(steps: Iterable[tuple[str, int, int | None]], cells: Sequence[PastCell]) -> tuple[Change, ...]:
    """Return what is written in few lines: the cells of each step, the highest first."""
    labels = {cell.code: cell.full_name for cell in cells}
    at: dict[int, list[str]] = {}
    for code, own, final in steps:
        words = labels[code] + (f"（自己{own}）" if final is not None and own != final else "")
        at.setdefault(own if final is None else final, []).append(words)
    return tuple(
        Change(f"{step} {Step(step).label}", "", "、".join(at[step])) for step in sorted(at, reverse=True)
    )


def _folded(name: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", name))


class _Reader(RowReader):
    """Gathers the rows of a file by person."""

    def __init__(
        self, table: Table, mapping: Mapping[str, str], cells: Sequence[PastCell], level: str, year: int
    ) -> None:
        super().__init__(table, mapping)
        self.people: dict[str, RatingLine] = {}
        self.broken: set[str] = set()
        self._level, self._year = level, year
        self._shared = shared_labels(cells)
        self._by_word = {
            _folded(word): cell.code
            for cell in cells
            for word in (cell.full_name, *_names(cell, self._shared))
        }

    def take(self, row: Row, wide: Sequence[PastCell], long: bool) -> None:
        """Read one row into its person."""
        before = len(self.problems)
        number = self.code(row, "職員番号")
        if not number and len(self.problems) == before:
            self.problem(row, "職員番号", "職員番号がありません。番号を入れるか、この行を消してください。")
        year = self.raw(row, "年度")
        if year and year_of(year) != self._year:
            self.problem(
                row, "年度", f"選んだ年度（{self._year}年度）と違います。年度ごとに分けて取り込んでください。"
            )
        name, department = self.text(row, "氏名", 60), self.code(row, "所属コード")
        known = self.people.get(number)
        if known is not None and not long:
            message = f"{known.line}行目と同じ職員番号です。1人を1行にしてください。"
            self.problem(row, "職員番号", message)
        found = {cell.code: self._pair(self._step(row, cell_column(cell))) for cell in wide}
        if long:
            found |= self._rating(row)
        if len(self.problems) > before:
            self.broken.add(number)
            return
        line = self.people.setdefault(number, RatingLine(row.line, number, name, department))
        for code, pair in found.items():
            if pair == (None, None):
                continue
            if code in line.steps:
                self.problem(row, "項目", "同じ職員の同じ項目が2つあります。どちらかを消してください。")
                self.broken.add(number)
            line.steps[code] = pair

    def _rating(self, row: Row) -> dict[str, tuple[int | None, int | None]]:
        label = "項目コード" if self.raw(row, "項目コード") else "項目"
        word = self.raw(row, label)
        code = self._by_word.get(_folded(word))
        if code is None:
            said = (
                "項目がありません。"
                if not word
                else "同じ名前の項目が2つ以上あります。"
                if _folded(word) in self._shared
                else "この年度の体系にない項目です。"
            )
            self.problem(row, label, f"{said}項目コードか、「区分｜項目」の名前を入れてください。")
            return {}
        own, final = self._step(row, "自己到達度"), self._step(row, "確認到達度")
        single = self._pair(self._step(row, "到達度"))
        return {code: (own if own is not None else single[0], final if final is not None else single[1])}

    def _pair(self, step: int | None) -> tuple[int | None, int | None]:
        return (step, None) if self._level == OWN else (None, step)

    def _step(self, row: Row, label: str) -> int | None:
        text = self.raw(row, label)
        if not text:
            return None
        step = step_of(text)
        if step is None:
            self.problem(row, label, _BAD_STEP)
        return step
