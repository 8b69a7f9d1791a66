"""過去の記録の取込み, /imports/past/: the workbook, and filled files of any layout."""

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from assessments.models import Cycle, Entry, Sheet
from assessments.past_ratings import cell_column
from assessments.past_reads import cells_of
from organization import jobs
from organization.models import HeaderMapping, ImportBatch
from tests import builders as b
from tests.assessments.past import csv
from tests.assessments.test_past_workflow import wide, works

URL = "/imports/past/"


@pytest.fixture
def hr(sign_in):
    return sign_in("jinji")


def posted(content, what="ratings", name="kako.csv", **fields):
    return {"what": what, "file": SimpleUploadedFile(name, content), **fields}


def of_ratings(world, content, **fields):
    chosen = {"year": 2024, "level": "final", "version": str(world.version.uuid)}
    return posted(content, **(chosen | fields))


def apply(hr, batch):
    page = hr.get(f"/imports/{batch.uuid}/")
    return hr.post(
        f"/imports/{batch.uuid}/apply/", {"version": batch.version, "key": page.context["key"]}, follow=True
    )


def workbook(hr, world, what="ratings", **fields):
    asked = {"what": what, "year": 2024, "level": "final", "version": str(world.version.uuid)} | fields
    response = hr.get(f"{URL}template.xlsx", {f"w-{name}": value for name, value in asked.items()})
    assert response.status_code == 200
    return openpyxl.load_workbook(io.BytesIO(response.content))


def saved(book):
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_it_works(hr, world):
    response = hr.post(URL, of_ratings(world, wide(world, world.honnin)))
    batch = ImportBatch.objects.get()
    assert response["Location"] == f"/imports/{batch.uuid}/"
    text = hr.get(response["Location"]).content.decode()
    assert "取り込む記録" in text
    assert "氏名" in text
    assert "所属コード" not in text
    assert "3 独力でできる" in text
    assert "取り込みました" in apply(hr, batch).content.decode()
    assert Sheet.objects.get(cycle__fiscal_year=2024).staff == world.honnin
    assert (
        "変更なし"
        in hr.get(hr.post(URL, of_ratings(world, wide(world, world.honnin)))["Location"]).content.decode()
    )


def test_the_workbook_lists_people_cells_steps_and_locks_what_stays(hr, world):
    book = workbook(hr, world, department=str(world.ka.uuid))
    page = book.worksheets[0]
    header = [cell.value for cell in page[1]]
    assert header[:4] == ["職員番号", "氏名", "所属コード", "所属名"]
    assert header[4:] == [cell_column(cell) for cell in cells_of(world.version)]
    names = [row[1].value for row in page.iter_rows(min_row=2)]
    assert world.honnin.name in names
    assert world.betsuka.name not in names
    numbers = [row[0].value for row in page.iter_rows(min_row=2)]
    assert numbers[names.index(world.honnin.name)] == world.honnin.staff_number
    assert page.protection.sheet
    assert page["A2"].protection.locked
    assert page["A1"].protection.locked
    assert not page["E2"].protection.locked
    (rule,) = page.data_validations.dataValidation
    assert rule.formula1 == '"0,1,2,3,4"'
    assert [sheet.title for sheet in book] == ["到達度", "書き方"]


def test_a_filled_workbook_comes_back_whole(hr, world):
    book = workbook(hr, world, department=str(world.kakari_dept.uuid))
    page = book.worksheets[0]
    for row in page.iter_rows(min_row=2):
        for cell in row[4:]:
            cell.value = 2
    batch = ImportBatch.objects.get(
        uuid=hr.post(URL, of_ratings(world, saved(book), name="kako.xlsx"))["Location"].split("/")[2]
    )
    assert batch.counts["kinds"] == {"new": page.max_row - 1}
    assert (batch.state, batch.counts["warnings"]) == ("previewed", 0)
    apply(hr, batch)
    assert Sheet.objects.filter(cycle__fiscal_year=2024, state="confirmed").count() == page.max_row - 1


def test_an_empty_workbook_brings_nothing_and_is_no_mistake(hr, world):
    content = saved(workbook(hr, world))
    hr.post(URL, of_ratings(world, content, name="kako.xlsx"))
    batch = ImportBatch.objects.get()
    assert (batch.state, list(batch.counts["kinds"])) == ("previewed", ["empty"])


@pytest.mark.parametrize("what", ["experience", "certification", "training"])
def test_the_workbook_of_entries_comes_back(hr, world, what):
    book = workbook(hr, world, what)
    page = book.worksheets[0]
    header = [cell.value for cell in page[1]]
    first = next(row for row in page.iter_rows(min_row=2) if row[1].value == world.honnin.name)
    first[header.index("名称")].value = "基幹系の更改"
    spare = page[len([row for row in page.iter_rows(min_row=2) if row[0].value]) + 2]
    spare[0].value, title = world.dourei.staff_number, spare[header.index("名称")]
    title.value, title.data_type = "=1+1 住民税システム", "s"
    content = saved(book)
    response = hr.post(URL, posted(content, what, "kako.xlsx"))
    batch = ImportBatch.objects.get()
    assert (response.status_code, batch.state) == (302, "previewed")
    assert batch.counts["kinds"]["new"] == 2
    apply(hr, batch)
    assert Entry.objects.get(staff=world.honnin).kind == what
    assert Entry.objects.get(staff=world.dourei).title == "=1+1 住民税システム"


