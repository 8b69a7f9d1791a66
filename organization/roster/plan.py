"""A roster compared with what is there: per line what it means, and all that would be written."""

import datetime
import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from lib.dates import format_wareki
from lib.intervals import overlaps
from lib.tabular import Problem
from organization.roster.career import Career
from organization.roster.lines import LEAVE_KINDS, POSTING_KINDS, RESIGNED, RETURNED, Line
from organization.roster.outcome import Change, Kind, Suspicion, Trouble
from organization.roster.people import Known, LeaveState, PersonState, PostingState

_FAR = datetime.timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One line of the preview. `line` is None for somebody whom the file does not name (退職候補)."""

    line: int | None
    number: str
    name: str
    kinds: tuple[Kind, ...]
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Write:
    """One row to write: `model` is person, posting or leave; `key` None makes a new row of person `number`."""

    model: str
    number: str
    key: int | None
    values: tuple[tuple[str, object], ...]


@dataclass(frozen=True, slots=True)
class ComingWrite:
    """What waits for a day of person `number`, sorted by field; `key` None makes a row, `values` None calls it off."""

    number: str
    starts: datetime.date
    key: int | None
    values: tuple[tuple[str, str], ...] | None


@dataclass
class Plan:
    """What a file would do. Where `problems` has an entry the file is refused whole and nothing else counts."""

    outcomes: list[Outcome] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    new_positions: dict[str, int] = field(default_factory=dict)
    suspicions: list[Suspicion] = field(default_factory=list)
    writes: list[Write] = field(default_factory=list)
    coming: list[ComingWrite] = field(default_factory=list)
    before: dict[str, PersonState] = field(default_factory=dict)
    after: dict[str, PersonState] = field(default_factory=dict)

    def counts(self) -> dict[str, int]:
        """Return {kind: lines}; a line that is two things counts for both."""
        return dict(Counter(kind.value for outcome in self.outcomes for kind in outcome.kinds))

    def fingerprint(self) -> str:
        """Return a hash of everything that would be written and of what stands there, to tell a plan from the one shown.

        What was changed by hand since the preview is not written over unseen.
        """
        written = repr([(w.model, w.number, w.key, w.values) for w in self.writes])
        written += repr([self.before[number] for number in sorted(self.before)])
        if self.coming:
            written += repr([(w.number, w.starts, w.key, w.values) for w in self.coming])
        return hashlib.sha256(f"{written}{sorted(self.new_positions)}".encode()).hexdigest()


def plan_roster(
    lines: list[Line],
    known: Known,
    *,
    today: datetime.date,
    full: bool = False,
    broken: frozenset[str] = frozenset(),
    columns: Mapping[str, str] | None = None,
) -> Plan:
    """Compare the lines of a roster with what is there (`known`) and return the plan.

    `full` says that the file names everybody: whoever is in service and absent becomes a 退職候補, listed and
    left alone. `broken` are numbers with a line that could not be read, of whom too little is known to judge.
    `columns` is {our label: header of the file}, so that problems name columns as the file does.
    """
    plan = Plan()
    columns = columns or {}
    checks = _Checks(known, plan, columns, today)
    by_number: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        by_number[line.number].append(line)
    zeros = _without_zeros(known)
    namesakes = _going(known, by_number)
    outcomes: dict[int, Outcome] = {}
    position_of = {id(line): at for at, line in enumerate(lines)}
    for number, mine in by_number.items():
        before = known.people.get(number)
        if before is None:
            checks.lost_zeros(mine[0], zeros)
        checks.among_each_other(mine)
        if not checks.departments(mine):
            continue
        career = Career(before, number, known.departments, known.positions, today)
        results = career.take(mine)
        if before is None and number not in broken:
            checks.newcomer(mine, career)
            checks.other_number(mine, namesakes)
        for trouble in career.troubles:
            checks.add(trouble)
        checks.positions(mine)
        for at, line in enumerate(mine):
            kinds, changes = results[at]
            shown = line.name or career.after.name
            outcomes[position_of[id(line)]] = Outcome(line.line, number, shown, tuple(kinds), tuple(changes))
        if career.after != before:
            plan.after[number] = career.after
            if before is not None:
                plan.before[number] = before
            plan.writes += _writes(before, career.after)
            plan.coming += _coming(before, career.after)
    plan.outcomes = [outcomes[at] for at in sorted(outcomes)]
    if full:
        plan.outcomes += [
            Outcome(None, number, known.in_service[number], (Kind.CANDIDATE,))
            for number in sorted(set(known.in_service) - set(by_number) - broken)
        ]
    plan.problems.sort(key=lambda problem: problem.line or 0)
    return plan


class _Checks:
    """What is wrong with lines before or beside what they do to a person."""

    def __init__(self, known: Known, plan: Plan, columns: Mapping[str, str], today: datetime.date) -> None:
        self._known = known
        self._plan = plan
        self._columns = columns
        self._today = today
        self._codes = {code.lstrip("0"): code for code in known.departments}

    def add(self, trouble: Trouble) -> None:
        self._problem(trouble.line, trouble.label, trouble.value, trouble.message)

    def lost_zeros(self, line: Line, zeros: Mapping[str, str]) -> None:
        there = zeros.get(line.number.lstrip("0"))
        if there is not None:
            self._problem(
                line, "職員番号", line.number,
                f"登録されている {there} と、頭の0だけが違います。0が消えていないか確かめて、番号をそろえてください。",
            )  # fmt: skip

    def among_each_other(self, lines: list[Line]) -> None:
        """Refuse lines of one person that contradict each other."""
        for at, line in enumerate(lines):
            for earlier in lines[:at]:
                if _clash(earlier, line):
                    self._problem(
                        line, "職員番号", line.number,
                        f"{earlier.line}行目と職員番号が同じで、期間が重なります。二重の行を消すか、"
                        "兼務なら発令種別を「兼務」に、前の発令なら終了日を入れてください。",
                    )  # fmt: skip
                    break
            named = next(
                (x for x in lines[:at] if x.name and line.name and x.name.split() != line.name.split()), None
            )
            if named is not None:
                self._problem(
                    line, "氏名", line.name,
                    f"{named.line}行目と職員番号が同じで、氏名が違います。番号か氏名を直してください。",
                )  # fmt: skip

    def departments(self, lines: list[Line]) -> bool:
        """Refuse unknown departments; point out another name, and a posting before the department began."""
        fine = True
        for line in lines:
            if not line.department:
                continue
            place = self._known.departments.get(line.department)
            if place is None:
                fine = False
                close = self._codes.get(line.department.lstrip("0"))
                hint = (
                    f"{close} の頭の0が消えていないか確かめてください。"
                    if close
                    else "コードを直すか、先に組織を取り込んでください。"
                )
                self._problem(line, "所属コード", line.department, f"組織にない所属コードです。{hint}")
                continue
            if line.department_name and line.department_name.split() != place.name.split():
                self._warn(
                    line, "所属名", line.department_name,
                    f"組織では「{place.name}」です。所属コードのほうで取り込みます。",
                )  # fmt: skip
            if line.start < place.valid_from and line.kind in _POSTINGS:
                self._warn(
                    line, "発令日", format_wareki(line.start),
                    f"「{place.name}」の開始日（{format_wareki(place.valid_from)}）より前の発令です。",
                )  # fmt: skip
        return fine

    def newcomer(self, lines: list[Line], career: Career) -> None:
        if not any(line.name for line in lines):
            self._problem(
                lines[0], "氏名", "", "登録されていない職員番号です。氏名を入れるか、番号を直してください。"
            )
        if not any(line.kind in ("main", "seconded") for line in lines):
            self._problem(
                lines[0], "発令種別", "",
                "登録されていない職員番号で、本務の行がありません。本務の行を足すか、番号を直してください。",
            )  # fmt: skip

    def other_number(self, lines: list[Line], namesakes: Mapping[str, str]) -> None:
        """Point out somebody new who has the name of somebody who goes: the number may have changed."""
        line = next((line for line in lines if line.name), None)
        there = namesakes.get(_bare(line.name)) if line is not None else None
        if line is not None and there is not None:
            self._warn(
                line, "職員番号", line.number,
                f"職員番号 {there} に同じ氏名の人がいて、このファイルでは在職していません。"
                "番号だけが変わった人なら、取り込む前に「職員をさがす」で番号を直してください。",
            )  # fmt: skip

    def positions(self, lines: list[Line]) -> None:
        for line in lines:
            if line.kind not in _POSTINGS:
                continue
            if line.position and line.position not in self._known.positions:
                self._plan.new_positions[line.position] = self._plan.new_positions.get(line.position, 0) + 1
            if line.start > self._today + _FAR:
                self._warn(
                    line, "発令日", format_wareki(line.start), "1年より先の発令日です。確かめてください。"
                )

    def _problem(self, line: Line, label: str, value: str, message: str) -> None:
        self._plan.problems.append(Problem(line.line, self._columns.get(label, label), value, message))

    def _warn(self, line: Line, label: str, value: str, message: str) -> None:
        self._plan.warnings.append(Problem(line.line, self._columns.get(label, label), value, message))


_POSTINGS = frozenset(POSTING_KINDS.values())
_LEAVES = frozenset(LEAVE_KINDS.values())


def _clash(one: Line, other: Line) -> bool:
    if one.kind == other.kind == RESIGNED:
        return True
    if one.start == other.start and {one.kind, other.kind} & _LEAVES and RETURNED in (one.kind, other.kind):
        return True
    both_leaves = one.kind in _LEAVES and other.kind in _LEAVES
    both_postings = one.kind == other.kind and one.kind in _POSTINGS
    if both_postings and one.kind != "main":
        both_postings = one.department == other.department
    return (both_leaves or both_postings) and overlaps((one.start, one.end), (other.start, other.end))


def _without_zeros(known: Known) -> dict[str, str]:
    return {number.lstrip("0"): number for number in known.numbers}


def _going(known: Known, by_number: Mapping[str, list[Line]]) -> dict[str, str]:
    """Return {name without spaces: number} of people in service whom the file leaves out or lets leave."""
    return {
        _bare(name): number
        for number, name in known.in_service.items()
        if all(line.kind == RESIGNED for line in by_number.get(number, ()))
    }


def _bare(name: str) -> str:
    return "".join(name.split())


def _writes(before: PersonState | None, after: PersonState) -> list[Write]:
    writes = []
    values = _changed(before, after, _PERSON_FIELDS)
    if values or before is None:
        writes.append(Write("person", after.number, after.key, values))
    old_rows = {(type(row), row.key): row for row in [*before.postings, *before.leaves]} if before else {}
    for row in [*after.postings, *after.leaves]:
        model, fields = _MODELS[type(row)]
        values = _changed(old_rows.get((type(row), row.key)), row, fields)
        if values:
            writes.append(Write(model, after.number, row.key, values))
    return writes


def _coming(before: PersonState | None, after: PersonState) -> list[ComingWrite]:
    old = {coming.starts: coming for coming in before.coming} if before else {}
    new = {coming.starts: coming for coming in after.coming}
    writes = []
    for day in sorted(old.keys() | new.keys()):
        if day not in new:
            writes.append(ComingWrite(after.number, day, old[day].key, None))
        elif day not in old or old[day].values != new[day].values:
            writes.append(
                ComingWrite(after.number, day, new[day].key, tuple(sorted(new[day].values.items())))
            )
    return writes


def _changed(before: object, after: object, fields: tuple[str, ...]) -> tuple[tuple[str, object], ...]:
    return tuple(
        (name, getattr(after, name))
        for name in fields
        if before is None or getattr(before, name) != getattr(after, name)
    )


_PERSON_FIELDS = ("name", "kana", "former_name", "employment", "email", "left_on")
_MODELS = {
    PostingState: ("posting", ("department", "kind", "position", "line_role", "start", "end")),
    LeaveState: ("leave", ("kind", "start", "end")),
}
