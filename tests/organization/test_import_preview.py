"""What a file would change, /imports/<uuid>/ and the clicks on it."""

import json
import uuid
import zlib

import pytest

from organization.import_preview import unpack
from organization.models import HeaderMapping, ImportBatch, Staff
from organization.roster import COLUMNS, Suspicion
from organization.workflow import discard_import
from tests import builders as b
from tests.organization.files import NOW, checked, imported, row

BACKEND = "organization.backends.StaffBackend"


@pytest.fixture
def hr(client, world):
    client.force_login(world.jinji, backend=BACKEND)
    return client


def apply(client, batch, **fields):
    data = {"version": batch.version, "key": uuid.uuid4(), **fields}
    return client.post(f"/imports/{batch.uuid}/apply/", data)


def test_every_line_with_old_and_new(hr, world):
    batch = checked(
        world,
        row("0009001", "髙橋 新", "010101", position="主幹"),
        row(world.honnin.staff_number, "", "020100", position="係長"),
    )
    text = hr.get(f"/imports/{batch.uuid}/").content.decode()
    for expected in (
        "新規",
        "異動",
        "髙橋 新",
        "情報政策係",
        "人事課",
        "令和8年4月1日",
        "主幹",
        "新しい職位",
    ):
        assert expected in text


def test_one_kind_at_a_time(hr, world):
    batch = checked(world, row("0009001", "髙橋 新", "010101"), row(world.honnin.staff_number, "", "020100"))
    text = hr.get(f"/imports/{batch.uuid}/", {"show": "transfer"}).content.decode()
    assert "髙橋 新" not in text
    assert world.honnin.staff_number in text
    assert hr.get(f"/imports/{batch.uuid}/", {"show": "nonsense", "page": "x"}).status_code == 200


def test_a_hundred_lines_a_page(hr, world):
    batch = checked(world, *(row(f"70{n:03d}", f"見本 {n}", "010101") for n in range(120)))
    assert "70119" not in hr.get(f"/imports/{batch.uuid}/").content.decode()
    assert "70119" in hr.get(f"/imports/{batch.uuid}/", {"page": 2}).content.decode()


def test_warnings_are_shown(hr, world):
    batch = checked(world, f"{world.honnin.staff_number},,,,,010101,別の名前,,,本務,R2.4.1,,")
    assert "組織では「情報政策係」です" in hr.get(f"/imports/{batch.uuid}/").content.decode()


def test_apply_writes_and_says_what_next(hr, world):
    batch = checked(world, row("0009001", "髙橋 新", "010101", position="主幹"))
    response = apply(hr, batch)
    assert response.status_code == 302
    assert Staff.objects.filter(staff_number="0009001").exists()
    text = hr.get(response["Location"]).content.decode()
    assert "取り込みました" in text
    assert "新しい職位の確認者区分を決める" in text


def test_a_click_twice_is_one_import(hr, world):
    batch = checked(world, row("0009001", "髙橋 新", "010101"))
    data = {"version": batch.version, "key": uuid.uuid4()}
    first = hr.post(f"/imports/{batch.uuid}/apply/", data)
    second = hr.post(f"/imports/{batch.uuid}/apply/", data)
    assert (first.status_code, second.status_code) == (302, 302)
    assert Staff.objects.filter(staff_number="0009001").count() == 1


@pytest.mark.parametrize("fields", [{"version": ""}, {"version": "-1"}, {"key": "x"}, {"version": "1²"}])
def test_clicks_that_no_page_of_ours_makes_are_422(hr, world, fields):
    batch = checked(world, row("0009001", "髙橋 新", "010101"))
    assert apply(hr, batch, **fields).status_code == 422
    assert not Staff.objects.filter(staff_number="0009001").exists()


def test_a_stale_version_is_409(hr, world):
    batch = checked(world, row("0009001", "髙橋 新", "010101"))
    assert apply(hr, batch, version=batch.version + 1).status_code == 409


def test_what_is_odd_must_be_seen_first(hr, world):
    numbers = [
        getattr(world, who).staff_number
        for who in ("honnin", "dourei", "kakari", "kacho", "bucho", "betsuka")
    ]
    batch = checked(world, *(row(number, "", "", kind="退職") for number in numbers))
    assert "6人が退職" in hr.get(f"/imports/{batch.uuid}/").content.decode()
    refused = apply(hr, batch)
    assert refused.status_code == 422
    assert "印を付けてから" in refused.content.decode()
    world.honnin.refresh_from_db()
    assert world.honnin.left_on is None
    assert apply(hr, batch, seen="1").status_code == 302
    world.honnin.refresh_from_db()
    assert world.honnin.left_on is not None


