"""代理入力: 人事 fills in for somebody, everything says so, and the person answers."""

import datetime
import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from access.refusals import Conflict, Forbidden, Invalid
from assessments.exports import long_rows, wide_rows
from assessments.merge import Stored, Value, parse_base
from assessments.models import Draft, Proxy, Sheet
from assessments.sheet_form import Answer
from assessments.workflow.confirmation import send_back
from assessments.workflow.proxies import answer_proxy, end_proxy, open_proxy, record_paper
from assessments.workflow.sheets import save_drafts, submit, withdraw
from audit.models import Event
from tests import builders as b
from tests.assessments.forms import all_steps, posted
from tests.assessments.sheets import in_state, steps_of, submitted

NOW = timezone.now()


def later(minutes):
    return NOW + datetime.timedelta(minutes=minutes)


def url(name, sheet):
    return reverse(f"assessments:{name}", args=[sheet.uuid])


def text(response):
    return response.content.decode()


def begun(world, *, at=NOW, sheet=None):
    """Return a 代理入力 that jinji has begun."""
    return open_proxy(
        sheet=sheet or world.sheet, ground="no_pc", key=uuid.uuid4(), by=b.actor_of(world.jinji), now=at
    )


def filled(world, *, who="jinji", at=NOW):
    """Write a step into every cell of the sheet."""
    answers = {cell.code: Answer(parse_base(Stored().token), Value(2)) for cell in world.cells}
    return save_drafts(sheet=world.sheet, answers=answers, by=b.actor_of(getattr(world, who)), now=at)


def handed_in(world):
    """Return the 代理入力 of the sheet, submitted by jinji."""
    begun(world)
    filled(world)
    sheet = Sheet.objects.get(pk=world.sheet.pk)
    submit(sheet=sheet, version=sheet.version, key=uuid.uuid4(), by=b.actor_of(world.jinji), now=later(1))
    world.sheet.refresh_from_db()
    return Proxy.objects.get()


# --- who may begin, and when


def test_begun_only_by_hr_and_not_for_oneself(world):
    for who in ("honnin", "kacho", "kansa", "henshu", "sysadmin"):
        with pytest.raises(Forbidden):
            open_proxy(
                sheet=world.sheet,
                ground="no_pc",
                key=uuid.uuid4(),
                by=b.actor_of(getattr(world, who)),
                now=NOW,
            )
    own = b.make_sheet(world.jinji, world.cycle, world.jinjika)
    with pytest.raises(Forbidden):
        begun(world, sheet=own)


def test_not_without_a_ground(world):
    with pytest.raises(Invalid):
        open_proxy(sheet=world.sheet, ground="", key=uuid.uuid4(), by=b.actor_of(world.jinji), now=NOW)


@pytest.mark.parametrize("state", ["drafting", "submitted", "first_confirmed", "confirmed", "sent_back"])
def test_not_where_the_person_has_begun(world, state):
    in_state(world.sheet, state, world.kacho)
    with pytest.raises(Conflict):
        begun(world)
    assert not Proxy.objects.exists()


def test_the_same_click_twice_begins_once(world):
    key, by = uuid.uuid4(), b.actor_of(world.jinji)
    for _ in range(2):
        open_proxy(sheet=world.sheet, ground="no_pc", key=key, by=by, now=NOW)
    assert Proxy.objects.count() == 1
    assert Event.objects.filter(action="sheet.proxy_open").count() == 1


def test_two_officers_do_not_begin_at_once(world):
    begun(world)
    with pytest.raises(Conflict):
        begun(world)


# --- filling in


def test_without_one_nobody_writes_for_another(world, sign_in):
    # That of somebody else is none.
    begun(world, sheet=b.make_sheet(world.dourei, world.cycle, world.kakari_dept))
    client = sign_in("jinji")
    assert client.get(url("sheet_edit", world.sheet)).status_code == 403
    assert client.post(url("sheet_edit", world.sheet), posted(world.sheet)).status_code == 403
    assert not Draft.objects.exists()


