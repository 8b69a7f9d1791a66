"""The shipped register and providers: loaded again and again, and what a file that vanished from leaves behind."""

import datetime
import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from audit.models import Event
from competency import catalogue_file
from competency.models import Provider, Qualification
from tests import builders as b

DATA = Path(catalogue_file.__file__).parent / "data"
CURRENT = ["IP", "SG", "FE", "AP", "ST", "SA", "PM", "NW", "DB", "ES", "SM", "AU", "SC"]
DAY = datetime.date(2026, 11, 25)


def load(**files):
    out = io.StringIO()
    call_command("load_catalogue", stdout=out, **files)
    return out.getvalue()


def test_the_thirteen_examinations_come_first_and_are_held_today(db):
    load()
    first = list(Qualification.objects.order_by("rank")[:13])
    assert [row.code for row in first] == CURRENT
    assert all(row.is_held_on(DAY) and not row.is_planned for row in first)


def test_only_the_security_specialists_are_registered_for_three_years(db):
    load()
    registered = Qualification.objects.exclude(registration_title="")
    assert set(registered.values_list("code", flat=True)) == {"SC", "SC-2009", "SV"}
    assert set(registered.values_list("registration_title", "renewal_years")) == {
        ("情報処理安全確保支援士", 3)
    }


def test_what_is_no_longer_held_has_both_dates_and_what_is_planned_has_none(db):
    load()
    over = Qualification.objects.exclude(valid_to=None)
    assert over.count() > 20
    assert not over.filter(valid_from=None).exists()
    planned = Qualification.objects.filter(is_planned=True)
    assert planned.count() == 4
    assert not planned.exclude(valid_from=None, valid_to=None).exists()
    assert not planned.exclude(note__contains="要確認").exists()
    assert not planned.filter(source="").exists()
    assert "予定、仮称" in str(planned.first())


@pytest.mark.parametrize(
    ("code", "day", "held"),
    [
        ("K2", datetime.date(2000, 10, 15), True),
        ("K2", datetime.date(2001, 4, 15), False),
        ("FE", datetime.date(2001, 4, 15), True),
        ("AP", datetime.date(2008, 12, 1), False),
        ("SU", datetime.date(2001, 4, 15), False),
        ("AD", datetime.date(2009, 5, 18), True),
    ],
)
def test_an_examination_is_held_between_its_dates(db, code, day, held):
    load()
    assert Qualification.objects.get(code=code).is_held_on(day) is held


def test_a_second_time_changes_nothing(db):
    assert "追加" in load()
    before = list(Qualification.objects.values())
    assert load() == "資格 42件：変わりありません。\n研修の実施機関 9件：変わりありません。\n"
    assert list(Qualification.objects.values()) == before
    assert Event.objects.filter(action__endswith=".load").count() == 2


def test_a_row_that_vanished_is_retired_and_what_is_a_municipalitys_own_stays(db, tmp_path):
    load()
    own = b.make_qualification("IP", "うちの試験", municipality=b.make_municipality())
    file = tmp_path / "fewer.csv"
    file.write_text("符号,実施機関\nj-lis,機構\n", encoding="utf-8")
    told = load(providers=file)
    assert "研修の実施機関 1件：変更1件、使用終了8件。" in told
    assert Provider.objects.get(code="j-lis").name == "機構"
    assert Provider.objects.get(code="jiam").retired
    own.refresh_from_db()
    assert own.name == "うちの試験"
    assert not own.retired
    assert "研修の実施機関 9件：変更9件。" in load(), "what comes back is offered again"
    assert not Provider.objects.filter(retired=True).exists()


def test_a_bad_file_changes_neither(db, tmp_path):
    file = tmp_path / "bad.csv"
    file.write_text("符号,名称,実施のはじめ\nIP,,きのう\n", encoding="utf-8")
    with pytest.raises(CommandError, match="2行目 名称「」：名称が空") as refusal:
        load(qualifications=file)
    assert "実施のはじめ「きのう」" in str(refusal.value)
    assert not Qualification.objects.exists()
    assert not Provider.objects.exists()


def test_a_file_that_is_not_there_is_said(db, tmp_path):
    with pytest.raises(CommandError, match="開けません"):
        load(qualifications=tmp_path / "none.csv")


def test_the_columns_of_the_file_are_as_wide_as_those_of_the_model():
    for name, most in catalogue_file.LENGTHS.items():
        assert Qualification._meta.get_field(name).max_length == most
    for name, most in catalogue_file.PROVIDER_LENGTHS.items():
        assert Provider._meta.get_field(name).max_length == most
