"""資格 register: everybody reads it; 人事 replaces it by a file, all or nothing (P23, P21t)."""

import csv
import datetime
import io

import pytest
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from access.actor import Role
from audit.models import Event
from competency.models import Qualification
from lib.tabular import Sheet, write_xlsx
from tests import builders as b

LIST, IMPORT = reverse("competency:qualifications"), reverse("competency:qualifications_import")
FILE = reverse("competency:qualifications_csv")
EVERYBODY = ["honnin", "kakari", "kacho", "jinji", "henshu", "kansa", "sysadmin"]
GOOD = "符号,名称,実施のはじめ,備考\nAP,応用情報技術者試験,H21.4.1,髙いほう\nG1,𠮷の検定,,\n"


@pytest.fixture
def register(world):
    """Return the world with a common register of three rows."""
    day = datetime.date
    b.make_qualification("AP", valid_from=day(2009, 4, 1), rank=0)
    b.make_qualification("K2", "第二種情報処理技術者試験", valid_to=day(2001, 3, 31), rank=1)
    b.make_qualification("DM", "データマネジメント試験", is_planned=True, rank=2)
    return world


def upload(client, text, name="shikaku.csv", encoding="utf-8"):
    content = text.encode(encoding) if isinstance(text, str) else text
    return client.post(IMPORT, {"file": SimpleUploadedFile(name, content)})


def apply(client, page):
    return client.post(IMPORT, {"plan": page.context["signed"]})


def used(world):
    return [row.code for row in Qualification.objects.register_of(world.city.pk)]


@pytest.mark.parametrize("who", EVERYBODY)
def test_everybody_reads_it_by_status(sign_in, register, who):
    page = sign_in(who).get(LIST)
    assert page.status_code == 200
    told = {status: [line.row.code for line in lines] for status, lines in page.context["sections"]}
    assert told == {"現行": ["AP"], "予定（仮称）": ["DM"], "廃止": ["K2"]}
    assert ("置き換える" in page.content.decode()) == (who == "jinji")


@pytest.mark.parametrize("who", [who for who in EVERYBODY if who != "jinji"])
def test_others_do_not_replace_it(sign_in, register, who):
    client = sign_in(who)
    assert client.get(IMPORT).status_code == 403
    assert client.get(FILE).status_code == 403
    assert upload(client, GOOD).status_code == 403


def test_an_empty_register_says_what_to_do(sign_in, world):
    assert "load_catalogue" in sign_in("jinji").get(LIST).content.decode()


def test_the_queries_do_not_grow(sign_in, register, django_assert_max_num_queries):
    client = sign_in("kacho")
    with django_assert_max_num_queries(15) as few:
        client.get(LIST)
    call_command("load_catalogue", stdout=io.StringIO())
    with django_assert_max_num_queries(15) as many:
        client.get(LIST)
    assert len(few) == len(many)


def test_a_file_is_shown_before_it_is_taken(sign_in, register):
    client = sign_in("jinji")
    page = upload(client, GOOD)
    plan = page.context["plan"]
    assert page.status_code == 200
    assert [row.code for row in plan.new] == ["G1"]
    assert [(one.row.code, one.parts) for one in plan.changed] == [("AP", (("備考", "なし", "髙いほう"),))]
    assert [row.code for row in plan.retired] == ["K2", "DM"]
    assert used(register) == ["AP", "K2", "DM"]
    assert apply(client, page).status_code == 302
    assert used(register) == ["AP", "G1"]
    rows = Qualification.objects.filter(municipality=register.city)
    assert rows.get(code="G1").name == "𠮷の検定"
    assert rows.get(code="AP").valid_from == datetime.date(2009, 4, 1)
    event = Event.objects.get(action="qualifications.import")
    assert event.data == {"rows": 2, "made": 1, "changed": 1, "retired": 2}
    assert "G1" in client.get(LIST).content.decode()


def test_the_same_file_again_changes_nothing(sign_in, register):
    client = sign_in("jinji")
    page = upload(client, GOOD)
    apply(client, page)
    before = list(Qualification.objects.values())
    again = upload(client, GOOD)
    assert again.context["signed"] == ""
    assert "取り込むものはありません" in again.content.decode()
    apply(client, page)
    assert list(Qualification.objects.values()) == before
    assert Event.objects.filter(action="qualifications.import").count() == 1


def test_the_downloaded_file_is_the_register(sign_in, register):
    client = sign_in("jinji")
    answer = client.get(FILE)
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row[0] for row in rows] == ["符号", "AP", "K2", "DM"]
    assert Event.objects.get(action="qualifications.export").data == {"rows": 3}
    assert upload(client, answer.content).context["plan"].is_empty
    assert not Qualification.objects.filter(municipality=register.city).exists()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_every_encoding_is_read(sign_in, register, encoding):
    page = upload(sign_in("jinji"), "符号,名称\r\nX1,髙度な検定\r\n", encoding=encoding)
    assert [row.name for row in page.context["plan"].new] == ["髙度な検定"]


def test_excel_is_read(sign_in, register):
    file = io.BytesIO()
    write_xlsx(
        file, [Sheet("表", ["符号", "名称", "実施のはじめ"], [["X1", "検定", datetime.date(2020, 4, 1)]])]
    )
    page = upload(sign_in("jinji"), file.getvalue(), "shikaku.xlsx")
    assert page.context["plan"].new[0].valid_from == datetime.date(2020, 4, 1)


