"""A city of 2,000 people as its books of March and April say, kept apart from the product: no model, no planner.

`march()` is what the payroll system holds before 4月1日; tests/april.py says what becomes of it. The files have the
headers and the ways of writing a date that such systems have. Every name is invented, everything is always the same.
"""

import datetime
import io
import random
from dataclasses import dataclass, field

from openpyxl import Workbook

from lib.dates import format_wareki

PEOPLE = 2000
ORGANIZATION = ("所属コード", "所属名", "上位所属コード", "開始日", "終了日", "引継ぎ先所属コード")
# What the payroll system calls the columns; 氏名 stands in two.
PAYROLL = (
    "職員CD", "氏", "名", "カナ氏名", "任用区分", "所属CD", "所属名称", "補職名", "発令区分", "発令年月日", "任期満了日",
    "メールアドレス",
)  # fmt: skip
FAMILIES = (
    ("佐藤", "サトウ"), ("鈴木", "スズキ"), ("髙橋", "タカハシ"), ("田中", "タナカ"), ("伊藤", "イトウ"),
    ("渡邊", "ワタナベ"), ("山﨑", "ヤマザキ"), ("中村", "ナカムラ"), ("小林", "コバヤシ"), ("加藤", "カトウ"),
    ("吉田", "ヨシダ"), ("山田", "ヤマダ"), ("佐々木", "ササキ"), ("山口", "ヤマグチ"), ("松本", "マツモト"),
    ("井上", "イノウエ"), ("木村", "キムラ"), ("林", "ハヤシ"), ("斎藤", "サイトウ"), ("清水", "シミズ"),
    ("森", "モリ"), ("池田", "イケダ"), ("橋本", "ハシモト"), ("石川", "イシカワ"),
)  # fmt: skip
GIVEN = (
    ("一郎", "イチロウ"), ("花子", "ハナコ"), ("健太", "ケンタ"), ("美咲", "ミサキ"), ("誠", "マコト"),
    ("由紀子", "ユキコ"), ("大輔", "ダイスケ"), ("香織", "カオリ"), ("正", "タダシ"), ("綾", "アヤ"),
    ("圭", "ケイ"), ("直子", "ナオコ"), ("学", "マナブ"), ("真由美", "マユミ"), ("翔", "ショウ"),
    ("和子", "カズコ"), ("剛", "ツヨシ"), ("恵", "メグミ"), ("亮", "リョウ"), ("千尋", "チヒロ"),
)  # fmt: skip
EMPLOYMENTS = {"regular": "正規職員", "reappointed": "再任用職員", "fiscal_year": "会計年度任用職員"}
POSTINGS = {"main": "本務", "additional": "兼務", "seconded": "派遣", "acting": "事務取扱"}
HEADS, FIRST, REST = ("部長", "課長"), "係長", ("主査", "主任", "主事")
LINE_ROLES = {"部長": "head", "課長": "head", "係長": "first"}


@dataclass
class Place:
    """One department; `until` is the last day in use."""

    code: str
    name: str
    parent: str
    start: datetime.date
    until: datetime.date | None = None
    successor: str = ""


@dataclass
class Person:
    """One person; postings are (department, kind, position, start, end) and leaves (kind, start, end), half-open."""

    number: str
    name: str
    kana: str
    employment: str
    email: str
    former_name: str = ""
    left_on: datetime.date | None = None
    postings: list[tuple] = field(default_factory=list)
    leaves: list[tuple] = field(default_factory=list)

    def main(self) -> tuple:
        """Return the newest 本務."""
        return max((row for row in self.postings if row[1] == "main"), key=lambda row: row[3])

    def main_on(self, day: datetime.date) -> tuple:
        """Return the 本務 in force on a day."""
        return next(
            row
            for row in self.postings
            if row[1] == "main" and row[3] <= day and (row[4] is None or row[4] > day)
        )

    def is_away(self, day: datetime.date) -> bool:
        """Say whether somebody is on leave on a day."""
        return any(start <= day and (end is None or end > day) for _, start, end in self.leaves)

    def end_main(self, day: datetime.date) -> None:
        """End what runs on a day."""
        self.postings = [
            (*row[:4], day) if row[1] == "main" and row[3] < day and (row[4] is None or row[4] > day) else row
            for row in self.postings
        ]


