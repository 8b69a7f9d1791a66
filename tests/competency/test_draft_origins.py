"""Where 項目 come from: split, joined, dropped, brought back, and what becomes of the ratings of each."""

import uuid

import pytest

from access.refusals import Conflict
from competency.draft_codes import Ancestor, is_code, meant_before, propose
from competency.draft_reads import fates_of
from competency.lineage import Fate
from competency.workflow.drafts_base import BadValue
from competency.workflow.drafts_origins import drop_cell, restore_cell, set_origins
from tests import builders as b
from tests.competency.desk import a_draft, act, cell, origins, url

POLICY, ANALYSIS, PLANNING = "security-policy.1", "internal-it.1", "internal-it.2"


@pytest.fixture
def draft(world):
    return a_draft(world)


def pieces(row, *named, **changes):
    """Return what the form of a split sends."""
    data = {"lock": row.lock, "key": uuid.uuid4(), "rule": "review"}
    for number in range(4):
        task, code = named[number] if number < len(named) else ("", "")
        data |= {f"piece-{number}-task": task, f"piece-{number}-code": code}
        data[f"piece-{number}-stage"] = str(row.stage.uuid)
    return data | changes


def test_one_becomes_two_where_it_stood_with_its_words(sign_in, draft):
    client, row = sign_in("henshu"), cell(draft, ANALYSIS)
    data = pieces(row, ("聞き取り", "internal-it.hear"), ("流れ図", "internal-it.draw"))
    answer = client.post(url("draft_cell_split", draft, row), data)
    assert answer["Location"] == f"{url('draft', draft)}#cell-internal-it.hear"
    assert client.post(url("draft_cell_split", draft, row), data).status_code in (302, 404)
    assert list(draft.cells.values_list("code", flat=True))[:4] == [
        POLICY, "internal-it.hear", "internal-it.draw", PLANNING,
    ]  # fmt: skip
    found = origins(draft)
    assert found["internal-it.hear"] == found["internal-it.draw"] == {ANALYSIS: "review"}
    assert cell(draft, "internal-it.draw").wordings.count() == 5
    assert fates_of(draft)[ANALYSIS] is Fate.SPLIT
    assert "「業務分析」を分割、見直し" in client.get(url("draft", draft)).content.decode()


@pytest.mark.parametrize(
    ("named", "where"),
    [
        ([("聞き取り", ANALYSIS), ("流れ図", "a.b")], ("pieces", 0, "code")),
        ([("聞き取り", "a.b"), ("流れ図", "a.b")], ("pieces", 1, "code")),
        ([("聞き取り", "a.b"), ("流れ図", POLICY)], ("pieces", 1, "code")),
        ([("聞き取り", "a.b"), ("流れ図", "Ｂ")], ("pieces", 1, "code")),
        ([("聞き取り", "a.b"), ("", "")], ("pieces", 1, "task")),
        ([("聞き取り", "a.b"), ("流れ図", "a.c"), ("三つ目", "")], ("pieces", 2, "code")),
    ],
)
def test_a_split_that_cannot_be_says_why_at_its_piece_and_leaves_all(sign_in, draft, named, where):
    row = cell(draft, ANALYSIS)
    answer = sign_in("henshu").post(url("draft_cell_split", draft, row), pieces(row, *named))
    assert answer.status_code == 422
    name, number, field = where
    assert answer.context[name][number].errors[field]
    assert "聞き取り" in answer.content.decode()
    assert draft.cells.count() == 6
    assert cell(draft, ANALYSIS).lock == row.lock


def test_a_split_of_what_somebody_changed_is_refused_with_all_that_was_typed(sign_in, draft):
    row = cell(draft, ANALYSIS)
    data = pieces(row, ("聞き取り", "a.b"), ("流れ図", "a.c"), lock=7)
    answer = sign_in("henshu").post(url("draft_cell_split", draft, row), data)
    assert answer.status_code == 409
    assert 'value="聞き取り"' in answer.content.decode()
    assert draft.cells.count() == 6


def joined(*rows, **changes):
    """Return what the form of a join sends."""
    return {
        "cell": [f"{row.uuid}:{row.lock}" for row in rows], "key": uuid.uuid4(), "rule": "carry",
        "task": "企画", "code": "internal-it.all", "stage": str(rows[0].stage.uuid),
    } | changes  # fmt: skip


def test_two_become_one_with_the_origins_of_both(sign_in, world, draft):
    client, first, second = sign_in("henshu"), cell(draft, ANALYSIS), cell(draft, PLANNING)
    set_origins(version=draft, cell=second, origins={PLANNING: "reopen"}, lock=1, **act(world))
    second = cell(draft, PLANNING)
    # The matrix sends what was chosen with its token, so it is no address.
    chosen = {"cell": [f"{row.uuid}:{row.lock}" for row in (first, second)], "choose": "join"}
    page = client.post(url("draft_join", draft), chosen)
    assert (page.status_code, draft.cells.count()) == (200, 6)
    assert page.context["form"]["code"].value() == "internal-it.3"
    data = joined(first, second)
    assert client.post(url("draft_join", draft), data).status_code == 302
    assert origins(draft)["internal-it.all"] == {ANALYSIS: "carry", PLANNING: "reopen"}
    row = cell(draft, "internal-it.all")
    assert (row.rank, row.wordings.count(), draft.cells.count()) == (1, 0, 5)
    assert fates_of(draft)[PLANNING] is Fate.JOINED


