"""自分の情報を見た人: date, role, what and what for; exports of many by year, department and who led."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from access.actor import Role
from assessments.viewers_page import lay_out, looks_at, purpose_of
from audit.models import Event, record
from organization.models import Posting
from tests import builders as b
from tests.assessments.sheets import show, submitted

NOW = timezone.now()


def text(response):
    return response.content.decode()


def page(client, **query):
    return client.get(reverse("assessments:viewers"), query)


def rows(staff):
    return [(one.name, one.role, one.what, one.purpose, one.reason) for one in lay_out(looks_at(staff))]


def see(world, who, action, subject="honnin", **kwargs):
    return record(
        by=b.actor_of(getattr(world, who)), action=action, now=kwargs.pop("now", timezone.now()),
        subject_uuid=getattr(world, subject).uuid, **kwargs,
    )  # fmt: skip


def export(world, who, department="", cycle=None, reason="異動の検討", now=None, action="export.records"):
    return record(
        by=b.actor_of(getattr(world, who)) if who else None, action=action, now=now or timezone.now(),
        municipality_id=world.city.pk, target=cycle or world.cycle, data={"department": department, "reason": reason},
    )  # fmt: skip


def test_who_in_which_role_and_what_for_newest_first(world, sign_in):
    submitted(world.sheet)
    show(sign_in("kakari"), world.sheet)
    sign_in("jinji").get(reverse("assessments:resume", args=[world.honnin.uuid]))
    client = sign_in("honnin")
    shown = text(page(client))
    assert "2件あります" in shown
    assert shown.index("大橋 香織") < shown.index("𠮷田 由紀子")
    assert rows(world.honnin) == [
        ("大橋 香織", "人事", "スキル履歴書を見た", "閲覧", ""),
        ("𠮷田 由紀子", "上司", "年度票を見た", "閲覧", ""),
    ]


@pytest.mark.parametrize("action", ["export.records", "export.certifications", "export.trainings"])
def test_a_table_of_people_shows_who_took_it_out_and_why(world, action):
    export(world, "jinji", action=action)
    export(world, "kansa", action=action)
    (row,) = rows(world.honnin)
    assert (row[0], row[1], row[3], row[4]) == ("大橋 香織", "人事", "出力", "異動の検討")


def test_ones_own_looks_others_records_and_other_acts_are_left_out(world, sign_in):
    see(world, "honnin", "resume.view")
    see(world, "kakari", "resume.view", "dourei")
    see(world, "jinji", "staff.edit")
    see(world, "sysadmin", "account.opened", kind=Event.Kind.TECHNICAL)
    record(by=b.actor_of(world.yoso), action="resume.view", now=NOW, subject_uuid=world.yoso.uuid)
    assert "まだだれも見ていません" in text(page(sign_in("honnin")))


def test_opening_one_entry_of_somebody_leaves_a_trace_each_time(world, sign_in):
    entry = b.make_experience(world.honnin)
    training = b.make_training(world.honnin)
    pages = [
        reverse("assessments:entry", args=[entry.uuid]),
        reverse("assessments:entries_copy", args=[world.honnin.uuid]),
        reverse("assessments:training_decide", args=[training.uuid]),
        reverse("assessments:file_add", args=[entry.uuid]),
    ]
    for who in ("honnin", "jinji"):
        client = sign_in(who)
        for url in pages:
            client.get(url)
    assert rows(world.honnin) == [("大橋 香織", "人事", "スキル履歴書の記録を開いた", "閲覧", "")] * 4


def test_an_older_event_without_a_role_says_either(world):
    Event.objects.create(
        at=NOW, municipality_id=world.city.pk, kind="people", action="sheet.view", actor_uuid=world.kacho.uuid,
        subject_uuid=world.honnin.uuid,
    )  # fmt: skip
    assert rows(world.honnin) == [("髙橋 誠一", "上司または人事", "年度票を見た", "閲覧", "")]


@pytest.mark.parametrize(
    ("action", "purpose"),
    [
        ("sheet.view", "閲覧"), ("wish.view", "閲覧"), ("file.view", "添付ファイル"), ("sheet.confirm", "確認"),
        ("sheet.send_back", "確認"), ("resume.pdf", "印刷・PDF・Excel"), ("resume.xlsx", "印刷・PDF・Excel"),
        ("experienced.search", "経験者さがし"), ("export.records", "出力"), ("entry.change", "代わりの記入"),
    ],
)  # fmt: skip
def test_each_act_has_its_purpose(world, action, purpose):
    assert purpose_of(action) == purpose
    see(world, "jinji", action)
    assert [one.purpose for one in lay_out(looks_at(world.honnin))] == [purpose]


def test_hr_who_also_leads_sees_as_hr(world):
    b.make_grant(world.kacho, Role.HR)
    see(world, "kacho", "resume.view")
    assert rows(world.honnin)[0][1] == "人事"


def test_an_export_of_the_year_by_hr_with_its_reason(world):
    export(world, "jinji")
    export(world, "jinji", "010100", reason="課の分")
    export(world, "jinji", "020000", reason="ほかの部")
    export(world, None, reason="")
    assert rows(world.honnin) == [
        ("運用の担当（コマンド）", "", "記録を出力した", "出力", ""),
        ("大橋 香織", "人事", "記録を出力した", "出力", "課の分"),
        ("大橋 香織", "人事", "記録を出力した", "出力", "異動の検討"),
    ]
    assert rows(world.betsuka) == []


def test_an_export_of_another_year_or_municipality_is_none_of_ones_own(world):
    other = b.make_cycle(world.city, world.version, fiscal_year=2025)
    export(world, "jinji", cycle=other)
    record(
        by=b.actor_of(world.yoso), action="export.records", now=NOW, target=world.foreign_cycle,
        data={"department": "", "reason": ""},
    )  # fmt: skip
    assert rows(world.honnin) == []


def test_an_export_of_all_that_a_superior_may_see_counts_while_they_lead(world):
    other = b.make_staff(world.city, "別の 課長")
    b.make_posting(other, world.jinjika, line_role="head")
    export(world, "kacho")
    world.other = other
    export(world, "other")
    assert [row[:2] for row in rows(world.honnin)] == [("髙橋 誠一", "上司")]
    today = timezone.localdate()
    Posting.objects.filter(staff=world.honnin).update(end=today)
    b.make_posting(world.honnin, world.jinjika, start=today)
    assert [row[0] for row in rows(world.honnin)] == ["別の 課長"]


def test_one_superior_has_left_another_has_come(world):
    today = timezone.localdate()
    day = datetime.timedelta(days=1)
    Posting.objects.filter(staff=world.kacho).update(end=today)
    export(world, "bucho")
    event = export(world, "jinji")
    Event.objects.bulk_create(
        Event(
            at=timezone.now() - ago * day, municipality_id=world.city.pk, kind="people", action="export.records",
            actor_uuid=world.kacho.uuid, object_uuid=event.object_uuid,
            data={"department": "", "reason": f"{ago}日前", "role": "M"},
        )
        for ago in (0, 1)
    )  # fmt: skip
    assert {row[4] for row in rows(world.honnin) if row[0] == "髙橋 誠一"} == {"1日前"}


def test_the_list_of_those_who_once_worked_there(world):
    record(
        by=b.actor_of(world.kacho), action="experienced.view", now=NOW, target=world.ka, data={"people": 1}
    )
    record(by=b.actor_of(world.kacho), action="experienced.view", now=NOW, target=world.soumu)
    assert [row[3] for row in rows(world.honnin)] == ["経験者さがし"]
    assert rows(world.yoso) == []


def test_the_résumés_of_a_department_while_one_is_posted_below_it(world):
    today = timezone.localdate()
    for place in (world.ka, world.soumu):
        record(
            by=b.actor_of(world.jinji), action="export.resumes", now=timezone.now(), target=place,
            data={"people": 9, "reason": "面談の準備"},
        )  # fmt: skip
    assert [row[3:] for row in rows(world.honnin)] == [("印刷・PDF・Excel", "面談の準備")]
    Posting.objects.filter(staff=world.honnin).update(end=today)
    b.make_posting(world.honnin, world.jinjika, start=today)
    assert len(rows(world.honnin)) == 1  # of 総務部 now


@pytest.mark.parametrize("many", [1, 60])
def test_paged_by_constant_queries(world, sign_in, many, django_assert_max_num_queries):
    for year in range(2015, 2015 + min(many, 8)):
        b.make_sheet(
            world.honnin, b.make_cycle(world.city, world.version, fiscal_year=year), world.kakari_dept
        )
    for number in range(many):
        see(world, ("kakari", "kacho", "bucho", "jinji")[number % 4], "resume.view")
    client = sign_in("honnin")
    with django_assert_max_num_queries(13):
        shown = text(page(client))
    assert shown.count("スキル履歴書を見た") == min(many, 50)
    assert ("次へ" in shown) == (many > 50)
    if many > 50:
        assert text(page(client, page=2)).count("スキル履歴書を見た") == 10


def test_the_menu_leads_there(world, sign_in):
    assert f'href="{reverse("assessments:viewers")}"' in text(sign_in("honnin").get("/"))
