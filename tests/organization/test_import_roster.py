"""The command `import_roster`."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from organization.models import ImportBatch, Staff
from organization.workflow import apply_import, upload_import
from tests import builders as b
from tests.organization.files import NOW, row
from tests.organization.rosters import roster

SAMPLES = Path(__file__).parents[2] / "docs" / "samples"


def run(path, *options):
    out = StringIO()
    call_command("import_roster", str(path), *options, stdout=out)
    return out.getvalue()


@pytest.fixture
def city(db):
    city = b.make_municipality()
    b.make_department(city, "情報課", code="010101")
    return city


@pytest.fixture
def good(tmp_path):
    path = tmp_path / "meibo.csv"
    path.write_bytes(roster(row("0001", "髙橋 新", "010101", position="主幹"), encoding="cp932"))
    return path


def test_shows_and_writes_nothing(city, good):
    text = run(good)
    assert "2行目 0001 髙橋 新：新規" in text
    assert "新しい職位：主幹（1行）" in text
    assert "--apply" in text
    assert not Staff.objects.exists()
    assert not ImportBatch.objects.exists()


def test_applies(city, good):
    assert "取り込みました" in run(good, "--apply")
    assert Staff.objects.get().name == "髙橋 新"
    assert "変更なし 1" in run(good)


@pytest.mark.parametrize("options", [[], ["--apply"]])
def test_problems_end_it_with_1(city, tmp_path, options):
    path = tmp_path / "m.csv"
    path.write_bytes(roster(row("0001", "森 一", "999999")))
    with pytest.raises(CommandError, match="2行目 所属コード「999999」：組織にない") as stopped:
        run(path, *options)
    assert stopped.value.returncode == 1
    assert not Staff.objects.exists()


def test_full_lists_the_absent(city, good, tmp_path):
    b.make_posting(b.make_staff(city, "不在 一", staff_number="7777"), city.department_set.get())
    text = run(good, "--full")
    assert "7777 不在 一：退職候補" in text


def test_warnings_and_what_is_odd_are_said(city, tmp_path):
    for n in range(5):
        b.make_posting(b.make_staff(city, f"見本 {n}", staff_number=f"1{n}"), city.department_set.get())
    path = tmp_path / "m.csv"
    path.write_bytes(
        roster(
            "10,,,,,010101,別名,,,本務,R2.4.1,,", *(row(f"1{n}", "", "", kind="退職") for n in range(1, 5))
        )
    )
    text = run(path)
    assert "4人が退職" in text
    assert "組織では「情報課」" in text


def test_municipality_must_be_one(city, good):
    b.make_municipality(code="131016", name="ほかの市")
    with pytest.raises(CommandError, match="団体が1つではありません"):
        run(good)
    with pytest.raises(CommandError, match="この団体コードの団体はありません"):
        run(good, "--municipality", "999999")
    assert "新規" in run(good, "--municipality", city.code)


def test_no_file(city, tmp_path):
    with pytest.raises(CommandError, match="ファイルを読めません"):
        run(tmp_path / "nothing.csv")


def test_a_refusal_while_applying_is_said(city, good):
    b.make_staff(city, username="0001", staff_number="X1")
    b.make_staff(city, username=f"{city.code}-0001", staff_number="X2")
    with pytest.raises(CommandError, match="ログイン名"):
        run(good, "--apply")


def test_the_samples_of_the_manual_can_be_imported(db):
    city = b.make_municipality()
    content = (SAMPLES / "organization.csv").read_bytes()
    batch = upload_import(
        by=None,
        kind="organization",
        file_name="organization.csv",
        content=content,
        now=NOW,
        municipality=city,
    )
    apply_import(by=None, batch=batch, key=None, version=batch.version, now=NOW)
    text = run(SAMPLES / "roster-cp932.csv", "--apply")
    assert "髙橋 英子" in text
    assert "窓口①係" in text
    assert "技術員（㈱みほん情報）" in text
