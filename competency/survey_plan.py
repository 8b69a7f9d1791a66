"""What a file of published figures changes, line by line. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from competency.data_import import Change, Group, Preview
from competency.survey_checks import SKILLS, remarks
from competency.survey_file import ANSWERS, SURVEY, SurveyFile

# Of one line: its name, and by column what stands there, as text.
_Lines = dict[str, tuple[str, dict[str, str]]]


def preview(before: SurveyFile | None, after: SurveyFile) -> Preview:
    """Return what becomes of the survey that stands there, None for nothing; figures worth a look are notes."""
    new = lines_of(after)
    if before is None:
        head = tuple(f"{column}：{value}" for column, value in new[_HEAD][1].items() if value)
        groups: tuple[Group, ...] = (
            Group(
                "新しく加わるもの", (Change(after.code, after.name, (*head, f"表の行：{len(new) - 1}行")),)
            ),
        )
        return Preview(groups, 0, _notes(after))
    old = lines_of(before)
    changed = tuple(
        Change(key, name, tuple(_parts(old[key][1], columns)))
        for key, (name, columns) in new.items()
        if key in old and old[key] != (name, columns)
    )
    added = tuple(
        Change(key, name, tuple(_parts({}, columns)))
        for key, (name, columns) in new.items()
        if key not in old
    )
    gone = tuple(Change(key, name) for key, (name, _) in old.items() if key not in new)
    notes = _notes(after) if changed or added or gone else ()
    if before != after and not (changed or added or gone):
        notes = ("行か列の並び順が変わります。", *notes)
    elif before.content != after.content and list(old) != list(new) and not (added or gone):
        notes = ("行の並び順が変わります。", *notes)
    return Preview(
        (Group("変わる行", changed), Group("増える行", added), Group("なくなる行", gone, warns=True)),
        sum(old.get(key) == line for key, line in new.items()),
        notes,
    )


_HEAD = "全体"


def lines_of(survey: SurveyFile) -> _Lines:
    """Return every line of a survey by a key that stays: the question and the number of the row, or the share."""
    content = survey.content
    head = {
        "名前": survey.name,
        "年": str(survey.year),
        "出典": survey.source,
        "調べた時期": content["surveyed"],
        "備考": content.get("note", ""),
    }
    if survey.kind == SURVEY:
        head |= {"聞いた団体": str(survey.asked), "答えた団体": str(survey.answered)}
        head |= {f"内訳の{kind}": str(count) for kind, count in content["answered_kind"].items()}
        return {_HEAD: (survey.name, head), **dict(_survey_lines(content)), **dict(_corrections(content))}
    head["人口段階"] = "、".join(content["bands"])
    return {_HEAD: (survey.name, head), **dict(_staffing_lines(content)), **dict(_corrections(content))}


def _survey_lines(content: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, dict[str, str]]]]:
    for each in content["skills"]:
        yield (
            f"{SKILLS}.{each['number']}",
            (
                each["label"],
                {
                    "項目名": each["label"],
                    "短い名前": each["short"],
                    "区分": "、".join(each["areas"]),
                    "備考": each.get("note", ""),
                }
                | {ANSWERS[key]: str(count) for key, count in each["counts"].items()},
            ),
        )
    for question in content["questions"]:
        yield (
            question["code"],
            (
                f"{question['question']} {question['label']}",
                {
                    "項目名": question["label"],
                    "見出し": question["subject"],
                    "複数の答え": "可" if question["multiple"] else "不可",
                }
                | {"答え": "、".join(question["answers"])},
            ),
        )
        for row in question["rows"]:
            counts = dict(zip(question["answers"], map(str, row["counts"]), strict=True))
            yield (
                f"{question['code']}.{row['number']}",
                (
                    row["label"],
                    {"項目名": row["label"], "備考": row.get("note", "")} | counts,
                ),
            )


def _staffing_lines(content: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, dict[str, str]]]]:
    staff = content["staff_per_department"]
    yield "団体数", ("団体数", {name: str(count) for name, count in content["municipalities"].items()})
    yield (
        "職員数",
        (
            staff["label"],
            {"図表": staff["figure"]} | {name: str(one) for name, one in staff["people"].items()},
        ),
    )
    for each in content["shares"]:
        counts = {name: str(count) for name, count in each["counts"].items()}
        yield (
            each["code"],
            (
                each["label"],
                {"項目名": each["label"], "図表": each["figure"], "備考": each.get("note", "")} | counts,
            ),
        )


def _corrections(content: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, dict[str, str]]]]:
    for one in content["corrections"]:
        said = {"出典の値": one["printed"], "使う値": str(one["used"]), "わけ": one["reason"]}
        yield f"{one['code']} {one['band']}", ("直した値", said)


def _parts(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    for column in [*after, *(column for column in before if column not in after)]:
        was, becomes = before.get(column, ""), after.get(column, "")
        if was != becomes:
            yield f"{column}：{was or 'なし'} → {becomes or 'なし'}" if before else f"{column}：{becomes}"


def _notes(survey: SurveyFile) -> tuple[str, ...]:
    return tuple(remarks(survey.kind, survey.content))
