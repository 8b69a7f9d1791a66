"""One person's dated rows, and what each line of a roster does to them.

Lines are taken in the order of their days, whatever their order in the file, so that a file with a person's
whole history comes to the same end as one file a year. Doing the same again changes nothing.
"""

import datetime
import itertools
from collections.abc import Mapping

from lib.intervals import overlaps
from organization.roster.coming import OF_THE_NAME, PERSON_FIELDS, former_family, take_coming
from organization.roster.lines import LEAVE_KINDS, RESIGNED, RETURNED, Line
from organization.roster.outcome import (
    KIND_WORDS,
    ROLE_WORDS,
    Change,
    Kind,
    Trouble,
    say_day,
    say_last_day,
)
from organization.roster.people import LeaveState, PersonState, Place, PostingState, copied, same_name

MAIN = "main"
# On one day: leave office before taking a new one, come back before moving.
_ORDER = {RESIGNED: 0, RETURNED: 1, MAIN: 2}


class Career:
    """Applies lines to a copy of a person. `before` stays as it was, `after` is what would be."""

    def __init__(
        self,
        before: PersonState | None,
        number: str,
        places: Mapping[str, Place],
        positions: Mapping[str, str],
        today: datetime.date,
    ) -> None:
        self.before = before
        self.after = copied(before) if before else PersonState(number=number)
        self.troubles: list[Trouble] = []
        self._places = places
        self._positions = positions
        self._today = today
        self._restated: set[datetime.date] = set()
        self._touched: dict[int, Line] = {}
        self._shortened: list[Line] = []

    def take(self, lines: list[Line]) -> dict[int, tuple[list[Kind], list[Change]]]:
        """Apply all lines of the person, at least one; return {position in `lines`: (kinds, changes)}."""
        self._restated = {line.start for line in lines if line.kind != RESIGNED}
        order = sorted(range(len(lines)), key=lambda at: (lines[at].start, _ORDER.get(lines[at].kind, 3), at))
        outcomes = {at: self._take(lines[at]) for at in order}
        now = [at for at in order if lines[at].start <= self._today]
        later = order[len(now) :]
        # Of somebody new, what only a coming day tells is written at once: there is nothing yet that could stay.
        first = [*reversed(later), *now] if self.before is None else now
        if first:
            self._person([lines[at] for at in first], *outcomes[first[-1]])
        for _, same_day in itertools.groupby(later, key=lambda at: lines[at].start):
            told = list(same_day)
            take_coming(self.after, [lines[at] for at in told], *outcomes[told[-1]])
        if self.before is None:
            outcomes[order[0]][0].insert(0, Kind.NEW)
        self._check_overlaps()
        if self.before is not None and self.before == self.after:
            return {at: ([Kind.UNCHANGED], []) for at in outcomes}
        return {at: (kinds or [Kind.UNCHANGED], changes) for at, (kinds, changes) in outcomes.items()}

    def _take(self, line: Line) -> tuple[list[Kind], list[Change]]:
        kinds: list[Kind] = []
        changes: list[Change] = []
        if line.kind == RESIGNED:
            self._resign(line, kinds, changes)
        elif line.kind == RETURNED:
            self._return(line, kinds, changes)
        elif line.kind in _LEAVES:
            self._leave(line, kinds, changes)
        else:
            self._post(line, kinds, changes)
        return kinds, changes

    # --- the person ---

    def _person(self, lines: list[Line], kinds: list[Kind], changes: list[Change]) -> None:
        """Take name, kana, 旧姓, 職員区分 and mail: of several lines, the last day that has a value counts.

        `lines` are in the order of their days. A cell that empties (空欄で上書き) does so only where none has a value.
        """
        person = self.after
        new = self.before is None
        for label, field, words in PERSON_FIELDS:
            value = next((v for line in reversed(lines) if (v := getattr(line, field))), "")
            old = getattr(person, field)
            emptied = not value and any(field in line.cleared for line in lines)
            if (not value and not emptied) or value == old or (field == "name" and same_name(value, old)):
                continue
            setattr(person, field, value)
            if new:
                continue
            changes.append(Change(label, words.get(old, old), words.get(value, value)))
            if field == "name":
                kinds.append(Kind.RENAMED)
                self._keep_family_name(old, value, lines, changes)
            elif Kind.CORRECTED not in kinds and not (field in OF_THE_NAME and Kind.RENAMED in kinds):
                kinds.append(Kind.CORRECTED)

    def _keep_family_name(self, old: str, new: str, lines: list[Line], changes: list[Change]) -> None:
        """Keep the family name somebody had, where only that changed and the file says nothing of a 旧姓."""
        if any(line.former_name or "former_name" in line.cleared for line in lines) or self.after.former_name:
            return
        if family := former_family(old, new):
            self.after.former_name = family
            changes.append(Change("旧姓", "", family))

    # --- postings ---

    def _post(self, line: Line, kinds: list[Kind], changes: list[Change]) -> None:
        if line.kind != MAIN and not line.department:
            self._trouble(
                line, "所属コード", "", "所属コードがありません。どの所属への発令かを入れてください。"
            )
            return
        same = [p for p in self.after.postings if p.kind == line.kind and self._is_this(p, line)]
        there = next((p for p in same if p.start == line.start), None)
        if there is not None:
            self._correct(there, line, kinds, changes)
            return
        running = next((p for p in same if p.covers(line.start)), None)
        # An empty cell keeps what is there, also where a term ends the day before and another one begins.
        there = running or next((p for p in same if p.end == line.start), None)
        department = line.department or (there.department if there else "")
        if not department:
            self._trouble(
                line, "所属コード", "", "所属コードがありません。どの所属への発令かを入れてください。"
            )
            return
        position = line.position or (there.position if there else "")
        role = line.line_role or self._role_for(position, there)
        if running and (department, position, role) == (
            running.department,
            running.position,
            running.line_role,
        ):
            self._set_end(running, line, kinds, changes)
            return
        self._begin(line, running, department, position, role, kinds, changes)

    def _is_this(self, posting: PostingState, line: Line) -> bool:
        """Say whether a line may be about this posting: there is one 本務, but a 兼務 for each department."""
        return line.kind == MAIN or not line.department or posting.department == line.department

    def _begin(
        self, line: Line, running: PostingState | None, department: str, position: str, role: str,
        kinds: list[Kind], changes: list[Change],
    ) -> None:  # fmt: skip
        if not self._exists(department, line):
            return
        if line.kind not in (MAIN, "seconded") and self._has_left(line.start):
            self._trouble(
                line,
                "発令種別",
                "",
                "この日には退職しています。先に本務の行を入れるか、この行を消してください。",
            )
            return
        end = line.end
        if end is None:
            end = running.end if running else self._next_start(line, department)
        if self._has_left(line.start):
            kinds.append(Kind.REHIRED)
            changes.append(Change("退職日", say_day(self.after.left_on), ""))
            self.after.left_on = None
            # Once somebody is back, nothing tells any more that an end of this file was cut; so it must not be.
            for shortened in self._shortened:
                self._trouble(shortened, "終了日", "", "退職日より後の終了日です。退職日までにしてください。")
        end = self._cut(end, line)
        kind = self._kind_of(line, running, department, (position, role))
        if kind is not None and Kind.REHIRED not in kinds:
            kinds.append(kind)
        if running is not None:
            running.end = line.start
        posting = PostingState(department, line.kind, position, role, line.start, end)
        self.after.postings.append(posting)
        self._touched[id(posting)] = line
        old = running if running is not None else PostingState("", line.kind, "", "none", line.start, None)
        if department != old.department:
            there = self._name_of(department, line.kind)
            changes.append(Change("所属", self._name_of(old.department), there))
        if position != old.position:
            changes.append(Change("職位", old.position, position))
        if role != old.line_role:
            changes.append(Change("確認者区分", ROLE_WORDS[old.line_role], ROLE_WORDS[role]))
        changes.append(Change("発令日", say_day(running.start) if running else "", say_day(line.start)))
        if end is not None:
            changes.append(Change("終了日", "", say_last_day(end)))

    def _exists(self, department: str, line: Line) -> bool:
        place = self._places[department]
        if place.valid_to is None or line.start < place.valid_to:
            return True
        self._trouble(
            line, "所属コード", department,
            f"「{place.name}」は{say_day(place.valid_to)}からありません。いまの所属コードに直してください。",
        )  # fmt: skip
        return False

    def _has_left(self, day: datetime.date) -> bool:
        return self.after.left_on is not None and self.after.left_on <= day

    def _cut(self, end: datetime.date | None, line: Line) -> datetime.date | None:
        """Return an end no later than the day on which the person leaves."""
        left_on = self.after.left_on
        if left_on is None or (end is not None and end <= left_on):
            return end
        if line.end is not None:
            self._shortened.append(line)
        return left_on

    def _kind_of(
        self, line: Line, running: PostingState | None, department: str, title: tuple[str, str]
    ) -> Kind | None:
        if self.before is None and not any(p.key is None for p in self.after.postings):
            return None  # the line says 新規
        if running is not None and running.department == department:
            return Kind.PROMOTION
        if line.kind != MAIN:
            return Kind.ADDED
        # A term that ends the day before and goes on in the same place is no move, whatever the file calls it.
        over = next((p for p in self.after.postings if p.kind == MAIN and p.end == line.start), None)
        if over is not None and over.department == department:
            return Kind.RENEWED if title == (over.position, over.line_role) else Kind.PROMOTION
        return Kind.TRANSFER

    def _correct(self, posting: PostingState, line: Line, kinds: list[Kind], changes: list[Change]) -> None:
        """Put right a posting of the same day: the first file of a year often has slips."""
        if line.department and line.department != posting.department:
            if not self._exists(line.department, line):
                return
            changes.append(Change("所属", self._name_of(posting.department), self._name_of(line.department)))
            posting.department = line.department
            kinds.append(Kind.CORRECTED)
        role = line.line_role
        if line.position and line.position != posting.position:
            changes.append(Change("職位", posting.position, line.position))
            posting.position = line.position
            role = role or self._positions.get(line.position, "none")
            kinds.append(Kind.PROMOTION)
        if role and role != posting.line_role:
            changes.append(Change("確認者区分", ROLE_WORDS[posting.line_role], ROLE_WORDS[role]))
            posting.line_role = role
            kinds.append(Kind.PROMOTION)
        kinds[:] = list(dict.fromkeys(kinds))
        self._touched[id(posting)] = line
        self._set_end(posting, line, kinds, changes)

    def _set_end(
        self, row: PostingState | LeaveState, line: Line, kinds: list[Kind], changes: list[Change]
    ) -> None:
        if line.end is None or (end := self._cut(line.end, line)) == row.end:
            return
        changes.append(Change("終了日", say_last_day(row.end), say_last_day(end)))
        row.end = end
        self._touched[id(row)] = line
        if not kinds:
            kinds.append(Kind.CORRECTED)

    def _next_start(self, line: Line, department: str) -> datetime.date | None:
        starts = [
            p.start
            for p in self.after.postings
            if p.kind == line.kind and p.start > line.start and (p.kind == MAIN or p.department == department)
        ]
        return min(starts, default=None)

    def _role_for(self, position: str, running: PostingState | None) -> str:
        """Return the line role where the file names none: kept with the 職位, else from the table of 職位."""
        if running is not None and running.position == position:
            return running.line_role
        return self._positions.get(position, "none")

    # --- leaves ---

    def _leave(self, line: Line, kinds: list[Kind], changes: list[Change]) -> None:
        leaves = self.after.leaves
        there = next((x for x in leaves if x.kind == line.kind and x.start == line.start), None)
        there = there or next((x for x in leaves if x.kind == line.kind and x.covers(line.start)), None)
        if there is not None:
            self._set_end(there, line, kinds, changes)
            return
        if self._has_left(line.start):
            self._trouble(
                line, "発令日", "", "この日には退職しています。発令日を直すか、この行を消してください。"
            )
            return
        other = next((x for x in leaves if x.covers(line.start)), None)
        end = line.end
        if end is None:
            later = min((x.start for x in leaves if x.start > line.start), default=None)
            end = other.end if other else later
        end = self._cut(end, line)
        if other is not None:
            other.end = line.start
        leave = LeaveState(line.kind, line.start, end)
        leaves.append(leave)
        self._touched[id(leave)] = line
        kinds.append(Kind.LEAVE)
        changes.append(Change(KIND_WORDS[line.kind], "", f"{say_day(line.start)}から"))
        if end is not None:
            changes.append(Change("終了日", "", say_last_day(end)))

    def _return(self, line: Line, kinds: list[Kind], changes: list[Change]) -> None:
        """End the leave that lasts on the day. Without one there is nothing to end: the person is at work."""
        if any(leave.start == line.start for leave in self.after.leaves):
            self._trouble(
                line, "発令日", "", "休職・育休と同じ日に復職しています。どちらかの発令日を直してください。"
            )
        for leave in self.after.leaves:
            if leave.covers(line.start):
                kinds.append(Kind.RETURN)
                changes.append(
                    Change(
                        f"{KIND_WORDS[leave.kind]}の終了日",
                        say_last_day(leave.end),
                        say_last_day(line.start),
                    )
                )
                leave.end = line.start

    # --- leaving ---

    def _resign(self, line: Line, kinds: list[Kind], changes: list[Change]) -> None:
        """Close the person's rows on the day. A later posting of the same file means: came back."""
        rows = [*self.after.postings, *self.after.leaves]
        running = [row for row in rows if row.covers(line.start)]
        later = [row for row in rows if row.start >= line.start]
        pending = running or not any(row.start < line.start for row in rows)
        if pending and any(row.start not in self._restated for row in later):
            first = min(row.start for row in later)
            self._trouble(
                line, "発令日", "",
                f"退職日より後の{say_day(first)}に始まる発令が登録されています。退職の発令日を確かめてください。",
            )  # fmt: skip
            return
        for row in running:
            row.end = line.start
        if later or (not rows and self.before is None):
            if running:
                kinds.append(Kind.LEFT)
            return
        if self.after.left_on != line.start:
            kinds.append(Kind.LEFT)
            changes.append(Change("退職日", say_day(self.after.left_on), say_day(line.start)))
            self.after.left_on = line.start

    # --- the whole ---

    def _check_overlaps(self) -> None:
        """Refuse periods that share a day where only one may be, as far as a line of the file is to blame."""
        for rows, message in (
            ([p for p in self.after.postings if p.kind == MAIN], "本務の発令が重なります。"),
            (self.after.leaves, "休職・育休の期間が重なります。"),
        ):
            self._check(rows, message)
        extra: dict[tuple[str, str], list[PostingState]] = {}
        for posting in self.after.postings:
            if posting.kind != MAIN:
                extra.setdefault((posting.kind, posting.department), []).append(posting)
        for rows in extra.values():
            self._check(rows, "同じ所属の同じ種別の発令が重なります。")

    def _check(self, rows: list, message: str) -> None:
        rows = sorted(rows, key=lambda row: row.start)
        widest = rows[:1]
        for later in rows[1:]:
            earlier = widest[0]
            if earlier.end is not None and (later.end is None or later.end > earlier.end):
                widest = [later]
            line = self._touched.get(id(earlier)) or self._touched.get(id(later))
            if line is not None and overlaps((earlier.start, earlier.end), (later.start, later.end)):
                self._trouble(
                    line, "終了日" if line.end else "発令日", "",
                    f"{message}前の発令（{say_day(earlier.start)}から）の終了日か、"
                    f"後の発令（{say_day(later.start)}から）の発令日を直してください。",
                )  # fmt: skip

    def _trouble(self, line: Line, label: str, value: str, message: str) -> None:
        self.troubles.append(Trouble(line, label, value, message))

    def _name_of(self, code: str, kind: str = MAIN) -> str:
        name = self._places[code].name if code in self._places else code
        return name if kind == MAIN else f"{name}（{KIND_WORDS[kind]}）"


_LEAVES = frozenset(LEAVE_KINDS.values())
