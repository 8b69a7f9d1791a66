"""Loading a framework, publishing it, and writing it out again."""

import dataclasses
import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from access.actor import Role
from access.refusals import Conflict
from audit.models import Event
from competency import framework_file, workflow
from competency.exports import framework_file_of
from competency.framework_file import parse
from competency.models import Area, Category, Cell, Framework, FrameworkVersion, Stage, Step, StepWording
from gaps.models import Need
from tests import builders

SHIPPED = Path(framework_file.__file__).parent / "data" / "lasdec-2012.yaml"
BARE = Path(__file__).parent / "fixtures" / "bare-matrix.yaml"

pytestmark = pytest.mark.django_db


@pytest.fixture
def shipped():
    return parse(SHIPPED.read_text("utf-8"))


def load(parsed, by=None):
    return workflow.load_framework(parsed=parsed, by=by, now=timezone.now())


def publish(version, by=None):
    return workflow.publish(version=version, by=by, now=timezone.now())


def with_mark(parsed, code, **changes):
    """Return the file with one mark changed."""
    return dataclasses.replace(
        parsed,
        categories=tuple(
            dataclasses.replace(
                category,
                areas=tuple(
                    dataclasses.replace(
                        area,
                        marks=tuple(
                            dataclasses.replace(mark, **changes) if mark.code == code else mark
                            for mark in area.marks
                        ),
                    )
                    for area in category.areas
                ),
            )
            for category in parsed.categories
        ),
    )


def without_last_category(parsed):
    return dataclasses.replace(parsed, categories=parsed.categories[:-1])


def run(*arguments):
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_the_matrix_is_stored_with_labels_order_and_wording(shipped):
    version, changed = load(shipped)
    assert changed
    assert version.state == FrameworkVersion.State.DRAFT
    assert [version.categories.count(), version.areas.count(), version.stages.count()] == [3, 11, 3]
    cells = list(Cell.objects.of_version(version.pk))
    assert [cell.code for cell in cells] == [mark.code for _, _, mark in shipped.marks()]
    assert StepWording.objects.filter(cell__version=version).count() == 85
    labels = {cell.code: cell.label for cell in cells}
    assert labels["internal-it.analysis"] == "業務分析"
    assert labels["it-basics.1"] == "IT基礎知識"
    assert labels["system-operations.2"] == "システムの運用管理（中級）"
    assert not any(cell.placement_confirmed for cell in cells)


@pytest.mark.parametrize("path", [SHIPPED, BARE], ids=["shipped", "bare"])
def test_what_is_loaded_comes_out_the_same(path):
    parsed = parse(path.read_text("utf-8"))
    version, _ = load(parsed)
    assert framework_file_of(version) == parsed


def test_loading_twice_changes_nothing(shipped):
    first, _ = load(shipped)
    before = list(Cell.objects.values_list("pk", "uuid"))
    events = Event.objects.count()
    again, changed = load(shipped)
    assert (again.pk, changed) == (first.pk, False)
    assert list(Cell.objects.values_list("pk", "uuid")) == before
    assert Event.objects.count() == events == 1


def test_a_draft_is_brought_to_the_file_and_keeps_its_rows(shipped):
    version, _ = load(shipped)
    kept = dict(version.cells.values_list("code", "pk"))
    moved = with_mark(shipped, "communication.1", stage="上級", placement_confirmed=True, wording=())
    same, changed = load(dataclasses.replace(moved, source="別の出典"))
    assert changed
    assert same.pk == version.pk
    assert same.source == "別の出典"
    assert same.version == version.version + 1
    assert dict(version.cells.values_list("code", "pk")) == kept
    cell = version.cells.get(code="communication.1")
    assert (cell.stage.name, cell.placement_confirmed, cell.wordings.count()) == ("上級", True, 0)


def test_rows_that_the_file_no_longer_has_leave_the_draft(shipped):
    version, _ = load(shipped)
    load(without_last_category(shipped))
    assert [version.categories.count(), version.areas.count(), version.cells.count()] == [2, 9, 14]
    assert framework_file_of(version) == without_last_category(shipped)


