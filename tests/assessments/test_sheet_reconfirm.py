"""再確認: the confirmer's answer, what 人事 do with it, and what everybody sees of it."""

import datetime
import uuid

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from access.actor import Role
from access.refusals import Conflict, Forbidden
from assessments import line_reads
from assessments.line import waiting_for
from assessments.models import Reconfirmation, Sheet
from assessments.workflow.replies import Words, decide, reply
from audit.models import Event
from tests import builders as b
from tests.assessments.sheets import last_year, submitted
from tests.assessments.test_sheet_reply import page, settled

BACKEND = "organization.backends.StaffBackend"
DAY = datetime.timedelta(days=1)
WHY = "4月から1人で運用しています"


@pytest.fixture
def sheet(world):
    """Return a confirmed sheet that the person asked to have looked at again: two cells of it."""
    return ask(world, settled(world, comment="もう少しです"))


def ask(world, sheet, staff=None, at=None):
    reply(
        sheet=sheet, words=[Words(cell.pk, WHY, True) for cell in world.cells[:2]], version=sheet.version,
        key=uuid.uuid4(), by=b.actor_of(staff or world.honnin), now=at or timezone.now(),
    )  # fmt: skip
    sheet.refresh_from_db()
    return sheet


def browser(staff):
    client = Client()
    client.force_login(staff, backend=BACKEND)
    return client


def url(sheet, name="sheet_reconfirm"):
    return reverse(f"assessments:{name}", args=[sheet.uuid])


def form(sheet, **changes):
    sheet.refresh_from_db()
    return {
        "version": sheet.version, "key": str(uuid.uuid4()), "answer": "keep", "reason": "面談で確かめました", **changes,
    }  # fmt: skip


def moved(world):
    """Give the person another 本務 from today, and return the 所属長 there."""
    newhead = b.make_staff(world.city, "青木 真")
    b.make_posting(newhead, world.jinjika, line_role="head")
    world.honnin.postings.update(end=timezone.localdate())
    b.make_posting(world.honnin, world.jinjika, start=timezone.localdate())
    return newhead


def refer(world, sheet):
    return browser(world.kacho).post(
        url(sheet), form(sheet, answer="refer", reason="運用の記録を見落としました")
    )


def test_the_confirmer_finds_it_looks_again_and_keeps_it(world, sheet):
    kacho = browser(world.kacho)
    assert '<span class="count">1' in page(kacho.get("/"))
    listed = page(kacho.get(reverse("assessments:review")))
    assert "再確認の依頼が1件あります" in listed
    assert "2項目" in listed
    assert url(sheet) in page(kacho.get(url(sheet, "sheet")))
    shown = page(kacho.get(url(sheet)))
    assert shown.count(WHY) == 2
    assert "もう少しです" in shown
    response = kacho.post(url(sheet), form(sheet))
    assert response["Location"] == reverse("assessments:review")
    asked = Reconfirmation.objects.get()
    assert (asked.state, asked.decided_by, asked.reason) == ("kept", world.kacho, "面談で確かめました")
    assert "再確認の依頼" not in page(kacho.get(reverse("assessments:review")))
    own = browser(world.honnin)
    assert "再確認：確定のままにしました" in page(own.get("/"))
    assert "面談で確かめました" in page(own.get(url(sheet, "sheet")))
    assert Event.objects.filter(action="sheet.reconfirm").count() == 1
    assert "確認" in page(own.get(reverse("assessments:viewers")))


def test_what_is_referred_waits_for_hr_and_ends_with_their_correction(world, sheet):
    assert refer(world, sheet).status_code == 302
    assert waiting_for(b.actor_of(world.kacho)).again == {}
    assert waiting_for(b.actor_of(world.jinji)).again == {sheet.pk: "hr"}
    own = browser(world.honnin)
    assert "運用の記録を見落としました" in page(own.get(url(sheet, "sheet")))
    assert "再確認：人事に訂正を頼みました" in page(own.get("/"))
    hr = browser(world.jinji)
    shown = page(hr.get(url(sheet)))
    assert url(sheet, "sheet_correct") in shown
    assert "運用の記録を見落としました" in shown
    assert 'name="answer"' not in shown
    code = world.cells[0].code
    sheet.refresh_from_db()
    sent = {"version": sheet.version, "key": str(uuid.uuid4()), "reason": "見落とし", f"final-{code}": 3}
    assert hr.post(url(sheet, "sheet_correct"), sent).status_code == 302
    assert Reconfirmation.objects.get().state == "corrected"
    assert waiting_for(b.actor_of(world.jinji)).again == {}
    assert "再確認：訂正しました" in page(own.get("/"))
    # It stays the one 再確認 of this sheet: the corrected version takes replies, not another one.
    assert 'name="again-' not in page(own.get(url(sheet, "sheet_reply")))


