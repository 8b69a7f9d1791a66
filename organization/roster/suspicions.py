"""What an honest roster rarely does: said before it is applied, beside the lines that it is about. Pure."""

import datetime
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from lib.intervals import overlaps
from lib.variants import name_key
from organization.roster.outcome import Kind, Suspicion, say_day
from organization.roster.people import Known, PersonState, PostingState
from organization.roster.plan import Plan

HEAD, MAIN, ACTING = "head", "main", "acting"
# A posting that is new and began longer ago is more often a slip in the year than a late entry.
_LONG_AGO = datetime.timedelta(days=2 * 365)


def suspicions(
    plan: Plan, known: Known, *, today: datetime.date, broken: frozenset[str] = frozenset()
) -> list[Suspicion]:
    """Return what is odd about a plan: first about the whole file, then about lines, in their order.

    `known` is what the plan was made from. Where lines have problems or could not be read (`broken`), what would be
    there after the file is not known: only the whole is spoken of then.
    """
    found = _totals(plan, in_service=len(known.in_service))
    if plan.problems or broken:
        return found
    lines = _changing_lines(plan)
    of_lines = [
        *_departments(plan, known, lines),
        *_other_people(plan, lines),
        *_long_ago(plan, today, lines),
    ]
    return found + sorted(of_lines, key=lambda one: one.lines)


def _totals(plan: Plan, *, in_service: int) -> list[Suspicion]:
    counts = plan.counts()
    found = []
    if in_service >= 4 and counts.get(Kind.LEFT, 0) * 2 > in_service:
        found.append(
            f"在籍{in_service}人のうち{counts[Kind.LEFT]}人が退職になります。ファイルと列の対応を確かめてください。"
        )
    if in_service >= 4 and counts.get(Kind.CANDIDATE, 0) * 2 > in_service:
        found.append(
            f"在籍{in_service}人のうち{counts[Kind.CANDIDATE]}人がこのファイルにいません。一部の名簿なら「全件名簿」の印を外してください。"
        )
    if in_service >= 4 and counts.get(Kind.NEW, 0) > in_service:
        found.append(
            f"在籍{in_service}人に対して、新しい職員が{counts[Kind.NEW]}人です。職員番号の形が前と同じか確かめてください。"
        )
    if in_service >= 4 and counts.get(Kind.RENAMED, 0) * 4 > in_service:
        found.append(
            f"氏名の変わる人が{counts[Kind.RENAMED]}人います。氏名の列が合っているか確かめてください。"
        )
    return [Suspicion(sentence) for sentence in found]


# {職員番号: the lines by which the file changes the person, in order}
_Lines = Mapping[str, list[int]]


def _changing_lines(plan: Plan) -> _Lines:
    found: dict[str, list[int]] = defaultdict(list)
    for outcome in plan.outcomes:
        if outcome.line is not None and outcome.kinds != (Kind.UNCHANGED,):
            found[outcome.number].append(outcome.line)
    return found


def _suspicion(message: str, lines: _Lines, numbers: Iterable[str]) -> Suspicion:
    return Suspicion(message, tuple(sorted(line for number in numbers for line in lines.get(number, ()))))


# --- departments ---

_Counts = Callable[[PostingState], bool]


@dataclass(slots=True)
class _Place:
    """Who holds one department, as (number, posting), before and after the file; `lost` are days on which somebody goes."""

    before: list[tuple[str, PostingState]]
    after: list[tuple[str, PostingState]]
    lost: list[datetime.date]
    new: list[tuple[str, PostingState]]


def _departments(plan: Plan, known: Known, lines: _Lines) -> list[Suspicion]:
    """Find departments that go on with nobody or without a 所属長, and those that get two of them."""
    found = []
    of_main, of_heads = _places(plan, known, _is_main), _places(plan, known, _is_head)
    emptied = set()
    for code, place in of_main.items():
        if (gone := _nobody_left(code, place, known)) is not None:
            day, numbers = gone
            emptied.add(code)
            found.append(
                _suspicion(
                    f"「{known.departments[code].name}」に、{say_day(day)}から本務の職員がいなくなります。"
                    "次に来る人の行が抜けていないか確かめてください。",
                    lines,
                    numbers,
                )
            )
    for code, place in of_heads.items():
        if code not in emptied and (gone := _nobody_left(code, place, known)) is not None:
            day, numbers = gone
            found.append(
                _suspicion(
                    f"「{known.departments[code].name}」に、{say_day(day)}から所属長がいなくなります。"
                    "次の所属長の行と確認者区分を確かめてください。",
                    lines,
                    numbers,
                )
            )
        found += _two_heads(known.departments[code].name, place, lines)
    return found


def _is_main(posting: PostingState) -> bool:
    return posting.kind == MAIN


def _is_head(posting: PostingState) -> bool:
    return posting.line_role == HEAD


