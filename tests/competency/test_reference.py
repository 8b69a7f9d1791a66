"""The published figures add up as their source says, and a municipality finds its column."""

from pathlib import Path

import pytest
import yaml

from competency.reference import ANSWERS
from organization.models import Municipality
from tests.surveys import shipped

Kind, Band = Municipality.Kind, Municipality.Band


def test_thirteen_skills_with_labels_and_an_area_each():
    assert [one.number for one in shipped().skills] == list(range(1, 14))
    assert len({one.short for one in shipped().skills}) == len({one.label for one in shipped().skills}) == 13
    text = Path("competency/data/lasdec-2012.yaml").read_text(encoding="utf-8")
    categories = yaml.safe_load(text)["categories"]
    areas = {area["code"] for category in categories for area in category["areas"]}
    named = {code for one in shipped().skills for code in one.areas}
    assert named < areas
    # Nobody was asked about them.
    assert areas - named == {"communication", "team-building"}


def test_skills_that_share_their_area():
    by_area = {}
    for one in shipped().skills:
        by_area.setdefault(one.areas, []).append(one.number)
    assert [numbers for numbers in by_area.values() if len(numbers) > 1] == [[2, 3], [4, 5], [6, 7, 8]]


def test_the_answers_of_2019_are_counted_not_assumed():
    assert shipped().survey.answered == sum(shipped().survey.kinds.values()) == 15
    for one in shipped().skills:
        answers = shipped().answers[one.number]
        assert tuple(answers.counts) == tuple(ANSWERS)
        assert answers.n == sum(answers.counts.values()) == 15
    assert shipped().answers[13].counts["other"] == 2
    with pytest.raises(KeyError):
        shipped().answers[14]


def test_a_question_that_one_left_out_has_a_smaller_n():
    by_code = {one.code: one for one in shipped().survey.questions}
    n = {row.number: row.answers.n for row in by_code["Q2-1-direction"].rows}
    assert n == {number: 14 if number == 10 else 15 for number in range(1, 12)}
    assert by_code["Q2-1-direction"].rows[9].answers.note
    # 無回答 is an answer of its own there; n stays the fifteen.
    assert {row.answers.n for row in by_code["Q1-2"].rows} == {15}


def test_where_several_answers_were_allowed_n_is_who_answered():
    for one in shipped().survey.questions:
        for row in one.rows:
            assert tuple(row.answers.counts) == one.choices
            assert all(0 <= count <= row.answers.n for count in row.answers.counts.values())
            if one.multiple:
                assert row.answers.n == 15
            else:
                assert row.answers.n == sum(row.answers.counts.values())


def test_bands_add_up_to_the_total_and_wards_and_cities_do_too():
    tables = shipped().tables
    assert len(tables.bands) == 7
    columns = tables.columns

    def check(of):
        assert sum(of(columns[band]) for band in tables.bands) == of(columns["合計"])
        assert of(columns["特別区"]) + of(columns["市"]) == of(columns["合計"])

    check(lambda column: column.municipalities)
    assert (
        columns["合計"].municipalities + columns["政令指定都市"].municipalities
        == columns["全合計"].municipalities
    )
    assert len(columns["合計"].shares) == 8
    for index in range(8):
        check(lambda column, index=index: column.shares[index].count)
    for column in columns.values():
        assert all(0 <= share.count <= share.n == column.municipalities for share in column.shares)


def test_the_averages_of_the_bands_make_the_average_of_all():
    tables = shipped().tables
    bands = [tables.columns[band] for band in tables.bands]
    total = sum(band.staff * band.municipalities for band in bands)
    assert round(total / tables.columns["合計"].municipalities, 1) == tables.columns["合計"].staff == 6.9


def test_misprints_are_corrected_and_say_so():
    small = shipped().tables.columns["5万人未満"]
    corrected = {share.code: share for share in small.shares if share.correction}
    assert {code: (one.count, one.percent) for code, one in corrected.items()} == {
        "training_held": (204, 75.0),
        "exchange_with_departments": (25, 9.2),
    }
    assert "04 (75.0%)" in corrected["training_held"].correction.sentence
    others = [name for name in shipped().tables.columns if name != "5万人未満"]
    assert not any(share.correction for name in others for share in shipped().tables.columns[name].shares)


@pytest.mark.parametrize(("band", "staff"), [("500", 25.0), ("100", 7.7), ("50", 5.3), ("0", 3.9)])
def test_a_city_is_compared_within_its_band(band, staff):
    column = shipped().staffing(Kind.CITY, band)
    assert (column.name, column.staff) == (Band(band).label, staff)


def test_every_band_of_the_product_has_a_column():
    assert {shipped().staffing("city", band).name for band in Band.values} == set(shipped().tables.bands)


@pytest.mark.parametrize(
    ("kind", "name", "n"), [("ward", "特別区", 23), ("designated_city", "政令指定都市", 20)]
)
def test_wards_and_designated_cities_have_their_own(kind, name, n):
    column = shipped().staffing(kind, "500")
    assert (column.name, column.municipalities) == (name, n)


@pytest.mark.parametrize(("kind", "band"), [("town", "0"), ("prefecture", "500"), ("city", "")])
def test_the_tables_hold_cities_and_wards_alone(kind, band):
    assert shipped().staffing(kind, band) is None
