"""A year that runs gets another version: nothing is lost, nothing is made up, and until a submission it can be undone."""

import uuid

import pytest
from django.utils import timezone

from access.refusals import Conflict, Forbidden
from assessments.exports import LONG_HEADER, exportable, long_rows, wide_header, wide_rows
from assessments.models import Draft, EntryCell, Rating, Sheet, VersionChange
from assessments.sheet_page import load_sheet_page
from assessments.workflow.sheets import submit, withdraw
from assessments.workflow.version_change import change_version, undo_version_change
from competency.models import Cell, CellOrigin, CourseCell, Duty, DutyDemand, ProfileTarget
from organization.models import Position
from tests import builders as b
from tests.assessments.sheets import in_state, last_year, steps_of
from tests.revised import everything, revise, split_one
from tests.verifying import told

pytestmark = pytest.mark.django_db


def drafted(sheet, step=2, **exceptions):
    """Write a draft for every cell of the sheet's version and return the sheet fresh."""
    for cell, value in steps_of(sheet, step, **exceptions).items():
        Draft.objects.create(
            municipality=sheet.municipality, sheet=sheet, cell_id=cell, step=value, evidence=f"根拠{cell}",
            updated_at=timezone.now(), version=3,
        )  # fmt: skip
    Sheet.objects.filter(pk=sheet.pk).update(state=Sheet.State.DRAFTING)
    sheet.refresh_from_db()
    return sheet


def move(world, later, *, cycle=None, key=None, by=None):
    """Move the year of the world and return the change."""
    cycle = cycle or world.cycle
    cycle.refresh_from_db()
    return change_version(
        cycle=cycle, later=later, version=cycle.version, key=key or uuid.uuid4(),
        by=b.actor_of(by or world.jinji), now=timezone.now(),
    )  # fmt: skip


def undo(world, change):
    """Take a change back."""
    world.cycle.refresh_from_db()
    return undo_version_change(
        change=change, version=world.cycle.version, by=b.actor_of(world.jinji), now=timezone.now()
    )


def written(sheet, version) -> dict:
    """Return (step, review, where it came from) by cell code, of the drafts of one version."""
    rows = Draft.objects.filter(sheet=sheet, cell__version=version)
    return {
        code: (step, review, origin)
        for code, step, review, origin in rows.values_list(
            "cell__code", "step", "review", "carried_from__code"
        )
    }


def test_drafts_follow_their_cells(world):
    sheet = drafted(world.sheet, c0=1, c1=3, c2=4, c3=2, c4=0, c5=1)
    codes = list(world.version.cells.order_by("rank").values_list("code", flat=True))
    later = revise(world.version, everything, by=world.henshu)
    change = move(world, later)
    assert written(sheet, later) == {
        "internal-it.flow": (3, True, codes[1]),
        "internal-it.data": (3, True, codes[1]),
        "internal-it.plan": (4, False, codes[2]),
        "system-operations.all": (0, True, codes[4]),
        # Asked anew, with what was written as evidence.
        "security-policy.1": (None, False, codes[0]),
    }
    # What was split, joined, reopened or dropped is still there, where it was.
    assert {code: one[0] for code, one in written(sheet, world.version).items()} == {
        codes[0]: 1, codes[1]: 3, codes[3]: 2, codes[4]: 0, codes[5]: 1,
    }  # fmt: skip
    assert (change.counts["carried"], change.counts["reviewed"], change.counts["left"]) == (1, 3, 2)


def test_the_sheet_shows_what_to_look_at_again(world, sign_in):
    drafted(world.sheet)
    move(world, revise(world.version, split_one, by=world.henshu))
    page = sign_in("honnin").get(f"/sheets/{world.sheet.uuid}/edit/").content.decode()
    assert "見直しをお願いする項目が2つあります" in page
    assert "もとは「業務分析」" in page
    page = sign_in("honnin").get(f"/sheets/{world.sheet.uuid}/submit/").content.decode()
    assert "見直しの印が残っている項目が2つ" in page


def test_that_is_right_as_it_is_takes_the_mark_away_and_keeps_the_rest(world, sign_in):
    sheet = drafted(world.sheet)
    later = revise(world.version, split_one, by=world.henshu)
    move(world, later)
    client = sign_in("honnin")
    answer = client.post(f"/sheets/{sheet.uuid}/edit/", {"action": "reviewed:internal-it.flow"}, follow=True)
    assert "見直しをお願いする項目が1つあります" in answer.content.decode()
    there = written(sheet, later)
    assert [there["internal-it.flow"][:2], there["internal-it.data"][:2]] == [(2, False), (2, True)]