def test_from_the_ground_to_the_submission(world, sign_in):
    client = sign_in("jinji")
    page = text(client.get(url("sheet_proxy", world.sheet)))
    assert "代理入力を始める" in page
    bad = client.post(url("sheet_proxy", world.sheet), {"action": "open", "key": uuid.uuid4()})
    assert bad.status_code == 422
    assert "代わりに記入する理由を選んでください" in text(bad)
    started = client.post(
        url("sheet_proxy", world.sheet), {"action": "open", "ground": "no_pc", "key": uuid.uuid4()}
    )
    assert started.url == url("sheet_edit", world.sheet)
    page = text(client.get(started.url))
    assert f"{world.honnin.name}さんの代理入力" in page
    assert "本人が自分で書き始めると" in page
    kept = client.post(started.url, posted(world.sheet, **all_steps(world.sheet, 2)) | {"action": "submit"})
    assert kept.url == url("sheet_submit", world.sheet)
    check = text(client.get(kept.url))
    assert "代理入力として提出します" in check
    sheet = Sheet.objects.get(pk=world.sheet.pk)
    done = client.post(kept.url, {"version": sheet.version, "key": uuid.uuid4()}, follow=True)
    assert "さんに代わって提出しました" in text(done)
    assert "本人の確認待ち" in text(done)
    sheet.refresh_from_db()
    assert sheet.state == Sheet.State.SUBMITTED
    assert sheet.current_revision.submitted_by == world.jinji
    proxy = Proxy.objects.get()
    assert (proxy.revision, proxy.consent) == (sheet.current_revision, "waiting")
    assert proxy.closed_at is not None
    told = set(Event.objects.filter(subject_uuid=world.honnin.uuid).values_list("action", flat=True))
    assert told >= {"sheet.proxy_open", "sheet.start", "sheet.proxy_submit", "sheet.view"}
    assert "sheet.submit" not in told


def test_evidence_is_chosen_among_the_entries_of_the_person(world, sign_in):
    begun(world)
    mine = b.make_experience(world.honnin, "本人の経験")
    b.make_experience(world.jinji, "人事の経験")
    address = reverse("assessments:sheet_evidence", args=[world.sheet.uuid, world.cells[0].code])
    page = text(sign_in("jinji").get(address))
    assert mine.title in page
    assert "人事の経験" not in page


def test_the_first_word_of_the_person_ends_it(world, sign_in):
    begun(world)
    filled(world)
    person = sign_in("honnin")
    page = text(person.get(url("sheet_edit", world.sheet)))
    assert "人事が、あなたに代わって記入しています" in page
    secret = "本人だけの下書き"
    person.post(url("sheet_edit", world.sheet), posted(world.sheet, c0=(3, secret)))
    proxy = Proxy.objects.get()
    assert proxy.closed_at is not None
    assert proxy.revision is None
    client = sign_in("jinji")
    for name in ("sheet_edit", "sheet_submit"):
        answer = client.get(url(name, world.sheet))
        assert answer.status_code == 409
        assert secret not in text(answer)
    for name in ("sheet", "sheet_proxy"):
        assert secret not in text(client.get(url(name, world.sheet)))
    lost = client.post(url("sheet_edit", world.sheet), posted(world.sheet, c0=(1, "聞き取りの文")))
    assert lost.status_code == 409
    assert "聞き取りの文" in text(lost)
    assert secret not in text(lost)
    with pytest.raises(Conflict):
        begun(world, at=later(5))


def test_a_save_of_the_person_that_changes_nothing_ends_nothing(world, sign_in):
    begun(world)
    filled(world)
    sign_in("honnin").post(url("sheet_edit", world.sheet), posted(world.sheet))
    assert Proxy.objects.get().closed_at is None


def test_the_person_may_submit_what_was_filled_in(world):
    begun(world)
    filled(world)
    sheet = Sheet.objects.get(pk=world.sheet.pk)
    submit(sheet=sheet, version=sheet.version, key=uuid.uuid4(), by=b.actor_of(world.honnin), now=later(1))
    proxy = Proxy.objects.get()
    assert proxy.closed_at is not None
    assert proxy.revision is None
    assert Event.objects.filter(action="sheet.submit").exists()


def test_given_up_and_begun_again(world):
    proxy = begun(world)
    filled(world)
    with pytest.raises(Conflict):
        end_proxy(sheet=world.sheet, version=proxy.version + 1, by=b.actor_of(world.jinji), now=later(1))
    end_proxy(sheet=world.sheet, version=proxy.version, by=b.actor_of(world.jinji), now=later(1))
    with pytest.raises(Conflict):
        filled(world, at=later(2))
    begun(world, at=later(3))
    assert Proxy.objects.filter(closed_at__isnull=True).count() == 1


