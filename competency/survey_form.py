"""The form of one survey or statistic: every figure, label and note in the tables of the page (P24)."""

import copy
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms

from competency.survey_checks import SKILLS, Fault
from competency.survey_file import (
    ANSWERS,
    FIRST_YEAR,
    LAST_YEAR,
    MAX_COUNT,
    MAX_LABEL,
    MAX_NAME,
    MAX_NOTE,
    MAX_SOURCE,
    MAX_WHEN,
    SURVEY,
    SurveyFile,
    dump,
    read_survey,
)
from lib.forms import DadsFormMixin, WrittenField

_WHOLE = f"0から{MAX_COUNT:,}までの整数を入力してください。"
_NUMBER = "0以上の数を入力してください（例：7.7）。"
TOTALS, PEOPLE = "団体数", "平均"


@dataclass(frozen=True)
class Line:
    """One row of a table: its label and note, where they are fields, and a field for each figure."""

    where: tuple[Any, ...]
    name: str
    label: forms.BoundField | None
    note: forms.BoundField | None
    figures: tuple[tuple[str, forms.BoundField | None], ...]
    errors: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """One table of the form."""

    caption: str
    head: str
    columns: tuple[str, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class _Row:
    """Where the figures of one row stand: the mapping or list that holds them, by name of the column."""

    code: str
    key: Any
    holder: Any
    keys: dict[str, Any]
    said: dict[str, Any] | None = None
    figure: str = ""


@dataclass
class _Layout:
    caption: str
    head: str
    columns: list[str]
    rows: list[_Row] = field(default_factory=list)


def _name(*parts: Any) -> str:
    """Return the name of a control: stable for a place, whatever letters its codes are written in."""
    return "f-" + hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()[:16]


def layout(kind: str, content: dict[str, Any]) -> list[_Layout]:
    """Return the tables of a survey with where each figure stands in `content`."""
    if kind == SURVEY:
        skills = _Layout("Q3-1　職員に求められるスキルと確保のようす", "設問", list(ANSWERS.values()))
        skills.rows = [
            _Row(
                SKILLS,
                one["number"],
                one["counts"],
                {word: key for key, word in ANSWERS.items()},
                one,
                SKILLS,
            )
            for one in content["skills"]
        ]
        found = [skills]
        for question in content["questions"]:
            several = "（複数の答えを選べる設問）" if question["multiple"] else ""
            table = _Layout(
                f"{question['question']}　{question['label']}{several}",
                question["subject"],
                question["answers"],
            )
            places = {answer: at for at, answer in enumerate(question["answers"])}
            table.rows = [
                _Row(question["code"], row["number"], row["counts"], places, row, question["question"])
                for row in question["rows"]
            ]
            found.append(table)
        return found
    totals, staff = content["municipalities"], content["staff_per_department"]
    sizes = _Layout(f"{staff['figure']}　{staff['label']}", "区分", [TOTALS, PEOPLE])
    sizes.rows = [
        _Row("", name, {TOTALS: totals, PEOPLE: staff["people"]}, {TOTALS: name, PEOPLE: name})
        for name in totals
    ]
    shares = _Layout("研修、育成方針、人事交流（団体数）", "取組", list(totals))
    shares.rows = [
        _Row(one["code"], one["code"], one["counts"], {name: name for name in one["counts"]}, one,
             one["figure"] or one["code"])
        for one in content["shares"]
    ]  # fmt: skip
    return [sizes, shares]


class SurveyForm(DadsFormMixin, forms.Form):
    """Questions and answers themselves come and go by a file; here their figures and words are put right."""

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    name = WrittenField(
        label="名前", max_length=MAX_NAME, help_text="ほかの画面に出る名前です。例：2019年の調査"
    )
    year = forms.IntegerField(
        label="調査の年（西暦）",
        min_value=FIRST_YEAR,
        max_value=LAST_YEAR,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "size": 6, "autocomplete": "off"}),
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"),
            f"{FIRST_YEAR}から{LAST_YEAR}までの西暦で入力してください。",
        ),
    )
    source = WrittenField(label="出典", max_length=MAX_SOURCE, widget=forms.Textarea(attrs={"rows": 2}))
    surveyed = WrittenField(label="調べた時期", max_length=MAX_WHEN, required=False)
    note = WrittenField(
        label="備考",
        max_length=MAX_NOTE,
        required=False,
        help_text="どの団体を数えたかなど、数字を読むときに要ること。出典の後に出ます。",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    reason = WrittenField(
        label="出典の誤植を直したわけ",
        max_length=MAX_LABEL,
        required=False,
        help_text="出典に印刷された値と違う値を使うときに書きます。今回変えた数に「直した値」の印とわけが付きます。"
        "写しまちがいを直すだけのときは、空にします。",
    )

    def __init__(self, survey: SurveyFile, *args: Any, **kwargs: Any) -> None:
        self.survey = survey
        self._content = copy.deepcopy(dict(survey.content))
        self._tables = layout(survey.kind, self._content)
        self.faults: list[Fault] = []
        self.result: SurveyFile | None = None
        super().__init__(*args, **kwargs)
        if survey.kind == SURVEY:
            self.fields["asked"] = _count("聞いた団体の数")
            self.fields["answered"] = _count("答えた団体の数")
        for table in self._tables:
            for row in table.rows:
                self._add(table, row)
        for one in self._content["corrections"]:
            self.fields[_correction_name(one)] = WrittenField(
                label=f"{one['figure']} {one['code']} {ANSWERS.get(one['band'], one['band'])}のわけ",
                max_length=MAX_LABEL,
                required=False,
                widget=forms.TextInput(attrs={"class": "input"}),
            )

    def _add(self, table: _Layout, row: _Row) -> None:
        place = row.said["label"] if row.said else str(row.key)
        if row.said is not None:
            self.fields[_name(row.code, row.key, "label")] = WrittenField(
                label=f"{place}の項目名", max_length=MAX_LABEL,
                widget=forms.Textarea(attrs={"rows": 2, "cols": 24, "class": "input words"}),
            )  # fmt: skip
            self.fields[_name(row.code, row.key, "note")] = WrittenField(
                label=f"{place}の備考", max_length=MAX_NOTE, required=False,
                widget=forms.TextInput(attrs={"size": 20, "class": "input words"}),
            )  # fmt: skip
        for column in row.keys:
            label = f"{table.caption}、{place}、{column}"
            average = column == PEOPLE and not row.code
            self.fields[_name(row.code, row.key, "n", column)] = _average(label) if average else _count(label)

    @staticmethod
    def initial_of(survey: SurveyFile, version: int) -> dict[str, Any]:
        """Return the initial values for what is stored."""
        content = dict(survey.content)
        values: dict[str, Any] = {
            "version": version, "name": survey.name, "year": survey.year, "source": survey.source,
            "surveyed": content["surveyed"], "note": content.get("note", ""), "asked": survey.asked, "answered": survey.answered,
        }  # fmt: skip
        for table in layout(survey.kind, content):
            for row in table.rows:
                if row.said is not None:
                    values[_name(row.code, row.key, "label")] = row.said["label"]
                    values[_name(row.code, row.key, "note")] = row.said.get("note", "")
                for column, key in row.keys.items():
                    values[_name(row.code, row.key, "n", column)] = _holder(row, column)[key]
        for one in content["corrections"]:
            values[_correction_name(one)] = one["reason"]
        return values

    def clean(self) -> dict[str, Any]:
        """Read the whole as a file is read; what the figures cannot be to each other is shown beside their rows."""
        sent = self.cleaned_data
        if self.errors:
            return sent
        before = {
            (row.code, str(row.key), column): _holder(row, column)[key] for row, column, key in self._places()
        }
        for row, column, key in self._places():
            _holder(row, column)[key] = sent[_name(row.code, row.key, "n", column)]
        for table in self._tables:
            for row in table.rows:
                if row.said is not None:
                    row.said["label"] = sent[_name(row.code, row.key, "label")]
                    row.said.pop("note", None)
                    if note := sent[_name(row.code, row.key, "note")]:
                        row.said["note"] = note
        self._content |= {"surveyed": sent["surveyed"], "note": sent["note"]}
        self._correct(before, sent)
        head = {**dump(self.survey), **self._content, "name": sent["name"], "year": sent["year"]}
        head["source"] = sent["source"]
        if self.survey.kind == SURVEY:
            head |= {"asked": sent["asked"], "answered": sent["answered"]}
        self.result, self.faults = read_survey(head)
        if self.faults:
            self.add_error(None, "数字のつじつまが合わないところがあります。")
        return sent

    def _places(self) -> Iterable[tuple[_Row, str, Any]]:
        return [
            (row, column, key)
            for table in self._tables
            for row in table.rows
            for column, key in row.keys.items()
        ]

    def _correct(self, before: Mapping[Any, Any], sent: Mapping[str, Any]) -> None:
        """Keep the corrections to the figures that stand there now, and add those that were given a reason."""
        kept = {}
        for one in self._content["corrections"]:
            reason = sent[_correction_name(one)]
            if reason:
                kept[one["code"], one["band"]] = {**one, "reason": reason}
        for row, column, key in self._places():
            was, now = before[row.code, str(row.key), column], _holder(row, column)[key]
            if was == now or row.said is None:
                continue
            code = f"{row.code}.{row.key}" if self.survey.kind == SURVEY else row.code
            band = str(key) if row.code == SKILLS else column
            there = kept.get((code, band))
            if there is not None and there["printed"] == str(now):
                del kept[code, band]
            elif there is not None:
                kept[code, band] = {**there, "used": now, "reason": sent["reason"] or there["reason"]}
            elif sent["reason"]:
                kept[code, band] = {
                    "figure": row.figure, "code": code, "band": band, "printed": str(was), "used": now,
                    "reason": sent["reason"],
                }  # fmt: skip
        self._content["corrections"] = list(kept.values())

    def tables(self) -> list[Table]:
        """Return the tables to print, each row with what is wrong with it."""
        wrong: dict[tuple[Any, ...], list[str]] = {}
        for fault in self.faults:
            wrong.setdefault(fault.where[:1] if len(fault.where) < 2 else self._row_of(fault), []).append(
                fault.sentence
            )
        return [
            Table(
                table.caption,
                table.head,
                tuple(table.columns),
                tuple(self._line(table, row, wrong.get((row.code, row.key), [])) for row in table.rows),
            )
            for table in self._tables
        ]

    def _row_of(self, fault: Fault) -> tuple[Any, ...]:
        """Return the row a fault is about: a share is known by its code, whatever the column."""
        return fault.where if self.survey.kind == SURVEY else (fault.where[0], fault.where[0])

    def _line(self, table: _Layout, row: _Row, errors: list[str]) -> Line:
        said = row.said is not None
        return Line(
            where=(row.code, row.key),
            name=row.figure if self.survey.kind != SURVEY and said else str(row.key),
            label=self[_name(row.code, row.key, "label")] if said else None,
            note=self[_name(row.code, row.key, "note")] if said else None,
            figures=tuple(
                (column, self[_name(row.code, row.key, "n", column)] if column in row.keys else None)
                for column in table.columns
            ),
            errors=tuple(errors),
        )

    def corrections(self) -> list[tuple[dict[str, Any], forms.BoundField]]:
        """Return the corrections that stand there with the field of their reason."""
        return [
            ({**one, "place": ANSWERS.get(one["band"], one["band"])}, self[_correction_name(one)])
            for one in self.survey.content["corrections"]
        ]

    def problems(self) -> list[dict[str, str]]:
        """Return what is wrong for the summary at the top, each with the control to go to."""
        found = [
            {"target": self[name].id_for_label, "text": f"{self[name].label}：{error}"}
            for name, errors in self.errors.items()
            if name != "__all__"
            for error in errors
        ]
        first = {line.where: line.figures for table in self.tables() for line in table.lines}
        for fault in self.faults:
            figures = first.get(self._row_of(fault)) if len(fault.where) > 1 else None
            field_ = next((bound for _, bound in figures or () if bound is not None), None)
            found.append({"target": field_.id_for_label if field_ else "", "text": fault.sentence})
        return found


def _holder(row: _Row, column: str) -> Any:
    """Return the mapping or list that a figure stands in; the sizes have one for each column."""
    return row.holder if row.code else row.holder[column]


def _correction_name(one: Mapping[str, Any]) -> str:
    return _name("correction", one["code"], one["band"])


def _count(label: str) -> forms.IntegerField:
    # A text control takes full-width digits, which the browsers' number control refuses.
    attrs = {"inputmode": "numeric", "size": 4, "autocomplete": "off", "class": "input short-input"}
    messages = dict.fromkeys(("invalid", "min_value", "max_value"), _WHOLE)
    return forms.IntegerField(
        label=label,
        min_value=0,
        max_value=MAX_COUNT,
        widget=forms.TextInput(attrs=attrs),
        error_messages=messages,
    )


def _average(label: str) -> forms.FloatField:
    attrs = {"inputmode": "decimal", "size": 6, "autocomplete": "off", "class": "input short-input"}
    messages = dict.fromkeys(("invalid", "min_value", "max_value"), _NUMBER)
    return forms.FloatField(
        label=label,
        min_value=0,
        max_value=MAX_COUNT,
        widget=forms.TextInput(attrs=attrs),
        error_messages=messages,
    )