def test_a_page_that_was_open_is_kept_in_the_new_cells(world, sign_in):
    sheet = drafted(world.sheet)
    page = load_sheet_page(Sheet.objects.select_related("cycle__framework_version").get(pk=sheet.pk))
    form = {"action": "save"}
    for row in page.rows:
        form |= {
            f"base-{row.code}": row.stored.token,
            f"evidence-{row.code}": row.value.evidence,
            f"step-{row.code}": 2,
        }
    form[f"step-{page.rows[1].code}"] = 4
    form[f"step-{page.rows[2].code}"] = 3
    later = revise(world.version, split_one, by=world.henshu)
    move(world, later)
    answer = sign_in("honnin").post(f"/sheets/{sheet.uuid}/edit/", form, follow=True)
    assert "体系の版が変わりました" in answer.content.decode()
    there = written(sheet, later)
    assert [there["internal-it.flow"][0], there["internal-it.data"][0]] == [4, 4]
    assert there[page.rows[2].code][0] == 3


def test_autosave_of_a_page_that_was_open_says_to_open_it_again(world, sign_in):
    sheet = drafted(world.sheet)
    row = load_sheet_page(Sheet.objects.select_related("cycle__framework_version").get(pk=sheet.pk)).rows[1]
    later = revise(world.version, split_one, by=world.henshu)
    move(world, later)
    answer = sign_in("honnin").post(
        f"/sheets/{sheet.uuid}/save/",
        {f"base-{row.code}": row.stored.token, f"step-{row.code}": 4, f"evidence-{row.code}": "窓口の流れ図"},
    )
    assert answer.status_code == 409
    assert "開き直して" in answer.json()["error"]
    assert written(sheet, later)["internal-it.flow"][0] == 4


def test_a_submission_of_the_old_cells_is_refused_and_the_new_one_keeps_the_mark(world):
    sheet = drafted(world.sheet)
    before = sheet.version
    later = revise(world.version, split_one, by=world.henshu)
    move(world, later)
    actor = b.actor_of(world.honnin)
    with pytest.raises(Conflict):
        submit(sheet=sheet, version=before, key=uuid.uuid4(), by=actor, now=timezone.now())
    sheet.refresh_from_db()
    done = submit(sheet=sheet, version=sheet.version, key=uuid.uuid4(), by=actor, now=timezone.now())
    flags = dict(Rating.objects.filter(revision=done.current_revision).values_list("cell__code", "review"))
    assert [code for code, review in flags.items() if review] == ["internal-it.flow", "internal-it.data"]
    assert set(flags) == set(later.cells.values_list("code", flat=True))
    origins = Rating.objects.filter(revision=done.current_revision, review=True)
    assert set(origins.values_list("carried_from__version", flat=True)) == {world.version.pk}


def test_the_line_sees_the_mark(world, sign_in):
    sheet = drafted(world.sheet)
    move(world, revise(world.version, split_one, by=world.henshu))
    sheet.refresh_from_db()
    submit(
        sheet=sheet, version=sheet.version, key=uuid.uuid4(), by=b.actor_of(world.honnin), now=timezone.now()
    )
    page = sign_in("kakari").get(f"/sheets/{sheet.uuid}/").content.decode()
    assert page.count("見直しの印が付いたまま提出されました") == 2


@pytest.mark.parametrize("state", ["submitted", "first_confirmed", "confirmed"])
def test_what_was_handed_in_stays_readable_in_its_version(world, sign_in, state):
    sheet = in_state(world.sheet, state, confirmer=world.kacho)
    labels = list(world.version.cells.order_by("rank").values_list("label", flat=True))
    move(world, revise(world.version, everything, by=world.henshu))
    for person in ("honnin", "kacho"):
        page = sign_in(person).get(f"/sheets/{sheet.uuid}/")
        assert page.status_code == 200
        for label in labels:
            assert label in page.content.decode()
    assert sign_in("honnin").get(f"/resume/{world.honnin.uuid}/").status_code == 200


def test_the_resume_reads_earlier_years_through_the_revision_and_says_so(world, sign_in):
    last_year(world, step=3, c1=2)
    later = revise(world.version, everything, by=world.henshu)
    move(world, later)
    in_state(Sheet.objects.select_related("cycle").get(pk=world.sheet.pk), "submitted")
    page = sign_in("honnin").get(f"/resume/{world.honnin.uuid}/")
    assert "令和8年度から版「2026」" in page.content.decode()
    rows = {row.name: [year.step for year in row.years] for row in page.context["resume"].rows}
    assert rows["庁内情報化｜業務の流れ"] == [2, 2]
    assert rows["セキュリティポリシー｜策定管理"][0] is None


