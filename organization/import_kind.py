"""What HR brings in, a kind a file: how it is read, compared, written, and taken back (docs/adr/0032).

A kind is named in settings.IMPORT_KINDS by where it stands, for this app imports nothing above it. The way of a file
from upload to apply (organization.workflow.imports) is the same for all of them.
"""

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from access.actor import Actor
from lib.tabular import Problem, Table
from organization.headers import Column
from organization.models import Municipality
from organization.roster import Outcome, Suspicion


class Plan(Protocol):
    """What a file would do, all of it, before anything is written."""

    outcomes: list[Outcome]
    problems: list[Problem]
    warnings: list[Problem]
    new_positions: dict[str, int]
    suspicions: list[Suspicion]

    def counts(self) -> dict[str, int]:
        """Return {kind of line: lines}."""

    def fingerprint(self) -> str:
        """Return a hash of everything that would be written."""


@dataclass
class Parsed:
    """A table as typed lines. `broken` are keys of whom a line could not be read."""

    lines: list[Any] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    broken: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Question:
    """What a plan is made of beside the lines: whose file, which day, which choices, what the file calls columns."""

    municipality: Municipality
    today: datetime.date
    options: Mapping[str, Any]
    columns: Mapping[str, str]
    broken: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ImportKind:
    """One kind of file.

    `columns` are ours, for the municipality and the choices made at the upload. `plan` touches nothing. `write` writes a
    plan inside the caller's transaction, with the choices and the key of the file (`batch`) beside them, and returns what
    `undo` needs, as plain JSON, or None where nothing can be taken back.
    `undo` gives that back inside the caller's transaction, or raises Conflict with a sentence where something has been
    built on it since. `labels` are the words of the kinds of lines, in the order of the screen.
    """

    columns: Callable[[Municipality, Mapping[str, Any]], Sequence[Column]]
    parse: Callable[[Table, Mapping[str, str], Mapping[str, Any]], Parsed]
    plan: Callable[[list[Any], Question], Plan]
    write: Callable[[Any, Municipality, Actor | None, datetime.datetime, Mapping[str, Any]], Any]
    labels: Mapping[str, str]
    undo: Callable[[Any, Municipality], None] | None = None
    sample: tuple[str, list[list[str]]] | None = None


def import_kind(name: str) -> ImportKind:
    """Return the kind of this name. KeyError for none."""
    return import_string(settings.IMPORT_KINDS[name])
