"""The entries on the résumé: every kind, who may change them, what rests on them, and at what cost."""

import datetime
import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.models import (
    Career,
    Certification,
    Cycle,
    Entry,
    ForeignLevel,
    ForeignRecord,
    RatingEvidence,
    Sheet,
    Statement,
    Training,
)
from assessments.record_page import SOON, warning_of
from assessments.resume_page import load_resume
from organization.models import Posting
from tests import builders as b
from tests.assessments.sheets import confirmations, steps_of, write_revision

POLICY, ANALYSIS = "security-policy.1", "internal-it.1"
TODAY = timezone.localdate()


def day(text):
    return datetime.date.fromisoformat(text)


def url(staff):
    return reverse("assessments:resume", args=[staff.uuid])


def page(client, staff):
    response = client.get(url(staff))
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def career(staff, title="株式会社みほん", **kwargs):
    return b._make_entry(Career, staff, title, **kwargs)


def foreign(staff, **kwargs):
    now = timezone.now()
    record = ForeignRecord.objects.create(
        municipality=staff.municipality, staff=staff, issuer_name="となり市", public_key="z6Mk", sha256="0" * 64,
        record_id=uuid.uuid4(), issued_at=datetime.datetime(2026, 3, 31, 15, tzinfo=datetime.UTC), imported_at=now, **kwargs,
    )  # fmt: skip
    ForeignLevel.objects.create(
        record=record, fiscal_year=2024, framework="LASDEC", cell_code=POLICY, cell_name="よその言い方", step=4,
        confirmed_on=day("2025-01-20"),
    )  # fmt: skip
    return record


def rated(world, entry, *, fiscal_year=2026, step=3, final=None, cycle_state=Cycle.State.OPEN):
    """Write a year in which the first cell rests on the entry; confirmed with `final`."""
    cycle = Cycle.objects.filter(municipality=world.city, fiscal_year=fiscal_year).first()
    cycle = cycle or b.make_cycle(world.city, world.version, fiscal_year=fiscal_year, state=cycle_state)
    sheet = Sheet.objects.filter(staff=world.honnin, cycle=cycle).first()
    sheet = sheet or b.make_sheet(world.honnin, cycle, world.kakari_dept)
    revision = write_revision(sheet, steps_of(sheet, step))
    RatingEvidence.objects.create(
        municipality=world.city, revision=revision, cell=world.cells[0], entry=entry, title=entry.title
    )
    Sheet.objects.filter(pk=sheet.pk).update(
        state=Sheet.State.SUBMITTED, current_revision=revision, submitted_at=timezone.now()
    )
    sheet.refresh_from_db()
    if final is not None:
        confirmations(sheet, world.kacho, "final", steps_of(sheet, final))
        Sheet.objects.filter(pk=sheet.pk).update(state=Sheet.State.CONFIRMED, confirmed_at=timezone.now())
    return sheet


def everything(world):
    """Write one entry of every kind for 山﨑さん."""
    staff = world.honnin
    b.make_experience(
        staff, "住民記録の更改", start=day("2025-06-01"), end=day("2026-03-31"), category="renewal", role="主担当",
        size="20業務", result="止めずに移行した", text="詳しい内容", cells=[POLICY],
    )  # fmt: skip
    b.make_certification(
        staff, "支援士試験", start=day("2020-12-01"), registered_on=day("2021-04-01"),
        registration_number="第012345号", renew_by=TODAY + datetime.timedelta(days=30),
    )  # fmt: skip
    b.make_training(staff, "監査の基礎", start=day("2024-07-01"), provider="J-LIS", hours="12.0")
    b.make_training(staff, "申し込んだ研修", state=Training.State.APPLIED)
    b.make_training(staff, "行かなかった研修", state=Training.State.ABSENT)
    career(staff, start=day("2010-04-01"), end=day("2015-03-31"), role="システムエンジニア")
    b.make_handover(staff, "資料の場所", text="共有フォルダです。", successor=world.dourei, is_done=True)
    Statement.objects.create(
        municipality=world.city,
        staff=staff,
        strengths="庁内の調整",
        interests="データ分析",
        updated_at=timezone.now(),
    )


