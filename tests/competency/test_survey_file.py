"""Files of published figures: what goes out comes back, and everything that is wrong is said at once."""

import copy
import io
import json

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.models import Event
from competency import reference
from competency.models import ReferenceSurvey
from competency.survey_checks import faults, remarks
from competency.survey_file import (
    ANSWERS,
    MAX_CODE,
    MAX_NAME,
    MAX_SOURCE,
    SurveyFileError,
    dump,
    dumps,
    parse_survey,
    read_survey,
)
from competency.survey_plan import preview
from competency.workflow import load_survey
from tests.surveys import DATA, NAMES, make_survey, shipped_file

WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp")), min_size=1, max_size=12
)
ANSWERED = 40


@st.composite
def surveys(draw):
    """Return the shape of a survey that is right."""
    answers = draw(st.lists(WORDS, min_size=2, max_size=4, unique=True))

    def row(number, width, *, note):
        counts = draw(st.lists(st.integers(0, ANSWERED // width), min_size=width, max_size=width))
        return {"number": number, "label": draw(WORDS), "counts": counts} | (
            {"note": draw(WORDS)} if note else {}
        )

    skills = []
    for number in range(1, draw(st.integers(1, 4)) + 1):
        one = row(number, 5, note=True)
        skills.append(
            {**one, "short": draw(WORDS), "areas": draw(st.lists(WORDS, max_size=2)),
             "counts": dict(zip(ANSWERS, one["counts"], strict=True))}
        )  # fmt: skip
    return {
        "code": "s-1", "kind": "survey", "name": draw(WORDS), "year": draw(st.integers(1950, 2100)),
        "source": draw(WORDS), "asked": ANSWERED + 1, "answered": ANSWERED, "surveyed": draw(WORDS),
        "answered_kind": {draw(WORDS): ANSWERED},
        "skills": skills,
        "questions": [
            {"code": f"Q{number}", "question": "Q", "label": draw(WORDS), "subject": draw(WORDS),
             "multiple": draw(st.booleans()), "answers": answers,
             "rows": [row(at, len(answers), note=True) for at in range(draw(st.integers(1, 3)))]}
            for number in range(draw(st.integers(0, 2)))
        ],
        "corrections": [],
    }  # fmt: skip


@settings(max_examples=25)
@given(surveys())
def test_yaml_and_json_give_back_what_was_written(shape):
    found, wrong = read_survey(shape)
    assert not wrong
    assert parse_survey(dumps(found)) == found
    assert parse_survey(yaml.safe_dump(dump(found), allow_unicode=True, sort_keys=False)) == found
    assert dump(parse_survey(dumps(found))) == dump(found)
    assert preview(found, found).is_empty


@settings(max_examples=25)
@given(surveys(), st.data())
def test_one_changed_figure_is_one_changed_line(shape, data):
    before, _ = read_survey(shape)
    other = copy.deepcopy(shape)
    skill = data.draw(st.sampled_from(other["skills"]))
    key = data.draw(st.sampled_from(list(ANSWERS)))
    skill["counts"][key] += 1
    skill["note"] = "なおした"
    after, wrong = read_survey(other)
    if wrong:  # one too many altogether
        assert wrong[0].where == ("Q3-1", skill["number"])
        return
    plan = preview(before, after)
    [change] = [change for group in plan.groups for change in group.changes]
    assert change.code == f"Q3-1.{skill['number']}"
    assert f"{ANSWERS[key]}：{skill['counts'][key] - 1} → {skill['counts'][key]}" in change.parts


@pytest.mark.parametrize("name", NAMES)
def test_the_shipped_files_are_whole_and_come_back(name):
    found = shipped_file(name)
    assert parse_survey(dumps(found)) == found
    assert remarks(found.kind, found.content) == []
    # The order of answers, rows and columns is that of the file, whatever database keeps it.
    assert json.dumps(json.loads(found.content_text)) == json.dumps(found.content)


def changed(shipped, **more):
    shape = copy.deepcopy(dump(shipped_file(shipped)))
    shape.update(more)
    return shape


def test_widths_are_those_of_the_model():
    widths = {"code": MAX_CODE, "name": MAX_NAME, "source": MAX_SOURCE}
    assert {name: ReferenceSurvey._meta.get_field(name).max_length for name in widths} == widths


def sentences(shape):
    with pytest.raises(SurveyFileError) as refusal:
        parse_survey(json.dumps(shape))
    return "\n".join(refusal.value.errors)


def test_everything_wrong_with_a_survey_is_said():
    shape = changed("survey-2019", year="2019", code="Survey", asked=3, extra=1)
    shape["skills"][0]["counts"]["both"] = -1
    shape["skills"][1]["counts"] = {"both": 1}
    shape["skills"][3]["number"] = 3
    shape["questions"][0]["rows"][0]["counts"] = [1, 2]
    shape["questions"][1]["code"] = "Q1-1-now"
    shape["questions"][2]["rows"][0]["counts"][0] = 1.5
    shape["questions"][3]["rows"][1]["label"] = 5
    said = sentences(shape)
    for part in (
        "year は", "code「Survey」",
        "answered（答えた団体の数）は asked まで", "知らないキー", "スキル1：both", "スキル2：counts",
        "number に同じものが2回", "同じ5個の数", "code「Q1-1-now」が重複", "0から100,000までの整数", "label は文字で",
    ):  # fmt: skip
        assert part in said, part


def test_everything_wrong_with_a_statistic_is_said():
    shape = changed("staffing-2018", bands=["どこか"], source="")
    shape["municipalities"]["合計"] = True
    shape["staff_per_department"]["people"]["合計"] = "7.7"
    shape["shares"][0]["counts"]["火星"] = 1
    shape["shares"][1]["code"] = shape["shares"][0]["code"]
    said = sentences(shape)
    for part in (
        "municipalities にありません",
        "source がありません",
        "合計 は0から",
        "「合計」の平均",
        "municipalities にない列",
        "重複",
    ):
        assert part in said, part


def test_figures_that_do_not_fit_each_other_name_their_row():
    shape = changed("survey-2019")
    shape["skills"][0]["counts"]["both"] = 40
    shape["skills"][1]["counts"]["both"] = 0
    shape["questions"][1]["rows"][2]["counts"][0] = 16
    shape["answered_kind"]["市"] = 1
    shape["corrections"] = [
        {"figure": "Q3-1", "code": "Q3-1.1", "band": "both", "printed": "4?", "used": 5, "reason": "にじみ"}
    ]
    _, wrong = read_survey(shape)
    assert [each.where for each in wrong] == [
        ("answered",), ("Q3-1", 1), ("Q3-1", 2), ("Q1-1-next", 3), ("corrections",),
    ]  # fmt: skip
    assert "備考にわけを書いてください" in wrong[2].sentence
    shape = changed("staffing-2018")
    shape["shares"][0]["counts"]["特別区"] = 24
    _, wrong = read_survey(shape)
    assert [each.where for each in wrong] == [("training_held", "特別区")]


def test_bands_that_do_not_add_up_are_worth_a_look():
    shape = changed("staffing-2018", corrections=[])
    shape["shares"][0]["counts"]["5万人未満"] = 4
    found, wrong = read_survey(shape)
    assert not wrong
    [said] = remarks(found.kind, found.content)
    assert "足すと480で、合計の680と合いません" in said
    assert faults("staffing", 814, found.content) == []


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "kind: survey", "kind: [survey]", "kind: staffing", "a: &a [*a]", "{", "kind: survey\nskills: 5",
        "kind: survey\nskills: [1, null, {}]\nquestions: [[], {rows: 5}]\ncorrections: [7]\nanswered_kind: []",
        "kind: staffing\nbands: {}\nmunicipalities: 5\nshares: [1, {counts: 7}]\nstaff_per_department: []",
        "kind: survey\nyear: .inf\nasked: 1e400", "kind: survey\nname: \"\\0\"", "x" * 1_000_001,
    ],
)  # fmt: skip
def test_no_file_breaks_the_reader(text):
    with pytest.raises(SurveyFileError) as refusal:
        parse_survey(text)
    assert refusal.value.errors


def test_too_many_rows_are_refused():
    shape = changed("survey-2019")
    shape["skills"] = [{**shape["skills"][0], "number": number} for number in range(61)]
    assert "多すぎます" in sentences(shape)


FILES = [str(DATA / f"{name}.yaml") for name in NAMES]


def test_loading_twice_changes_nothing(db):
    said = io.StringIO()
    call_command("load_survey", *FILES, stdout=said)
    before = list(ReferenceSurvey.objects.values())
    call_command("load_survey", *FILES, stdout=said)
    assert list(ReferenceSurvey.objects.values()) == before
    assert said.getvalue().splitlines() == [
        "2019年の調査：読み込みました。", "2018年の統計：読み込みました。", "2019年の調査：変わりありません。",
        "2018年の統計：変わりありません。",
    ]  # fmt: skip
    assert Event.objects.filter(action="survey.load").count() == 2


def test_what_is_dumped_loads_as_nothing_new(db, tmp_path):
    call_command("load_survey", *FILES, stdout=io.StringIO())
    out = io.StringIO()
    call_command("dump_survey", "survey-2019", stdout=out)
    file = tmp_path / "survey.json"
    file.write_text(out.getvalue(), encoding="utf-8")
    said = io.StringIO()
    call_command("load_survey", str(file), stdout=said)
    assert "変わりありません" in said.getvalue()
    with pytest.raises(CommandError, match="ありません"):
        call_command("dump_survey", "nothing", stdout=io.StringIO())


def test_a_bad_file_loads_nothing_of_all(db, tmp_path):
    bad = tmp_path / "bad.yaml"
    bad.write_text("kind: survey", encoding="utf-8")
    with pytest.raises(CommandError, match="skills に"):
        call_command("load_survey", FILES[0], str(bad), stdout=io.StringIO())
    with pytest.raises(CommandError, match="開けません"):
        call_command("load_survey", str(tmp_path / "nowhere"), stdout=io.StringIO())
    assert not ReferenceSurvey.objects.exists()


def test_a_loaded_change_leaves_what_a_municipality_has_made_its_own(world):
    own = make_survey(shipped_file("survey-2019"), world.city, name="うちの調査")
    found, _ = read_survey(changed("survey-2019", name="2019年の調査（訂正）"))
    assert load_survey(survey=found, now=timezone.now())
    own.refresh_from_db()
    assert (own.name, own.version) == ("うちの調査", 1)
    assert reference.published(world.city.pk).survey.name == "うちの調査"
    assert reference.published(world.other_city.pk).survey.name == "2019年の調査（訂正）"
