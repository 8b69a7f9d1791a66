"""Choosing the entries behind a cell, and where they are seen: sheet, check page, confirmer, correction."""

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.models import Draft, Entry, RatingEvidence, Sheet
from audit.models import Event
from tests import builders as b
from tests.assessments.forms import all_steps, posted
from tests.assessments.sheets import confirmations, show
from tests.assessments.test_evidence import drafts, hand_in

NOW = timezone.now()


def text(response):
    return response.content.decode()


def edit(client, sheet, action="save", **changes):
    fields = posted(sheet, **changes) | {"action": action}
    return client.post(reverse("assessments:sheet_edit", args=[sheet.uuid]), fields)


def page(client, sheet, cell):
    return client.get(reverse("assessments:sheet_evidence", args=[sheet.uuid, cell.code]))


def choose(client, sheet, cell, seen, chosen):
    form = {
        "seen": " ".join(f"{'+' if was else '-'}{one.uuid}" for one, was in seen.items()),
        "entries": [str(one.uuid) for one in chosen],
    }
    return client.post(reverse("assessments:sheet_evidence", args=[sheet.uuid, cell.code]), form)


def test_the_button_keeps_what_is_typed_and_leads_there(world, sign_in):
    client, cell = sign_in("honnin"), world.cells[0]
    response = edit(client, world.sheet, f"evidence:{cell.code}", c0=(3, "書きかけの根拠"), c1=2)
    assert response["Location"] == reverse("assessments:sheet_evidence", args=[world.sheet.uuid, cell.code])
    kept = Draft.objects.get(cell=cell)
    assert (kept.step, kept.evidence) == (3, "書きかけの根拠")
    assert "根拠にできる記録がまだありません" in text(client.get(response["Location"]))


@pytest.mark.parametrize("action", ["evidence:", "evidence:no-such.1", "evidence"])
def test_what_no_button_sends(world, sign_in, action):
    assert edit(sign_in("honnin"), world.sheet, action, c0=3).status_code == 422
    assert not Draft.objects.exists()


def test_ticking_shows_it_under_the_cell_and_the_note_is_no_longer_asked_for(world, sign_in):
    client, cell = sign_in("honnin"), world.cells[0]
    one, two = (
        b.make_experience(world.honnin, "ポリシー<b>の改定"),
        b.make_certification(world.honnin, "応用情報"),
    )
    b.make_training(world.honnin, "申込み中の研修", state="applied")
    edit(client, world.sheet, **all_steps(world.sheet, 2) | {"c0": (3, "")})
    shown = text(page(client, world.sheet, cell))
    assert "業務経験：ポリシー&lt;b&gt;の改定" in shown
    assert "申込み中の研修" not in shown
    assert f"/resume/add/?cell={cell.code}&amp;sheet={world.sheet.uuid}" in shown
    check = reverse("assessments:sheet_submit", args=[world.sheet.uuid])
    assert "根拠を書くか、根拠にする記録を選んでください。" in text(client.get(check))
    response = choose(client, world.sheet, cell, {one: False, two: False}, [one])
    assert response["Location"].endswith(f"/edit/#cell-{cell.code}")
    form = text(client.get(reverse("assessments:sheet_edit", args=[world.sheet.uuid])))
    assert "根拠の記録「ポリシー&lt;b&gt;の改定」" in form
    assert form.count("data-shown") == 1
    checked = text(client.get(check))
    assert "提出する</button>" in checked
    assert "ポリシー&lt;b&gt;の改定</a>" in checked
    event = Event.objects.get(action="entry.evidence")
    assert event.data == {"cell": cell.code, "more": 1, "less": 0}


def test_quick_add_comes_back_with_the_new_entry_ticked(world, sign_in):
    client, cell = sign_in("honnin"), world.cells[0]
    add = reverse("assessments:quick_add")
    form = client.get(add, {"cell": cell.code, "sheet": world.sheet.uuid}).context["form"]
    values = {name: form[name].value() for name in form.fields} | {"title": "ポリシーの改定", "when": ""}
    response = client.post(add, values)
    assert response["Location"] == reverse("assessments:sheet_evidence", args=[world.sheet.uuid, cell.code])
    shown = client.get(response["Location"])
    assert "「ポリシーの改定」を記録しました" in text(shown)
    assert shown.context["form"]["entries"].value() == [str(Entry.objects.get().uuid)]