def test_a_row_that_something_refers_to_does_not_leave_the_draft(shipped, world):
    version, _ = load(dataclasses.replace(shipped, version="2026", name=world.version.framework.name))
    cell = version.cells.get(code="communication.1")
    Need.objects.create(
        municipality=world.city,
        department=world.ka,
        cycle=world.cycle,
        cell=cell,
        count=1,
        updated_at=timezone.now(),
    )
    smaller = dataclasses.replace(
        without_last_category(shipped), version="2026", name=world.version.framework.name
    )
    with pytest.raises(Conflict, match="まだ使われているため消せません"):
        load(smaller)
    assert version.cells.count() == 17


def test_a_published_version_with_the_same_content_is_left_alone(shipped):
    version = publish(load(shipped)[0])
    assert load(shipped) == (version, False)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda file: with_mark(file, "it-basics.1", stage="中級"), "項目 it-basics.1 の段階が違います"),
        (lambda file: with_mark(file, "it-basics.1", wording=()), "項目 it-basics.1 の到達度の文が違います"),
        (without_last_category, "分類 human がなくなっています"),
        (lambda file: dataclasses.replace(file, source=""), "出典が違います"),
        (lambda file: dataclasses.replace(file, name="別の名前"), "体系の名前が違います"),
        (lambda file: dataclasses.replace(file, categories=file.categories[::-1]), "並び順が違います"),
    ],
)
def test_other_content_for_a_published_version_is_refused(shipped, change, said):
    version = publish(load(shipped)[0])
    with pytest.raises(workflow.PublishedDiffers) as refused:
        load(change(shipped))
    assert said in refused.value.message
    assert "公開済み" in refused.value.message
    assert framework_file_of(version) == shipped


def test_many_differences_are_counted(shipped):
    publish(load(shipped)[0])
    with pytest.raises(workflow.PublishedDiffers) as refused:
        load(without_last_category(shipped))
    assert len(refused.value.differences) == 6
    assert "ほか3件" in refused.value.message


def test_a_retired_version_does_not_change_either(shipped):
    version = publish(load(shipped)[0])
    FrameworkVersion.objects.filter(pk=version.pk).update(state=FrameworkVersion.State.RETIRED)
    with pytest.raises(workflow.PublishedDiffers):
        load(with_mark(shipped, "it-basics.1", task="別の名前"))


def test_a_new_version_stands_beside_the_old(shipped):
    old = publish(load(shipped)[0])
    new, changed = load(dataclasses.replace(without_last_category(shipped), version="2026"))
    assert changed
    assert new.framework_id == old.framework_id
    assert framework_file_of(old) == shipped


def test_a_framework_keeps_the_name_it_was_published_under(shipped):
    publish(load(shipped)[0])
    with pytest.raises(Conflict, match="という名前で公開されています"):
        load(dataclasses.replace(shipped, version="2026", name="新しい名前"))
    assert FrameworkVersion.objects.count() == 1


def test_a_draft_may_still_get_another_name(shipped):
    version, _ = load(shipped)
    load(dataclasses.replace(shipped, name="新しい名前"))
    assert Framework.objects.get().name == "新しい名前"
    assert framework_file_of(FrameworkVersion.objects.get(pk=version.pk)).name == "新しい名前"


def test_an_editor_loads_a_copy_of_the_own_municipality(shipped, world):
    by = builders.actor_of(world.henshu)
    assert by.has(Role.EDITOR)
    version, _ = load(shipped, by=by)
    assert version.framework.municipality_id == world.city.pk
    assert Framework.objects.filter(code="lasdec").count() == 2
    event = Event.objects.get(action="framework.load")
    assert (event.actor_uuid, event.object_uuid) == (world.henshu.uuid, version.uuid)


