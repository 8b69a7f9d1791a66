"""業務経験, 資格 and 研修 of past years as departments kept them in Excel: columns, reading, comparing. Pure.

A file holds one kind. An entry is the same one where person, 名称 and first day are the same; nothing that is there is
overwritten (docs/adr/0040).
"""

import datetime
import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from assessments.entry_values import CertificationValues, EntryValues, ExperienceValues, TrainingValues
from assessments.models import Certification, Entry, Experience, Training
from lib.dates import format_wareki, parse_month_or_date
from lib.tabular import Problem, Row, Table
from lib.text import clean
from organization.headers import Column, RowReader, fold
from organization.import_kind import Parsed
from organization.roster import Change, Outcome, Suspicion

LABELS = {"new": "取り込む記録", "unchanged": "変更なし", "empty": "記入のない行"}
KINDS = {
    Entry.Kind.EXPERIENCE.value: "業務経験",
    Entry.Kind.CERTIFICATION.value: "資格",
    Entry.Kind.TRAINING.value: "研修",
}
_NUMBER = Column("職員番号", ("職員コード", "社員番号", "職番"), required=True)
_NAME = Column("氏名", ("職員氏名", "名前"))
_CELLS = Column("示す項目", ("項目コード", "項目", "スキル"))
COLUMNS: dict[str, tuple[Column, ...]] = {
    Entry.Kind.EXPERIENCE.value: (
        _NUMBER, _NAME,
        Column("名称", ("件名", "業務名", "業務経験", "案件名"), required=True),
        Column("はじめ", ("開始日", "開始", "開始年月", "自")),
        Column("終わり", ("終了日", "終了", "終了年月", "至")),
        Column("区分", ("業務の区分",)),
        Column("役割", ("担当", "立場")),
        Column("規模", ()),
        Column("結果", ("成果",)),
        Column("内容", ("業務内容", "備考")),
        _CELLS,
    ),
    Entry.Kind.CERTIFICATION.value: (
        _NUMBER, _NAME,
        Column("名称", ("資格名", "資格", "試験名"), required=True),
        Column("合格日", ("取得日", "取得年月日", "合格年月日", "はじめ")),
        Column("登録日", ("登録年月日",)),
        Column("登録番号", ("合格証番号",)),
        Column("更新期限", ("有効期限",)),
        Column("内容", ("備考",)),
        _CELLS,
    ),
    Entry.Kind.TRAINING.value: (
        _NUMBER, _NAME,
        Column("名称", ("研修名", "講座名", "研修", "講座"), required=True),
        Column("はじめ", ("開始日", "受講日", "開始年月", "自")),
        Column("終わり", ("終了日", "修了日", "終了年月", "至")),
        Column("実施", ("実施機関", "主催")),
        Column("形", ("形式", "形態", "方法")),
        Column("時間数", ("時間",)),
        Column("費用", ("費用（円）", "受講料")),
        Column("結果", ("成果",)),
        Column("内容", ("備考",)),
        _CELLS,
    ),
}  # fmt: skip
_SPLIT = re.compile(r"[、,，;；\n]+")


class Kind(StrEnum):
    """What becomes of a line."""

    NEW = "new"
    UNCHANGED = "unchanged"
    EMPTY = "empty"


@dataclass(frozen=True)
class EntryLine:
    """One line; `values` is None where only the person stands on it, as in an unused line of our workbook."""

    line: int
    number: str
    name: str
    values: EntryValues | None


@dataclass(frozen=True)
class Person:
    """Somebody whom the file may name, with the entries of the kind that stand."""

    pk: int
    name: str
    entries: tuple[EntryValues, ...] = ()


@dataclass(frozen=True)
class PastEntry:
    """One entry to write."""

    staff_id: int
    values: EntryValues


@dataclass
class EntriesPlan:
    """What the file would do."""

    outcomes: list[Outcome] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    new_positions: dict[str, int] = field(default_factory=dict)
    suspicions: list[Suspicion] = field(default_factory=list)
    entries: list[PastEntry] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """Return {kind: lines}."""
        return dict(Counter(str(kind) for outcome in self.outcomes for kind in outcome.kinds))

    def fingerprint(self) -> str:
        """Return a hash of everything that would be written."""
        return hashlib.sha256(repr(self.entries).encode()).hexdigest()