def _places(plan: Plan, known: Known, counts: _Counts) -> dict[str, _Place]:
    """Return {code: who holds it}, of the departments that the file touches; `counts` says which postings do."""
    places: dict[str, _Place] = defaultdict(lambda: _Place([], [], [], []))
    for number, after in plan.after.items():
        before = plan.before.get(number)
        for code, day in _lost(before, after, counts):
            places[code].lost.append(day)
        old = {posting.key: posting for posting in before.postings} if before else {}
        for posting in after.postings:
            if counts(posting) and (posting.key is None or posting != old[posting.key]):
                places[posting.department].new.append((number, posting))
    changed = plan.after.keys()
    for number, posting in known.others:
        _put(places, number, posting, counts, both=True)
    for number, person in known.people.items():
        for posting in person.postings:
            _put(places, number, posting, counts, both=number not in changed)
    for number, person in plan.after.items():
        for posting in person.postings:
            if counts(posting) and posting.department in places:
                places[posting.department].after.append((number, posting))
    return places


def _put(
    places: dict[str, _Place], number: str, posting: PostingState, counts: _Counts, *, both: bool
) -> None:
    if counts(posting) and posting.department in places:
        places[posting.department].before.append((number, posting))
        if both:
            places[posting.department].after.append((number, posting))


def _lost(
    before: PersonState | None, after: PersonState, counts: _Counts
) -> Iterable[tuple[str, datetime.date]]:
    """Yield (department, day) for each posting that counted and does so no more, or ends sooner than it did."""
    now = {posting.key: posting for posting in after.postings}
    for posting in before.postings if before else ():
        if not counts(posting):
            continue
        later = now[posting.key]
        if not counts(later) or later.department != posting.department:
            yield posting.department, later.start
        elif later.end is not None and (posting.end is None or later.end < posting.end):
            yield posting.department, later.end


def _nobody_left(code: str, place: _Place, known: Known) -> tuple[datetime.date, set[str]] | None:
    """Return (day, numbers of those who go) where a department goes on but is held by nobody from a day on."""
    if not place.lost or code not in known.departments:
        return None
    day = max(place.lost)
    until = known.departments[code].valid_to
    if until is not None and until <= day:
        return None
    if any(_from(posting, day) for _, posting in place.after):
        return None
    return day, {number for number, posting in place.before if _from(posting, day)}


def _from(posting: PostingState, day: datetime.date) -> bool:
    """Say whether a posting is in force on the day or comes later."""
    return posting.end is None or posting.end > day


def _two_heads(name: str, place: _Place, lines: _Lines) -> list[Suspicion]:
    """Find 所属長 of one department on the same day, one of them by this file; 事務取扱 is meant to be beside another."""
    found = []
    told: set[frozenset[str]] = set()
    heads = [(number, posting) for number, posting in place.after if posting.kind != ACTING]
    for number, posting in place.new:
        if posting.kind == ACTING:
            continue
        for other, there in heads:
            pair = frozenset({number, other})
            if (
                len(pair) == 1
                or pair in told
                or not overlaps((posting.start, posting.end), (there.start, there.end))
            ):
                continue
            told.add(pair)
            day = max(posting.start, there.start)
            found.append(
                _suspicion(
                    f"「{name}」の所属長が、{say_day(day)}に2人になります"
                    f"（職員番号 {'、'.join(sorted(pair))}）。前の所属長の行と確認者区分を確かめてください。",
                    lines,
                    pair,
                )
            )
    return found


# --- people ---


def _other_people(plan: Plan, lines: _Lines) -> list[Suspicion]:
    """Find numbers that the file may give to somebody else: name and department change, names change places."""
    names = {
        number: (_bare(before.last_name()), _bare(plan.after[number].last_name()))
        for number, before in plan.before.items()
    }
    renamed = {number: pair for number, pair in names.items() if pair[0] != pair[1]}
    before_of = {old: number for number, (old, _) in renamed.items()}
    found = []
    for number, (old, new) in renamed.items():
        other = before_of.get(new)
        if other is not None:
            swapped = renamed[other][1] == old
            found.append(
                _suspicion(
                    (
                        f"職員番号 {other} と氏名が入れ替わります。"
                        if swapped
                        else f"新しい氏名が、職員番号 {other} のいまの氏名と同じです。"
                    )
                    + "番号と氏名の組合せがずれていないか確かめてください。",
                    lines,
                    {number},
                )
            )
        elif _moves(plan.before[number], plan.after[number]):
            found.append(
                _suspicion(
                    "氏名と所属が同じファイルで変わります。別の人の職員番号ではないか確かめてください。",
                    lines,
                    {number},
                )
            )
    return found


def _bare(name: str) -> str:
    """Return a name by which another 字体 or space makes nobody another person."""
    return name_key(name).replace(" ", "")


def _moves(before: PersonState, after: PersonState) -> bool:
    """Say whether the file adds a 本務 in a department where the person had none so far, or corrects one into it."""
    there = {posting.department for posting in before.postings if posting.kind == MAIN}
    return any(posting.kind == MAIN and posting.department not in there for posting in after.postings)


def _long_ago(plan: Plan, today: datetime.date, lines: _Lines) -> list[Suspicion]:
    """Find postings that somebody who is known gets anew with a day long ago; a whole history of a new person is none."""
    found = []
    for number in plan.before:
        days = {
            posting.start
            for posting in plan.after[number].postings
            if posting.key is None and posting.start < today - _LONG_AGO
        }
        if days:
            found.append(
                _suspicion(
                    f"2年より前の発令日（{'、'.join(say_day(day) for day in sorted(days))}）の新しい発令です。"
                    "年が合っているか確かめてください。",
                    lines,
                    {number},
                )
            )
    return found
