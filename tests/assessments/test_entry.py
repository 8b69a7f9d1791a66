"""One entry: changing it, two tabs at once, taking it off the record and bringing it back."""

import datetime
import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.models import Entry, RatingEvidence, Sheet
from assessments.workflow.entries import ENTRY_STALE
from tests import builders as b
from tests.assessments.sheets import steps_of, write_revision

POLICY = "security-policy.1"


def url(entry, name="entry"):
    return reverse(f"assessments:{name}", args=[entry.uuid])


def sent(entry, **data):
    return {"version": entry.version, "title": entry.title, "category": "other", **data}


def rests(world, entry, step=3):
    revision = write_revision(world.sheet, steps_of(world.sheet, step))
    RatingEvidence.objects.create(
        municipality=world.city, revision=revision, cell=world.cells[0], entry=entry, title=entry.title
    )
    Sheet.objects.filter(pk=world.sheet.pk).update(
        state=Sheet.State.SUBMITTED, current_revision=revision, submitted_at=timezone.now()
    )


def test_what_is_stored_stands_in_the_form(world, sign_in):
    entry = b.make_experience(
        world.honnin, start=datetime.date(2025, 6, 1), end=datetime.date(2026, 3, 31), category="audit",
        role="主担当", cells=[POLICY],
    )  # fmt: skip
    form = sign_in("honnin").get(url(entry)).context["form"]
    values = {name: form[name].value() for name in ("title", "category", "start", "end", "role", "version")}
    assert values == {
        "title": "ポリシーの改定", "category": "audit", "start": "令和7年6月", "end": "令和8年3月", "role": "主担当",
        "version": 1,
    }  # fmt: skip
    assert form.cell_choices[0].ticked == 1


def test_change(world, sign_in):
    entry = b.make_experience(world.honnin, cells=[POLICY])
    answer = sign_in("honnin").post(
        url(entry), sent(entry, title="改定の主担当", cells=["internal-it.1"]), follow=True
    )
    assert "「改定の主担当」を保存しました。" in answer.content.decode()
    fresh = Entry.objects.get()
    assert (fresh.title, fresh.version) == ("改定の主担当", 2)
    assert [cell.cell_code for cell in fresh.cells.all()] == ["internal-it.1"]


def test_a_cell_of_an_older_version_stays_to_choose(world, sign_in):
    entry = b.make_experience(world.honnin, cells=["old.1"])
    page = sign_in("honnin").get(url(entry))
    assert "いまの版にない項目（1項目、1つに印）" in page.content.decode()
    sign_in("honnin").post(url(entry), sent(entry, cells=["old.1", POLICY]))
    assert entry.cells.count() == 2


def test_two_tabs_keep_both_texts(world, sign_in):
    entry = b.make_experience(world.honnin, text="はじめの文章")
    client = sign_in("honnin")
    client.post(url(entry), sent(entry, text="先に保存した文章"))
    answer = client.post(url(entry), sent(entry, text="あとから送った文章"))
    page = answer.content.decode()
    assert answer.status_code == 409
    assert ENTRY_STALE in page
    assert "保存されている値：先に保存した文章" in page
    assert "あとから送った文章</textarea>" in page
    # What stands in the form now may be saved.
    form = answer.context["form"]
    assert form["version"].value() == "2"
    client.post(url(entry), sent(entry, text="あとから送った文章", version=2))
    assert Entry.objects.get().text == "あとから送った文章"


def test_removed_in_the_other_tab(world, sign_in):
    entry = b.make_experience(world.honnin)
    client = sign_in("honnin")
    client.post(url(entry, "entry_remove"), {"version": 1})
    answer = client.post(url(entry), sent(entry, text="送った文章"))
    assert answer.status_code == 409
    assert "元に戻す" in answer.content.decode()


def test_wrong_is_told_and_kept(world, sign_in):
    entry = b.make_experience(world.honnin)
    answer = sign_in("honnin").post(url(entry), sent(entry, title="", start="いつか"))
    assert answer.status_code == 422
    assert "したことを入力してください" in answer.content.decode()
    assert 'value="いつか"' in answer.content.decode()
    assert Entry.objects.get().version == 1


@pytest.mark.parametrize("version", ["", "x"])
def test_without_a_version(world, sign_in, version):
    entry = b.make_experience(world.honnin)
    client = sign_in("honnin")
    assert client.post(url(entry), sent(entry, version=version)).status_code == 422
    for name in ("entry_remove", "entry_restore"):
        assert client.post(url(entry, name), {"version": version}).status_code == 422


