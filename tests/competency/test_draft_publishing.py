"""Publishing after a summary, comments, and the end of a version's use."""

import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from access.refusals import Conflict, Forbidden, NotVisible
from assessments.models import Cycle, Rating, Revision
from audit.models import Event
from competency.models import FrameworkVersion, VersionComment
from competency.workflow.drafts_origins import drop_cell, set_origins
from competency.workflow.drafts_publishing import publish_draft, retire_version
from gaps import desk_uses
from gaps.models import Need
from tests import builders as b
from tests.competency.desk import a_draft, act, cell, sent, url

POLICY, ANALYSIS, PLANNING = "security-policy.1", "internal-it.1", "internal-it.2"


@pytest.fixture
def draft(world):
    return a_draft(world)


def asked(client, draft, **changes):
    """Return what the page of the summary would send, with these changes."""
    form = client.get(url("draft_publish", draft)).context["form"]
    return {name: form[name].value() for name in form.fields} | {"note": "位置を確かめた"} | changes


def test_the_summary_says_what_changes_for_whom(sign_in, world, draft):
    for _ in range(5):
        person = b.make_staff(world.city, "増員 花子")
        b.make_posting(person, world.kiban)
        b.make_sheet(person, world.cycle, world.kiban)
    row = cell(draft, ANALYSIS)
    set_origins(version=draft, cell=row, origins={ANALYSIS: "reopen"}, lock=row.lock, **act(world))
    row = cell(draft, PLANNING)
    set_origins(version=draft, cell=row, origins={PLANNING: "review"}, lock=row.lock, **act(world))
    row = cell(draft, POLICY)
    Need.objects.create(
        municipality=world.city, department=world.ka, cycle=world.cycle, cell=world.cells[0], count=1,
        updated_at=timezone.now(),
    )  # fmt: skip
    drop_cell(version=draft, cell=row, lock=row.lock, **act(world))
    draft.cells.get(code="communication.1").wordings.all().delete()
    page = sign_in("henshu").get(url("draft_publish", draft))
    summary, text = page.context["summary"], page.content.decode()
    assert "6人、2所属、1項目をあらためて記入" in text
    assert "令和8年度" in text
    assert dict(summary.fates) == {"そのまま": 5, "廃止": 1}
    assert summary.reopen == ["庁内情報化｜業務分析"]
    assert summary.review == ["庁内情報化｜企画立案"]
    assert summary.dropped == ["セキュリティポリシー｜策定管理"]
    assert "廃止する「策定管理」を、業務0件、1所属が使っている" in text
    assert "到達度の文がない：コミュニケーション" in text
    assert "段階の位置が要確認" in text


def test_no_number_of_people_under_five_is_told(sign_in, world, draft):
    revision = Revision.objects.create(
        municipality=world.city, sheet=world.sheet, number=1, submitted_at=timezone.now(),
        submitted_by=world.honnin,
    )  # fmt: skip
    Rating.objects.create(municipality=world.city, revision=revision, cell=world.cells[1], step=3)
    row = cell(draft, world.cells[1].code)
    set_origins(version=draft, cell=row, origins={row.code: "reopen"}, lock=row.lock, **act(world))
    text = sign_in("henshu").get(url("draft_publish", draft)).content.decode()
    assert "5人未満、1所属、1項目をあらためて記入" in text
    assert "もとの項目に記入がある人：5人未満" in text
    used = desk_uses.cells(world.city.pk, world.version, True)
    assert {(use.people, use.confirmed) for use in used.values()} == {("5人未満", "5人未満")}
    assert desk_uses.cells(world.other_city.pk, world.version, True) == {}


def test_it_is_published_as_it_was_shown_and_once(sign_in, world, draft):
    client = sign_in("henshu")
    data = asked(client, draft)
    shown = reverse("competency:version", args=[draft.uuid])
    assert [client.post(url("draft_publish", draft), data)["Location"] for _ in range(2)] == [shown, shown]
    draft.refresh_from_db()
    assert (draft.state, draft.note) == ("published", "位置を確かめた")
    assert Event.objects.filter(action="framework.publish", object_uuid=draft.uuid).count() == 1
    assert "位置を確かめた" in client.get(shown).content.decode()
    other = data | {"key": uuid.uuid4()}
    assert client.post(url("draft_publish", draft), other).status_code == 409


def test_what_changed_after_the_summary_is_shown_before_it_is_published(sign_in, draft):
    client = sign_in("henshu")
    data, row = asked(client, draft, note="わたしの説明"), cell(draft, POLICY)
    client.post(url("draft_cell", draft, row), sent(row, task="方針"))
    answer = client.post(url("draft_publish", draft), data)
    assert answer.status_code == 409
    assert "わたしの説明</textarea>" in answer.content.decode()
    draft.refresh_from_db()
    assert draft.state == "draft"
    again = {name: answer.context["form"][name].value() for name in answer.context["form"].fields}
    assert client.post(url("draft_publish", draft), again).status_code == 302