def parse_entries(
    table: Table,
    mapping: Mapping[str, str],
    kind: str,
    *,
    cells: Mapping[str, str],
    register: Mapping[str, int],
    today: datetime.date,
) -> Parsed:
    """Return the readable lines. `cells` and `register` are by folded word (`word_of`): codes and 資格 ids."""
    reader = _Reader(table, mapping, cells, register, today)
    lines = [line for row in table.rows if (line := reader.read(row, kind)) is not None]
    return Parsed(lines, reader.problems)


def plan_entries(
    lines: Iterable[EntryLine], people: Mapping[str, Person], *, columns: Mapping[str, str]
) -> EntriesPlan:
    """Compare with what is there: equal is 変更なし, the same 名称 and first day with other words a problem."""
    plan = EntriesPlan()
    seen: dict[tuple[int, str, datetime.date | None], int] = {}

    def say(found: list[Problem], line: EntryLine, label: str, value: str, message: str) -> None:
        found.append(Problem(line.line, columns.get(label, label), value, message))

    for line in lines:
        person = people.get(line.number)
        if person is None:
            say(
                plan.problems,
                line,
                "職員番号",
                line.number,
                "名簿にない職員番号です。番号を確かめてください。",
            )
            continue
        if line.name and word_of(line.name) != word_of(person.name):
            message = f"名簿の氏名は「{person.name}」です。同じ人か確かめてください。"
            say(plan.warnings, line, "氏名", line.name, message)
        if line.values is None:
            plan.outcomes.append(Outcome(line.line, line.number, person.name, (Kind.EMPTY,), ()))  # type: ignore[arg-type]
            continue
        key = (person.pk, line.values.title, line.values.start)
        if key in seen:
            message = f"{seen[key]}行目と同じ職員、同じ名称、同じ日です。どちらかを消してください。"
            say(plan.problems, line, "名称", line.values.title, message)
            continue
        seen[key] = line.line
        same = [one for one in person.entries if (one.title, one.start) == key[1:]]
        if line.values in same:
            plan.outcomes.append(Outcome(line.line, line.number, person.name, (Kind.UNCHANGED,), ()))  # type: ignore[arg-type]
        elif same:
            message = (
                "同じ名称で同じ日の記録がもうあり、内容が違います。上書きはしません。"
                "この行を消すか、本人のスキル履歴書で直してください。"
            )
            say(plan.problems, line, "名称", line.values.title, message)
        else:
            plan.entries.append(PastEntry(person.pk, line.values))
            changes = (Change(KINDS[line.values.kind.value], "", _words(line.values)),)
            plan.outcomes.append(Outcome(line.line, line.number, person.name, (Kind.NEW,), changes))  # type: ignore[arg-type]
    plan.problems.sort(key=lambda problem: problem.line or 0)
    return plan


def word_of(text: str) -> str:
    """Return the form under which names and fixed words are compared."""
    return fold(re.sub(r"\s", "", text))


def _words(values: EntryValues) -> str:
    days = [format_wareki(day) for day in (values.start, values.end) if day]
    return f"{values.title}（{'～'.join(days)}）" if days else values.title


