"""Shared by the tests of past years."""

import datetime

from assessments.past_ratings import PastCell
from lib.tabular import read_table, write_csv
from organization.headers import guess
from organization.import_kind import Question, import_kind

TODAY = datetime.date(2026, 11, 25)
NOW = datetime.datetime(2026, 11, 25, 3, 0, tzinfo=datetime.UTC)
CELLS = [
    PastCell(1, "policy.1", "方針の立案", "方針｜方針の立案"),
    PastCell(2, "security.1", "ポリシーの改定", "情報セキュリティ｜ポリシーの改定"),
    PastCell(3, "plain.1", "業務改革", "業務改革"),
]


def csv(header, *rows):
    """Return a file."""
    return b"".join(write_csv(header, rows))


def ratings_options(world, *, year=2024, level="final"):
    """Return what the upload keeps of the choices for 到達度."""
    return {
        "municipality": world.city.code,
        "year": year,
        "level": level,
        "version": str(world.version.uuid),
    }


def entries_options(world, kind="experience"):
    """Return what the upload keeps of the choices for entries."""
    return {"municipality": world.city.code, "entries": kind}


def planned(world, kind, content, options, *, name="kako.csv"):
    """Return (kind, plan, problems of reading) of a file as the engine goes about it."""
    one = import_kind(kind)
    table = read_table(content, name)
    mapping = guess(table.header, one.columns(world.city, options), {})
    parsed = one.parse(table, mapping, options)
    plan = one.plan(parsed.lines, Question(world.city, TODAY, options, mapping, parsed.broken))
    return one, plan, parsed.problems