def test_given_up_and_taken_up_by_the_person(world):
    proxy = begun(world)
    end_proxy(sheet=world.sheet, version=proxy.version, by=b.actor_of(world.jinji), now=later(1))
    filled(world, who="honnin", at=later(2))
    with pytest.raises(Conflict):
        begun(world, at=later(3))


def test_begun_again_after_a_sending_back_but_not_after_a_withdrawal(world):
    handed_in(world)
    send_back(
        sheet=world.sheet, reason="聞き直してください", version=world.sheet.version, key=uuid.uuid4(),
        by=b.actor_of(world.kacho), now=later(2),
    )  # fmt: skip
    begun(world, at=later(3))
    sheet = Sheet.objects.get(pk=world.sheet.pk)
    submit(sheet=sheet, version=sheet.version, key=uuid.uuid4(), by=b.actor_of(world.jinji), now=later(4))
    sheet.refresh_from_db()
    withdraw(sheet=sheet, version=sheet.version, key=uuid.uuid4(), by=b.actor_of(world.honnin), now=later(5))
    with pytest.raises(Conflict):
        begun(world, at=later(6))


# --- marked everywhere


def test_marked_on_the_sheet_the_review_and_the_exports(world, sign_in):
    handed_in(world)
    assert "代理入力" in text(sign_in("honnin").get(url("sheet", world.sheet)))
    line = sign_in("kacho")
    assert "代理入力" in text(line.get(url("sheet", world.sheet)))
    assert "代理入力" in text(sign_in("kakari").get(reverse("assessments:review")))
    sheets = Sheet.objects.filter(pk=world.sheet.pk)
    assert any("提出（代理入力）" in row for row in long_rows(sheets, world.cycle))
    assert all("提出（代理入力）" in row for row in wide_rows(sheets, world.cycle))


def test_nothing_is_marked_that_the_person_submitted(world, sign_in):
    submitted(world.sheet, steps_of(world.sheet))
    for who, address in [
        ("honnin", url("sheet", world.sheet)), ("kakari", url("sheet", world.sheet)), ("kakari", "/review/"),
    ]:  # fmt: skip
        assert "代理入力" not in text(sign_in(who).get(address))
    assert all("提出" in row for row in wide_rows(Sheet.objects.filter(pk=world.sheet.pk), world.cycle))


def test_no_longer_marked_once_the_person_submits_anew(world, sign_in):
    handed_in(world)
    by = b.actor_of(world.honnin)
    withdraw(sheet=world.sheet, version=world.sheet.version, key=uuid.uuid4(), by=by, now=later(2))
    sheet = Sheet.objects.get(pk=world.sheet.pk)
    submit(sheet=sheet, version=sheet.version, key=uuid.uuid4(), by=by, now=later(3))
    assert "代理入力" not in text(sign_in("honnin").get(url("sheet", world.sheet)))
    assert "確かめてください" not in text(sign_in("honnin").get("/"))
    assert "その後に再提出" in text(sign_in("jinji").get("/proxies/"))


# --- what the person says


def test_the_person_is_told_at_home(world, sign_in):
    begun(world)
    assert "あなたに代わって年度票を記入しています" in text(sign_in("honnin").get("/"))
    filled(world)
    sheet = Sheet.objects.get(pk=world.sheet.pk)
    submit(sheet=sheet, version=sheet.version, key=uuid.uuid4(), by=b.actor_of(world.jinji), now=later(1))
    assert "あなたに代わって年度票を提出しました。内容を確かめてください" in text(sign_in("honnin").get("/"))
    assert "代わって年度票" not in text(sign_in("dourei").get("/"))


def test_the_person_agrees(world, sign_in):
    proxy = handed_in(world)
    client = sign_in("honnin")
    done = client.post(
        url("proxy_consent", world.sheet), {"answer": "agree", "version": proxy.version}, follow=True
    )
    assert "本人が確かめました" in text(done)
    proxy.refresh_from_db()
    assert (proxy.consent, proxy.consent_by) == ("agreed", world.honnin)
    assert "内容を確かめてください" not in text(client.get("/"))
    again = client.post(url("proxy_consent", world.sheet), {"answer": "agree", "version": proxy.version})
    assert again.status_code == 409


