"""A department where there are too many to choose from: written, and found or asked back (docs/adr/0074)."""

from types import SimpleNamespace

import pytest
from django import forms
from django.core.exceptions import ValidationError

from organization import department_field as fields
from organization.models import Department
from tests import builders as b

A, B, C, D = (
    SimpleNamespace(uuid=f"00000000-0000-4000-8000-00000000000{at}", code=code, name=name, path=path)
    for at, (code, name, path) in enumerate(
        [
            ("100", "総務課", "00000001"), ("110", "庶務係", "0000000100000002"),
            ("200", "市民課", "00000003"), ("210", "庶務係", "0000000300000004"),
        ]
    )
)  # fmt: skip
PLACES = [A, B, C, D]


@pytest.mark.parametrize(
    ("text", "one"),
    [
        ("100", A), ("１００", A), (" 100　総務課 ", A), ("100\x00", A), ("総務課", A), ("総務", A), ("210　庶務係", D),
        (A.uuid, A),
    ],
)  # fmt: skip
def test_a_code_or_a_name_that_is_there_once_is_enough(text, one):
    assert fields.pick(text, PLACES) == fields.Picked(one)


@pytest.mark.parametrize(("text", "several"), [("庶務係", (B, D)), ("課", (A, C)), ("水道課", ()), ("", ())])
def test_what_is_there_several_times_or_never_is_asked_back(text, several):
    assert fields.pick(text, PLACES) == fields.Picked(several=several)


def test_the_sentence_names_those_that_fit_with_what_is_above_them():
    above = {one.path: one for one in PLACES}
    said = fields.problem_of("庶務係", fields.pick("庶務係", PLACES), above)
    assert said == (
        "「庶務係」に合う所属が2あります。所属コードを入力してください："
        "110　庶務係（総務課）、210　庶務係（市民課）"
    )
    many = [SimpleNamespace(**{**vars(B), "code": f"{at}"}) for at in range(12)]
    assert fields.problem_of("庶務係", fields.Picked(several=tuple(many)), {}).endswith("9　庶務係、ほか2")
    assert "見つかりません" in fields.problem_of("水道課", fields.Picked(), {})


@pytest.fixture
def few(monkeypatch):
    """Three are too many."""
    monkeypatch.setattr(fields, "MOST_CHOICES", 2)


def test_a_filter_never_refuses(few):
    assert fields.filtered_by("", PLACES) == fields.Filtered(PLACES)
    assert fields.filtered_by(A.uuid, PLACES).one is A
    assert fields.filtered_by("00000000-0000-4000-8000-0000000000ff", PLACES) == fields.Filtered(PLACES)
    assert fields.filtered_by("総務", PLACES).value == "100　総務課"
    asked = fields.filtered_by("庶務係", PLACES)
    assert (asked.one, asked.value) == (None, "庶務係")
    assert "110　庶務係（総務課）" in asked.problem


def test_a_short_list_is_chosen_from():
    assert not fields.filtered_by("総務", PLACES).is_written
    assert fields.filtered_by("総務", PLACES).one is None


class ListForm(forms.Form):
    place = fields.PlaceField(label="所属", required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["place"].offer(PLACES, [("", "すべて"), *((one.uuid, one.name) for one in PLACES)])


def test_a_field_over_a_list(few):
    assert ListForm({"place": "100　総務課"}).is_valid()
    found = ListForm({"place": "総務"})
    assert (found.is_valid(), found.cleaned_data["place"]) == (True, A.uuid)
    assert ListForm({"place": ""}).is_valid()
    wrong = ListForm({"place": "庶務係"})
    assert "所属コードを入力してください" in wrong.errors["place"][0]
    # What was written stays in the field.
    assert 'value="庶務係"' in str(wrong["place"])
    assert 'value="100　総務課"' in str(ListForm(initial={"place": A.uuid})["place"])
    assert fields.WRITE in str(ListForm()["place"].help_text)


def test_a_field_over_a_short_list_is_a_list():
    assert str(ListForm()["place"]).count("<option") == 5
    assert not ListForm({"place": "100"}).is_valid()


class RowsForm(forms.Form):
    place = fields.DepartmentField(
        label="所属",
        queryset=Department.objects.none(),
        to_field_name="uuid",
        required=False,
        empty_label="全員",
    )

    def __init__(self, *args, city, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["place"].queryset = Department.objects.filter(municipality=city).order_by("path")


@pytest.fixture
def town(db):
    city = b.make_municipality()
    top = b.make_department(city, name="総務部")
    for code in ("110", "120"):
        b.make_department(city, name="庶務係", code=code, parent=top)
    return SimpleNamespace(city=city, top=top)


def test_a_field_over_rows(town, few):
    def cleaned(text):
        form = RowsForm({"place": text}, city=town.city)
        return form.cleaned_data["place"] if form.is_valid() else form.errors["place"][0]

    assert cleaned(str(town.top.uuid)) == cleaned("総務") == cleaned(fields.label_of(town.top)) == town.top
    assert cleaned("") is None
    assert cleaned(" \x00") is None
    assert cleaned("120").code == "120"
    assert cleaned("庶務係").endswith("110　庶務係（総務部）、120　庶務係（総務部）")
    assert "見つかりません" in cleaned("水道")
    assert "選択してください" in cleaned("00000000-0000-4000-8000-0000000000ff")


def test_a_department_of_another_municipality_is_not_found(town, few):
    foreign = b.make_municipality(code="132012")
    b.make_department(foreign, name="水道課", code="999")
    for text in ("999", "水道課"):
        assert not RowsForm({"place": text}, city=town.city).is_valid()


def test_it_shows_what_is_chosen_and_says_what_nothing_means(town, few):
    for initial in (town.top, town.top.uuid, str(town.top.uuid)):
        assert f'value="{fields.label_of(town.top)}"' in str(
            RowsForm(city=town.city, initial={"place": initial})["place"]
        )
    assert str(RowsForm(city=town.city)["place"].help_text).endswith("空なら「全員」です。")


def test_few_rows_are_a_list(town, django_assert_num_queries):
    with django_assert_num_queries(1):
        text = str(RowsForm(city=town.city)["place"])
    assert text.count("<option") == 4
    with pytest.raises(ValidationError):
        RowsForm(city=town.city).fields["place"].clean("総務")
