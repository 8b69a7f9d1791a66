"""Files of past years as kinds of import (organization.import_kind): 到達度, and 業務経験, 資格, 研修."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone

from assessments import past_entries, past_ratings
from assessments.past_reads import cells_of, entries_known, entry_words, ratings_known, version_for
from assessments.workflow import past
from lib.tabular import Table
from organization.headers import Column
from organization.import_kind import ImportKind, Parsed, Question
from organization.models import Municipality


def _ratings_columns(municipality: Municipality, options: Mapping[str, Any]) -> Sequence[Column]:
    return past_ratings.columns_for(cells_of(version_for(municipality, options["version"])))


def _ratings_parse(table: Table, mapping: Mapping[str, str], options: Mapping[str, Any]) -> Parsed:
    cells = cells_of(version_for(_city(options), options["version"]))
    return past_ratings.parse_ratings(table, mapping, cells, level=options["level"], year=options["year"])


def _ratings_plan(lines: list[past_ratings.RatingLine], asked: Question) -> past_ratings.RatingsPlan:
    version = version_for(asked.municipality, asked.options["version"])
    numbers = {line.number for line in lines}
    return past_ratings.plan_ratings(
        lines,
        ratings_known(asked.municipality, asked.options["year"], version, numbers, asked.today),
        cells_of(version),
        level=asked.options["level"],
        columns=asked.columns,
        broken=asked.broken,
    )


def _ratings_write(plan, municipality, by, now, options) -> None:
    cells = cells_of(version_for(municipality, options["version"]))
    past.write_ratings(plan, cells, municipality, by, now, options)


def _entries_columns(municipality: Municipality, options: Mapping[str, Any]) -> Sequence[Column]:
    return past_entries.COLUMNS[options["entries"]]


def _entries_parse(table: Table, mapping: Mapping[str, str], options: Mapping[str, Any]) -> Parsed:
    cells, register = entry_words(_city(options))
    return past_entries.parse_entries(
        table, mapping, options["entries"], cells=cells, register=register, today=timezone.localdate()
    )


def _entries_plan(lines: list[past_entries.EntryLine], asked: Question) -> past_entries.EntriesPlan:
    numbers = {line.number for line in lines}
    known = entries_known(asked.municipality, asked.options["entries"], numbers)
    return past_entries.plan_entries(lines, known, columns=asked.columns)


def _entries_write(plan, municipality, by, now, options) -> dict[str, list[int]]:
    return past.write_entries(plan, municipality, by, now)


def _city(options: Mapping[str, Any]) -> Municipality:
    """Return whose file it is: the options are ours, written at the upload and never by a browser."""
    return Municipality.objects.get(code=options["municipality"])


RATINGS = ImportKind(
    columns=_ratings_columns,
    parse=_ratings_parse,
    plan=_ratings_plan,
    write=_ratings_write,
    labels=past_ratings.LABELS,
)
ENTRIES = ImportKind(
    columns=_entries_columns,
    parse=_entries_parse,
    plan=_entries_plan,
    write=_entries_write,
    undo=past.undo_entries,
    labels=past_entries.LABELS,
)