def test_suspicious_lines_come_first_with_the_reason_in_the_row(hr, world):
    batch = checked(
        world,
        row("0009001", "髙橋 新", "010101"),
        row(world.honnin.staff_number, "別人 太郎", "020100"),
    )
    assert batch.counts["suspicions"] == 1
    page = hr.get(f"/imports/{batch.uuid}/")
    text = page.content.decode()
    assert [outcome.line for outcome, _, _ in page.context["rows"]] == [3, 2]
    assert text.index("別の人の職員番号ではないか") > text.index(world.honnin.staff_number)
    assert text.index("別の人の職員番号ではないか") < text.index("髙橋 新")
    assert "1行に、気になる点があります" in text
    assert apply(hr, batch).status_code == 422
    assert apply(hr, batch, seen="1").status_code == 302


def test_a_suspicious_line_of_page_two_is_on_page_one(hr, world):
    rows = [row(f"70{n:03d}", f"見本 {n}", "010101") for n in range(120)]
    batch = checked(world, *rows, row(world.honnin.staff_number, "別人 太郎", "020100"))
    assert "別人 太郎" in hr.get(f"/imports/{batch.uuid}/").content.decode()


def test_a_file_that_was_checked_before_reasons_had_lines_is_still_shown():
    packed = zlib.compress(json.dumps({
        "outcomes": [], "problems": [], "warnings": [], "suspicions": ["めったにないこと"], "new_positions": {},
        "header": [], "unused": [],
    }).encode())  # fmt: skip
    assert unpack(packed).suspicions == [Suspicion("めったにないこと")]


def test_changed_in_between_is_409_with_the_new_preview(hr, world):
    batch = checked(world, row(world.honnin.staff_number, "", "020100"))
    imported(world, row(world.honnin.staff_number, "", "010102", start="令和8年3月1日"))
    response = apply(hr, batch)
    text = response.content.decode()
    assert response.status_code == 409
    assert "もう一度確かめて" in text
    assert "基盤係" in text
    batch.refresh_from_db()
    assert apply(hr, batch).status_code == 302


def test_discard(hr, world):
    batch = checked(world, row("0009001", "髙橋 新", "010101"))
    assert hr.post(f"/imports/{batch.uuid}/discard/", {"version": batch.version}).status_code == 302
    batch.refresh_from_db()
    assert (batch.state, batch.content) == (ImportBatch.State.DISCARDED, None)
    assert "もう残っていません" in hr.get(f"/imports/{batch.uuid}/").content.decode()
    assert hr.post(f"/imports/{batch.uuid}/discard/", {"version": batch.version}).status_code == 409
    assert apply(hr, batch).status_code == 409


def test_map_columns_and_go_on(hr, world):
    batch = checked(world, "0009001,森 一,010101,R8.4.1", header="ばんごう,なまえ,ばしょ,いつから")
    page = hr.get(f"/imports/{batch.uuid}/map/").content.decode()
    assert "ばんごう" in page
    labels = ["職員番号", "氏名", "所属コード", "発令日"]
    numbers = {column.label: n for n, column in enumerate(COLUMNS)}
    names = ["ばんごう", "なまえ", "ばしょ", "いつから"]
    data = {f"column-{numbers[label]}": name for label, name in zip(labels, names, strict=True)}
    missing = hr.post(
        f"/imports/{batch.uuid}/map/", {**data, f"column-{numbers['発令日']}": "", "version": batch.version}
    )
    assert missing.status_code == 422
    assert "「発令日」にあたる列を選んでください" in missing.content.decode()
    twice = hr.post(
        f"/imports/{batch.uuid}/map/",
        {**data, f"column-{numbers['旧姓']}": "なまえ", "version": batch.version},
    )
    assert twice.status_code == 422
    assert "「氏名」に選ばれています" in twice.content.decode()
    assert not HeaderMapping.objects.exists()
    assert hr.post(f"/imports/{batch.uuid}/map/", {**data, "version": batch.version}).status_code == 302
    batch.refresh_from_db()
    assert batch.state == ImportBatch.State.PREVIEWED
    assert unpack(batch.preview).outcomes[0].name == "森 一"


def test_a_file_that_is_gone_cannot_be_mapped(hr, world):
    batch = checked(world, row("0009001", "髙橋 新", "010101"))
    discard_import(by=b.actor_of(world.jinji), batch=batch, version=batch.version, now=NOW)
    assert "もう残っていません" in hr.get(f"/imports/{batch.uuid}/map/").content.decode()
    assert hr.post(f"/imports/{batch.uuid}/map/", {"version": 1}).status_code == 422