def test_every_kind_is_shown_to_whoever_may_see_the_record(world, sign_in):
    everything(world)
    foreign(world.honnin)
    for name in ("honnin", "kakari", "kacho", "jinji"):
        words = page(sign_in(name), world.honnin)
        for text in (
            '<span class="keep">令和7年6月から</span> <span class="keep">令和8年3月</span>',
            "主担当。20業務。止めずに移行した",
            "詳しい内容",
            "示す項目: セキュリティポリシー｜策定管理",
            "登録番号 第012345号",
            "令和3年4月1日 登録",
            "更新期限まであと30日",
            "12時間",
            "平成22年4月<br>～平成27年3月",
            "本人の記録（発令にないもの）",
            "引き継ぐ人 小林 健",
            "引継ぎ済み",
            "庁内の調整",
            "データ分析",
            "となり市で確定した到達度",
            "令和8年4月1日にとなり市が発行した記録です",
            "よその言い方",
            "4 教えられる",
            "令和7年1月20日",
        ):
            assert text in words, (name, text)
        assert "行かなかった研修" not in words


def test_open_applications_are_for_the_person_and_the_office(world, sign_in):
    everything(world)
    for name, shown in [("honnin", True), ("jinji", True), ("kacho", False)]:
        assert ("申し込んだ研修" in page(sign_in(name), world.honnin)) is shown


def test_who_may_change_sees_the_links(world, sign_in):
    entry = b.make_experience(world.honnin)
    links = [
        reverse("assessments:entry", args=[entry.uuid]),
        reverse("assessments:entry_new", args=[world.honnin.uuid, "experience"]),
        reverse("assessments:entries_copy", args=[world.honnin.uuid]),
    ]
    for name, shown in [("honnin", True), ("jinji", True), ("kacho", False)]:
        words = page(sign_in(name), world.honnin)
        for link in links:
            assert (f'href="{link}"' in words) is shown, (name, link)


def test_nothing_removed(world, sign_in):
    everything(world)
    foreign(world.honnin, removed_at=timezone.now())
    Entry.objects.update(removed_at=timezone.now())
    words = page(sign_in("kacho"), world.honnin)
    assert words.count(">まだありません。<") == 4
    assert "となり市" not in words


def test_text_is_text(world, sign_in):
    b.make_experience(world.honnin, "<script>alert(1)</script>", text="=1+1\n𠮷髙﨑")
    words = page(sign_in("kacho"), world.honnin)
    assert "<script>alert" not in words
    assert "=1+1<br>𠮷髙﨑" in words


def test_what_rests_on_an_entry_with_the_step_that_stands(world, sign_in):
    entry = b.make_experience(world.honnin, cells=[POLICY, ANALYSIS])
    rated(world, entry, step=4, final=3)
    words = page(sign_in("kacho"), world.honnin)
    assert "根拠にしている項目: セキュリティポリシー｜策定管理（令和8年度 3）" in words
    assert "示す項目: 庁内情報化｜業務分析" in words


def test_of_an_unconfirmed_past_year_the_line_learns_nothing(world, sign_in):
    entry = b.make_experience(world.honnin, cells=[POLICY])
    rated(world, entry, fiscal_year=2025, cycle_state=Cycle.State.CLOSED)
    assert "根拠にしている項目" not in page(sign_in("kacho"), world.honnin)
    for name in ("honnin", "jinji"):
        assert "策定管理（令和7年度 3）" in page(sign_in(name), world.honnin)