def test_hr_may_keep_what_was_referred_and_both_reasons_stand(world, sheet):
    refer(world, sheet)
    hr = browser(world.jinji)
    assert hr.post(url(sheet), form(sheet, reason="記録は別の項目でした")).status_code == 302
    shown = page(browser(world.honnin).get(url(sheet, "sheet")))
    assert "運用の記録を見落としました" in shown
    assert "記録は別の項目でした" in shown


def test_a_correction_by_itself_ends_it_as_well(world, sheet):
    code = world.cells[0].code
    sent = {"version": sheet.version, "key": str(uuid.uuid4()), "reason": "誤り", f"final-{code}": 4}
    assert browser(world.jinji).post(url(sheet, "sheet_correct"), sent).status_code == 302
    assert Reconfirmation.objects.get().state == "corrected"
    assert browser(world.kacho).get(url(sheet)).status_code == 409


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("honnin", 403),
        ("kakari", 403),
        ("bucho", 409),
        ("jinji", 409),
        ("dourei", 404),
        ("kansa", 404),
        ("yoso", 404),
    ],
)
def test_only_who_makes_the_final_confirmation_answers(world, sheet, who, status):
    client = browser(getattr(world, who))
    assert client.get(url(sheet)).status_code == status
    assert client.post(url(sheet), form(sheet)).status_code == status
    assert Reconfirmation.objects.get().state == "asked"


def test_hr_answers_where_there_is_no_superior_and_refers_to_nobody(world):
    sheet = ask(world, settled(world, staff=world.bucho), world.bucho)
    assert waiting_for(b.actor_of(world.jinji)).again == {sheet.pk: "hr"}
    hr = browser(world.jinji)
    assert hr.post(url(sheet), form(sheet, answer="refer")).status_code == 302
    assert Reconfirmation.objects.get().state == "kept"
    with pytest.raises(Conflict):
        decide(
            sheet=sheet, keep=False, reason="x", version=sheet.version, key=uuid.uuid4(), by=b.actor_of(world.jinji),
            now=timezone.now(),
        )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "status", "said"),
    [
        ({"reason": " "}, 422, "理由を入力してください"),
        ({"answer": ""}, 422, "見直した結果を選んでください"),
        ({"answer": "other"}, 422, ""),
        ({"reason": "あ" * 801}, 422, "800字までです"),
        ({"version": "0"}, 409, "面談で確かめました"),
        ({"version": "x"}, 422, ""),
    ],
)
def test_what_is_refused_keeps_what_was_typed(world, sheet, changes, status, said):
    response = browser(world.kacho).post(url(sheet), form(sheet, **changes))
    assert response.status_code == status
    assert said in page(response)
    assert Reconfirmation.objects.get().state == "asked"


def test_a_double_click_is_one_answer_and_a_second_one_is_refused(world, sheet):
    kacho, sent = browser(world.kacho), form(sheet)
    assert kacho.post(url(sheet), sent).status_code == 302
    assert kacho.post(url(sheet), sent).status_code == 302
    # The same click again is no other answer.
    actor = b.actor_of(world.kacho)
    common = {
        "sheet": sheet,
        "reason": "別の理由",
        "version": int(sent["version"]),
        "by": actor,
        "now": timezone.now(),
    }
    decide(keep=True, key=uuid.UUID(sent["key"]), **common)
    with pytest.raises(Conflict, match="再確認は終わっています"):
        decide(keep=True, key=uuid.uuid4(), **common)
    assert Reconfirmation.objects.get().reason == "面談で確かめました"


def test_without_a_request_there_is_nothing_to_answer(world):
    sheet = settled(world)
    assert browser(world.kacho).get(url(sheet)).status_code == 409
    assert browser(world.jinji).get(url(sheet)).status_code == 409