def test_a_join_needs_two_a_new_code_and_what_was_seen(sign_in, draft):
    client, first, second = sign_in("henshu"), cell(draft, ANALYSIS), cell(draft, PLANNING)
    page = client.get(url("draft_join", draft), {"cell": f"{first.uuid}:1"}, follow=True)
    assert "2つ以上選んでください" in page.content.decode()
    assert client.post(url("draft_join", draft), joined(first, second, code=ANALYSIS)).status_code == 422
    stale = {"cell": [f"{first.uuid}:1", f"{second.uuid}:9"]}
    answer = client.post(url("draft_join", draft), joined(first, second, **stale))
    assert answer.status_code == 409
    assert draft.cells.count() == 6
    again = joined(first, second, cell=[f"{row.uuid}:{lock}" for row, lock in answer.context["chosen"]])
    assert client.post(url("draft_join", draft), again).status_code == 302


def test_what_was_dropped_comes_back_as_it_was(sign_in, world, draft):
    client, row = sign_in("henshu"), cell(draft, POLICY)
    drop_cell(version=draft, cell=row, lock=row.lock, **act(world))
    assert fates_of(draft)[POLICY] is Fate.DROPPED
    page = client.get(url("draft_origins", draft)).content.decode()
    assert "セキュリティポリシー｜策定管理（security-policy.1）" in page
    assert client.post(url("draft_origins", draft), {"code": POLICY}).status_code == 302
    assert client.post(url("draft_origins", draft), {"code": POLICY}).status_code == 409
    row = cell(draft, POLICY)
    assert (row.area.code, row.stage.name, row.wordings.count()) == ("security-policy", "上級", 5)
    assert origins(draft)[POLICY] == {POLICY: "carry"}
    with pytest.raises(Conflict):
        restore_cell(version=draft, code="nothing.1", **act(world))


def test_the_origins_and_rules_of_a_cell_are_chosen(sign_in, world, draft):
    client, row = sign_in("henshu"), cell(draft, ANALYSIS)
    page = url("draft_cell_origins", draft, row)
    text = client.get(page).content.decode()
    for words in (
        "そのまま引き継ぐ",
        "引き継いで、見直しの印を付ける",
        "引き継がず、あらためて記入してもらう",
    ):
        assert words in text
    data = {"lock": row.lock, f"origin_{ANALYSIS}": "review", f"origin_{PLANNING}": "carry"}
    assert client.post(page, data).status_code == 302
    assert origins(draft)[ANALYSIS] == {ANALYSIS: "review", PLANNING: "carry"}
    stale = {"lock": row.lock, f"origin_{ANALYSIS}": "reopen"}
    answer = client.post(page, stale)
    assert answer.status_code == 409
    assert {"label": "庁内情報化｜業務分析", "mine": "引き継がず、あらためて記入してもらう",
            "theirs": "引き継いで、見直しの印を付ける"} in answer.context["conflict"]  # fmt: skip
    fresh = cell(draft, ANALYSIS).lock
    # Its own code is its code in the base: without that origin it would say something else under an old name.
    refused = client.post(page, {"lock": fresh, f"origin_{PLANNING}": "carry"})
    assert refused.status_code == 422
    assert "業務分析" in refused.content.decode()
    assert client.post(page, {"lock": fresh, f"origin_{ANALYSIS}": "often"}).status_code == 422
    with pytest.raises(BadValue):
        set_origins(version=draft, cell=row, origins={"gone.1": "carry"}, lock=fresh, **act(world))


def test_a_draft_without_a_base_has_no_origins(sign_in, world):
    draft = b.make_version(name="新しい体系", municipality=world.city, publish=False)
    row, client = cell(draft, POLICY), sign_in("henshu")
    assert client.get(url("draft_cell_origins", draft, row)).status_code == 409
    assert "もとの版がありません" in client.get(url("draft_cell", draft, row)).content.decode()
    data = pieces(row, ("策定", "security-policy.a"), ("管理", "security-policy.b"))
    assert client.post(url("draft_cell_split", draft, row), data).status_code == 302
    assert origins(draft)["security-policy.a"] == {}


def test_codes_and_what_they_meant():
    assert [is_code(text) for text in ("a", "a.b-1", "a..b", "-a", "a-", "A", "", "ａ", "a\n")] == [
        True, True, False, False, False, False, False, False, False,
    ]  # fmt: skip
    assert propose("a", {"a.1", "a.2", "a.4"}) == "a.3"
    base = Ancestor("2", {"b": "乙", "c": "丙"}, {"b": frozenset({"a"}), "c": frozenset({"c"})})
    first = Ancestor("1", {"a": "甲", "c": "丙"}, {})
    assert meant_before("b", {"b"}, [base, first]) is None
    assert meant_before("a", {"b"}, [base, first]) is None  # 乙 was 甲 before
    assert meant_before("a", {"c"}, [base, first]) == ("1", "甲")
    assert meant_before("c", {"b"}, [base, first]) == ("2", "丙")
    assert meant_before("c", (), [first]) == ("1", "丙")
    assert meant_before("new", (), [base, first]) is None
