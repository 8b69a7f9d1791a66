"""One 発令 for many, and first codes for many: listed with old and new, then written whole or not at all."""

import re
import sys
import uuid

import pytest
from django.utils import timezone

from access.refusals import Conflict
from audit.models import Event
from organization.models import Posting, SignInCode, Staff
from organization.people_forms import PostingForm
from organization.workflow.bulk import add_lines, plan_lines
from tests import builders as b

BACKEND = "organization.backends.StaffBackend"
URL = "/people/bulk/"


def sign_in(client, staff):
    client.force_login(staff, backend=BACKEND)
    return client


def text(response):
    return response.content.decode()


def chosen(*people):
    return [f"{one.uuid}:{one.version}" for one in people]


def form_of(world, **more):
    """Return what the form sends: everybody into 基盤係 as 主査."""
    today = timezone.localdate()
    return {
        "action": "posting", "kind": "本務", "department": str(world.kiban.uuid), "position": "",
        "line_role": "", "start": today.isoformat(), "last": "",
    } | more  # fmt: skip


def hidden(page):
    """Return what the confirmation carries on, as the browser would send it."""
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page):
        found.setdefault(name, []).append(value)
    return found


def main_of(staff):
    return Posting.objects.get(staff=staff, kind="main", end__isnull=True).department


def test_only_hr(client, world):
    for who in ("honnin", "kacho", "kansa", "sysadmin"):
        sign_in(client, getattr(world, who))
        assert client.get(URL).status_code == 403
        assert client.post(URL, form_of(world, person=chosen(world.honnin))).status_code == 403


def test_from_the_list_to_the_postings(client, world):
    sign_in(client, world.jinji)
    people = [world.honnin, world.dourei]
    page = text(client.post(URL, {"action": "posting", "person": chosen(*people)}))
    assert "2人に、同じ発令を登録します" in page
    page = text(client.post(URL, form_of(world, stage="check", person=chosen(*people))))
    assert "2人のうち2人が変わります。まだ登録していません。" in page
    assert "情報政策係 → <b>基盤係</b>" in page
    assert main_of(world.honnin) == world.kakari_dept
    done = client.post(URL, hidden(page) | {"stage": "apply"}, follow=True)
    assert "2人の発令を登録しました" in text(done)
    assert [main_of(one) for one in people] == [world.kiban, world.kiban]
    assert Event.objects.filter(action="staff.post").count() == 2
    # The old sheet of the browser sent again changes nothing.
    again = client.post(URL, hidden(page) | {"stage": "apply"}, follow=True)
    assert "もう登録してあります" in text(again)
    assert Event.objects.filter(action="staff.post").count() == 2


def test_nothing_is_written_where_one_cannot(client, world):
    sign_in(client, world.jinji)
    world.dourei.left_on = timezone.localdate()
    world.dourei.save(update_fields=["left_on"])
    answer = client.post(
        URL, form_of(world, stage="check", kind="兼務", person=chosen(world.honnin, world.dourei))
    )
    page = text(answer)
    assert answer.status_code == 422
    assert "このままでは登録できません" in page
    assert page.count("この日には退職しています") == 1
    assert 'value="apply"' not in page
    forced = client.post(URL, hidden(page) | {"stage": "apply"})
    assert forced.status_code == 409
    assert world.honnin.postings.count() == 1


def test_who_stays_as_they_are_is_listed_and_left_alone(client, world):
    sign_in(client, world.jinji)
    people = [world.honnin, world.henshu]
    start = Posting.objects.get(staff=world.henshu).start.isoformat()
    page = text(client.post(URL, form_of(world, stage="check", start=start, person=chosen(*people))))
    assert "2人のうち1人が変わります" in page
    assert "変更なし" in page
    client.post(URL, hidden(page) | {"stage": "apply"})
    world.henshu.refresh_from_db()
    assert world.henshu.version == 1


def test_a_change_in_between_stops_all_and_is_shown(client, world):
    sign_in(client, world.jinji)
    people = [world.honnin, world.dourei]
    page = text(client.post(URL, form_of(world, stage="check", person=chosen(*people))))
    Staff.objects.filter(pk=world.dourei.pk).update(version=7)
    answer = client.post(URL, hidden(page) | {"stage": "apply"})
    assert answer.status_code == 409
    assert "登録が変わりました" in text(answer)
    assert main_of(world.honnin) == world.kakari_dept
    fresh = client.post(URL, hidden(text(answer)) | {"stage": "apply"}, follow=True)
    assert "2人の発令を登録しました" in text(fresh)


