"""The sheet beside last year's in the eyes of the line, and confirming it."""

import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.models import Confirmation, Cycle, Sheet
from audit.models import Event
from organization.models import Posting
from tests import builders as b
from tests.assessments.sheets import (
    answers,
    confirm,
    confirmations,
    in_state,
    last_year,
    show,
    steps_of,
    submitted,
)

State = Sheet.State
REVIEW = "/review/"


# --- the sheet, read


def test_the_confirmer_sees_both_years_and_the_evidence(sign_in, world):
    last_year(world, step=1)
    submitted(world.sheet, steps_of(world.sheet, 3), evidence="窓口予約システムの導入")
    page = show(sign_in("kakari"), world.sheet)
    text = page.content.decode()
    for said in (
        "山﨑 美咲さんの年度票", "昨年の確認から変わったのは6項目です。", "2段階以上の違いが6項目あります。",
        "昨年から＋2", "昨年の確認より2段階上がっています。", "窓口予約システムの導入", "1 知識がある", "3 独力でできる",
        "管理メモ", "開示することがあります", "一次確認する", "差し戻す",
    ):  # fmt: skip
        assert said in text, said
    assert "確定する" not in text
    event = Event.objects.get(action="sheet.view")
    assert (event.subject_uuid, event.actor_uuid, event.object_uuid) == (
        world.honnin.uuid,
        world.kakari.uuid,
        world.sheet.uuid,
    )


def test_an_older_year_is_named(sign_in, world):
    last_year(world)
    cycle = b.make_cycle(world.city, world.version, fiscal_year=2027)
    sheet = submitted(b.make_sheet(world.honnin, cycle, world.kakari_dept))
    assert "前回の確認は令和7年度（2025年度）です。" in show(sign_in("kakari"), sheet).content.decode()


@pytest.mark.parametrize("state", [State.NOT_STARTED, State.DRAFTING, State.SENT_BACK])
@pytest.mark.parametrize("who", ["kakari", "kacho", "jinji"])
def test_of_a_draft_only_the_word(sign_in, world, state, who):
    in_state(world.sheet, state)
    text = show(sign_in(who), world.sheet).content.decode()
    assert State(state).label in text
    assert "下書きの文章" not in text
    assert "<fieldset" not in text
    assert 'class="skill-row' not in text


def test_those_in_scope_who_do_not_confirm_read_only(sign_in, world):
    submitted(world.sheet)
    confirmations(world.sheet, world.kakari, "first", comment="係長の下書き")
    for who in ("bucho", "jinji", "kacho"):
        text = show(sign_in(who), world.sheet).content.decode()
        assert "<fieldset" not in text, who
        assert "skill-row" in text, who
        assert "差し戻す" in text, who
        # What the 係長 has not confirmed yet is theirs alone.
        assert "係長の下書き" not in text, who


def test_after_the_confirmation_both_comments_are_there(sign_in, world):
    submitted(world.sheet)
    confirmations(world.sheet, world.kakari, "first", comment="一次の言葉", visibility="memo")
    confirmations(world.sheet, world.kacho, "final", comment="課長の言葉")
    Sheet.objects.filter(pk=world.sheet.pk).update(state=State.CONFIRMED, confirmed_at=timezone.now())
    text = show(sign_in("bucho"), world.sheet).content.decode()
    assert "一次の言葉（管理メモ、𠮷田 由紀子）" in text
    assert "課長の言葉（本人に見える、髙橋 誠一）" in text
    assert "差し戻す" not in text
    assert "訂正" not in text
    assert "訂正の画面を開く" in show(sign_in("jinji"), world.sheet).content.decode()


def test_of_closed_years_the_line_sees_what_was_confirmed(sign_in, world):
    old = last_year(world)
    submitted(world.sheet)
    Cycle.objects.filter(pk=world.cycle.pk).update(state="closed", closed_at=timezone.now())
    client = sign_in("kacho")
    assert show(client, old).status_code == 200
    assert show(client, world.sheet).status_code == 404
    assert confirm(client, world.sheet).status_code == 404
    assert show(sign_in("jinji"), world.sheet).status_code == 200


@pytest.mark.parametrize("who", ["dourei", "betsuka", "henshu", "kansa", "sysadmin"])
def test_strangers_get_404(sign_in, world, who):
    submitted(world.sheet)
    client = sign_in(who)
    missing = client.get(reverse("assessments:sheet", args=[uuid.uuid4()]))
    there = show(client, world.sheet)
    assert (there.status_code, missing.status_code) == (404, 404)
    assert confirm(client, world.sheet).status_code == 404
    assert not Event.objects.exclude(action="access.refused").exists()


