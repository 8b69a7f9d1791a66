"""What happens to the city of tests/city.py on 1 April, and the file that tells of it."""

import copy
import datetime
import itertools
import random
from collections import Counter
from dataclasses import dataclass

from tests.city import GIVEN, REST, Book, Person, add_place, teams

TRANSFERS = 300


@dataclass
class April:
    """The books of 1 April with the file that says so: its lines and, by kind of line, how many there are."""

    book: Book
    lines: list[list[str]]
    kinds: Counter
    absent: list[str]


def april(before: Book, today: datetime.date) -> April:
    """Return what became of a city on 1 April: 300 transfers and every other case that a roster knows.

    `today` is the day on which the file is brought in: one transfer lies after it.
    """
    book = copy.deepcopy(before)
    day = book.day = before.day + datetime.timedelta(days=1)
    _reorganise(book, day)
    year = _Year(book, day, random.Random(day.year))
    year.moved_with_their_department()
    year.temporary_staff_again()
    year.newcomers(75)
    year.take("transfer", TRANSFERS - year.kinds["transfer"] - 1, year.transfer)
    year.take("promotion", 40, year.promotion)
    year.take("added", 18, year.additional)
    year.take("added", 2, year.seconded)
    year.take("added", 5, year.acting)
    year.take("renamed", 15, year.rename)
    year.take("leave", 8, year.on_leave)
    year.take("corrected", 5, year.other_mailbox)
    year.take("left", 70, year.leave_the_city)
    year.back_from_leave()
    year.take("transfer", 1, lambda one: year.transfer(one, today + datetime.timedelta(days=40)))
    absent = [one.number for one in year.pool(3)]
    for one in book.people.values():
        if one.number not in year.told and one.number not in absent and one.left_on is None:
            year.tell(one, one.main())
    return April(book, year.lines, year.kinds, absent)