@dataclass
class Book:
    """What the city's books say on a day."""

    day: datetime.date
    places: dict[str, Place] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)

    def people_picture(self) -> dict[str, tuple]:
        """Return everything about everybody, by number, in the shape of `tests.test_april.people_there`."""
        return {
            number: (
                one.name, one.kana, one.former_name, one.employment, one.email, one.left_on,
                tuple(sorted(one.postings, key=repr)), tuple(sorted(one.leaves, key=repr)),
            )
            for number, one in self.people.items()
        }  # fmt: skip

    def places_picture(self) -> dict[str, tuple]:
        """Return every department by code: name, parent, first day, last day, who follows."""
        return {
            code: (one.name, one.parent, one.start, one.until, one.successor)
            for code, one in self.places.items()
        }

    def in_service(self) -> list[Person]:
        """Return who has a 本務 on the day of the book; a list."""
        return [one for one in self.people.values() if one.left_on is None or one.left_on > self.day]

    def below(self, code: str) -> set[str]:
        """Return the codes of a department and of all below it."""
        found = {code}
        while more := {place.code for place in self.places.values() if place.parent in found} - found:
            found |= more
        return found

    def organization_lines(self) -> list[list[str]]:
        """Return the lines of the organisation file, everything there is."""
        return [
            [one.code, one.name, one.parent, written(one.start, 0), written(one.until, 1), one.successor]
            for one in self.places.values()
        ]

    def line(self, one: Person, posting: tuple, word: str = "") -> list[str]:
        """Return one line of the roster file."""
        place, kind, position, start, end = posting
        family, given = one.name.split()
        last = end - datetime.timedelta(days=1) if end else None
        style = int(one.number)
        return [
            one.number, family, given, one.kana, EMPLOYMENTS[one.employment], place,
            self.places[place].name if place else "", position, word or POSTINGS[kind], written(start, style),
            written(last, style + 1), one.email,
        ]  # fmt: skip


def written(day: datetime.date | None, style: int) -> str:
    """Return a day in one of the ways in which offices write it, "" for None."""
    if day is None:
        return ""
    ways = (
        format_wareki(day), f"{day:%Y/%m/%d}", f"{day:%Y%m%d}", f"R{day.year - 2018}.{day.month}.{day.day}",
    )  # fmt: skip
    return ways[style % len(ways)]


def as_csv(header, rows, encoding: str = "utf-8") -> bytes:
    """Return a file as a payroll system writes it: no quotes, CRLF."""
    return "\r\n".join(",".join(row) for row in [header, *rows, ""]).encode(encoding)


def as_xlsx(header, rows) -> bytes:
    """Return a workbook of texts."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("名簿")
    for row in (header, *rows):
        sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def march(year: int, people: int = PEOPLE) -> Book:
    """Return the city on 31 March before the 年度 `year`."""
    chance = random.Random(year)
    book = Book(datetime.date(year, 3, 31))
    long_ago = datetime.date(2019, 5, 1)
    for bu in range(1, 11):
        add_place(book, f"{bu:02d}0000", f"第{bu}部", "", long_ago)
        for ka in range(1, 5):
            add_place(book, f"{bu:02d}{ka:02d}00", f"第{bu}部{ka}課", f"{bu:02d}0000", long_ago)
            for kakari in (1, 2):
                code = f"{bu:02d}{ka:02d}{kakari:02d}"
                add_place(book, code, f"{ka}課{'甲乙'[kakari - 1]}係", f"{bu:02d}{ka:02d}00", long_ago)
    seats = _seats(book)
    for at in range(people):
        family, given = FAMILIES[at % len(FAMILIES)], GIVEN[(at // len(FAMILIES) + at) % len(GIVEN)]
        place, position = seats[at] if at < len(seats) else (chance.choice(teams(book)), chance.choice(REST))
        temporary = at >= len(seats) and at % 8 == 7
        again = at >= len(seats) and at % 33 == 1 and not temporary
        start = datetime.date(year - 1 - (0 if temporary else chance.randrange(4)), 4, 1)
        end = datetime.date(year, 4, 1) if temporary else None
        one = Person(
            number=f"{1000 + at:07d}",
            name=f"{family[0]} {given[0]}",
            kana=f"{family[1]} {given[1]}",
            employment="fiscal_year" if temporary else "reappointed" if again else "regular",
            # Half of the desks have a mailbox.
            email=f"s{at:05d}@example.lg.jp" if at % 2 else "",
            postings=[(place, "main", "事務員" if temporary else position, start, end)],
        )
        book.people[one.number] = one
    away = [one for one in book.people.values() if one.employment == "regular"][400:406]
    for one in away:
        one.leaves.append(("childcare", datetime.date(year - 1, 10, 1), None))
    return book


def march_lines(book: Book) -> list[list[str]]:
    """Return the lines of the March file: a line a posting, and one a leave."""
    lines = []
    for one in book.people.values():
        lines += [book.line(one, posting) for posting in one.postings]
        lines += [book.line(one, ("", "", "", start, end), word="育児休業") for _, start, end in one.leaves]
    return lines


def add_place(book: Book, code: str, name: str, parent: str, start: datetime.date) -> None:
    """Add a department."""
    book.places[code] = Place(code, name, parent, start)


def teams(book: Book) -> list[str]:
    """Return the codes of the 係 in use; a list."""
    return [code for code, one in book.places.items() if not code.endswith("00") and one.until is None]


def _seats(book: Book) -> list[tuple[str, str]]:
    """Return the places of those who lead: one 部長, 課長 or 係長 for each department."""
    titles = {0: "部長", 1: "課長", 2: FIRST}
    return [
        (code, titles[0 if code.endswith("0000") else 1 if code.endswith("00") else 2])
        for code in book.places
    ]
