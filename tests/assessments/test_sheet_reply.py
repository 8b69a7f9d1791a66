"""The person's 返事 to a 確定, and asking for 再確認."""

import uuid

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from access.refusals import Conflict
from assessments.models import Confirmation, Reconfirmation, Reply, Sheet
from assessments.workflow.correction import Correction, correct
from assessments.workflow.replies import Words, reply
from audit.models import Event
from tests import builders as b
from tests.assessments.sheets import confirmations, in_state, submitted

BACKEND = "organization.backends.StaffBackend"


def settled(world, *, comment="", visibility="person", staff=None, at=None, steps=None):
    """Return somebody's confirmed sheet with a comment on every cell, given `at` (now); `steps` are the confirmed ones."""
    at = at or timezone.now()
    sheet = world.sheet if staff is None else b.make_sheet(staff, world.cycle, world.kakari_dept)
    submitted(sheet)
    confirmations(sheet, world.kakari, "first")
    confirmations(sheet, world.kacho, "final", steps, comment=comment, visibility=visibility)
    Confirmation.objects.filter(revision__sheet=sheet).update(updated_at=at)
    Sheet.objects.filter(pk=sheet.pk).update(state="confirmed", confirmed_at=at)
    sheet.refresh_from_db()
    return sheet


@pytest.fixture
def sheet(world):
    return settled(world, comment="よくやっています")


@pytest.fixture
def own(client, world):
    client.force_login(world.honnin, backend=BACKEND)
    return client


def url(sheet, name="sheet_reply"):
    return reverse(f"assessments:{name}", args=[sheet.uuid])


def form(sheet, **changes):
    sheet.refresh_from_db()
    return {"version": sheet.version, "key": str(uuid.uuid4()), **changes}


def codes(world):
    return [cell.code for cell in world.cells]


def page(response):
    return response.content.decode()


def test_a_reply_stands_beside_the_comment_for_the_person_and_the_line(own, world, sheet):
    first = codes(world)[0]
    assert "確認に返事をする・再確認を頼む" in page(own.get(url(sheet, "sheet")))
    assert "よくやっています" in page(own.get(url(sheet)))
    response = own.post(url(sheet), form(sheet, **{f"text-{first}": "ありがとうございます\r\n次も続けます"}))
    assert response["Location"] == url(sheet, "sheet")
    assert "ありがとうございます<br>次も続けます" in page(own.get(url(sheet, "sheet")))
    assert not Reconfirmation.objects.exists()
    event = Event.objects.get(action="sheet.reply")
    assert (event.data["cells"], event.data["again"]) == (1, 0)
    for who in ("kakari", "kacho", "bucho", "jinji"):
        client = Client()
        client.force_login(getattr(world, who), backend=BACKEND)
        assert "ありがとうございます" in page(client.get(url(sheet, "sheet"))), who
    # The cell takes no second one, the others still do.
    shown = page(own.get(url(sheet)))
    assert f'name="text-{first}"' not in shown
    assert f'name="text-{codes(world)[1]}"' in shown


def test_asking_again_is_once_a_sheet_and_for_all_cells_that_are_marked(own, world, sheet):
    first, second, third = codes(world)[:3]
    sent = {f"text-{first}": "資料も見てください", f"again-{first}": "on"}
    sent |= {f"text-{second}": "4月から1人で行っています", f"again-{second}": "on"}
    response = own.post(url(sheet), form(sheet, **sent), follow=True)
    assert "再確認を頼みました" in page(response)
    assert "答えを待っています" in page(response)
    asked = Reconfirmation.objects.get()
    assert (asked.sheet, asked.state, asked.revision) == (sheet, "asked", sheet.current_revision)
    assert Reply.objects.filter(again=True).count() == 2
    shown = page(own.get(url(sheet)))
    assert 'name="again-' not in shown
    assert f'name="text-{third}"' in shown
    late = own.post(url(sheet), form(sheet, **{f"text-{third}": "これも", f"again-{third}": "on"}))
    assert late.status_code == 409
    assert "1回だけ" in page(late)
    assert "これも" in page(late)
    assert Reply.objects.count() == 2