def test_publishing_happens_once_and_is_recorded(shipped):
    version = publish(load(shipped)[0])
    assert version.state == FrameworkVersion.State.PUBLISHED
    assert version.published_at
    with pytest.raises(Conflict, match="下書きではない"):
        publish(version)
    assert Event.objects.filter(action="framework.publish", object_uuid=version.uuid).count() == 1


def test_an_empty_version_cannot_be_published():
    framework = Framework.objects.create(code="empty", name="空")
    version = FrameworkVersion.objects.create(framework=framework, name="1")
    with pytest.raises(Conflict, match="項目が1つもない"):
        publish(version)


def test_the_command_loads_publishes_and_can_be_run_again():
    assert "読み込み、公開をしました" in run("load_framework", str(SHIPPED))
    assert "変わりありません" in run("load_framework", str(SHIPPED))
    assert FrameworkVersion.objects.get().state == FrameworkVersion.State.PUBLISHED


def test_the_command_can_stop_at_the_draft():
    assert "（下書き）：読み込みをしました" in run("load_framework", str(BARE), "--draft")
    assert "（公開）：公開をしました" in run("load_framework", str(BARE))


@pytest.mark.parametrize("code", ["lasdec", "LASDEC"])
def test_dump_gives_back_what_was_loaded(shipped, tmp_path, code):
    run("load_framework", str(SHIPPED))
    text = run("dump_framework", code)
    assert json.loads(text)["framework"] == "LASDEC"
    assert parse(text) == shipped
    again = tmp_path / "again.json"
    again.write_text(text, "utf-8")
    assert "変わりありません" in run("load_framework", str(again))


def test_dump_takes_the_newest_published_version_or_the_one_asked_for(shipped):
    publish(load(shipped)[0])
    publish(load(dataclasses.replace(shipped, version="2026"))[0])
    load(dataclasses.replace(shipped, version="2030"))
    assert json.loads(run("dump_framework", "lasdec"))["version"] == "2026"
    assert json.loads(run("dump_framework", "lasdec", "--version", "2012"))["version"] == "2012"
    assert json.loads(run("dump_framework", "lasdec", "--version", "2030"))["version"] == "2030"


@pytest.mark.parametrize("arguments", [["nothing"], ["lasdec", "--version", "1999"]])
def test_dump_of_what_is_not_there_is_a_sentence(shipped, arguments):
    publish(load(shipped)[0])
    with pytest.raises(CommandError, match="はありません"):
        run("dump_framework", *arguments)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "開けません"),
        ("体系".encode("cp932"), "UTF-8"),
        (b"framework: x\n", "stages に段階の名前"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_sentence(tmp_path, content, said):
    file = tmp_path / "framework.yaml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(CommandError, match=said):
        run("load_framework", str(file))
    assert not Framework.objects.exists()


def test_the_command_refuses_other_content_for_a_published_version(tmp_path):
    run("load_framework", str(SHIPPED))
    with pytest.raises(CommandError, match="公開済み"):
        run("load_framework", str(BARE))


def test_the_limits_of_files_are_the_widths_of_the_columns():
    def width(model, name):
        return model._meta.get_field(name).max_length

    for model in (Category, Area, Stage):
        assert width(model, "code") >= framework_file.MAX_CODE
        assert width(model, "name") >= framework_file.MAX_NAME
    assert width(Category, "alias") >= framework_file.MAX_NAME
    assert width(Cell, "code") >= framework_file.MAX_CELL_CODE
    assert width(Cell, "task") >= framework_file.MAX_NAME
    assert width(Cell, "label") >= framework_file.MAX_NAME + framework_file.MAX_STAGE_NAME + len("（）")
    assert width(Cell, "example") >= framework_file.MAX_SENTENCE
    assert width(StepWording, "text") >= framework_file.MAX_SENTENCE
    assert width(Framework, "code") >= framework_file.MAX_FRAMEWORK_CODE
    assert width(Framework, "name") >= framework_file.MAX_FRAMEWORK_NAME
    assert width(FrameworkVersion, "name") >= framework_file.MAX_VERSION
    assert tuple(Step.labels) == framework_file.STEP_NAMES
