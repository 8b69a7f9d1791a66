"""Random work at the desk: whatever is done in whatever order, a draft stays a matrix, and the base is never touched."""

import uuid
from contextlib import suppress

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from access.refusals import Refusal
from competency.draft_reads import dropped_cells, fates_of
from competency.exports import framework_file_of
from competency.framework_file import parse
from competency.framework_shape import FrameworkFileError, dumps
from competency.lineage import Rule
from competency.matrix import labels
from competency.models import Area, Category, Cell, CellOrigin
from competency.workflow.drafts import delete_draft
from competency.workflow.drafts_cells import CellValues, add_cell, change_cell, confirm_placements, move_cell
from competency.workflow.drafts_origins import (
    Piece,
    drop_cell,
    join_cells,
    restore_cell,
    set_origins,
    split_cell,
)
from competency.workflow.drafts_parts import PartValues, add_part, change_part, move_part, remove_part
from competency.workflow.drafts_publishing import empty_parts
from tests.competency.desk import a_draft, act

# Few codes, so that they are taken, forbidden, given up and wanted again.
CODES = st.sampled_from(["a", "b", "c.1", "c.2", "security-policy.1", "internal-it.1", "Wrong!", ""])
PICK = st.integers(0, 7)
TASK = st.sampled_from(["", "甲", "乙"])
WORDS = st.sampled_from([(), tuple("あいうえお"), ("あ", "", "い", "う", "え"), ("あ",)])
STEPS = st.one_of(
    st.tuples(st.just("add"), PICK, CODES, TASK, WORDS),
    st.tuples(st.just("change"), PICK, CODES, TASK, WORDS),
    st.tuples(st.just("move"), PICK, st.sampled_from(["up", "down", "left", "right"])),
    st.tuples(st.just("confirm"), PICK),
    st.tuples(st.just("split"), PICK, CODES, CODES),
    st.tuples(st.just("join"), PICK, PICK, CODES),
    st.tuples(st.just("drop"), PICK),
    st.tuples(st.just("restore"), PICK),
    st.tuples(st.just("origins"), PICK, PICK, st.sampled_from([*Rule])),
    st.tuples(st.just("area"), PICK, CODES),
    st.tuples(st.just("category"), PICK, CODES),
    st.tuples(st.just("rehome"), PICK, PICK),
    st.tuples(st.just("shift"), st.sampled_from([Category, Area]), PICK, st.booleans()),
    st.tuples(st.just("remove"), st.sampled_from([Category, Area]), PICK),
)


def one_of(rows, number):
    """Return one of the rows, None where there is none."""
    found = list(rows)
    return found[number % len(found)] if found else None


def do(draft, step, common):
    """Do one step; what cannot be done is refused."""
    kind, *said = step
    cells = Cell.objects.filter(version=draft).select_related("area", "stage")
    stage = draft.stages.all()[len(str(step)) % 3]
    key = uuid.uuid4()
    if kind in ("add", "change"):
        number, code, task, words = said
        area = one_of(draft.areas.all(), number)
        values = CellValues(area, stage, code, task, wording=words) if area else None
        if values and kind == "add":
            add_cell(version=draft, values=values, key=key, **common)
        elif values and (row := one_of(cells, number)):
            change_cell(version=draft, cell=row, values=values, lock=row.lock, **common)
    elif kind in ("area", "category"):
        number, code = said
        parent = one_of(draft.categories.all(), number) if kind == "area" else None
        if kind == "category" or parent:
            values = PartValues("新しい部分", code, category=parent)
            add_part(version=draft, values=values, key=key, **common)
    elif kind == "rehome":
        area, home = one_of(draft.areas.all(), said[0]), one_of(draft.categories.all(), said[1])
        if area and home:
            values = PartValues(area.name, area.code, area.source, category=home)
            change_part(version=draft, part=area, values=values, lock=area.lock, **common)
    elif kind in ("shift", "remove"):
        row = one_of(said[0].objects.filter(version=draft), said[1])
        if row and kind == "shift":
            move_part(version=draft, part=row, up=said[2], lock=row.lock, **common)
        elif row:
            remove_part(version=draft, part=row, lock=row.lock, **common)
    elif kind == "restore":
        if row := one_of(dropped_cells(draft), said[0]):
            restore_cell(version=draft, code=row.code, **common)
    elif row := one_of(cells, said[0]):
        if kind == "move":
            move_cell(version=draft, cell=row, direction=said[1], lock=row.lock, **common)
        elif kind == "confirm":
            confirm_placements(version=draft, chosen=[(row, row.lock)], **common)
        elif kind == "drop":
            drop_cell(version=draft, cell=row, lock=row.lock, **common)
        elif kind == "split":
            pieces = [Piece(code, "分けたもの", stage) for code in said[1:]]
            split_cell(version=draft, cell=row, pieces=pieces, lock=row.lock, key=key, **common)
        elif kind == "join":
            chosen = [(each, each.lock) for each in (row, one_of(cells, said[1]))]
            piece = Piece(said[2], "まとめたもの", stage)
            join_cells(version=draft, chosen=chosen, piece=piece, key=key, **common)
        elif kind == "origins":
            origin = one_of(draft.based_on.cells.all(), said[1])
            origins = {origin.code: said[2].value}
            set_origins(version=draft, cell=row, origins=origins, lock=row.lock, **common)


def check(draft):
    """Assert what every draft keeps."""
    cells = list(Cell.objects.filter(version=draft).select_related("area__category", "stage"))
    for model in (Category, Area, Cell):
        rows = list(model.objects.filter(version=draft))
        assert [row.rank for row in rows] == list(range(len(rows)))
        assert len({row.code for row in rows}) == len(rows)
    assert all(cell.area.version_id == cell.stage.version_id == draft.pk for cell in cells)
    assert all(cell.area.category.version_id == draft.pk for cell in cells)
    called = labels((one.code, one.task, one.area.code, one.area.name, one.stage.name) for one in cells)
    assert {cell.code: cell.label for cell in cells} == called
    assert cells == sorted(cells, key=lambda one: (one.area.category.rank, one.area.rank, one.rank))
    base = set(draft.based_on.cells.values_list("code", flat=True))
    origins = list(CellOrigin.objects.filter(cell__version=draft).values_list("cell__code", "code"))
    assert {origin for _, origin in origins} <= base
    assert all((code, code) in origins for code in base & {cell.code for cell in cells})
    assert all(cell.placement_confirmed == (cell.placement_confirmed_at is not None) for cell in cells)
    assert all(cell.wordings.count() in (0, 5) for cell in cells)
    assert set(fates_of(draft)) >= base


@pytest.mark.django_db
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, max_size=25))
def test_whatever_is_done_a_draft_stays_a_matrix_and_the_base_as_it_is(world, steps):
    before = framework_file_of(world.version)
    draft = a_draft(world, name=f"案{uuid.uuid4().hex[:8]}")
    common = act(world)
    for step in steps:
        with suppress(Refusal):
            do(draft, step, common)
        check(draft)
    draft.refresh_from_db()
    written = dumps(framework_file_of(draft))
    hollow = Area.objects.filter(version=draft, cells__isnull=True).exists()
    hollow |= Category.objects.filter(version=draft, areas__isnull=True).exists()
    if hollow or not draft.categories.exists():
        # What no file could say is not published either.
        assert empty_parts(draft)
        with pytest.raises(FrameworkFileError):
            parse(written)
    else:
        assert parse(written) == framework_file_of(draft)
    assert framework_file_of(world.version) == before
    delete_draft(version=draft, by=common["by"], now=timezone.now())
