"""The hash of a table: of what the rows say, and of nothing else."""

import datetime
import sqlite3
import uuid
from decimal import Decimal

import pytest
from django.db import connection, models
from django.test.utils import isolate_apps

from config.backups import rows
from config.backups.manifest import Counted, differences

# Known to nobody else: what looks through the models of the product does not meet it.
with isolate_apps("config"):

    class Sample(models.Model):  # noqa: DJ008
        """Every kind of column that the product has."""

        text = models.TextField(null=True)  # noqa: DJ001
        number = models.BigIntegerField(null=True)
        yes = models.BooleanField(null=True)
        key = models.UUIDField(null=True)
        day = models.DateField(null=True)
        moment = models.DateTimeField(null=True)
        words = models.JSONField(null=True)
        hours = models.DecimalField(max_digits=5, decimal_places=1, null=True)
        raw = models.BinaryField(null=True)
        address = models.GenericIPAddressField(null=True)

        class Meta:
            app_label = "config"
            db_table = "sample_of_every_kind"


KEY = uuid.UUID("6f2f0d5e-2b61-4c83-9ad5-0d4c3f1f0b11")
TOKYO = datetime.timezone(datetime.timedelta(hours=9))


def values(**changed):
    return {
        "text": "髙橋𠮷 \"引用\"\n", "number": 7, "yes": True, "key": KEY, "day": datetime.date(2026, 4, 1),
        "moment": datetime.datetime(2026, 4, 1, 0, 30, tzinfo=TOKYO), "words": {"b": 1, "a": ["あ", None, 1.5]},
        "hours": Decimal("7.0"), "raw": b"\x00\xff", "address": "10.1.2.3", **changed,
    }  # fmt: skip


# What a row of these values is, written by hand in the order of the columns' names.
EXPECTED = [
    "10.1.2.3", "2026-04-01", "7", 1, KEY.hex, "2026-03-31 15:30:00.000000", 7, "00ff", 'TEXT',
    '{"a":["\\u3042",null,1.5],"b":1}', 1,
]  # fmt: skip


@pytest.fixture
def table(transactional_db):
    with connection.schema_editor() as editor:
        editor.create_model(Sample)
    yield Sample.objects
    with connection.schema_editor() as editor:
        editor.delete_model(Sample)


def count() -> Counted:
    """Count as the product does, past Django's own conversions."""
    if connection.vendor == "postgresql":

        def ask(query):
            with connection.cursor() as cursor:
                cursor.execute(query)
                return cursor.fetchall()

        return rows.of_postgres(ask)["sample_of_every_kind"]
    with connection.cursor() as cursor:
        memory = sqlite3.connect(":memory:")
        cursor.connection.backup(memory)
    try:
        return rows.of_sqlite(memory.execute)["sample_of_every_kind"]
    finally:
        memory.close()


def test_a_row_is_the_same_words_on_either_engine(table):
    table.create(pk=1, **values())
    expected = [value if value != "TEXT" else values()["text"] for value in EXPECTED]
    assert count() == rows.counted([tuple(expected)])


def test_nothing_is_told_from_empty(table):
    table.create(pk=1, **dict.fromkeys(values()))
    empty = count()
    assert empty == rows.counted([(None, None, None, 1, *[None] * 7)])
    table.filter(pk=1).update(text="", raw=b"")
    assert count() != empty


@pytest.mark.parametrize(
    "changed",
    [
        {"text": "高橋𠮷 \"引用\"\n"}, {"number": 8}, {"yes": False}, {"key": uuid.UUID(int=KEY.int + 1)},
        {"day": datetime.date(2026, 4, 2)}, {"words": {"b": 1, "a": ["あ", None, 1.6]}}, {"hours": Decimal("7.1")},
        {"moment": datetime.datetime(2026, 4, 1, 0, 30, 0, 1, tzinfo=TOKYO)}, {"raw": b"\x00\xfe"}, {"address": "10.1.2.4"},
    ],
)  # fmt: skip
def test_every_change_of_a_value_is_seen(table, changed):
    table.create(pk=1, **values())
    before = count()
    table.filter(pk=1).update(**changed)
    after = count()
    assert after.rows == before.rows
    assert after.hash != before.hash
    assert differences({"t": before}, {"t": after}) == ["t: 行の数は同じですが、内容が違います。"]


def test_the_order_of_rows_does_not_count_and_their_number_does():
    one, two = (1, "a"), (2, "b")
    assert rows.counted([one, two]) == rows.counted([two, one])
    assert rows.counted([one, one]).hash != rows.counted([]).hash
    assert rows.counted([(1, "ab")]) != rows.counted([("1", "ab")])


def test_json_is_read_whatever_the_order_of_its_keys():
    assert rows.counted([('{"a": 1, "b": 2}',)], [0]) == rows.counted([('{"b":2,"a":1}',)], [0])
    assert rows.counted([(None,)], [0]).rows == 1


def test_what_differs_is_said_table_by_table():
    said = {"a": Counted(1, "x"), "b": Counted(2, "x"), "c": Counted(1, "x"), "e": Counted(1, "x")}
    found = {"a": Counted(1, "x"), "b": Counted(1, "x"), "d": Counted(1, "x"), "e": Counted(1, "y")}
    assert differences(said, found) == [
        "b: 控えは2行、データベースは1行です。",
        "c: 表がありません。",
        "d: 控えにない表があります。",
        "e: 行の数は同じですが、内容が違います。",
    ]