def test_written_by_somebody_else_is_marked(world, sign_in):
    b.make_experience(world.honnin, created_by=world.jinji)
    b.make_experience(world.honnin, "持ってきた仕事", foreign_record=foreign(world.honnin))
    words = page(sign_in("honnin"), world.honnin)
    assert "人事が記録" in words
    assert "となり市の記録から" in words


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (SOON + 1, ""),
        (SOON, "更新期限まであと60日"),
        (0, "更新期限は今日です"),
        (-1, "更新期限を過ぎています"),
    ],
)
def test_the_warning_begins_sixty_days_before(days, words):
    assert warning_of(TODAY + datetime.timedelta(days=days), TODAY) == words
    assert warning_of(None, TODAY) == ""


def test_an_examination_that_is_gone(world, sign_in):
    old = b.make_qualification("AD", "初級シスアド", valid_to=day("2009-04-18"))
    b.make_certification(world.honnin, "初級シスアド", qualification=old)
    assert "いまはない試験" in page(sign_in("honnin"), world.honnin)
    assert Certification.objects.get().qualification == old


def test_the_course_names_its_provider(world, sign_in):
    b.make_training(world.honnin, course=b.make_course(world.city))
    assert "市町村アカデミー" in page(sign_in("honnin"), world.honnin)


def test_places_and_own_careers_stand_in_one_list(world):
    career(world.honnin, "いつか", start=None)
    career(world.honnin, "前の勤め先", start=day("2015-04-01"))
    career(world.honnin, "いまの派遣先", start=day("2024-04-01"))
    resume = load_resume(b.actor_of(world.honnin), world.honnin)
    assert [place.department for place in resume.places] == [
        "いまの派遣先",
        "政策経営部 デジタル推進課 情報政策係",
        "前の勤め先",
        "いつか",
    ]


def test_a_department_deeper_than_the_joins_is_named_whole(world, django_assert_num_queries):
    deep = world.kakari_dept
    for number in range(6):
        deep = b.make_department(world.city, f"班{number}", parent=deep)
    Posting.objects.filter(staff=world.honnin).update(department=deep)
    resume = load_resume(b.actor_of(world.honnin), world.honnin)
    assert resume.profile.department.startswith("政策経営部 デジタル推進課 情報政策係 班0 班1")
    assert resume.profile.department.endswith("班5")


def test_a_revision_that_leaves_cells_out_still_shows_the_whole_matrix(world):
    entry = b.make_experience(world.honnin)
    sheet = world.sheet
    revision = write_revision(sheet, {world.cells[0].pk: 3})
    Sheet.objects.filter(pk=sheet.pk).update(
        state=Sheet.State.SUBMITTED, current_revision=revision, submitted_at=timezone.now()
    )
    resume = load_resume(b.actor_of(world.honnin), world.honnin)
    assert len(resume.rows) == len(world.cells)
    assert entry.title in [line.entry.title for line in resume.record.experiences]


@pytest.mark.parametrize("rows", [1, 15])
@pytest.mark.parametrize(("name", "queries"), [("honnin", 12), ("kakari", 15), ("kacho", 15), ("jinji", 15)])
def test_queries(world, sign_in, django_assert_num_queries, name, queries, rows):
    for number in range(rows):
        everything(world) if number == 0 else b.make_experience(
            world.honnin, f"仕事{number}", cells=[POLICY, f"old.{number}"]
        )
        foreign(world.honnin)
    entry = Entry.objects.filter(kind="experience").first()
    for year in (2024, 2025, 2026) if rows > 1 else (2026,):
        rated(world, entry, fiscal_year=year, final=3)
    client = sign_in(name)
    with django_assert_num_queries(queries):
        client.get(url(world.honnin))


def test_the_whole_record_in_four_queries_before_the_first_year(world, django_assert_num_queries):
    everything(world)
    foreign(world.honnin)
    staff = type(world.honnin).objects.select_related("statement").get(pk=world.honnin.pk)
    actor = b.actor_of(world.honnin)
    with django_assert_num_queries(4):
        load_resume(actor, staff)