def test_a_cell_without_a_comment_can_be_asked_about_but_not_only_replied_to(own, world):
    sheet = settled(world)
    first = codes(world)[0]
    refused = own.post(url(sheet), form(sheet, **{f"text-{first}": "ひとこと"}))
    assert refused.status_code == 422
    assert "再確認を頼むときは、印を付けてください" in page(refused)
    assert "ひとこと" in page(refused)
    asked = own.post(url(sheet), form(sheet, **{f"text-{first}": "ひとこと", f"again-{first}": "on"}))
    assert asked.status_code == 302


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "返事が書かれていません"),
        ({"text-{0}": " \r\n　"}, "返事が書かれていません"),
        ({"again-{0}": "on"}, "再確認を頼む理由を書いてください"),
        ({"text-{0}": "あ" * 401}, "400文字までで書いてください（いま401文字）"),
    ],
)
def test_what_is_wrong_is_said_and_the_rest_is_kept(own, world, sheet, sent, said):
    first, second = codes(world)[:2]
    sent = {name.format(first): value for name, value in sent.items()}
    more = {} if "返事が" in said else {f"text-{second}": "こちらは書けています"}
    response = own.post(url(sheet), form(sheet, **sent, **more))
    assert response.status_code == 422
    assert said in page(response)
    assert all(text in page(response) for text in more.values())
    assert not Reply.objects.exists()


@pytest.mark.parametrize("changes", [{"text-no-such.1": "x"}, {"version": "x"}, {"key": "x"}])
def test_what_no_form_of_ours_sends_is_refused(own, world, sheet, changes):
    sent = form(sheet, **{f"text-{codes(world)[0]}": "はい"}) | changes
    assert own.post(url(sheet), sent).status_code == 422
    assert not Reply.objects.exists()


def test_a_double_click_is_one_reply(own, world, sheet):
    sent = form(sheet, **{f"text-{codes(world)[0]}": "はい", f"again-{codes(world)[0]}": "on"})
    assert [own.post(url(sheet), sent).status_code for _ in range(2)] == [302, 302]
    assert Reply.objects.count() == Reconfirmation.objects.count() == 1


def test_a_second_tab_keeps_its_text_on_the_page(own, world, sheet):
    first, second = codes(world)[:2]
    old = form(sheet)
    own.post(url(sheet), old | {f"text-{first}": "先の画面"})
    late = own.post(
        url(sheet),
        old | {"key": str(uuid.uuid4()), f"text-{first}": "後の画面", f"text-{second}": "別の項目"},
    )
    assert late.status_code == 409
    assert "後の画面" in page(late)
    assert "送れなかった内容" in page(late)
    assert f'name="text-{second}" rows="2">別の項目</textarea>' in page(late)
    assert list(Reply.objects.values_list("text", flat=True)) == ["先の画面"]


@pytest.mark.parametrize("state", [one for one in Sheet.State if one != Sheet.State.CONFIRMED])
def test_before_it_is_settled_there_is_nothing_to_reply_to(own, world, state):
    sheet = in_state(world.sheet, state, confirmer=world.kacho)
    assert own.get(url(sheet)).status_code == 409
    assert own.post(url(sheet), form(sheet)).status_code == 409


def test_a_memo_is_not_answered_for_the_person_does_not_know_of_it(own, world):
    sheet = settled(world, comment="上司だけの覚え", visibility="memo")
    assert "上司だけの覚え" not in page(own.get(url(sheet)))
    refused = own.post(url(sheet), form(sheet, **{f"text-{codes(world)[0]}": "はい"}))
    assert refused.status_code == 422