@pytest.mark.parametrize("sheet", ["x", "", "00000000-0000-4000-8000-000000000000"])
def test_quick_add_with_a_strange_sheet_is_no_error(world, sign_in, sheet):
    client = sign_in("honnin")
    assert client.get(reverse("assessments:quick_add"), {"sheet": sheet}).status_code == 200


def test_many_are_shortened_on_the_sheet(world, sign_in):
    for number in range(5):
        b.make_experience(world.honnin, f"仕事{number}", cells=[world.cells[0].code])
    form = text(sign_in("honnin").get(reverse("assessments:sheet_edit", args=[world.sheet.uuid])))
    assert "「仕事4」「仕事3」「仕事2」ほか2件" in form


def test_everybody_who_reads_the_sheet_sees_the_titles_of_then(world, sign_in):
    cell = world.cells[0]
    kept = b.make_experience(world.honnin, "ポリシーの改定", cells=[cell.code])
    gone = b.make_certification(world.honnin, "古い資格", cells=[cell.code])
    drafts(world.sheet, c0=3)
    sheet = hand_in(world.sheet)
    Entry.objects.filter(pk=kept.pk).update(title="あとで変えた名称")
    Entry.objects.filter(pk=gone.pk).update(removed_at=NOW)
    place = f"{reverse('assessments:resume', args=[world.honnin.uuid])}#entry-"

    def check(shown):
        assert f'<a href="{place}{kept.uuid}">ポリシーの改定</a>' in shown
        assert "古い資格（のちに取り消し）" in shown
        assert f"{place}{gone.uuid}" not in shown
        assert "あとで変えた名称" not in shown

    for name in ("honnin", "kakari", "jinji"):
        check(text(show(sign_in(name), sheet)))
    confirmations(sheet, world.kacho)
    Sheet.objects.filter(pk=sheet.pk).update(state=Sheet.State.CONFIRMED, confirmed_at=NOW)
    for name in ("honnin", "kacho"):
        check(text(show(sign_in(name), sheet)))
    check(text(sign_in("jinji").get(reverse("assessments:sheet_correct", args=[sheet.uuid]))))


def test_a_draft_shows_the_entries_behind_three_and_four_alone(world, sign_in):
    b.make_experience(world.honnin, "仕事", cells=[cell.code for cell in world.cells])
    drafts(world.sheet, c0=3)
    check = text(sign_in("honnin").get(reverse("assessments:sheet_submit", args=[world.sheet.uuid])))
    assert check.count("仕事</a>") == 1


def test_out_of_ones_hands(world, sign_in):
    one = b.make_experience(world.honnin)
    drafts(world.sheet)
    sheet, client = hand_in(world.sheet), sign_in("honnin")
    assert page(client, sheet, world.cells[0]).status_code == 302
    response = choose(client, sheet, world.cells[0], {one: False}, [one])
    assert response.status_code == 409
    assert not RatingEvidence.objects.exists()
    assert not one.cells.exists()


@pytest.mark.parametrize(
    ("name", "status"), [("kakari", 403), ("jinji", 403), ("dourei", 404), ("yoso", 404)]
)
def test_nobody_else(world, sign_in, name, status):
    one = b.make_experience(world.honnin)
    client = sign_in(name)
    assert page(client, world.sheet, world.cells[0]).status_code == status
    assert choose(client, world.sheet, world.cells[0], {one: False}, [one]).status_code == status


@pytest.mark.parametrize("seen", ["x", "+", "+abc", "+00000000-0000-4000-8000-000000000000 " * 2001])
def test_what_no_form_of_ours_sends(world, sign_in, seen):
    url = reverse("assessments:sheet_evidence", args=[world.sheet.uuid, world.cells[0].code])
    assert sign_in("honnin").post(url, {"seen": seen}).status_code == 422


def test_a_cell_of_no_version_is_not_there(world, sign_in):
    url = reverse("assessments:sheet_evidence", args=[world.sheet.uuid, "no-such.1"])
    assert sign_in("honnin").get(url).status_code == 404


@pytest.mark.parametrize("many", [1, 20])
def test_queries(world, sign_in, many, django_assert_max_num_queries):
    for number in range(many):
        b.make_experience(world.honnin, f"仕事{number}", cells=[world.cells[0].code])
    client = sign_in("honnin")
    with django_assert_max_num_queries(8):
        page(client, world.sheet, world.cells[0])
