"""Files of published figures: YAML or JSON text in, one frozen dataclass out, and back. Pure; knows no database.

Two shapes, described in competency/data/README.md: a survey with its questions, and a statistic of staffing with
columns by population. As with framework files, everything that is wrong is said at once, each with its place.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from competency.framework_file import MAX_BYTES, FrameworkFileError, Reader, plain_data
from competency.survey_checks import SKILLS, Fault, faults

SURVEY, STAFFING = "survey", "staffing"
# The answers to Q3-1 in the survey's order, in the words of the screens; `other` is その他.
ANSWERS = MappingProxyType(
    {
        "both": "両方確保",
        "skill_short": "スキル不足",
        "people_short": "職員数不足",
        "both_short": "両方不足",
        "other": "その他",
    }
)
# In characters; the columns of the model are as wide (a test compares them).
MAX_CODE, MAX_NAME, MAX_SOURCE = 60, 80, 300
MAX_LABEL, MAX_SHORT, MAX_NOTE, MAX_WHEN = 200, 80, 200, 100
MAX_COUNT = 100_000
FIRST_YEAR, LAST_YEAR = 1950, 2100
MOST = 60  # rows, answers, columns in any one list
MOST_SKILLS = 999  # the largest number of a skill
_TOP = {
    SURVEY: {"surveyed", "note", "asked", "answered", "answered_kind", "skills", "questions", "corrections"},
    STAFFING: {
        "surveyed",
        "note",
        "bands",
        "municipalities",
        "staff_per_department",
        "shares",
        "corrections",
    },
}
_CORRECTION = ("figure", "code", "band", "printed", "used", "reason")
_COMMON = {"code", "kind", "name", "year", "source"}


@dataclass(frozen=True)
class SurveyFile:
    """One whole file. `content` is plain data in the order of the source; read it, never change it."""

    code: str
    kind: str
    name: str
    year: int
    source: str
    asked: int | None
    answered: int
    content: Mapping[str, Any]

    @property
    def content_text(self) -> str:
        """Return the content as it is stored."""
        return json.dumps(self.content, ensure_ascii=False)


class SurveyFileError(FrameworkFileError):
    """The file cannot be used. `errors` is the list of Japanese sentences that say why and where."""


def parse_survey(text: str) -> SurveyFile:
    """Read a survey or a statistic from YAML or JSON text; raises SurveyFileError with every fault found."""
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise SurveyFileError([f"ファイルが大きすぎます。{MAX_BYTES // 1000:,} KB までにしてください。"])
    try:
        data = plain_data(text)
    except FrameworkFileError as fault:
        raise SurveyFileError(fault.errors) from fault
    found, wrong = read_survey(data)
    if found is None:
        raise SurveyFileError([each.sentence for each in wrong])
    return found


def read_survey(data: Any) -> tuple[SurveyFile | None, list[Fault]]:
    """Return the survey that plain data says, or None and everything that is wrong with it."""
    reader = _Reader()
    found = reader.survey(data)
    if reader.errors or found is None:
        return None, [Fault((), each) for each in reader.errors]
    wrong = faults(found.kind, found.answered, found.content)
    return (None if wrong else found), wrong


def dump(survey: SurveyFile) -> dict[str, Any]:
    """Return the survey in the shape of a file; `parse_survey` of it gives it back."""
    head: dict[str, Any] = {
        "code": survey.code,
        "kind": survey.kind,
        "name": survey.name,
        "year": survey.year,
        "source": survey.source,
    }
    if survey.kind == SURVEY:
        head |= {"asked": survey.asked, "answered": survey.answered}
    return {**head, **survey.content}


def dumps(survey: SurveyFile) -> str:
    """Return the survey as JSON text, readable by people, ending in a newline."""
    return json.dumps(dump(survey), ensure_ascii=False, indent=2) + "\n"


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_COUNT


class _Reader(Reader):
    """Turns plain data into a survey and collects what is wrong on the way."""

    def survey(self, data: Any) -> SurveyFile | None:
        kind = data.get("kind") if isinstance(data, dict) else None
        if isinstance(data, dict) and kind not in (SURVEY, STAFFING):
            self.errors.append("ファイル：kind は survey（調査）か staffing（統計）で書いてください。")
            return None
        top = self.mapping(data, "ファイル", _COMMON | _TOP.get(str(kind), set()))
        if top is None:
            return None
        year = top.get("year")
        if not _whole(year) or not FIRST_YEAR <= year <= LAST_YEAR:
            self.errors.append(
                f"ファイル：year は{FIRST_YEAR}から{LAST_YEAR}までの西暦の数字で書いてください。"
            )
        code = self.code(top, "ファイル", "survey")
        name = self.text(top, "name", "ファイル", needed=True, limit=MAX_NAME)
        source = self.text(top, "source", "ファイル", needed=True, limit=MAX_SOURCE)
        asked = None
        if kind == SURVEY:
            asked, answered = self.count(top, "asked", "ファイル"), self.count(top, "answered", "ファイル")
            if asked < answered:
                self.errors.append("ファイル：answered（答えた団体の数）は asked までにしてください。")
            content = self.of_survey(top)
        else:
            content = self.of_staffing(top)
            answered = max(content["municipalities"].values(), default=0)
        year = year if isinstance(year, int) else 0
        return SurveyFile(code, str(kind), name, year, source, asked, answered, content)

    def of_survey(self, top: dict[str, Any]) -> dict[str, Any]:
        content: dict[str, Any] = {"surveyed": self.when(top), **self.note(top, "ファイル")}
        content["answered_kind"] = self.counts(top.get("answered_kind", {}), "ファイルの answered_kind")
        content["skills"] = [
            self.skill(item, place) for _, place, item in self.some(top, "skills", "ファイル", "スキル")
        ]
        content["questions"] = (
            [self.question(item, place) for _, place, item in self.some(top, "questions", "ファイル", "設問")]
            if top.get("questions")
            else []
        )
        content["corrections"] = self.corrections(top)
        self.once([each["number"] for each in content["skills"]], "ファイルの skills", "number")
        return content

    def skill_number(self, row: dict[str, Any], place: str) -> int:
        """Return the number of a skill, 1 to MOST_SKILLS: departments judge it under this number."""
        number = self.count(row, "number", place)
        if not 1 <= number <= MOST_SKILLS:
            self.errors.append(f"{place}：number は1から{MOST_SKILLS}までにしてください。")
            return 1
        return number

    def skill(self, data: Any, place: str) -> dict[str, Any]:
        row = self.mapping(data, place, {"number", "short", "label", "areas", "counts", "note"}) or {}
        counts = row.get("counts")
        if not isinstance(counts, dict) or set(counts) != set(ANSWERS):
            self.errors.append(f"{place}：counts に {'、'.join(ANSWERS)} の数を書いてください。")
            counts = {}
        areas = row.get("areas", [])
        if not isinstance(areas, list) or len(areas) > MOST:
            self.errors.append(f"{place}：areas は区分の符号を並べて書いてください。")
            areas = []
        return {
            "number": self.skill_number(row, place),
            "short": self.text(row, "short", place, needed=True, limit=MAX_SHORT),
            "label": self.text(row, "label", place, needed=True, limit=MAX_LABEL),
            "areas": [
                self.text({"areas": each}, "areas", place, needed=True, limit=MAX_CODE) for each in areas
            ],
            "counts": {key: self.count(counts, key, place) for key in ANSWERS} if counts else {},
            **self.note(row, place),
        }

    def question(self, data: Any, place: str) -> dict[str, Any]:
        keys = {"code", "question", "label", "subject", "multiple", "answers", "rows"}
        row = self.mapping(data, place, keys) or {}
        code = self.text(row, "code", place, needed=True, limit=MAX_CODE)
        if code in self.codes.setdefault("question", {SKILLS}):
            self.errors.append(f"{place}：code「{code}」が重複しています。")
        self.codes["question"].add(code)
        answers = [
            self.text({"answers": item}, "answers", below, needed=True, limit=MAX_LABEL)
            for _, below, item in self.some(row, "answers", place, "答え")
        ]
        self.once(answers, place, "answers")
        rows = [self.row(item, below, len(answers)) for _, below, item in self.some(row, "rows", place, "行")]
        self.once([each["number"] for each in rows], place, "number")
        return {
            "code": code,
            "question": self.text(row, "question", place, needed=True, limit=MAX_SHORT),
            "label": self.text(row, "label", place, needed=True, limit=MAX_LABEL),
            "subject": self.text(row, "subject", place, needed=True, limit=MAX_SHORT),
            "multiple": self.flag(row, "multiple", place, default=False),
            "answers": answers,
            "rows": rows,
        }

    def row(self, data: Any, place: str, width: int) -> dict[str, Any]:
        row = self.mapping(data, place, {"number", "label", "counts", "note"}) or {}
        counts = row.get("counts")
        if not isinstance(counts, list) or len(counts) != width:
            self.errors.append(f"{place}：counts に、答えと同じ{width}個の数を並べて書いてください。")
            counts = []
        return {
            "number": self.count(row, "number", place),
            "label": self.text(row, "label", place, needed=True, limit=MAX_LABEL),
            "counts": [self.count({"counts": each}, "counts", place) for each in counts],
            **self.note(row, place),
        }

    def of_staffing(self, top: dict[str, Any]) -> dict[str, Any]:
        content: dict[str, Any] = {"surveyed": self.when(top), **self.note(top, "ファイル")}
        content["bands"] = [
            self.text({"bands": item}, "bands", place, needed=True, limit=MAX_SHORT)
            for _, place, item in self.some(top, "bands", "ファイル", "人口段階")
        ]
        self.once(content["bands"], "ファイル", "bands")
        totals = self.counts(top.get("municipalities"), "ファイルの municipalities", needed=True)
        content["municipalities"] = totals
        place = "ファイルの staff_per_department"
        head = self.mapping(top.get("staff_per_department"), place, {"figure", "label", "people"}) or {}
        people = head.get("people")
        if not isinstance(people, dict) or set(people) != set(totals):
            self.errors.append(f"{place}：people に、municipalities と同じ列の平均を書いてください。")
            people = {}
        content["staff_per_department"] = {
            "figure": self.text(head, "figure", place, limit=MAX_SHORT),
            "label": self.text(head, "label", place, limit=MAX_LABEL),
            "people": {str(name): self.average(value, place, name) for name, value in people.items()},
        }
        content["shares"] = [
            self.share(item, place, totals) for _, place, item in self.some(top, "shares", "ファイル", "取組")
        ]
        content["corrections"] = self.corrections(top)
        if not set(content["bands"]) <= set(totals):
            self.errors.append("ファイル：bands の列が municipalities にありません。")
        return content

    def share(self, data: Any, place: str, totals: Mapping[str, int]) -> dict[str, Any]:
        row = self.mapping(data, place, {"code", "figure", "label", "counts", "note"}) or {}
        code = self.text(row, "code", place, needed=True, limit=MAX_CODE)
        if code in self.codes.setdefault("share", set()):
            self.errors.append(f"{place}：code「{code}」が重複しています。")
        self.codes["share"].add(code)
        counts = self.counts(row.get("counts"), place, needed=True)
        if not set(counts) <= set(totals):
            self.errors.append(f"{place}：counts に、municipalities にない列があります。")
        return {
            "code": code,
            "figure": self.text(row, "figure", place, limit=MAX_SHORT),
            "label": self.text(row, "label", place, needed=True, limit=MAX_LABEL),
            "counts": counts,
            **self.note(row, place),
        }

    def corrections(self, top: dict[str, Any]) -> list[dict[str, Any]]:
        if not top.get("corrections"):
            return []
        found = []
        for _, place, item in self.some(top, "corrections", "ファイル", "直した値"):
            row = self.mapping(item, place, set(_CORRECTION)) or {}
            words = {
                key: self.text(row, key, place, needed=True, limit=MAX_LABEL)
                for key in _CORRECTION
                if key != "used"
            }
            said = {**words, "used": self.count(row, "used", place)}
            found.append({key: said[key] for key in _CORRECTION})
        return found

    def when(self, top: dict[str, Any]) -> str:
        """Return when it was held, in words; from and to as dates are taken too."""
        said = top.get("surveyed", "")
        if isinstance(said, dict) and set(said) == {"from", "to"}:
            said = f"{said['from']}〜{said['to']}"
        return self.text({"surveyed": said}, "surveyed", "ファイル", limit=MAX_WHEN)

    def note(self, row: dict[str, Any], place: str) -> dict[str, str]:
        note = self.text(row, "note", place, limit=MAX_NOTE)
        return {"note": note} if note else {}

    def some(self, row: dict[str, Any], key: str, place: str, noun: str) -> Iterator[tuple[int, str, Any]]:
        found = row.get(key)
        if isinstance(found, list) and len(found) > MOST:
            self.errors.append(f"{place}：{key} が多すぎます（{len(found)}件。{MOST}件まで）。")
            return iter(())
        return self.items(row, key, place, noun)

    def count(self, row: Mapping[str, Any], key: str, place: str) -> int:
        value = row.get(key)
        if isinstance(value, int) and _whole(value):
            return value
        self.errors.append(f"{place}：{key} は0から{MAX_COUNT:,}までの整数で書いてください。")
        return 0

    def counts(self, data: Any, place: str, *, needed: bool = False) -> dict[str, int]:
        if not isinstance(data, dict) or (needed and not data) or len(data) > MOST:
            self.errors.append(f"{place}：列の名前と数の組を1つ以上、{MOST}個までで書いてください。")
            return {}
        return {
            self.text({"列": name}, "列", place, needed=True, limit=MAX_SHORT): self.count(data, name, place)
            for name in data
        }

    def average(self, value: Any, place: str, name: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MAX_COUNT:
            self.errors.append(f"{place}：「{name}」の平均は0以上の数で書いてください。")
            return 0.0
        return float(value)

    def once(self, found: list[Any], place: str, key: str) -> None:
        if len(set(found)) < len(found):
            self.errors.append(f"{place}：{key} に同じものが2回あります。")
