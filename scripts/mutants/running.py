"""Tries mutants in memory: one process collects the suite and makes the test database, and forks once for each mutant.

The child puts the mutated code in place of the function's own, so that everybody who imported it runs it, goes through
the tests that should notice, and ends with the first that fails. Nothing is written to the tree, the database of the
parent lies in memory and is the child's own copy, and a mutant costs no more than its tests.
"""

import importlib
import json
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from types import CodeType, FunctionType
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from scripts.check.files import ROOT
from scripts.mutants.choosing import files_for
from scripts.mutants.making import Mutant

# Of the processor, so that a busy machine decides nothing; the clock ends only what waits for ever.
SECONDS, WAITING = 240, 1800
_FIRST = "tests/organization/test_lookups.py"


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant: whether a test noticed, which one, and how long it took."""

    key: str
    caught: bool
    said: str
    seconds: float


Tell = Callable[[Verdict], None]


class Trial:
    """A pytest plugin that, instead of running what was collected, tries mutants on it."""

    def __init__(self, mutants: Iterable[Mutant], *, until: float, rounds: int, tell: Tell) -> None:
        self.mutants, self.until, self.rounds, self.tell = list(mutants), until, rounds, tell
        self.verdicts: list[Verdict] = []
        self.fault = ""

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Make the database with a first test, which must pass, then fork for each mutant."""
        if session.testsfailed:
            self.fault = f"{session.testsfailed} files could not be collected"
            return True
        by_file: dict[str, list[pytest.Item]] = {}
        for item in session.items:
            marks = item.get_closest_marker("django_db")
            if "transactional_db" in item.fixturenames or (marks and marks.kwargs.get("transaction")):  # type: ignore[attr-defined]
                continue  # threads of another process, and slow
            by_file.setdefault(item.path.relative_to(ROOT).as_posix(), []).append(item)
        self.fault = "a test that every run begins with is not there" if _FIRST not in by_file else ""
        if self.fault:
            return True
        first = by_file[_FIRST][0]
        away = next(
            item
            for name, items in by_file.items()
            for item in items
            if not name.startswith("tests/organization")
        )
        if said := _failure(first, away):
            self.fault = f"the suite does not pass without a mutant: {said}"
            return True
        for mutant in self.mutants:
            if time.monotonic() > self.until:
                break
            began = time.monotonic()
            caught, said = in_a_child(partial(self._noticed, mutant, by_file, first))
            verdict = Verdict(mutant.key, caught, said, time.monotonic() - began)
            self.verdicts.append(verdict)
            self.tell(verdict)
        return True

    def _noticed(
        self, mutant: Mutant, by_file: dict[str, list[pytest.Item]], first: pytest.Item
    ) -> tuple[bool, str]:
        try:
            put_in_place(mutant)
        except Exception as fault:  # a mutant that was never there has not been caught
            return False, f"not put in place: {fault}"
        asked = 0
        for files in files_for(mutant, ROOT)[: self.rounds]:
            items = [item for file in files for item in by_file.get(file, [])]
            for item, following in zip(items, [*items[1:], first], strict=True):
                asked += 1
                if said := _failure(item, following):
                    return True, said
        return False, f"{asked} tests passed"


def try_all(
    mutants: Iterable[Mutant], *, until: float = float("inf"), rounds: int = 2, tell: Tell = lambda _: None
) -> list[Verdict]:
    """Return a verdict for each mutant that was begun before `until` (time.monotonic)."""
    trial = Trial(mutants, until=until, rounds=rounds, tell=tell)
    sys.path.insert(0, str(ROOT))
    os.chdir(ROOT)
    wanted = sorted(
        {file for one in trial.mutants for files in files_for(one, ROOT)[:rounds] for file in files}
        | {_FIRST}
    )
    away = "tests/lib/test_paths.py"
    asked = [
        "-q",
        "-q",
        "-p",
        "no:cacheprovider",
        "-s",
        "--disable-warnings",
        "-m",
        "not e2e",
        *dict.fromkeys([*wanted, away]),
    ]
    code = pytest.main(asked, plugins=[trial])
    if trial.fault or not trial.verdicts:
        raise RuntimeError(f"No mutant was tried: {trial.fault or code!r}")
    return trial.verdicts


def in_a_child(work: Callable[[], tuple[bool, str]]) -> tuple[bool, str]:
    """Return what `work` returns in a forked child.

    One that does not end in time, or dies, counts as not noticed.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.signal(signal.SIGXCPU, signal.SIG_DFL)
        signal.alarm(WAITING)
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
        try:
            answer = work()
        except BaseException as fault:  # what breaks everything is noticed
            answer = (True, f"{type(fault).__name__}: {fault}"[:200])
        os.write(writing, json.dumps(answer).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read()
    _, status = os.waitpid(child, 0)
    if not told:
        late = f"no answer in {SECONDS} s of the processor or {WAITING} s"
        return False, late if os.WIFSIGNALED(status) else "the child ended without an answer"
    caught, said = json.loads(told)
    return caught, said


def put_in_place(mutant: Mutant) -> None:
    """Run the mutated code from now on, in this process: of a function its code, of the table its row."""
    source = mutant.applied((ROOT / mutant.file).read_text())
    module = importlib.import_module(mutant.file.removesuffix(".py").replace("/", "."))
    if mutant.rule in ("widened", "added"):
        fresh: dict[str, Any] = dict(module.__dict__)
        exec(compile(source, mutant.file, "exec"), fresh)  # our own code, changed # noqa: S102 # nosec B102
        reach = {role: module.Reach(far.value) for role, far in fresh["RULES"][mutant.function].reach.items()}
        module.RULES[mutant.function].reach.clear()
        module.RULES[mutant.function].reach.update(reach)
        return
    code = _code_of(compile(source, str(ROOT / mutant.file), "exec"), mutant.function.split("."))
    target: Any = module
    for name in mutant.function.split("."):
        target = target.__dict__[name]
    function = plain(target)
    if function.__code__.co_freevars != code.co_freevars:
        raise ValueError(f"{mutant.key}: the function closes over other names")
    function.__code__ = code


def plain(target: Any) -> FunctionType:
    """Return the function itself behind a property, a static method or decorators that say what they wrap."""
    while not isinstance(target, FunctionType) or hasattr(target, "__wrapped__"):
        inner = (
            getattr(target, "__wrapped__", None) or getattr(target, "fget", None) or getattr(target, "__func__", None)
            or getattr(target, "func", None)
        )  # fmt: skip
        if inner is None:
            raise ValueError(f"no function behind {target!r}")
        target = inner
    return target


def _code_of(code: CodeType, names: list[str]) -> CodeType:
    for name in names:
        code = next(one for one in code.co_consts if isinstance(one, CodeType) and one.co_name == name)
    return code


def _failure(item: pytest.Item, following: pytest.Item) -> str:
    """Run a test; return its name where it failed, else ""."""
    reports = runtestprotocol(item, log=False, nextitem=following)
    return next(
        (
            f"{report.nodeid} ({report.when}) {str(report.longrepr)[-160:]}"
            for report in reports
            if report.failed
        ),
        "",
    )
