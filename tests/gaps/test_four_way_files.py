"""The 13 answers as CSV and Excel: what stands and what was worked out, read back (P16)."""

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.models import Cycle
from audit.models import Event
from gaps.four_way_page import HEADER
from gaps.models import FourWayOverride
from lib.tabular import read_table
from organization.models import Department, Posting
from tests.gaps.duties import duty
from tests.gaps.records import POLICY

KINDS = ["csv", "xlsx"]


def url(department, kind, query=""):
    return reverse(f"gaps:four_way_{kind}", args=[department.uuid]) + query


@pytest.fixture
def judged(section):
    duty(section.ka, 2026, [POLICY], [section.kakari])
    FourWayOverride.objects.create(
        municipality=section.city, department=section.ka, cycle=section.cycle, skill=10, answer="both",
        reason="=1+1 理由", author=section.kacho, updated_at=timezone.now(),
    )  # fmt: skip
    return section


def lines(response, kind):
    table = read_table(response.content, filename=f"x.{kind}")
    assert tuple(table.header) == HEADER
    return {row.cells[3]: dict(zip(table.header, row.cells, strict=True)) for row in table.rows}


@pytest.mark.parametrize("kind", KINDS)
def test_it_works(sign_in, judged, kind):
    answer = sign_in("kacho").get(url(judged.ka, kind))
    assert answer.status_code == 200
    found = lines(answer, kind)
    assert list(found) == [str(number) for number in range(1, 14)]
    assert list(found["10"].values()) == [
        "2026", "010100", "デジタル推進課", "10", "セキュリティポリシーの策定と管理",
        "セキュリティポリシーを策定し、管理できる", "職員数・スキルともに確保", "スキルは確保・職員数が不足",
        "職員数・スキルともに確保", "=1+1 理由",
        "セキュリティポリシー｜策定管理：必要2人、担当1人（あと1人）、できる人1人。", "7", "2", "2", "4", "0", "15",
    ]  # fmt: skip
    assert [found["4"][name] for name in ("判定", "計算による判定", "所属長の判断")] == ["ともに不足"] * 2 + [
        ""
    ]
    event = Event.objects.get(action="export.four_way")
    assert event.data == {"year": 2026, "rows": 13, "format": {"csv": "utf-8-sig"}.get(kind, kind)}


@pytest.mark.parametrize("kind", KINDS)
def test_auditors_get_the_survey_alone(sign_in, judged, kind):
    found = lines(sign_in("kansa").get(url(judged.ka, kind)), kind)
    for row in found.values():
        assert [row[name] for name in HEADER[6:11]] == [""] * 5
        assert row["調査：団体数"] == "15"


def test_staff_of_a_small_unit_get_words(sign_in, judged):
    duty(judged.kakari_dept, 2026, [POLICY], [judged.kakari])
    row = lines(sign_in("honnin").get(url(judged.kakari_dept, "csv")), "csv")["10"]
    assert row["判定"] == "必要人数が未設定"
    assert (row["理由"], row["計算のもと"]) == ("", "")


def test_cp932_lists_what_it_cannot_carry(sign_in, judged):
    Department.objects.filter(pk=judged.ka.pk).update(name="𠮷田支所")
    client = sign_in("kacho")
    refused = client.get(url(judged.ka, "csv", "?encoding=cp932"))
    assert refused.status_code == 422
    assert "𠮷" in refused.content.decode()
    replaced = client.get(url(judged.ka, "csv", "?encoding=cp932&replace=1"))
    assert "〓田支所" in replaced.content.decode("cp932")


def test_strangers_and_a_year_not_begun(sign_in, judged):
    client = sign_in("betsuka")
    Posting.objects.filter(staff=judged.betsuka).update(department=judged.soumu)
    assert client.get(url(judged.ka, "csv")).status_code == 404
    assert client.post(url(judged.soumu, "csv")).status_code == 405
    Cycle.objects.filter(pk=judged.cycle.pk).update(state="prepared", opened_at=None)
    assert sign_in("kacho").get(url(judged.ka, "xlsx")).status_code == 409