@pytest.mark.parametrize(
    ("who", "status"), [("kacho", 403), ("jinji", 403), ("dourei", 404), ("kansa", 404), ("yoso", 404)]
)
def test_nobody_else_replies(world, sheet, who, status):
    client = Client()
    client.force_login(getattr(world, who), backend=BACKEND)
    sent = form(sheet, **{f"text-{codes(world)[0]}": "代わりに"})
    assert client.get(url(sheet)).status_code == status
    assert client.post(url(sheet), sent).status_code == status
    assert not Reply.objects.exists()


def test_where_nobody_confirmed_there_is_nobody_to_ask(world):
    alone = in_state(b.make_sheet(world.dourei, world.cycle, world.kakari_dept), Sheet.State.SUBMITTED)
    confirmations(alone, world.dourei, "final")
    Sheet.objects.filter(pk=alone.pk).update(
        state="confirmed", confirmed_at=timezone.now(), without_confirmer=True
    )
    client = Client()
    client.force_login(world.dourei, backend=BACKEND)
    assert client.get(url(alone)).status_code == 409
    assert "確認に返事をする" not in page(client.get(url(alone, "sheet")))


def test_a_correction_is_a_new_word_of_the_line_and_takes_a_reply_of_its_own(own, world, sheet):
    first = world.cells[0]
    own.post(url(sheet), form(sheet, **{f"text-{first.code}": "3だと思います"}))
    sheet.refresh_from_db()
    correct(
        sheet=sheet, reason="転記の誤り", corrections=[Correction(first.pk, 2, 3)], version=sheet.version,
        key=uuid.uuid4(), by=b.actor_of(world.jinji), now=timezone.now(),
    )  # fmt: skip
    assert "3だと思います" in page(own.get(url(sheet, "sheet")))
    own.post(url(sheet), form(sheet, **{f"text-{first.code}": "ありがとうございました"}))
    assert Reply.objects.filter(cell=first).count() == 2


def test_the_database_takes_no_reply_to_what_is_not_settled_and_changes_none(world, sheet):
    actor = b.actor_of(world.honnin)
    reply(
        sheet=sheet, words=[Words(world.cells[0].pk, "はい", True)], version=sheet.version, key=uuid.uuid4(), by=actor,
        now=timezone.now(),
    )  # fmt: skip
    other = submitted(b.make_sheet(world.dourei, world.cycle, world.kakari_dept))
    row = Reply.objects.get()
    asked = Reconfirmation.objects.get()
    forbidden = [
        lambda: Reply.objects.filter(pk=row.pk).update(text="書き換え"),
        lambda: Reply.objects.filter(pk=row.pk).delete(),
        lambda: Reply.objects.create(
            municipality=world.city,
            revision=other.current_revision,
            cell=world.cells[0],
            text="はい",
            at=timezone.now(),
        ),
        lambda: Reconfirmation.objects.create(
            municipality=world.city, sheet=other, revision=other.current_revision, asked_at=timezone.now()
        ),
        lambda: Reconfirmation.objects.filter(pk=asked.pk).update(asked_at=timezone.now()),
        lambda: Reconfirmation.objects.filter(pk=asked.pk).delete(),
    ]
    for act in forbidden:
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


def test_two_asks_at_once_are_one(world, sheet):
    actor = b.actor_of(world.honnin)
    common = {"version": sheet.version, "by": actor, "now": timezone.now()}
    reply(sheet=sheet, words=[Words(world.cells[0].pk, "はい", True)], key=uuid.uuid4(), **common)
    with pytest.raises(Conflict):
        reply(sheet=sheet, words=[Words(world.cells[1].pk, "はい", True)], key=uuid.uuid4(), **common)
    sheet.refresh_from_db()
    with pytest.raises(Conflict, match="1回だけ"):
        reply(
            sheet=sheet, words=[Words(world.cells[1].pk, "はい", True)], key=uuid.uuid4(), by=actor,
            now=timezone.now(), version=sheet.version,
        )  # fmt: skip
