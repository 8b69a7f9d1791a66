"""One small world of named people, used by every view test (fixture `world`).

みほん市: 政策経営部 > デジタル推進課 > {情報政策係, 基盤係}; 総務部 > 人事課. ほかの市: 他部署.
"""

from types import SimpleNamespace

import pytest

from access.actor import Role
from competency.cell_reads import cells_of, known_cells
from organization.models.position import LineRole
from tests import builders as b
from tests import standing
from tests.surveys import make_shipped


def make_world():
    """Return a namespace of rows.

    honnin 職員 in 情報政策係 with a sheet not started; kakari its 係長; kacho 所属長 of the 課; bucho 所属長 of the 部;
    dourei a colleague in the same 係; betsuka somebody in 人事課; jinji 人事, henshu 編集, kansa 監査, sysadmin;
    yoso a person of another municipality with a sheet there (`foreign_sheet`, `foreign_department`).
    """
    w = SimpleNamespace()
    w.city = b.make_municipality()
    w.bu = b.make_department(w.city, "政策経営部", code="010000")
    w.ka = b.make_department(w.city, "デジタル推進課", parent=w.bu, code="010100")
    w.kakari_dept = b.make_department(w.city, "情報政策係", parent=w.ka, code="010101")
    w.kiban = b.make_department(w.city, "基盤係", parent=w.ka, code="010102")
    w.soumu = b.make_department(w.city, "総務部", code="020000")
    w.jinjika = b.make_department(w.city, "人事課", parent=w.soumu, code="020100")
    people = [
        ("honnin", "山﨑 美咲", w.kakari_dept, LineRole.NONE),
        ("dourei", "小林 健", w.kakari_dept, LineRole.NONE),
        ("kakari", "𠮷田 由紀子", w.kakari_dept, LineRole.FIRST),
        ("kacho", "髙橋 誠一", w.ka, LineRole.HEAD),
        ("bucho", "伊藤 正", w.bu, LineRole.HEAD),
        ("betsuka", "森 健太", w.jinjika, LineRole.NONE),
        ("jinji", "大橋 香織", w.jinjika, LineRole.NONE),
        ("henshu", "石井 大輔", w.kiban, LineRole.NONE),
        ("kansa", "清水 綾", w.soumu, LineRole.NONE),
        ("sysadmin", "松本 圭", w.kiban, LineRole.NONE),
    ]
    for username, name, department, role in people:
        staff = b.make_staff(w.city, name, username=username)
        b.make_posting(staff, department, line_role=role)
        setattr(w, username, staff)
    for username, role in [
        ("jinji", Role.HR),
        ("henshu", Role.EDITOR),
        ("kansa", Role.AUDITOR),
        ("sysadmin", Role.SYSADMIN),
    ]:
        b.make_grant(getattr(w, username), role)
    make_shipped()
    w.version = b.make_version()
    w.cells = list(w.version.cells.order_by("rank"))
    w.cycle = b.make_cycle(w.city, w.version)
    w.sheet = b.make_sheet(w.honnin, w.cycle, w.kakari_dept)
    w.other_city = b.make_municipality(code="131016", name="ほかの市")
    w.foreign_department = b.make_department(w.other_city, "他部署")
    w.yoso = b.make_staff(w.other_city, "外野 一郎", username="yoso")
    b.make_posting(w.yoso, w.foreign_department, line_role=LineRole.HEAD)
    w.foreign_cycle = b.make_cycle(w.other_city, w.version)
    w.foreign_sheet = b.make_sheet(w.yoso, w.foreign_cycle, w.foreign_department)
    return w


@pytest.fixture
def world(db):
    """Return what `make_world` made: once for many tests, each in a savepoint of its own (tests/standing.py)."""
    world = standing.fresh_copy() or make_world()
    # As a process that has served a page keeps them: who is first to ask in a test counts the same queries as who is second.
    known_cells(world.version, {cell.pk for cell in cells_of(world.version)})
    return world
