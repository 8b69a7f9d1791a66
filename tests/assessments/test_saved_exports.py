"""保存した条件: a definition of an export under a name, for its owner alone, year after year."""

import uuid

import pytest
from django.urls import reverse

from assessments.models import SavedExport
from audit.models import Event
from tests import builders as b
from tests.assessments.exporting import LIST, body, hand_in_two, posted, text, url


@pytest.fixture
def filled(world):
    return hand_in_two(world)


def test_a_definition_is_saved_and_opens_with_the_present_year(filled, sign_in):
    client = sign_in("jinji")
    form = posted(
        filled, format="xlsx", split="on", department=str(filled.ka.uuid), state="confirmed", reason="",
        name="人事給与への受渡し", do="save",
    )  # fmt: skip
    answer = client.post(url("records"), form, follow=True)
    assert "条件を「人事給与への受渡し」の名前で保存しました。" in text(answer)
    saved = SavedExport.objects.get()
    assert saved.params == {
        "department": str(filled.ka.uuid), "state": "confirmed", "format": "xlsx", "split": True,
    }  # fmt: skip
    assert (saved.kind, saved.owner, saved.last_run_at) == ("records", filled.jinji, None)
    page = text(client.get(LIST))
    assert "デジタル推進課、確定、Excel、所属ごとのシート" in page
    opened = text(client.get(f"{url('records')}?saved={saved.uuid}"))
    assert f'value="{filled.ka.uuid}" selected' in opened
    assert 'value="confirmed" selected' in opened
    assert f'value="{filled.cycle.uuid}" selected' in opened
    assert opened.count("checked") == 2
    # The reason is asked each time.
    again = {**form, "saved": str(saved.uuid), "name": "", "do": ""}
    assert client.post(url("records"), again).status_code == 422
    assert body(client.post(url("records"), {**again, "reason": "年に1度の受渡し"}))
    saved.refresh_from_db()
    assert saved.last_run_at is not None
    assert [event.action for event in Event.objects.order_by("pk")][-2:] == [
        "saved_export.save",
        "export.records",
    ]


def test_a_name_is_ones_own_once(filled, sign_in):
    b.make_saved_export(filled.kacho, name="受渡し")
    client = sign_in("jinji")
    form = posted(filled, name="受渡し")
    assert body(client.post(url("records"), form))
    # The same again is the same definition: a double click saves one.
    assert body(client.post(url("records"), form))
    assert SavedExport.objects.count() == 2
    other = client.post(url("records"), {**form, "format": "xlsx"})
    assert other.status_code == 422
    assert "この名前は、もう使っています。" in text(other)
    assert client.post(url("records"), {**form, "name": "", "do": "save"}).status_code == 422
    assert Event.objects.filter(action="export.records").count() == 2


def test_a_definition_is_renamed_and_deleted(world, sign_in):
    first, second = b.make_saved_export(world.jinji, name="一"), b.make_saved_export(world.jinji, name="二")
    client = sign_in("jinji")
    page = reverse("assessments:saved_export", args=[first.uuid])
    assert client.get(page).status_code == 200
    taken = client.post(page, {"name": "二", "version": 1})
    assert taken.status_code == 422
    assert "この名前は、もう使っています。" in text(taken)
    assert client.post(page, {"name": "三", "version": 1}).status_code == 302
    assert client.post(page, {"name": "四", "version": 1}).status_code == 409
    assert client.post(page, {"name": "五"}).status_code in (400, 422)
    first.refresh_from_db()
    assert (first.name, first.version) == ("三", 2)
    gone = reverse("assessments:saved_export_delete", args=[second.uuid])
    assert "保存した条件「二」を消しました。" in text(client.post(gone, follow=True))
    assert client.post(gone).status_code == 404
    assert list(SavedExport.objects.values_list("name", flat=True)) == ["三"]


def test_nobody_sees_anothers_definition(world, sign_in):
    saved = b.make_saved_export(world.kacho, name="課の受渡し")
    client = sign_in("jinji")
    assert "課の受渡し" not in text(client.get(LIST))
    assert client.get(f"{url('records')}?saved={saved.uuid}").status_code == 404
    assert client.post(url("records"), posted(world, saved=str(saved.uuid))).status_code == 404
    assert client.get(reverse("assessments:saved_export", args=[saved.uuid])).status_code == 404


def test_a_definition_outlives_the_right_to_its_kind_and_place(world, sign_in):
    lost = b.make_saved_export(world.honnin, kind="measures", name="課の方針")
    moved = b.make_saved_export(world.kacho, department=str(world.jinjika.uuid))
    b.make_saved_export(world.kacho, kind="none", department=str(uuid.uuid4()), name="古い条件")
    page = text(sign_in("honnin").get(LIST))
    assert "課の方針" in page
    assert "いまは出力できません" in page
    assert str(lost.uuid) in page
    client = sign_in("kacho")
    assert "いまはない内容" in text(client.get(LIST))
    opened = client.get(f"{url('records')}?saved={moved.uuid}")
    assert "保存した所属は、いまは選べません。" in text(opened)