class _Reader(RowReader):
    def __init__(
        self,
        table: Table,
        mapping: Mapping[str, str],
        cells: Mapping[str, str],
        register: Mapping[str, int],
        today: datetime.date,
    ) -> None:
        super().__init__(table, mapping)
        self._cells, self._register, self._today = cells, register, today

    def read(self, row: Row, kind: str) -> EntryLine | None:
        """Return the line, None where something is wrong with it."""
        before = len(self.problems)
        number, name = self.code(row, "職員番号"), self.text(row, "氏名", 60)
        if not number and len(self.problems) == before:
            self.problem(row, "職員番号", "職員番号がありません。番号を入れるか、この行を消してください。")
        rest = [column.label for column in COLUMNS[kind] if column not in (_NUMBER, _NAME)]
        values = None
        if any(self.raw(row, label) for label in rest):
            values = _MAKERS[kind](self, row)
            if not values.title:
                self.problem(row, "名称", "名称がありません。名称を入れるか、この行を消してください。")
        return None if len(self.problems) > before else EntryLine(row.line, number, name, values)

    def experience(self, row: Row) -> ExperienceValues:
        """Read a 業務経験."""
        category = self._choice(row, "区分", Experience.Category)
        return ExperienceValues(
            **self._shared(row, "はじめ", "終わり"),
            category=category or Experience.Category.OTHER.value,
            role=self._written(row, "役割", Experience, "role"),
            size=self._written(row, "規模", Experience, "size"),
            result=self._written(row, "結果", Experience, "result"),
        )

    def certification(self, row: Row) -> CertificationValues:
        """Read a 資格; one that the register knows by this name is tied to it."""
        shared = self._shared(row, "合格日", "")
        registered, renew = self._day(row, "登録日"), self._day(row, "更新期限", last=True)
        number = self._written(row, "登録番号", Certification, "registration_number")
        if registered is None and (number or renew):
            self.problem(row, "登録日", "登録番号や更新期限を入れるときは、登録日も入れてください。")
        if registered and renew and renew < registered:
            self.problem(row, "更新期限", "更新期限が、登録日より前になっています。日付を確かめてください。")
        for label, day in (("合格日", shared["start"]), ("登録日", registered)):
            if day and day > self._today:
                self.problem(row, label, "まだ来ていない日です。済んだものを記録してください。")
        return CertificationValues(
            **shared, registered_on=registered, registration_number=number, renew_by=renew,
            qualification_id=self._register.get(word_of(shared["title"])),
        )  # fmt: skip

    def training(self, row: Row) -> TrainingValues:
        """Read a 研修 that was finished."""
        return TrainingValues(
            **self._shared(row, "はじめ", "終わり"),
            provider=self._written(row, "実施", Training, "provider"),
            form=self._choice(row, "形", Training.Form) or Training.Form.CLASS.value,
            hours=self._hours(row),
            fee=self._fee(row),
            result=self._written(row, "結果", Training, "result"),
        )

    def _shared(self, row: Row, first: str, last: str) -> dict[str, Any]:
        start = self._day(row, first)
        end = self._day(row, last, last=True) if last else None
        if end and start is None:
            self.problem(row, first, "終わりを入れるときは、はじめも入れてください。")
        if start and end and end < start:
            self.problem(row, last, "終わりが、はじめより前になっています。年月を確かめてください。")
        return {
            "title": self._written(row, "名称", Entry, "title"),
            "start": start,
            "end": end,
            "text": self._written(row, "内容", Entry, "text"),
            "cells": self._shown(row),
        }

    def _written(self, row: Row, label: str, model: Any, name: str) -> str:
        text, longest = clean(self.raw(row, label)), model._meta.get_field(name).max_length
        if len(text) > longest:
            self.problem(
                row, label, f"{label}は{longest}字までです。いまは{len(text)}字なので、短くしてください。"
            )
        return text

    def _day(self, row: Row, label: str, *, last: bool = False) -> datetime.date | None:
        text = self.raw(row, label)
        if not text:
            return None
        try:
            return parse_month_or_date(text, last=last)
        except ValueError as error:
            self.problem(row, label, str(error))
            return None

    def _choice(self, row: Row, label: str, choices: Any) -> str:
        text = self.raw(row, label)
        found = {word_of(words): value for value, words in choices.choices}.get(word_of(text))
        if text and found is None:
            words = "、".join(str(one) for one in choices.labels)
            self.problem(row, label, f"{label}は次のどれかにしてください：{words}")
        return found or ""

    def _shown(self, row: Row) -> tuple[str, ...]:
        codes = set()
        for word in _SPLIT.split(self.raw(row, "示す項目")):
            if not word.strip():
                continue
            code = self._cells.get(word_of(word))
            if code is None:
                message = (
                    f"「{word.strip()[:40]}」という項目は体系にないか、2つ以上あります。"
                    "項目コードか「区分｜項目」の名前に直してください。"
                )
                self.problem(row, "示す項目", message)
            else:
                codes.add(code)
        return tuple(sorted(codes))

    def _hours(self, row: Row) -> Decimal | None:
        text = _plain(self.raw(row, "時間数")).removesuffix("時間")
        if not text:
            return None
        try:
            hours = Decimal(text)
        except InvalidOperation:
            hours = Decimal(-1)
        if not hours.is_finite() or not 0 <= hours < 10_000 or hours != round(hours, 1):
            self.problem(row, "時間数", "時間数は、6や1.5のような数字にしてください。")
            return None
        return round(hours, 1)

    def _fee(self, row: Row) -> int | None:
        text = _plain(self.raw(row, "費用")).removesuffix("円").replace(",", "").lstrip("¥")
        if not text:
            return None
        if not re.fullmatch(r"[0-9]{1,9}", text):
            self.problem(row, "費用", "費用は、円で数えた0以上の数字にしてください。")
            return None
        return int(text)


_MAKERS: dict[str, Callable[[_Reader, Row], EntryValues]] = {
    Entry.Kind.EXPERIENCE.value: _Reader.experience,
    Entry.Kind.CERTIFICATION.value: _Reader.certification,
    Entry.Kind.TRAINING.value: _Reader.training,
}


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()