def test_a_foreign_layout_is_mapped_on_screen_and_remembered(hr, world):
    content = csv(["番号", "スキル名", "点"], [world.honnin.staff_number, world.cells[0].label, "3"])
    hr.post(URL, of_ratings(world, content))
    batch = ImportBatch.objects.get()
    assert batch.state == "refused"
    page = hr.get(f"/imports/{batch.uuid}/map/")
    fields = {column: f"column-{n}" for n, column in enumerate(
        name for name in ("職員番号", "氏名", "年度", "所属コード", "項目コード", "項目", "到達度")
    )}  # fmt: skip
    chosen = {fields["職員番号"]: "番号", fields["項目"]: "スキル名", fields["到達度"]: "点"}
    assert page.status_code == 200
    hr.post(f"/imports/{batch.uuid}/map/", {**chosen, "version": batch.version, "template": "情報課の表"})
    batch.refresh_from_db()
    assert batch.state == "previewed"
    assert HeaderMapping.objects.filter(kind="ratings", name="情報課の表").exists()


def test_what_is_missing_is_asked_beside_its_field(hr, world):
    response = hr.post(URL, {"what": "ratings"})
    assert response.status_code == 422
    text = response.content.decode()
    assert "年度を選んでください" in text
    assert "ファイルを選んでください" in text
    assert Cycle.objects.filter(fiscal_year__lt=2026).count() == 0


@pytest.mark.parametrize("asked", [{}, {"w-what": "nazo"}, {"w-what": "ratings", "w-year": "1"}])
def test_a_workbook_of_nothing_is_asked_about(hr, asked):
    assert hr.get(f"{URL}template.xlsx", asked).status_code == 422


def test_a_version_or_department_of_somebody_else_is_refused(hr, world):
    foreign = {"w-what": "training", "w-department": str(world.foreign_department.uuid)}
    assert hr.get(f"{URL}template.xlsx", foreign).status_code == 422


def test_only_hr_comes_here(sign_in):
    for name in ("honnin", "kacho", "kansa", "henshu"):
        client = sign_in(name)
        assert client.get(URL).status_code == 403
        assert client.get(f"{URL}template.xlsx", {"w-what": "training"}).status_code == 403
        assert client.post(URL, {}).status_code == 403


def test_the_page_costs_the_same_at_any_size(hr, world, django_assert_max_num_queries):
    with django_assert_max_num_queries(15):
        hr.get(URL)
    for n in range(30):
        b.make_department(world.city, f"課{n}", code=f"9{n:05}")
    with django_assert_max_num_queries(15):
        hr.get(URL)


def test_the_pages_of_an_imported_year_open_for_everybody(sign_in, world):
    hr = sign_in("jinji")
    header = ["職員番号", *(cell.code for cell in world.cells[1:])]
    content = csv(header, [world.honnin.staff_number, *["3"] * (len(world.cells) - 1)])
    hr.post(URL, of_ratings(world, content))
    apply(hr, ImportBatch.objects.get())
    sheet = Sheet.objects.get(cycle__fiscal_year=2024)
    hr.post(URL, posted(works(world), "experience"))
    apply(hr, ImportBatch.objects.get(kind="entries"))
    correct = reverse("assessments:sheet_correct", args=[sheet.uuid])
    for name in ("honnin", "kacho", "jinji"):
        client = sign_in(name)
        for url in (f"/sheets/{sheet.uuid}/", f"/resume/{world.honnin.uuid}/"):
            response = client.get(url, follow=True)
            assert response.status_code == 200, (name, url)
            assert "取込み" in response.content.decode(), (name, url)
    assert sign_in("jinji").get(correct).status_code == 200
    home = sign_in("honnin").get("/").content.decode()
    assert "2024年度" in home
    assert "取り込みました" in home


def test_a_large_file_is_left_to_the_worker(hr, world, settings):
    settings.IMPORT_AT_ONCE_BYTES = 10
    response = hr.post(URL, of_ratings(world, saved(workbook(hr, world)), name="kako.xlsx"))
    batch = ImportBatch.objects.get()
    assert response["Location"] == f"/imports/{batch.uuid}/"
    assert batch.state == ImportBatch.State.CHECKING
    jobs.run(batch.job.uuid)
    batch.refresh_from_db()
    assert batch.state == ImportBatch.State.PREVIEWED
    assert "まだ取り込んでいません" in hr.get(response["Location"]).content.decode()