def test_a_sheet_taken_back_goes_on_with_the_new_cells(world):
    sheet = drafted(world.sheet)
    actor = b.actor_of(world.honnin)
    sheet = submit(sheet=sheet, version=sheet.version, key=uuid.uuid4(), by=actor, now=timezone.now())
    later = revise(world.version, split_one, by=world.henshu)
    move(world, later)
    sheet.refresh_from_db()
    assert sheet.version_in_use_id == world.version.pk
    withdraw(sheet=sheet, version=sheet.version, key=uuid.uuid4(), by=actor, now=timezone.now())
    sheet = Sheet.objects.select_related("cycle").get(pk=sheet.pk)
    assert sheet.version_in_use_id == later.pk
    assert written(sheet, later)["internal-it.flow"][:2] == (2, True)


def test_it_is_undone_with_what_was_written_since(world):
    sheet = drafted(world.sheet)
    before = written(sheet, world.version)
    later = revise(world.version, everything, by=world.henshu)
    change = move(world, later)
    Draft.objects.filter(sheet=sheet, cell__code="internal-it.plan").update(step=4)
    undo(world, change)
    codes = list(world.version.cells.order_by("rank").values_list("code", flat=True))
    after = {code: one[0] for code, one in written(sheet, world.version).items()}
    assert after == {code: one[0] for code, one in before.items()} | {codes[2]: 4}
    world.cycle.refresh_from_db()
    assert world.cycle.framework_version_id == world.version.pk
    assert not Sheet.objects.filter(cycle=world.cycle, framework_version__isnull=False).exists()


def test_moved_undone_and_moved_again_loses_nothing(world):
    sheet = drafted(world.sheet)
    later = revise(world.version, everything, by=world.henshu)
    undo(world, move(world, later))
    move(world, later)
    assert written(sheet, later)["internal-it.flow"][0] == 2
    assert VersionChange.objects.count() == 2


def test_after_a_submission_there_is_no_way_back(world):
    sheet = drafted(world.sheet)
    change = move(world, revise(world.version, split_one, by=world.henshu))
    sheet.refresh_from_db()
    submit(
        sheet=sheet, version=sheet.version, key=uuid.uuid4(), by=b.actor_of(world.honnin), now=timezone.now()
    )
    with pytest.raises(Conflict, match="提出された年度票がある"):
        undo(world, change)


def test_the_same_key_moves_once(world):
    later, key = revise(world.version, split_one, by=world.henshu), uuid.uuid4()
    first = move(world, later, key=key)
    assert move(world, later, key=key) == first
    assert VersionChange.objects.count() == 1


def test_only_hr_moves_a_year_and_only_to_a_published_version(world):
    draft = revise(world.version, split_one, by=world.henshu, publish_it=False)
    with pytest.raises(Forbidden):
        move(world, draft, by=world.henshu)
    with pytest.raises(Conflict):
        move(world, draft)


def test_last_year_is_read_through_the_revision(world, sign_in):
    last_year(world, step=3, c1=2)
    move(world, revise(world.version, everything, by=world.henshu))
    sheet = Sheet.objects.select_related("cycle__framework_version").get(pk=world.sheet.pk)
    last = {row.code: row.last_step for row in load_sheet_page(sheet).rows}
    assert last == {
        "security-policy.1": None, "internal-it.flow": 2, "internal-it.data": 2, "internal-it.plan": 3,
        "system-operations.all": 3, "communication.new": None,
    }  # fmt: skip
    sign_in("honnin").post(f"/sheets/{sheet.uuid}/edit/", {"action": "same:category-1"})
    there = written(sheet, sheet.cycle.framework_version)
    assert there == {
        "internal-it.flow": (2, True, "internal-it.1"), "internal-it.data": (2, True, "internal-it.1"),
        "internal-it.plan": (3, False, None),
    }  # fmt: skip


def test_what_knows_codes_alone_learns_the_new_ones(world):
    code = world.cells[1].code
    duty = Duty.objects.create(municipality=world.city, code="own-1", name="窓口の見直し")
    DutyDemand.objects.create(duty=duty, cell_code=code, holders=2)
    profile = b.make_profile(Position.objects.create(municipality=world.city, name="主事"), {code: 3})
    course = b.make_course(world.city, cells={code: 3})
    entry = b.make_experience(world.honnin, cells=[code])
    move(world, revise(world.version, split_one, by=world.henshu))
    for later in ("internal-it.flow", "internal-it.data"):
        assert Duty.objects.get(pk=duty.pk).demands.get(cell_code=later).holders == 2
        assert ProfileTarget.objects.get(profile=profile, cell_code=later).step == 3
        assert CourseCell.objects.get(course=course, cell_code=later).to_step == 3
        assert EntryCell.objects.filter(entry=entry, cell_code=later).exists()
    assert Duty.objects.get(pk=duty.pk).demands.filter(cell_code=code).exists()