def test_what_was_shown_is_what_is_written(world):
    form = PostingForm([world.kiban], [], form_of(world))
    assert form.is_valid(), form.errors
    line, by, now = form.line(world.honnin), b.actor_of(world.jinji), timezone.now()
    plan = plan_lines(people=[world.honnin], line=line, now=now)
    common = {"by": by, "people": [world.honnin], "line": line, "now": now, "key": uuid.uuid4()}
    for versions, fingerprint in [
        ({world.honnin.pk: 2}, plan.fingerprint()), ({}, plan.fingerprint()), ({world.honnin.pk: 1}, "0" * 64),
    ]:  # fmt: skip
        with pytest.raises(Conflict):
            add_lines(**common, versions=versions, fingerprint=fingerprint)
    assert main_of(world.honnin) == world.kakari_dept


def test_a_bad_date_keeps_the_people_and_the_rest(client, world):
    sign_in(client, world.jinji)
    answer = client.post(URL, form_of(world, stage="check", start="13月", person=chosen(world.honnin)))
    assert answer.status_code == 422
    assert f'value="{world.honnin.uuid}:{world.honnin.version}"' in text(answer)
    assert 'value="13月"' in text(answer)


def test_back_from_the_confirmation_with_what_was_typed(client, world):
    sign_in(client, world.jinji)
    page = text(client.post(URL, form_of(world, stage="check", person=chosen(world.honnin))))
    back = text(client.post(URL, hidden(page) | {"stage": "choose"}))
    assert f'value="{world.kiban.uuid}" selected' in back


@pytest.mark.parametrize("sent", [{}, {"person": ["nonsense"]}])
def test_nobody_chosen_says_what_to_do(client, world, sent):
    answer = sign_in(client, world.jinji).post(URL, {"action": "posting"} | sent)
    assert answer.status_code == 422
    assert "1人以上に印を付けてください" in text(answer)


def test_a_foreign_person_is_not_taken(client, world):
    answer = sign_in(client, world.jinji).post(URL, form_of(world, stage="check", person=chosen(world.yoso)))
    assert answer.status_code == 422
    assert world.yoso.name not in text(answer)


def test_everybody_that_the_list_found(client, world):
    sign_in(client, world.jinji)
    page = text(client.post(f"{URL}?department={world.ka.uuid}", {"action": "posting", "everybody": "1"}))
    assert world.honnin.name in page
    assert world.betsuka.name not in page


def test_too_many_are_refused(client, world, monkeypatch):
    monkeypatch.setattr(sys.modules["organization.views.people_bulk"], "MOST", 2)
    answer = sign_in(client, world.jinji).post(URL, {"action": "posting", "everybody": "1"})
    assert answer.status_code == 422
    assert "2人までです" in text(answer)


def test_codes_for_those_who_may_have_one(client, world):
    sign_in(client, world.jinji)
    people = [world.honnin, world.dourei, world.henshu, world.jinji]
    page = text(client.post(URL, {"action": "codes", "person": chosen(*people)}))
    assert "4人のうち2人に番号を出します" in page
    assert "システム管理の担当に頼んでください" in page
    assert "自分の番号は出せません" in page
    assert not SignInCode.objects.exists()
    printed = text(client.post(URL, hidden(page) | {"stage": "apply"}))
    assert "初回ログインの番号（2人）" in printed
    assert set(SignInCode.objects.values_list("staff", flat=True)) == {world.honnin.pk, world.dourei.pk}


def test_codes_for_nobody(client, world):
    answer = sign_in(client, world.jinji).post(URL, {"action": "codes", "person": chosen(world.jinji)})
    assert answer.status_code == 422
    assert 'value="apply"' not in text(answer)


@pytest.mark.parametrize("sent", [{"action": "delete"}, {"stage": "later"}])
def test_what_no_page_of_ours_sends(client, world, sent):
    body = {"action": "posting", "person": chosen(world.honnin)} | sent
    assert sign_in(client, world.jinji).post(URL, body).status_code == 422


@pytest.mark.parametrize("people", [2, 40])
def test_the_pages_cost_the_same_at_any_size(client, world, django_assert_max_num_queries, people):
    staff = [b.make_staff(world.city, f"多田 {number}") for number in range(people)]
    for one in staff:
        b.make_posting(one, world.kakari_dept)
    sign_in(client, world.jinji)
    with django_assert_max_num_queries(14):
        assert client.post(URL, {"action": "posting", "person": chosen(*staff)}).status_code == 200
    with django_assert_max_num_queries(22):
        client.post(URL, form_of(world, stage="check", person=chosen(*staff)))
    with django_assert_max_num_queries(14):
        client.post(URL, {"action": "codes", "person": chosen(*staff)})