class _Year:
    """The events of one 1 April: each changes the book and tells the file."""

    def __init__(self, book: Book, day: datetime.date, chance: random.Random) -> None:
        self.book, self.day = book, day
        self.lines: list[list[str]] = []
        self.kinds: Counter = Counter()
        self.told: set[str] = set()
        staff = [
            one for one in book.people.values()
            if one.employment == "regular" and not one.leaves and one.main()[2] in REST
        ]  # fmt: skip
        chance.shuffle(staff)
        self._pool = iter(staff)
        self._chance = chance
        self._numbers = itertools.count(5001)

    def pool(self, size: int) -> list[Person]:
        """Return so many people to whom nothing has happened yet."""
        found = (one for one in self._pool if one.number not in self.told)
        return list(itertools.islice(found, size))

    def take(self, kind: str, size: int, event) -> None:
        for one in self.pool(size):
            event(one)
            self.kinds[kind] += 1

    def tell(self, one: Person, posting: tuple, word: str = "", kind: str = "unchanged") -> None:
        self.told.add(one.number)
        self.lines.append(self.book.line(one, posting, word))
        if kind == "unchanged":
            self.kinds[kind] += 1

    def _begin(self, one: Person, place: str, position: str, day=None, end=None) -> None:
        day = day or self.day
        one.end_main(day)
        posting = (place, "main", position, day, end)
        one.postings.append(posting)
        self.tell(one, posting, kind="told")

    def moved_with_their_department(self) -> None:
        """Everybody of the teams that were joined or split goes where the successor is."""
        for one in self.book.people.values():
            place = self.book.places[one.main()[0]]
            if place.until is not None and one.employment != "fiscal_year":
                self._begin(one, place.successor, one.main()[2])
                self.kinds["transfer"] += 1

    def transfer(self, one: Person, day=None) -> None:
        here = one.main()[0]
        elsewhere = [
            code for code in teams(self.book) if code != here and self.book.places[code].until is None
        ]
        self._begin(one, self._chance.choice(elsewhere), one.main()[2], day)

    def promotion(self, one: Person) -> None:
        place, _, position, _, _ = one.main()
        self._begin(one, place, {"主事": "主任", "主任": "主査", "主査": "課長補佐"}[position])

    def _beside(self, one: Person, kind: str, place: str, position: str, end=None) -> None:
        self.tell(one, one.main())
        posting = (place, kind, position, self.day, end)
        one.postings.append(posting)
        self.tell(one, posting, kind="told")

    def additional(self, one: Person) -> None:
        self._beside(one, "additional", "090100", one.main()[2])

    def seconded(self, one: Person) -> None:
        self._beside(one, "seconded", "100400", one.main()[2], datetime.date(self.day.year + 2, 4, 1))

    def acting(self, one: Person) -> None:
        self._beside(one, "acting", "080100", "課長", datetime.date(self.day.year, 7, 1))

    def rename(self, one: Person) -> None:
        family, given = one.name.split()
        one.name, one.former_name = f"𠮷岡 {given}", family
        one.kana = f"ヨシオカ {one.kana.split()[1]}"
        self.tell(one, one.main(), kind="told")

    def on_leave(self, one: Person) -> None:
        self.tell(one, one.main())
        one.leaves.append(("childcare", self.day, datetime.date(self.day.year + 1, 4, 1)))
        self.tell(one, ("", "", "", *one.leaves[-1][1:]), "育休", "told")

    def other_mailbox(self, one: Person) -> None:
        one.email = f"n{one.number}@example.lg.jp"
        self.tell(one, one.main(), kind="told")

    def leave_the_city(self, one: Person) -> None:
        one.end_main(self.day)
        one.left_on = self.day
        self.tell(one, ("", "", "", self.day, None), "退職", "told")

    def back_from_leave(self) -> None:
        for one in self.book.people.values():
            if one.leaves and one.number not in self.told:
                self.tell(one, one.main())
                one.leaves = [(kind, start, self.day) for kind, start, _ in one.leaves]
                self.tell(one, ("", "", "", self.day, None), "復職", "told")
                self.kinds["return"] += 1

    def temporary_staff_again(self) -> None:
        """会計年度任用職員 end with the year; most are taken on again, in their place or in its successor."""
        for at, one in enumerate([x for x in self.book.people.values() if x.employment == "fiscal_year"]):
            if at % 10 == 0:
                one.left_on = self.day
                self.tell(one, ("", "", "", self.day, None), "退職", "told")
                self.kinds["left"] += 1
                continue
            code, _, position, _, _ = one.main()
            stays = self.book.places[code].until is None
            end = datetime.date(self.day.year + 1, 4, 1)
            self._begin(one, code if stays else self.book.places[code].successor, position, end=end)
            self.kinds["renewed" if stays else "transfer"] += 1

    def newcomers(self, size: int) -> None:
        for at in range(size):
            one = Person(
                number=f"{next(self._numbers):07d}",
                name=f"𠮷野 {GIVEN[at % len(GIVEN)][0]}",
                kana=f"ヨシノ {GIVEN[at % len(GIVEN)][1]}",
                employment="fiscal_year" if at % 5 == 0 else "regular",
                email="",
            )
            self.book.people[one.number] = one
            end = datetime.date(self.day.year + 1, 4, 1) if one.employment == "fiscal_year" else None
            posting = (self._chance.choice(teams(self.book)[:40]), "main", "主事", self.day, end)
            one.postings.append(posting)
            self.tell(one, posting, kind="told")
            self.kinds["new"] += 1


def _reorganise(book: Book, day: datetime.date) -> None:
    """One is renamed, two are joined, one is split, one goes to another 部."""
    last = day - datetime.timedelta(days=1)
    book.places["010100"].name = "デジタル推進課"
    add_place(book, "020103", "1課統合係", "020100", day)
    for code in ("020101", "020102"):
        book.places[code].until, book.places[code].successor = last, "020103"
    add_place(book, "030103", "1課企画係", "030100", day)
    add_place(book, "030104", "1課運用係", "030100", day)
    book.places["030101"].until, book.places["030101"].successor = last, "030103"
    book.places["040400"].parent = "050000"
