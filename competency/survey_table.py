"""The figures of a survey as a table, a row for each figure: out, and in again over the same survey. Pure."""

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from competency.survey_checks import SKILLS
from competency.survey_file import ANSWERS, MAX_COUNT, SURVEY, SurveyFile, SurveyFileError, dump, read_survey
from lib.tabular_types import Problem, Row, Table, TableError
from organization.headers import Column, RowReader, guess, missing

CODE = Column("符号", ("調査の符号",), required=True)
TABLE = Column("表", ("設問",), required=True)
NUMBER = Column("番号", required=True)
LABEL = Column("項目", ("項目名",))
COLUMN = Column("列", ("答え", "区分"), required=True)
FIGURE = Column("数", ("値", "団体数"), required=True)
COLUMNS = (CODE, TABLE, NUMBER, LABEL, COLUMN, FIGURE)
HEADER = [column.label for column in COLUMNS]
TOTALS, PEOPLE = "団体数", "平均"

# Where a figure stands: (table, number of the row, column), what holds it, its key there, and the words of its row.
_Place = tuple[tuple[str, str, str], Any, Any, str]


def survey_rows(survey: SurveyFile) -> list[list[Any]]:
    """Return the rows of HEADER, in the order of the survey."""
    return [
        [survey.code, table, number, label, column, holder[key]]
        for (table, number, column), holder, key, label in _places(survey.kind, dict(survey.content))
    ]


def parse_survey_table(table: Table, known: Mapping[str, SurveyFile]) -> SurveyFile:
    """Return the survey that a table is of, with its figures; those that the table does not name stay.

    `known` are the surveys by 符号. Raises TableError with everything that is wrong with the rows, and SurveyFileError
    for figures that do not fit each other.
    """
    mapping = guess(table.header, COLUMNS, {})
    lacking = missing(COLUMNS, mapping)
    if lacking:
        said = "列が見つかりません。見出しの名前を見本に合わせて直してください。"
        raise TableError([Problem(None, one.column, "", f"「{one.column}」の{said}") for one in lacking])
    cells = RowReader(table, mapping)
    code = cells.raw(table.rows[0], CODE.label)
    before = known.get(code)
    if before is None:
        cells.problem(
            table.rows[0], CODE.label, "この符号の調査はありません。一覧の調査から出した表を使ってください。"
        )
        raise TableError(cells.problems)
    content = copy.deepcopy(dict(before.content))
    places = {place: (holder, key) for place, holder, key, _ in _places(before.kind, content)}
    seen: dict[tuple[str, str, str], int] = {}
    for row in table.rows:
        _take(row, cells, code, places, seen)
    if cells.problems:
        raise TableError(cells.problems)
    found, wrong = read_survey({**dump(before), **content})
    if found is None:
        raise SurveyFileError([each.sentence for each in wrong])
    return found


def _take(row: Row, cells: RowReader, code: str, places: Mapping[Any, Any], seen: dict[Any, int]) -> None:
    """Put the figure of one row where it belongs; what is wrong with it joins the problems."""
    if cells.raw(row, CODE.label) != code:
        cells.problem(row, CODE.label, f"1つの表には1つの調査だけを書きます。1行目の符号は{code}です。")
        return
    place = (cells.raw(row, TABLE.label), cells.raw(row, NUMBER.label), cells.raw(row, COLUMN.label))
    if place not in places:
        cells.problem(
            row, COLUMN.label, "この調査に、この表、番号、列の組はありません。出した表のままにしてください。"
        )
        return
    if place in seen:
        cells.problem(row, COLUMN.label, f"{seen[place]}行目と同じところです。1行だけ残してください。")
    seen.setdefault(place, row.line)
    said = cells.raw(row, FIGURE.label)
    number = _average(said) if place[0] == PEOPLE else _whole(said)
    if number is None:
        kind = "0以上の数" if place[0] == PEOPLE else f"0から{MAX_COUNT:,}までの整数"
        cells.problem(row, FIGURE.label, f"{kind}を半角で入れてください。")
        return
    holder, key = places[place]
    holder[key] = number


def _places(kind: str, content: dict[str, Any]) -> Iterator[_Place]:
    if kind == SURVEY:
        for each in content["skills"]:
            for key, word in ANSWERS.items():
                yield (SKILLS, str(each["number"]), word), each["counts"], key, each["label"]
        for question in content["questions"]:
            for row in question["rows"]:
                for at, answer in enumerate(question["answers"]):
                    yield (question["code"], str(row["number"]), answer), row["counts"], at, row["label"]
        return
    people = content["staff_per_department"]["people"]
    for name in content["municipalities"]:
        yield (TOTALS, "", name), content["municipalities"], name, TOTALS
        yield (PEOPLE, "", name), people, name, content["staff_per_department"]["label"]
    for share in content["shares"]:
        for name in share["counts"]:
            yield (share["code"], "", name), share["counts"], name, share["label"]


def _whole(said: str) -> int | None:
    number = int(said) if said.isascii() and said.isdigit() and len(said) <= 6 else -1
    return number if 0 <= number <= MAX_COUNT else None


def _average(said: str) -> float | None:
    whole, _, rest = said.partition(".")
    fits = said.isascii() and whole.isdigit() and (not rest or rest.isdigit()) and len(said) <= 10
    return float(said) if fits and float(said) <= MAX_COUNT else None
