"""The desk under hard use: hostile files, a page sent again, a draft or a 項目 that goes while somebody types."""

import json
import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from access.refusals import Conflict
from assessments.workflow.version_change import change_version, undo_version_change
from competency.exports import framework_file_of
from competency.framework_file import MAX_CELLS, FrameworkFileError, parse
from competency.framework_shape import dump
from competency.models import CellOrigin, FrameworkVersion, StepWording
from competency.survey_file import parse_survey
from competency.workflow.drafts import delete_draft
from competency.workflow.drafts_publishing import retire_version
from tests import builders as b
from tests.competency.desk import a_draft, sent, url
from tests.competency.importing import upload
from tests.revised import revise, split_one
from tests.surveys import DATA

pytestmark = pytest.mark.django_db


def many(areas, version="1"):
    """Return a framework file of 200 cells in each of so many areas."""
    rows = [
        {
            "code": f"a{area}", "name": "区分",
            "marks": [{"code": f"a{area}.{number}", "stage": "初級", "task": str(number)} for number in range(1, 201)],
        }
        for area in range(areas)
    ]  # fmt: skip
    return json.dumps(
        {
            "framework": "BIG", "code": "big", "version": version, "stages": ["初級", "中級", "上級"],
            "categories": [{"name": "分類", "areas": rows}],
        }
    )  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "? [a]\n: b\n",
        "? {a: b}\n: c\n",
        "a: !!bool x\n",
        "a: !!int ''\n",
        "a: !!float ''\n",
        "a: !!timestamp x\n",
    ],
)
@pytest.mark.parametrize("name", ["draft_upload", "crosswalk_import", "survey_import"])
def test_no_line_of_yaml_breaks_an_upload(sign_in, world, name, text):
    page = upload(sign_in("henshu"), reverse(f"competency:{name}"), text, "x.yaml", key=uuid.uuid4())
    assert page.status_code == 422


def test_a_matrix_that_nobody_could_look_at_is_refused():
    assert sum(1 for _ in parse(many(MAX_CELLS // 200)).marks()) == MAX_CELLS
    with pytest.raises(FrameworkFileError) as refusal:
        parse(many(MAX_CELLS // 200 + 1))
    assert any("項目が多すぎます" in each for each in refusal.value.errors)


def test_a_file_gives_no_old_code_to_another_thing(sign_in, world):
    data = dump(framework_file_of(world.version))
    data |= {"version": "file-1", "based_on": {"code": "lasdec", "version": world.version.name}}
    data["categories"][0]["areas"][0]["marks"][0] |= {"task": "まったく別のこと", "origins": []}
    page = upload(
        sign_in("henshu"), reverse("competency:draft_upload"), json.dumps(data), "a.json", key=uuid.uuid4()
    )
    assert page.status_code in (409, 422)
    assert "別の意味だった項目コード" in page.content.decode()
    assert not FrameworkVersion.objects.filter(name="file-1").exists()


def test_another_file_from_the_same_page_is_another_file(sign_in, world):
    client, key = sign_in("henshu"), uuid.uuid4()
    for version in ("1", "1", "2"):
        page = upload(client, reverse("competency:draft_upload"), many(1, version), "a.json", key=key)
        assert page.status_code == 302
    names = FrameworkVersion.objects.filter(framework__code="big").values_list("name", flat=True)
    assert sorted(names) == ["1", "2"]


def test_a_page_sent_again_with_other_words_adds_another(sign_in, world):
    draft, client = a_draft(world), sign_in("henshu")
    row = draft.cells.select_related("area", "stage").first()
    first = sent(row, lock=0, code="zz.1", task="一つ目") | {"key": uuid.uuid4()}
    for form in (first, first, first | {"code": "zz.2", "task": "二つ目"}):
        client.post(url("draft_cell_new", draft), form)
    assert sorted(draft.cells.filter(code__startswith="zz").values_list("code", flat=True)) == [
        "zz.1",
        "zz.2",
    ]


def test_the_same_click_after_its_draft_was_deleted_is_told_so(sign_in, world):
    client = sign_in("henshu")
    form = {"key": uuid.uuid4(), "base": world.version.uuid, "name": "2026", "framework_name": ""}
    assert client.post(reverse("competency:draft_new"), form).status_code == 302
    delete_draft(
        version=FrameworkVersion.objects.get(state="draft"), by=b.actor_of(world.henshu), now=timezone.now()
    )
    assert client.post(reverse("competency:draft_new"), form).status_code == 409


@pytest.mark.parametrize("gone", ["published", "removed"])
def test_what_was_typed_stands_on_the_page_that_refuses_it(sign_in, world, gone):
    draft, client = a_draft(world), sign_in("henshu")
    row = draft.cells.first()
    form = client.get(url("draft_cell", draft, row)).context["form"]
    typed = {field.html_name: field.value() if field.value() is not None else "" for field in form}
    typed["example"] = "打ち込んだばかりの例"
    if gone == "published":
        FrameworkVersion.objects.filter(pk=draft.pk).update(state="published", published_at=timezone.now())
    else:
        StepWording.objects.filter(cell=row).delete()
        CellOrigin.objects.filter(cell=row).delete()
        row_url = url("draft_cell", draft, row)
        row.delete()
    page = client.post(url("draft_cell", draft, row) if gone == "published" else row_url, typed)
    assert page.status_code == 409
    assert "打ち込んだばかりの例" in page.content.decode()


def test_a_comment_on_no_code_at_all_is_refused(sign_in, world):
    draft = a_draft(world)
    form = {"key": uuid.uuid4(), "text": "意見", "cell_code": "\x00"}
    page = sign_in("henshu").post(url("draft_comments", draft), form)
    assert page.status_code < 500
    assert not draft.comments.exclude(cell_code="").exists()


def test_a_skill_has_a_number_that_departments_can_judge_by():
    text = (DATA / "survey-2019.yaml").read_text("utf-8")
    with pytest.raises(FrameworkFileError) as refusal:
        parse_survey(text.replace("number: 13", "number: 99999", 1))
    assert any("number は1から" in each for each in refusal.value.errors)


def test_no_year_goes_back_to_a_version_that_is_out_of_use(world):
    first = revise(world.version, lambda area, marks: marks, by=world.henshu, name="2025")
    second = revise(first, split_one, by=world.henshu)
    hr, now = b.actor_of(world.jinji), timezone.now()
    for later in (first, second):
        world.cycle.refresh_from_db()
        change = change_version(
            cycle=world.cycle, later=later, version=world.cycle.version, key=uuid.uuid4(), by=hr, now=now
        )
    first.refresh_from_db()
    retire_version(version=first, lock=first.version, by=b.actor_of(world.henshu), now=now)
    world.cycle.refresh_from_db()
    with pytest.raises(Conflict, match="使用を終えている"):
        undo_version_change(change=change, version=world.cycle.version, by=hr, now=now)
