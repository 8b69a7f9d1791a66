"""Keeping a measure up to date, and two who save at once (P17)."""

import datetime

from django.utils import timezone

from audit.models import Event
from gaps.models import Measure
from organization.models import Posting
from tests.gaps.measure_forms import body, edit, raised, sent
from tests.gaps.records import POLICY, confirmed, measure

TODAY = timezone.localdate()
LATER = TODAY + datetime.timedelta(days=90)


def test_done_with_a_result(sign_in, section):
    one = measure(section.ka, section.cycle, POLICY, section.honnin, kind="train", due=LATER, text="研修")
    client = sign_in("kacho")
    page = client.get(edit(one))
    form = page.context["form"]
    assert (form["kind"].value(), form["version"].value()) == ("train", 1)
    assert [row.name for row in form.person_lines if row.chosen.value()] == ["山﨑 美咲"]
    # What the person reached in the meantime is no error.
    confirmed(section.honnin, section.cycle, {POLICY: 3})
    data = sent(version="1", kind="train", text="研修", state="done", result="できるようになった")
    assert client.post(edit(one), data | raised(section.honnin)).status_code == 302
    one.refresh_from_db()
    assert (one.state, one.result, one.version) == ("done", "できるようになった", 2)
    event = Event.objects.get(action="measure.change")
    assert event.data == {"state": "done", "people": 1}


def test_of_two_who_save_the_second_sees_both_values(sign_in, section):
    one = measure(
        section.ka, section.cycle, POLICY, section.dourei, kind="train", due=LATER, text="もとの文", cost=5000
    )
    client = sign_in("kacho")
    theirs = sent(version="1", kind="train", text="先の人の文", **raised(section.honnin, training="先の研修"))
    assert client.post(edit(one), theirs).status_code == 302
    mine = sent(version="1", kind="train", text="わたしの文", cost="7000", **raised(section.dourei))
    answer = client.post(edit(one), mine)
    text = body(answer)
    assert answer.status_code == 409
    assert "わたしの文" in text
    assert "保存されている値：先の人の文" in text
    assert "保存されている値：なし" in text
    assert "保存されている値：山﨑 美咲（独力でできる、先の研修）" in text
    assert 'value="7000"' in text
    version = answer.context["form"]["version"].value()
    assert client.post(edit(one), mine | {"version": version}).status_code == 302
    assert Measure.objects.get().text == "わたしの文"


def test_every_kind_of_difference_is_named(sign_in, section):
    one = measure(section.ka, section.cycle, POLICY, text="もと", due=LATER)
    Measure.objects.filter(pk=one.pk).update(
        version=2, kind="none", reason="予算がない", due=None, cost=9, state="stopped", result="やめた",
        owner=section.honnin, closed_at=timezone.now(),
    )  # fmt: skip
    answer = sign_in("kacho").post(edit(one), sent(version="1"))
    text = body(answer)
    for told in ("行わない", "予算がない", "9円", "中止", "やめた", "山﨑 美咲", "もと", "なし"):
        assert f"保存されている値：{told}" in text


def test_a_version_no_form_of_ours_sends(sign_in, section):
    one = measure(section.ka, section.cycle, POLICY)
    client = sign_in("kacho")
    for version in ("", "x", "-1"):
        assert client.post(edit(one), sent(version=version)).status_code == 422


def test_who_moved_away_stays_until_taken_out(sign_in, section):
    one = measure(
        section.ka, section.cycle, POLICY, section.honnin, kind="train", due=LATER, owner=section.dourei
    )
    Posting.objects.filter(staff__in=[section.honnin, section.dourei]).update(end=TODAY)
    client = sign_in("kacho")
    page = client.get(edit(one))
    gone = [row for row in page.context["form"].person_lines if row.now == "この所属にいません"]
    assert [row.name for row in gone] == ["山﨑 美咲"]
    data = sent(version="1", kind="train", state="ongoing", owner=str(section.dourei.uuid))
    assert client.post(edit(one), data | raised(section.honnin)).status_code == 302
    assert Measure.objects.get().owner_id == section.dourei.pk
    assert (
        client.post(edit(one), data | raised(section.kakari, step="4") | {"version": "2"}).status_code == 422
    )
    assert client.post(edit(one), data | raised(section.kacho) | {"version": "2"}).status_code == 302
    assert list(Measure.objects.get().people.values_list("staff", flat=True)) == [section.kacho.pk]
