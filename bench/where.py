"""Where the time of the main pages goes: what the database takes, what writing the SQL takes, the templates, the rest.

Usage: python -m bench.where DATABASE     (sqlite or postgres; prints a table for docs/operations/performance.md)
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from statistics import median
from typing import Any

from bench.processes import measure_in

ROUNDS = 25
PARTS = ("database", "writing SQL", "templates")
HEAD = "| page | who | queries | ms | database | writing SQL | templates | the rest |\n|---|---|---|---|---|---|---|---|"


class Clock:
    """Adds up what is inside each part; what a part calls of another is the other's."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}
        self.queries = 0
        self._inside: list[list[Any]] = []

    @contextmanager
    def inside(self, part: str) -> Iterator[None]:
        """Count the time of the block to a part, less what belongs to another part within."""
        entry: list[Any] = [part, time.perf_counter(), 0.0]
        self._inside.append(entry)
        try:
            yield
        finally:
            self._inside.pop()
            took = time.perf_counter() - entry[1]
            self.spent[part] = self.spent.get(part, 0.0) + took - entry[2]
            if self._inside:
                self._inside[-1][2] += took

    def around(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function with its time counted to a part."""

        @wraps(function)
        def timed(*args: Any, **kwargs: Any) -> Any:
            with self.inside(part):
                return function(*args, **kwargs)

        return timed

    def asks(self, execute: Callable[..., Any], *args: Any) -> Any:
        """Count a query, as an `execute_wrapper`."""
        self.queries += 1
        with self.inside("database"):
            return execute(*args)


def main() -> int:
    """Start the child with the settings of a server, on a database of its own; returns its exit code."""
    with tempfile.TemporaryDirectory(prefix="skill-where-") as folder:
        return measure_in(Path(folder), sys.argv[1], "bench.where", "child", WHERE=folder)


def child() -> int:
    """Measure in a process whose settings are read once; returns 0."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.db.models.sql.compiler import SQLCompiler
    from django.template import Template
    from django.template.backends.django import Template as Engine
    from django.test import override_settings
    from django.urls import reverse

    from bench.browser import Browser
    from bench.data import PERSONAS
    from bench.measures import DEPARTMENT, REPORT, Bench

    call_command("migrate", verbosity=0)
    with override_settings(STATIC_ROOT=os.environ["WHERE"], ROOT_URLCONF="bench.urls"):
        call_command("collectstatic", interactive=False, verbosity=0)
        bench = Bench(connection.vendor, short=True)
        office, city = bench.city(DEPARTMENT), bench.city(REPORT)
        bench.settle()
        pages = [
            ("the sheet, filling in", office, "honnin",
             reverse("assessments:sheet_edit", args=[office.sheet_of(PERSONAS["honnin"]).uuid])),
            (f"the gap report of {DEPARTMENT - 1} people", office, "kacho",
             reverse("gaps:department", args=[office.sections[0].uuid])),
            (f"全庁のようす of {REPORT} people", city, "jinji", reverse("gaps:overview")),
        ]  # fmt: skip
        print(HEAD)
        for name, town, persona, path in pages:
            browser = Browser(bench.handler, town.persona(persona))
            environ = browser.environ(path)
            assert browser.send(environ).status == 200, path
            rounds = []
            for _ in range(ROUNDS):
                clock = Clock()
                patched = [
                    (SQLCompiler, "as_sql", "writing SQL"), (Template, "render", "templates"),
                    (Engine, "render", "templates"),
                ]  # fmt: skip
                kept = [(owner, method, getattr(owner, method)) for owner, method, _ in patched]
                for owner, method, part in patched:
                    setattr(owner, method, clock.around(part, getattr(owner, method)))
                try:
                    with connection.execute_wrapper(clock.asks), clock.inside("the rest"):
                        browser.send(environ)
                finally:
                    for owner, method, before in kept:
                        setattr(owner, method, before)
                rounds.append((sum(clock.spent.values()), clock))
            print(_row(name, persona, rounds), flush=True)
    return 0


def _row(name: str, persona: str, rounds: list[tuple[float, Clock]]) -> str:
    whole = median(total for total, _ in rounds)
    shares = [
        median(clock.spent.get(part, 0.0) / total for total, clock in rounds) for part in (*PARTS, "the rest")
    ]
    told = " | ".join(f"{100 * share:.0f} %" for share in shares)
    return f"| {name} | {persona} | {rounds[0][1].queries} | {1000 * whole:.1f} | {told} |"


if __name__ == "__main__":
    sys.exit(child() if sys.argv[1] == "child" else main())