def test_everything_wrong_is_said_with_line_column_value_and_remedy(sign_in, register):
    text = (
        "符号,名称,実施のはじめ,実施の終わり,予定,登録の名称,登録の有効年数\n"
        "AP,,R8.2.30,,,,\n"
        "AP,二つ目,2020/4/1,2019/4/1,はい,,3\n"
        f"Ａ１,{'長' * 121},,,,支援士,０\n"
    )
    page = upload(sign_in("jinji"), text)
    assert page.status_code == 422
    found = {(one.line, one.column): one for one in page.context["file_problems"]}
    assert set(found) == {
        (2, "名称"), (2, "実施のはじめ"), (3, "符号"), (3, "実施の終わり"), (3, "予定"), (3, "登録の有効年数"),
        (4, "符号"), (4, "名称"), (4, "登録の有効年数"),
    }  # fmt: skip
    assert found[2, "実施のはじめ"].value == "R8.2.30"
    assert all(one.message.endswith(("。", "）。")) for one in found.values())
    assert used(register) == ["AP", "K2", "DM"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("符号,なまえ\nX,検定\n", "「名称」の列がありません"),
        ("符号,名称,色\nX,検定,赤\n", "知らない列です"),
        ("", "ファイルが空です"),
        ("符号,名称\n", "データの行がありません"),
        ("符号,名称\nX,検定,余り\n", "3列あります"),
    ],
)
def test_a_bad_file_is_refused_whole(sign_in, register, text, said):
    page = upload(sign_in("jinji"), text)
    assert page.status_code == 422
    assert said in page.content.decode()
    assert not Qualification.objects.filter(municipality=register.city).exists()


def test_without_a_file_it_asks_for_one(sign_in, register):
    page = sign_in("jinji").post(IMPORT, {})
    assert page.status_code == 422
    assert "ファイルを選んでください" in page.content.decode()


def test_a_file_too_large_is_refused(sign_in, register, settings):
    settings.IMPORT_MAX_BYTES = 10
    assert upload(sign_in("jinji"), GOOD).status_code == 413


def test_formulas_and_markup_are_text(sign_in, register):
    client = sign_in("jinji")
    text = '符号,名称\nX1,"=HYPERLINK(""x"")"\nX2,<script>alert(1)</script>\n'
    apply(client, upload(client, text))
    assert "<script>alert" not in client.get(LIST).content.decode()
    assert "'=HYPERLINK" in client.get(FILE).content.decode("utf-8-sig")


def test_a_row_that_vanished_stays_with_those_who_hold_it_and_may_come_back(sign_in, register):
    client = sign_in("jinji")
    apply(client, upload(client, "符号,名称\nX1,検定\nX2,別の検定\n"))
    row = Qualification.objects.get(code="X2")
    held = b.make_certification(register.honnin, "別の検定", qualification=row)
    apply(client, upload(client, "符号,名称\nX1,検定\n"))
    assert used(register) == ["X1"]
    held.refresh_from_db()
    assert held.qualification == row
    apply(client, upload(client, "符号,名称\nX1,検定\nX2,別の検定\n"))
    assert used(register) == ["X1", "X2"]
    assert Qualification.objects.get(code="X2") == row


def test_a_register_that_moved_meanwhile_is_shown_again(sign_in, register):
    client = sign_in("jinji")
    mine, other = upload(client, GOOD), upload(client, "符号,名称\nX1,検定\n")
    apply(client, other)
    page = apply(client, mine)
    assert page.status_code == 409
    assert [row.code for row in page.context["plan"].retired] == ["X1"]
    assert used(register) == ["X1"]
    assert apply(client, page).status_code == 302
    assert used(register) == ["AP", "G1"]


def test_the_order_of_the_file_is_the_order_of_the_register(sign_in, register):
    client = sign_in("jinji")
    lines = client.get(FILE).content.decode("utf-8-sig").splitlines()
    page = upload(client, "\n".join([lines[0], lines[2], lines[1], lines[3]]))
    assert page.context["plan"].moved
    apply(client, page)
    assert used(register) == ["K2", "AP", "DM"]


def test_a_plan_of_somebody_else_or_of_nobody_is_refused(sign_in, register):
    page = upload(sign_in("jinji"), GOOD)
    other = b.make_staff(register.city, "人事 二郎")
    b.make_grant(other, Role.HR)
    register.other_hr = other
    client = sign_in("other_hr")
    assert apply(client, page).status_code == 422
    assert client.post(IMPORT, {"plan": "x"}).status_code == 422
    assert used(register) == ["AP", "K2", "DM"]


def test_an_old_preview_is_refused(sign_in, register, monkeypatch):
    client = sign_in("jinji")
    page = upload(client, GOOD)
    monkeypatch.setattr(signing.time, "time", lambda: 9_999_999_999)
    answer = apply(client, page)
    assert answer.status_code == 409
    assert "もう一度ファイルを選んでください" in answer.content.decode()


def test_the_register_of_one_municipality_leaves_the_others_alone(sign_in, register):
    client = sign_in("jinji")
    apply(client, upload(client, GOOD))
    assert [row.code for row in Qualification.objects.register_of(register.other_city.pk)] == [
        "AP",
        "K2",
        "DM",
    ]
