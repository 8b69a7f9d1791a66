"""The package for 開示 holds every field of the person, in words, with its marks, and nothing of anybody else."""

import io
import json
import zipfile

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from audit.models import Event
from lib.personal import MARKS, Treat
from privacy import inventory
from privacy.disclosure import BOOK, COVER, DATA, make_package
from tests.privacy.person import plant, wanted


@pytest.fixture
def package(world):
    staff, words = plant(world, "mine")
    _, others = plant(world, "other")
    made = make_package(staff, number="R8-1", now=timezone.now())
    return staff, words, others, zipfile.ZipFile(io.BytesIO(made.content))


def test_every_word_of_the_person_is_in_it_and_none_of_another(package):
    _, words, others, opened = package
    data = opened.read(DATA).decode()
    uploads = {field for field in wanted() if field.startswith("organization.ImportBatch.")}
    told = {field for field in wanted() - uploads if field != "organization.Staff.search"}
    assert [field for field in told if words.by_field[field] not in data] == []
    assert [field for field, word in others.by_field.items() if word in data] == []
    files = {opened.read(name).decode() for name in opened.namelist() if name.startswith("添付/")}
    assert files == {words.by_field["file of a job"], words.by_field["file of an entry"]}


def test_every_column_of_every_table_is_told(package):
    tables = json.loads(package[3].read(DATA))["tables"]
    for line in inventory.about_people():
        for row in tables[line.model]["rows"]:
            assert set(row) == {field.name for field in line.fields}, line.model
    # What a person has a row in: all but the receipts of clicks.
    empty = {name for name, table in tables.items() if not table["rows"]}
    assert {name for name in empty if not name.startswith("audit.")} == set()


def test_what_has_to_be_looked_at_is_marked_with_its_reason(package):
    staff, _words, _, opened = package
    tables = json.loads(opened.read(DATA))["tables"]
    comment = tables["assessments.Confirmation"]["rows"][0]
    assert comment["comment"]["mark"] == MARKS[Treat.OPINION]
    assert comment["confirmer"]["mark"] == MARKS[Treat.OTHER]
    assert comment["confirmer"]["value"] == "髙橋 誠一"
    # The person themself is no third person.
    assert tables["assessments.Career"]["rows"]
    assert tables["assessments.Entry"]["rows"][0]["created_by"]["mark"] == ""
    password = tables["organization.Staff"]["rows"][0]["password"]
    assert (password["value"], password["mark"]) == ("（値は出しません）", MARKS[Treat.SECRET])
    assert staff.password not in opened.read(DATA).decode()
    cover = opened.read(COVER).decode()
    assert "適正な事務に支障" in cover
    assert "R8-1" in cover


def test_the_workbook_has_a_sheet_for_each_table(package):
    book = openpyxl.load_workbook(io.BytesIO(package[3].read(BOOK)))
    rows = list(book["異動希望"].iter_rows(values_only=True))
    assert rows[0] == ("番号", "項目", "内容", "確かめること")
    assert (1, "希望", "異動したい", "") in rows
    assert (1, "年度", "2015", "") in rows


def test_by_command_with_its_event(world, tmp_path, capsys):
    staff, _ = plant(world, "mine")
    call_command(
        "disclose", staff.staff_number, municipality=world.city.code, output=tmp_path / "a.zip", number="R8-2"
    )
    assert zipfile.ZipFile(tmp_path / "a.zip").testzip() is None
    event = Event.objects.get(action="disclosure.export")
    assert (event.subject_uuid, event.data["number"], event.data["files"]) == (staff.uuid, "R8-2", 2)
    with pytest.raises(CommandError, match="いません"):
        call_command("disclose", "nobody", municipality=world.city.code, output=tmp_path / "b.zip")
