"""Shared by the tests of rosters: short ways to say a line, a file, what is known, and to apply a plan without a database."""

import datetime
import itertools

from lib.dates import parse_date
from lib.intervals import end_after
from organization.roster import Known, Line, Place, Plan
from organization.roster.lines import KINDS

TODAY = datetime.date(2026, 4, 10)
PLACES = {
    "010000": Place("政策経営部", datetime.date(2019, 4, 1)),
    "010100": Place("デジタル推進課", datetime.date(2019, 4, 1)),
    "020200": Place("税務課", datetime.date(2019, 4, 1)),
    "090000": Place("廃止課", datetime.date(2019, 4, 1), datetime.date(2024, 4, 1)),
}
HEADER = (
    "職員番号,氏名,フリガナ,旧姓,職員区分,所属コード,所属名,職位,確認者区分,発令種別,発令日,終了日,メール"
)


_keys = itertools.count(1)


def day(text: str) -> datetime.date:
    """Return a date written in any way that offices do."""
    return parse_date(text)


def line(number="0001", kind="本務", start="2024/4/1", last="", *, at=2, **values) -> Line:
    """Return a line; somebody of 010100 unless told otherwise."""
    values.setdefault("department", "010100")
    return Line(
        line=at,
        number=number,
        kind=KINDS[kind],
        start=parse_date(start),
        end=end_after(parse_date(last)) if last else None,
        **values,
    )


def known(*people, positions=None, places=None) -> Known:
    """Return what is known, with these people."""
    by_number = {person.number: person for person in people}
    return Known(
        people=by_number,
        departments=PLACES if places is None else places,
        positions={"係長": "first", "課長": "head", "主事": "none"} if positions is None else positions,
        numbers=frozenset(by_number),
        in_service={
            number: person.name
            for number, person in by_number.items()
            if person.left_on is None and any(p.end is None or p.end > TODAY for p in person.postings)
        },
    )


def applied(before: Known, plan: Plan) -> Known:
    """Return what is known after a plan, every new row with a key as the database would give it."""
    people = {**before.people, **plan.after}
    for person in people.values():
        for row in [person, *person.postings, *person.leaves, *person.coming]:
            row.key = row.key or next(_keys)
    after = known(*people.values(), places=before.departments)
    positions = {**before.positions, **dict.fromkeys(plan.new_positions, "none")}
    return Known(people, before.departments, positions, after.numbers, after.in_service)


def roster(*rows: str, header: str = HEADER, encoding: str = "utf-8-sig") -> bytes:
    """Return a file of these comma-separated rows."""
    return "\r\n".join([header, *rows, ""]).encode(encoding)