def test_removing_says_what_rests_on_it_and_that_it_stays(world, sign_in):
    entry = b.make_experience(world.honnin, cells=[POLICY])
    client = sign_in("honnin")
    assert "この記録を根拠にした記入はありません" in client.get(url(entry)).content.decode()
    rests(world, entry)
    page = client.get(url(entry)).content.decode()
    assert "令和8年度　セキュリティポリシー｜策定管理：3 独力でできる" in page
    assert "取り消しても、これらの到達度と、提出したときの名前は残ります" in page
    assert client.get(url(entry, "entry_remove")).status_code == 405
    answer = client.post(url(entry, "entry_remove"), {"version": 1}, follow=True)
    assert "「ポリシーの改定」を取り消しました。" in answer.content.decode()
    assert "元に戻す" in answer.content.decode()
    assert Entry.objects.get().removed_at is not None
    assert RatingEvidence.objects.count() == 1
    answer = client.post(url(entry, "entry_restore"), {"version": 2}, follow=True)
    assert "「ポリシーの改定」を元に戻しました。" in answer.content.decode()
    assert Entry.objects.get().removed_at is None


def test_removing_what_was_changed_elsewhere(world, sign_in):
    entry = b.make_experience(world.honnin)
    client = sign_in("honnin")
    client.post(url(entry), sent(entry, text="新しい文章"))
    answer = client.post(url(entry, "entry_remove"), {"version": 1})
    assert answer.status_code == 409
    assert "新しい文章" in answer.content.decode()
    assert Entry.objects.get().removed_at is None


def test_an_open_application_is_not_changed_here(world, sign_in):
    entry = b.make_training(world.honnin, state="applied")
    client = sign_in("honnin")
    assert "申込み中の研修です" in client.get(url(entry)).content.decode()
    assert client.post(url(entry), {"version": 1, "title": "ほか", "form": "class"}).status_code == 409
    assert client.post(url(entry, "entry_remove"), {"version": 1}).status_code == 409
    assert Entry.objects.get().version == 1


def test_on_behalf_and_nobody_else(world, sign_in):
    entry = b.make_experience(world.honnin)
    assert "山﨑 美咲さんに代わって" in sign_in("jinji").get(url(entry)).content.decode()
    sign_in("jinji").post(url(entry), sent(entry, text="人事が書いた"))
    assert Entry.objects.get().updated_by == world.jinji
    for name, status in [("kacho", 403), ("dourei", 404), ("kansa", 404)]:
        client = sign_in(name)
        assert client.get(url(entry)).status_code == status
        for act in ("entry", "entry_remove", "entry_restore"):
            assert client.post(url(entry, act), sent(entry)).status_code == status
    assert sign_in("jinji").get(url(b.make_experience(world.yoso))).status_code == 404


def test_nothing_there_is_as_out_of_scope(world, sign_in):
    client = sign_in("dourei")
    fixed = {"X-Request-Id": "0123456789ab"}
    there = client.get(url(b.make_experience(world.honnin)), headers=fixed)
    nowhere = client.get(reverse("assessments:entry", args=[uuid.uuid4()]), headers=fixed)
    assert there.content == nowhere.content


def test_a_certificate_that_the_register_dropped_stays_chosen(world, sign_in):
    row = b.make_qualification(retired=True)
    entry = b.make_certification(world.honnin, row.name, qualification=row)
    form = sign_in("honnin").get(url(entry)).context["form"]
    assert form["qualification"].value() == str(row.uuid)


def test_a_successor_who_moved_away_stays_chosen(world, sign_in):
    entry = b.make_handover(world.honnin, successor=world.betsuka)
    form = sign_in("honnin").get(url(entry)).context["form"]
    assert form["successor"].value() == str(world.betsuka.uuid)
    # Who else may be chosen works where the person works.
    assert [name for _, name in form.fields["successor"].choices] == [
        "決まっていない",
        *sorted(["小林 健", "𠮷田 由紀子"]),
        "森 健太",
    ]


@pytest.mark.parametrize("rows", [1, 12])
@pytest.mark.parametrize("make", [b.make_experience, b.make_certification, b.make_training, b.make_handover])
def test_queries(world, sign_in, django_assert_max_num_queries, make, rows):
    entry = make(world.honnin, cells=[POLICY, *(f"old.{number}" for number in range(rows))])
    rests(world, entry)
    client = sign_in("jinji")
    with django_assert_max_num_queries(14):
        client.get(url(entry))