def test_the_former_head_is_a_stranger_from_the_day(sign_in, world):
    submitted(world.sheet)
    Posting.objects.filter(staff=world.honnin).update(end=timezone.localdate())
    b.make_posting(world.honnin, world.jinjika, start=timezone.localdate())
    for who in ("kakari", "kacho", "bucho"):
        client = sign_in(who)
        assert show(client, world.sheet).status_code == 404
        assert confirm(client, world.sheet).status_code == 404


@pytest.mark.parametrize("who", ["kakari", "bucho", "jinji"])
def test_the_sheet_costs_at_most_fifteen(sign_in, world, django_assert_max_num_queries, who):
    last_year(world)
    submitted(world.sheet)
    client = sign_in(who)
    with django_assert_max_num_queries(15):
        show(client, world.sheet)


# --- confirming


def test_the_whole_way_through_the_pages(sign_in, world):
    last_year(world)
    sheet = submitted(world.sheet)
    client = sign_in("kakari")
    saved = confirm(client, sheet, step=None, **{f"step-{world.cells[0].code}": 3})
    assert saved["Location"] == reverse("assessments:sheet", args=[sheet.uuid])
    assert "1項目を保存しました" in client.get(saved["Location"]).content.decode()
    done = confirm(client, sheet, action="first")
    assert done["Location"] == REVIEW
    assert "山﨑 美咲さんの年度票を一次確認しました" in client.get(REVIEW).content.decode()
    sheet.refresh_from_db()
    client = sign_in("kacho")
    assert "一次確認</dt><dd>2" in show(client, sheet).content.decode()
    assert confirm(client, sheet, level="final", action="final").status_code == 302
    sheet.refresh_from_db()
    assert sheet.state == State.CONFIRMED


def test_unchanged_cells_at_one_stroke(sign_in, world):
    last_year(world)
    sheet = submitted(world.sheet, steps_of(world.sheet, 2, c0=4))
    client = sign_in("kakari")
    assert "まとめて確認（5項目）" in show(client, sheet).content.decode()
    mine = {f"step-{world.cells[1].code}": 1, f"comment-{world.cells[1].code}": "まだ手伝いが要る"}
    confirm(client, sheet, step=None, action="unchanged", **mine)
    steps = dict(
        Confirmation.objects.filter(revision=sheet.current_revision).values_list("cell__rank", "step")
    )
    assert steps == {1: 1, 2: 2, 3: 2, 4: 2, 5: 2}


def test_agreed_cells_at_one_stroke(sign_in, world):
    sheet = submitted(world.sheet)
    confirmations(sheet, world.kakari, "first", steps_of(sheet, 2, c0=1))
    Sheet.objects.filter(pk=sheet.pk).update(state=State.FIRST_CONFIRMED)
    client = sign_in("kacho")
    assert "本人と一次確認が同じ項目をまとめて確認（5項目）" in show(client, sheet).content.decode()
    confirm(client, sheet, level="final", step=None, action="agreed")
    assert Confirmation.objects.filter(level="final").count() == 5
    assert "まとめて確認" not in show(client, sheet).content.decode()


def test_an_open_cell_is_named_and_nothing_is_lost(sign_in, world):
    sheet = submitted(world.sheet)
    code, other = world.cells[2].code, world.cells[0].code
    response = confirm(
        sign_in("kakari"),
        sheet,
        action="first",
        **{f"step-{code}": None, f"comment-{other}": "書きかけの言葉"},
    )
    text = response.content.decode()
    assert response.status_code == 409
    assert "直すところが1件あります" in text
    assert f'href="#step-{code}-0"' in text
    assert "書きかけの言葉" in text
    assert not Confirmation.objects.exists()


@pytest.mark.parametrize(
    ("comment", "step", "said"),
    [("言葉だけ", None, "到達度も選んでください"), ("あ" * 401, 2, "400文字まで")],
)
def test_a_comment_that_cannot_be_kept(sign_in, world, comment, step, said):
    sheet = submitted(world.sheet)
    code = world.cells[0].code
    response = confirm(sign_in("kakari"), sheet, **{f"step-{code}": step, f"comment-{code}": comment})
    assert response.status_code == 422
    assert said in response.content.decode()
    assert comment in response.content.decode()


