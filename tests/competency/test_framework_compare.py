"""Two versions side by side: what became what, where it stands, and the words that differ."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from competency.models import FrameworkVersion
from competency.side_by_side import pairs_of, words_of
from competency.workflow.drafts_cells import confirm_placements, move_cell
from competency.workflow.drafts_origins import Piece, drop_cell, split_cell
from tests import builders as b
from tests.competency.desk import a_draft, act, cell

COMPARE = reverse("competency:framework_compare")
POLICY, ANALYSIS = "security-policy.1", "internal-it.1"


@pytest.fixture
def draft(world):
    """Return a draft with one split, one dropped, one moved, one worded anew."""
    draft = a_draft(world)
    row = cell(draft, ANALYSIS)
    split_cell(
        version=draft, cell=row, lock=row.lock, key=uuid.uuid4(), **act(world),
        pieces=[Piece("internal-it.a", "聞き取り", row.stage), Piece("internal-it.b", "流れ図", row.stage)],
    )  # fmt: skip
    row = cell(draft, POLICY)
    drop_cell(version=draft, cell=row, lock=row.lock, **act(world))
    row = cell(draft, "communication.1")
    move_cell(version=draft, cell=row, direction="right", lock=row.lock, **act(world))
    row = cell(draft, "communication.1")
    confirm_placements(version=draft, chosen=[(row, row.lock)], **act(world))
    row.wordings.filter(step=2).update(text="コミュニケーションを助けがあれば取れる")
    return draft


def test_what_became_what(world, draft):
    found = [
        ([one.code for one in pair.left], pair.right.code if pair.right else None, pair.fate)
        for pair in pairs_of(world.version, draft)
    ]
    assert found == [
        ([ANALYSIS], "internal-it.a", "分割"),
        ([ANALYSIS], "internal-it.b", "分割"),
        (["internal-it.2"], "internal-it.2", "そのまま"),
        (["system-operations.1"], "system-operations.1", "そのまま"),
        (["system-operations.2"], "system-operations.2", "そのまま"),
        (["communication.1"], "communication.1", "そのまま"),
        ([POLICY], None, "廃止"),
    ]
    moved = pairs_of(world.version, draft)[5]
    assert [change.label for change in moved.changes] == ["段階", "段階の位置", "到達度2"]
    assert moved.differs
    assert not pairs_of(world.version, draft)[2].differs


def test_the_page_marks_by_words_and_shows_only_what_differs_on_demand(sign_in, world, draft):
    client, address = sign_in("henshu"), f"{COMPARE}?a={world.version.uuid}&b={draft.uuid}"
    text = client.get(address).content.decode()
    assert "7行のうち4行に違いがあります" in text
    assert "内容の変更3" in text
    assert "<del>" in text
    assert "<ins>" in text
    assert "庁内情報化｜企画立案" in text
    assert "庁内情報化｜企画立案" not in client.get(f"{address}&only=1").content.decode()
    same = client.get(f"{COMPARE}?a={draft.uuid}&b={draft.uuid}&only=1").content.decode()
    assert "違うところはありません" in same


def test_a_version_far_back_is_compared_along_the_way(world, draft):
    FrameworkVersion.objects.filter(pk=draft.pk).update(state="published", published_at=timezone.now())
    draft.refresh_from_db()
    later = a_draft(world, name="2027", base=draft)
    found = {
        pair.right.code: [one.code for one in pair.left]
        for pair in pairs_of(world.version, later)
        if pair.right
    }
    assert found["internal-it.a"] == [ANALYSIS]
    # The other way round nothing is known but the codes.
    back = {
        pair.right.code: [one.code for one in pair.left]
        for pair in pairs_of(later, world.version)
        if pair.right
    }
    assert back[ANALYSIS] == []
    assert back["internal-it.2"] == ["internal-it.2"]


def test_everybody_compares_what_everybody_sees(sign_in, world, draft):
    other = b.make_version(name="2013")
    theirs = b.make_version(name="よその版", municipality=world.other_city)
    client = sign_in("honnin")
    address = f"{COMPARE}?a={world.version.uuid}&b="
    assert client.get(COMPARE).status_code == 200
    assert client.get(address + str(other.uuid)).status_code == 200
    for hidden in (draft.uuid, theirs.uuid, uuid.uuid4(), "x"):
        assert client.get(address + str(hidden)).status_code == 404, hidden
    assert str(draft.uuid) not in client.get(COMPARE).content.decode()


def test_it_costs_no_query_per_cell(sign_in, world, draft):
    client, address = sign_in("henshu"), f"{COMPARE}?a={world.version.uuid}&b={draft.uuid}"
    client.get(address)
    with CaptureQueriesContext(connection) as found:
        client.get(address)
    assert len(found) <= 15


def test_words():
    assert words_of("ICTの研修を開く", "ICTの講座を開く") == [
        ("same", "ICTの"), ("gone", "研修"), ("added", "講座"), ("same", "を開く"),
    ]  # fmt: skip
    assert words_of("", "新しい") == [("added", "新しい")]
    assert words_of("", "") == []


TEXT = st.text(alphabet="支援があればICT研修をアイウ 。\n𠮷1", max_size=30)


@given(before=TEXT, after=TEXT)
def test_the_pieces_are_both_texts(before, after):
    found = words_of(before, after)
    assert "".join(text for kind, text in found if kind != "added") == before
    assert "".join(text for kind, text in found if kind != "gone") == after
    assert all(text for _, text in found)