def test_a_change_of_a_version_needs_a_word_and_something_in_every_part(sign_in, world, draft):
    client = sign_in("henshu")
    assert client.post(url("draft_publish", draft), asked(client, draft, note="")).status_code == 422
    row = cell(draft, "communication.1")
    drop_cell(version=draft, cell=row, lock=row.lock, **act(world))
    page = client.get(url("draft_publish", draft)).content.decode()
    assert "区分「コミュニケーション」に項目がありません。" in page
    assert "この版を公開する" not in page
    draft.refresh_from_db()
    with pytest.raises(Conflict):
        publish_draft(version=draft, seen=draft.version, note="説明", key=uuid.uuid4(), **act(world))
    draft.refresh_from_db()
    assert (draft.state, draft.note) == ("draft", "")


def test_the_workflow_asks_for_itself(world, draft):
    jinji = {"by": b.actor_of(world.jinji), "now": timezone.now()}
    with pytest.raises(Forbidden):
        publish_draft(version=draft, seen=draft.version, note="説明", key=uuid.uuid4(), **jinji)
    with pytest.raises(NotVisible):
        retire_version(version=world.version, lock=1, **act(world))


@pytest.fixture
def own(world):
    return b.make_version(name="市の版", municipality=world.city)


def test_the_use_of_a_version_ends_and_it_stays_readable(sign_in, world, own):
    client = sign_in("henshu")
    page = reverse("competency:version_retire", args=[own.uuid])
    assert client.get(page).status_code == 200
    assert client.post(page, {"version": own.version + 1}).status_code == 409
    assert client.post(page, {"version": own.version}).status_code == 302
    own.refresh_from_db()
    assert own.state == "retired"
    assert own.retired_at is not None
    assert client.post(page, {"version": own.version}).status_code == 409
    assert sign_in("honnin").get(reverse("competency:version", args=[own.uuid])).status_code == 200
    assert Event.objects.filter(action="framework.retire").count() == 1


def test_a_version_that_a_year_uses_stays_in_use(sign_in, world, own):
    cycle = b.make_cycle(world.city, own, fiscal_year=2027, state=Cycle.State.PREPARED)
    client, page = sign_in("henshu"), reverse("competency:version_retire", args=[own.uuid])
    assert "令和9年度" in client.get(page).content.decode()
    answer = client.post(page, {"version": own.version})
    assert answer.status_code == 409
    assert "令和9年度" in answer.content.decode()
    Cycle.objects.filter(pk=cycle.pk).update(
        state=Cycle.State.CLOSED, opened_at=timezone.now(), closed_at=timezone.now()
    )
    assert client.post(page, {"version": own.version}).status_code == 302


@pytest.mark.parametrize(("who", "status"), [("henshu", 409), ("jinji", 403), ("honnin", 403)])
def test_the_common_version_is_not_retired_here(sign_in, world, who, status):
    page = reverse("competency:version_retire", args=[world.version.uuid])
    assert sign_in(who).post(page, {"version": 1}).status_code == status


def test_comments_are_written_shown_and_settled(sign_in, world, draft):
    client, row = sign_in("henshu"), cell(draft, POLICY)
    page = url("draft_comments", draft)
    data = {"key": uuid.uuid4(), "text": "位置を図で確かめる", "cell_code": POLICY}
    assert [client.post(page, data)["Location"] for _ in range(2)] == [url("draft_cell", draft, row)] * 2
    comment = VersionComment.objects.get(version=draft)
    assert (comment.author, comment.municipality, comment.cell_code) == (world.henshu, world.city, POLICY)
    for shown in (page, url("draft_cell", draft, row)):
        text = client.get(shown).content.decode()
        assert "位置を図で確かめる" in text
        assert "石井 大輔" in text
    settle = url("draft_comment_settle", draft, comment)
    assert [client.post(settle).status_code for _ in range(2)] == [302, 409]
    comment.refresh_from_db()
    assert comment.settled_by == world.henshu
    assert "済み</span> 石井 大輔" in client.get(page).content.decode()


@pytest.mark.parametrize("text", ["", "　", "長" * 401])
def test_a_comment_that_cannot_be_is_kept_in_its_field(sign_in, draft, text):
    answer = sign_in("henshu").post(url("draft_comments", draft), {"key": uuid.uuid4(), "text": text})
    assert answer.status_code == 422
    assert "error-text" in answer.content.decode()
    assert text.strip() in answer.content.decode()
    assert not VersionComment.objects.exists()


def test_nobody_comments_on_what_is_published(sign_in, world):
    own = b.make_version(name="市の版", municipality=world.city)
    answer = sign_in("henshu").post(url("draft_comments", own), {"key": uuid.uuid4(), "text": "遅い"})
    assert answer.status_code == 409
    assert FrameworkVersion.objects.get(pk=own.pk).version == own.version


def test_a_published_version_says_what_comes_next(sign_in, world):
    page = reverse("competency:version", args=[world.version.uuid])
    assert "年度をこの版に移すには" in sign_in("jinji").get(page).content.decode()
    text = sign_in("henshu").get(page).content.decode()
    assert "年度をこの版に移すには" not in text
    assert "この版から下書きを作る" in text
    text = sign_in("honnin").get(page).content.decode()
    assert "下書き" not in text