def test_the_person_asks_for_a_correction_in_words(world, sign_in):
    proxy = handed_in(world)
    client = sign_in("honnin")
    empty = client.post(url("proxy_consent", world.sheet), {"answer": "disagree", "version": proxy.version})
    assert empty.status_code == 422
    assert "直してほしいところを入力してください" in text(empty)
    long = client.post(
        url("proxy_consent", world.sheet),
        {"answer": "disagree", "version": proxy.version, "words": "あ" * 401},
    )
    assert long.status_code == 422
    assert "あ" * 401 in text(long)
    client.post(
        url("proxy_consent", world.sheet),
        {"answer": "disagree", "version": proxy.version, "words": "窓口は教えられます"},
    )
    proxy.refresh_from_db()
    assert (proxy.consent, proxy.answer) == ("disagreed", "窓口は教えられます")
    hr = sign_in("jinji")
    assert "窓口は教えられます" in text(hr.get("/proxies/"))
    assert "窓口は教えられます" in text(hr.get(url("sheet_proxy", world.sheet)))
    assert "窓口は教えられます" not in text(sign_in("kacho").get(url("sheet", world.sheet)))
    assert not any("窓口" in str(event.data) for event in Event.objects.all())


def test_nobody_answers_for_the_person(world, sign_in):
    proxy = handed_in(world)
    for who in ("jinji", "kacho"):
        refused = sign_in(who).post(
            url("proxy_consent", world.sheet), {"answer": "agree", "version": proxy.version}
        )
        assert refused.status_code == 403
    proxy.refresh_from_db()
    assert proxy.consent == "waiting"


def test_hr_records_paper_and_only_once(world, sign_in):
    proxy = handed_in(world)
    client = sign_in("jinji")
    done = client.post(
        url("sheet_proxy", world.sheet), {"action": "paper", "version": proxy.version}, follow=True
    )
    assert "本人が書面で確かめました" in text(done)
    proxy.refresh_from_db()
    assert proxy.consent_by == world.jinji
    with pytest.raises(Conflict):
        record_paper(sheet=world.sheet, version=proxy.version, by=b.actor_of(world.jinji), now=NOW)
    assert "書面で確かめたことが記録されました" in text(sign_in("honnin").get("/"))


def test_an_answer_to_what_is_not_there_any_more_is_refused(world):
    proxy = handed_in(world)
    by = b.actor_of(world.honnin)
    with pytest.raises(Conflict):
        answer_proxy(sheet=world.sheet, agreed=True, words="", version=proxy.version + 1, by=by, now=NOW)
    withdraw(sheet=world.sheet, version=world.sheet.version, key=uuid.uuid4(), by=by, now=later(2))
    with pytest.raises(Conflict):
        answer_proxy(sheet=world.sheet, agreed=True, words="", version=proxy.version, by=by, now=NOW)


# --- the list


def test_found_by_another_form_of_the_name(world, sign_in):
    page = text(sign_in("jinji").get("/proxies/", {"q": "山崎"}))
    assert world.honnin.name in page
    assert url("sheet_proxy", world.sheet) in page
    assert "合う人はいません" in text(sign_in("jinji").get("/proxies/", {"q": "いないひと"}))


def test_a_foreign_one_is_not_in_the_list(world, sign_in):
    now = timezone.now()
    Proxy.objects.create(
        municipality=world.other_city, sheet=world.foreign_sheet, ground="no_pc", opened_at=now,
        opened_by=world.yoso,
    )  # fmt: skip
    assert world.yoso.name not in text(sign_in("jinji").get("/proxies/"))


@pytest.mark.parametrize("people", [1, 30])
def test_the_pages_cost_the_same_at_any_size(world, sign_in, django_assert_max_num_queries, people):
    for number in range(people):
        sheet = b.make_sheet(b.make_staff(world.city, f"多田 {number}"), world.cycle, world.kakari_dept)
        begun(world, sheet=sheet)
    client = sign_in("jinji")
    with django_assert_max_num_queries(12):
        client.get("/proxies/", {"q": "多田"})
    begun(world)
    filled(world)
    sheet = Sheet.objects.get(pk=world.sheet.pk)
    submit(sheet=sheet, version=sheet.version, key=uuid.uuid4(), by=b.actor_of(world.jinji), now=later(1))
    for who, address in [
        ("jinji", url("sheet_proxy", sheet)), ("jinji", url("sheet", sheet)), ("honnin", url("sheet", sheet)),
        ("kakari", url("sheet", sheet)), ("kakari", "/review/"), ("honnin", "/"),
    ]:  # fmt: skip
        client = sign_in(who)
        with django_assert_max_num_queries(15):
            assert client.get(address).status_code == 200
