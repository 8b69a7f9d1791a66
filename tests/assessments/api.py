"""Kinds of export for tests of the JSON interface: rows that are there without anybody's sheet."""

import datetime

from access.actor import Role
from assessments.export_kind import Column, ExportKind, Table, Type
from organization.models import Department
from tests.hostile import CELLS

PLAIN, CLOSED = "plain", "closed"
KINDS = {PLAIN: "tests.assessments.api.PLAIN_KIND", CLOSED: "tests.assessments.api.CLOSED_KIND"}
COLUMNS = (
    Column("年度", Type.INTEGER),
    Column("所属コード"),
    Column("氏名", personal=True),
    Column("日", Type.DATE),
    Column("日時", Type.DATETIME),
    Column("空", Type.INTEGER),
)
MOMENT = datetime.datetime(2026, 3, 31, 15, 30, tzinfo=datetime.UTC)
# How many rows there are, and what is put before the first: tests change them between two pages.
world = {"rows": 12, "first": []}


def _rows(wish):
    departments = Department.objects.filter(municipality=wish.cycle.municipality)
    if wish.department:
        departments = departments.below(wish.department.path)
    codes = list(departments.order_by("path").values_list("code", flat=True))
    for number, name in enumerate([*world["first"], *(CELLS * 9)[: world["rows"]]]):
        yield [
            wish.cycle.fiscal_year, codes[number % len(codes)], name, datetime.date(2026, 4, 1), MOMENT, None,
        ]  # fmt: skip


def _table(actor, wish):
    return Table(COLUMNS, lambda: world["rows"] + len(world["first"]), lambda: _rows(wish))


PLAIN_KIND = ExportKind(
    label="見本", help="試験のための内容。", stem="見本", allowed=lambda actor: actor.has(Role.HR), table=_table,
    states=[("one", "ひとつ")],
)  # fmt: skip
CLOSED_KIND = ExportKind(
    label="閉じた内容", help="だれにも出ない。", stem="閉", allowed=lambda actor: False, table=_table
)