BAD = [
    {"step-internal-it.1": "7"},
    {"step-internal-it.1": "x"},
    {"step-of-another-version": "1"},
    {"visibility-internal-it.1": "all"},
    {"version-internal-it.1": "-1"},
    {"version": ""},
    {"key": "x"},
    {"action": "delete"},
    {"action": "save", "level": ""},
]


@pytest.mark.parametrize("changes", BAD)
def test_what_no_form_sends_is_refused(sign_in, world, changes):
    sheet = submitted(world.sheet)
    assert confirm(sign_in("kakari"), sheet, **changes).status_code == 422
    assert not Confirmation.objects.exists()


def test_two_tabs_never_overwrite_silently(sign_in, world):
    sheet = submitted(world.sheet)
    client = sign_in("kakari")
    code = world.cells[0].code
    stale = answers(sheet, step=None, **{f"step-{code}": 1, f"comment-{code}": "二つ目の画面"})
    confirm(client, sheet, step=None, **{f"step-{code}": 4, f"comment-{code}": "一つ目の画面"})
    response = client.post(reverse("assessments:sheet_confirm", args=[sheet.uuid]), stale)
    text = response.content.decode()
    assert response.status_code == 409
    assert "二つ目の画面" in text
    assert "保存してある内容：4 教えられる「一つ目の画面」" in text
    assert Confirmation.objects.get().comment == "一つ目の画面"
    # Sent again from this page, it is what the person wants.
    assert confirm(client, sheet, step=None, **{f"step-{code}": 1}).status_code == 302
    assert Confirmation.objects.get().step == 1


def test_what_came_too_late_stays_readable(sign_in, world):
    sheet = submitted(world.sheet)
    late = answers(sheet, action="first", **{f"comment-{world.cells[0].code}": "遅れて届いた言葉"})
    Posting.objects.filter(staff=world.dourei).update(line_role="first")
    client = sign_in("dourei")
    confirm(client, sheet, action="first")
    client = sign_in("kakari")
    response = client.post(reverse("assessments:sheet_confirm", args=[sheet.uuid]), late)
    text = response.content.decode()
    assert response.status_code == 409
    assert "いまの状態は「一次確認」です" in text
    assert "遅れて届いた言葉" in text


def test_the_same_click_twice_is_one_confirmation(sign_in, world):
    sheet = submitted(world.sheet)
    client = sign_in("kakari")
    form = answers(sheet, action="first")
    for _ in range(2):
        response = client.post(reverse("assessments:sheet_confirm", args=[sheet.uuid]), form)
        assert response["Location"] == REVIEW
    assert Event.objects.filter(action="sheet.confirm_first").count() == 1


@pytest.mark.parametrize(
    ("who", "action", "status"),
    [
        ("honnin", "first", 403), ("honnin", "final", 403), ("kakari", "final", 403), ("kacho", "first", 403),
        ("kacho", "final", 409), ("bucho", "final", 409), ("jinji", "final", 409), ("jinji", "first", 403),
    ],
)  # fmt: skip
def test_who_may_not_confirm(sign_in, world, who, action, status):
    sheet = submitted(world.sheet)
    assert confirm(sign_in(who), sheet, level=action, action=action).status_code == status
    sheet.refresh_from_db()
    assert sheet.state == State.SUBMITTED


def test_hr_does_not_confirm_their_own(sign_in, world):
    sheet = submitted(b.make_sheet(world.jinji, world.cycle, world.jinjika))
    assert confirm(sign_in("jinji"), sheet, level="final", action="final").status_code == 403


def test_a_comment_is_kept_without_control_characters(sign_in, world):
    sheet = submitted(world.sheet)
    code = world.cells[0].code
    confirm(sign_in("kakari"), sheet, **{f"comment-{code}": "改行は\r\n残る\x00\x0b"})
    assert Confirmation.objects.get(cell=world.cells[0]).comment == "改行は\n残る"


def test_the_key_of_one_sheet_opens_no_other(sign_in, world):
    first = submitted(world.sheet)
    second = submitted(b.make_sheet(world.dourei, world.cycle, world.kakari_dept))
    client, key = sign_in("kakari"), str(uuid.uuid4())
    assert confirm(client, first, action="first", key=key).status_code == 302
    assert confirm(client, second, action="first", key=key).status_code == 422
    second.refresh_from_db()
    assert second.state == State.SUBMITTED