def test_after_a_transfer_it_is_the_new_lines_to_answer_and_they_read_what_is_asked(world):
    at = timezone.now() - 2 * DAY
    sheet = ask(world, settled(world, comment="もう少しです", at=at), at=at)
    newhead = moved(world)
    assert waiting_for(b.actor_of(world.kacho)).again == {}
    assert waiting_for(b.actor_of(newhead)).again == {sheet.pk: "again"}
    shown = page(browser(newhead).get(url(sheet)))
    assert WHY in shown
    # What the former line said stays with it (hearing.py).
    assert "もう少しです" not in shown
    assert browser(world.kacho).get(url(sheet)).status_code == 404
    assert browser(newhead).post(url(sheet), form(sheet)).status_code == 302
    # They still read what they answered themselves, not what was said before their time.
    shown = page(browser(newhead).get(url(sheet, "sheet")))
    assert WHY not in shown
    assert "面談で確かめました" in shown


def test_what_the_former_line_referred_stays_between_them_and_hr(world):
    at = timezone.now() - 2 * DAY
    sheet = ask(world, settled(world, at=at), at=at)
    decide(
        sheet=sheet, keep=False, reason="人事への内々の話", version=sheet.version, key=uuid.uuid4(),
        by=b.actor_of(world.kacho), now=at,
    )  # fmt: skip
    newhead = moved(world)
    shown = page(browser(newhead).get(url(sheet, "sheet")))
    assert "人事への内々の話" not in shown
    assert WHY not in shown
    assert "人事への内々の話" in page(browser(world.jinji).get(url(sheet)))


def test_hr_of_a_municipality_with_more_heads_than_a_list_holds_sees_theirs_too(world, monkeypatch):
    monkeypatch.setattr(line_reads, "MANY", 0)
    sheet = ask(world, settled(world, staff=world.bucho), world.bucho)
    assert waiting_for(b.actor_of(world.jinji)).again == {sheet.pk: "hr"}


def test_it_is_answered_in_a_closed_year_too(world, sheet):
    type(world.cycle).objects.filter(pk=world.cycle.pk).update(state="closed", closed_at=timezone.now())
    assert waiting_for(b.actor_of(world.kacho)).again == {sheet.pk: "again"}
    assert browser(world.kacho).post(url(sheet), form(sheet)).status_code == 302


def test_nobody_answers_their_own(world):
    b.make_grant(world.bucho, Role.HR)
    sheet = ask(world, settled(world, staff=world.bucho), world.bucho)
    assert waiting_for(b.actor_of(world.bucho)).again == {}
    with pytest.raises(Forbidden):
        decide(
            sheet=sheet, keep=True, reason="x", version=sheet.version, key=uuid.uuid4(), by=b.actor_of(world.bucho),
            now=timezone.now(),
        )  # fmt: skip


def test_the_menu_asks_no_more_queries_with_many_requests(world, sheet, django_assert_max_num_queries):
    for number in range(5):
        staff = b.make_staff(world.city, f"職員 {number}")
        b.make_posting(staff, world.kakari_dept)
        ask(world, settled(world, staff=staff), staff)
    waits = b.make_staff(world.city, "待つ 人")
    b.make_posting(waits, world.kakari_dept)
    last_year(world, waits)
    first = submitted(b.make_sheet(waits, world.cycle, world.kakari_dept))
    Sheet.objects.filter(pk=first.pk).update(state=Sheet.State.FIRST_CONFIRMED)
    actor = b.actor_of(world.kacho)
    with django_assert_max_num_queries(2):
        assert waiting_for(actor).count() == 7
    client = browser(world.kacho)
    client.get("/")
    with django_assert_max_num_queries(15):
        answer = client.get(reverse("assessments:review"))
    assert (len(answer.context["rows"]), len(answer.context["again"])) == (1, 6)
    with django_assert_max_num_queries(15):
        assert client.get(url(sheet)).status_code == 200


def test_the_steps_stay_until_hr_corrects_them(world, sheet):
    before = list(sheet.current_revision.confirmations.order_by("pk").values_list("pk", "step", "version"))
    refer(world, sheet)
    assert (
        list(sheet.current_revision.confirmations.order_by("pk").values_list("pk", "step", "version"))
        == before
    )
    assert Sheet.objects.get(pk=sheet.pk).state == "confirmed"
