"""Choosing a file, /imports/."""

import io

import pytest

from lib.tabular import Sheet, write_xlsx
from organization.models import ImportBatch
from tests.organization.files import checked, imported, row, upload
from tests.organization.rosters import HEADER, roster

BACKEND = "organization.backends.StaffBackend"
GOOD = roster(row("0009001", "髙橋 新", "010101"))


@pytest.fixture
def hr(client, world):
    client.force_login(world.jinji, backend=BACKEND)
    return client


def test_it_works(hr, world):
    response = hr.post("/imports/", upload(GOOD))
    batch = ImportBatch.objects.get()
    assert response.status_code == 302
    assert response["Location"] == f"/imports/{batch.uuid}/"
    assert (batch.municipality, batch.uploaded_by, batch.state) == (world.city, world.jinji, "previewed")


def test_lists_what_was_imported_here(hr, world):
    imported(world, row("0009001", "髙橋 新", "010101"))
    checked(world, row("0009002", "森 二", "999999"))
    text = hr.get("/imports/").content.decode()
    assert "取込み完了" in text
    assert "取り込まず中止" in text
    assert text.count("meibo.csv") == 2


def test_excel_works_too(hr):
    book = io.BytesIO()
    write_xlsx(book, [Sheet("名簿", HEADER.split(","), [row("0009001", "髙橋 新", "010101").split(",")])])
    assert hr.post("/imports/", upload(book.getvalue(), "meibo.xlsx")).status_code == 302


def test_problems_are_listed_on_the_page_with_line_column_value_and_what_to_do(hr):
    content = roster(row("0009001", "森 一", "999999"), row("００９", "森 二", "010101", start="R8.2.30"))
    response = hr.post("/imports/", upload(content))
    text = response.content.decode()
    assert response.status_code == 422
    for expected in ("2行目", "999999", "組織にない", "3行目", "００９", "全角の数字", "R8.2.30", "暦にない"):
        assert expected in text
    assert "1行も取り込みません" in text


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "m.csv", "ファイルが空です"),
        (b"PK\x03\x04" + b"\0" * 40, "m.csv", "中身はExcel"),
        (b"just text", "m.xlsx", "中身はExcelではありません"),
        (b"\xff\xfe\x00", "m.csv", "UTF-16"),
        (b"a,b,c\n1,2,3\n", "m.csv", "「職員番号」の列が見つかりません"),
        (b'"', "m.csv", "付け方"),
    ],
)
def test_files_that_are_no_roster_are_422_and_never_500(hr, content, name, words):
    response = hr.post("/imports/", upload(content, name))
    assert response.status_code == 422
    assert words in response.content.decode()


def test_a_list_of_many_problems_goes_on_on_its_own_page(hr):
    content = roster(*(row(f"70{n:03d}", f"森 {n}", "999999") for n in range(150)))
    text = hr.post("/imports/", upload(content)).content.decode()
    batch = ImportBatch.objects.get()
    assert "全150件" in text
    following = hr.get(f"/imports/{batch.uuid}/", {"page": 2})
    assert "151行目" in following.content.decode()


def test_too_large_a_file_is_413(hr, settings):
    settings.IMPORT_MAX_BYTES = 100
    assert hr.post("/imports/", upload(GOOD)).status_code == 413
    assert not ImportBatch.objects.exists()


def test_invalid_form_shows_its_errors(hr):
    response = hr.post("/imports/", {"kind": "payroll"})
    text = response.content.decode()
    assert response.status_code == 422
    assert "ファイルを選んでください" in text


def test_full_roster_is_for_rosters_alone(hr):
    hr.post("/imports/", upload(GOOD, full="on"))
    assert ImportBatch.objects.get().options["full"] is True
    organisation = roster("03,市民部,,R8.4.1,", header="所属コード,所属名,上位所属コード,開始日,終了日")
    hr.post("/imports/", upload(organisation, kind="organization", full="on"))
    assert ImportBatch.objects.order_by("pk").last().options["full"] is False


@pytest.mark.parametrize("kind", ["roster", "organization"])
def test_template_is_a_file_that_we_read(hr, world, kind):
    response = hr.get(f"/imports/template/{kind}.csv")
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    content = response.content
    assert content.startswith(b"\xef\xbb\xbf")
    batch = checked(world, content=content, kind=kind)
    assert "fingerprint" in batch.counts or batch.counts["problems"] <= 2


def test_no_other_template(hr):
    assert hr.get("/imports/template/payroll.csv").status_code == 404