def test_the_page_says_what_changes_for_whom(world, sign_in):
    drafted(world.sheet)
    later = revise(world.version, everything, by=world.henshu)
    client = sign_in("jinji")
    url = f"/cycles/{world.cycle.uuid}/version/"
    page = client.get(f"{url}?to={later.uuid}").content.decode()
    for words in ("分割", "統合", "廃止", "新設", "業務の流れ", "見直しの印が付く項目は3つ"):
        assert words in page, words
    world.cycle.refresh_from_db()
    sent = {"to": later.uuid, "version": world.cycle.version, "key": uuid.uuid4()}
    assert "移しました" in client.post(url, sent, follow=True).content.decode()
    change = VersionChange.objects.get()
    world.cycle.refresh_from_db()
    undone = client.post(
        f"/cycles/version-changes/{change.uuid}/undo/", {"version": world.cycle.version}, follow=True
    )
    assert "戻しました" in undone.content.decode()
    assert Cell.objects.filter(version=later).exists()


def test_another_municipality_s_version_is_not_there(world, sign_in):
    foreign = revise(world.version, split_one, by=world.yoso)
    url = f"/cycles/{world.cycle.uuid}/version/?to="
    client = sign_in("jinji")
    assert client.get(url + str(foreign.uuid)).status_code == 404
    assert client.get(url + str(uuid.uuid4())).status_code == 404


def test_the_year_is_taken_out_with_each_record_in_its_version(world):
    sheet = in_state(world.sheet, "confirmed", confirmer=world.kacho)
    other = drafted(b.make_sheet(world.dourei, world.cycle, world.kakari_dept))
    later = revise(world.version, split_one, by=world.henshu)
    move(world, later)
    world.cycle.refresh_from_db()
    other.refresh_from_db()
    submit(
        sheet=other, version=other.version, key=uuid.uuid4(), by=b.actor_of(world.dourei), now=timezone.now()
    )
    rows = [
        dict(zip(LONG_HEADER, row, strict=True))
        for row in long_rows(exportable(None, world.cycle), world.cycle)
    ]
    by_person = {row["氏名"]: [] for row in rows}
    for row in rows:
        by_person[row["氏名"]].append((row["版"], row["項目コード"]))
    old, new = by_person[sheet.staff.name], by_person[other.staff.name]
    assert {version for version, _ in old} == {"2012"}
    assert {version for version, _ in new} == {"2026"}
    assert ("2012", "internal-it.1") in old
    assert ("2026", "internal-it.flow") in new
    header = wide_header(world.cycle)
    assert header.count("internal-it.2") == 1
    assert header.index("internal-it.flow") < header.index("internal-it.1")
    wide = {
        row[header.index("氏名")]: dict(zip(header, row, strict=True))
        for row in wide_rows(exportable(None, world.cycle), world.cycle)
    }
    assert wide[sheet.staff.name]["internal-it.1"] == 2
    assert wide[sheet.staff.name]["internal-it.flow"] is None
    assert wide[other.staff.name]["internal-it.flow"] == 2


def test_verify_finds_a_sheet_in_the_wrong_version_and_an_origin_that_leads_nowhere(world):
    in_state(world.sheet, "submitted")
    later = revise(world.version, split_one, by=world.henshu)
    draft = revise(later, lambda area, marks: marks, by=world.henshu, name="2027", publish_it=False)
    move(world, later)
    assert told("years.", "framework.", "sheets.", "rows.") == []
    Sheet.objects.filter(pk=world.sheet.pk).update(framework_version=None)
    CellOrigin.objects.filter(cell__version=draft, code="internal-it.flow").update(code="nowhere.1")
    found = "".join(told("years.", "framework.", "sheets.", "rows."))
    assert "年度票の版と違う版の項目" in found
    assert "もとの版にない項目" in found


def test_last_year_s_answers_to_what_was_split_are_marked_too(world, sign_in):
    last_year(world, step=3, c1=2)
    move(world, revise(world.version, split_one, by=world.henshu))
    page = sign_in("honnin").get(f"/sheets/{world.sheet.uuid}/edit/").content.decode()
    assert "見直しをお願いする項目が2つあります" in page
    assert page.count("昨年の値は、前の版の「業務分析」のものです") == 2
