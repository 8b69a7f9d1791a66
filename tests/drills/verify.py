"""`verify` against corruption: every kind is told by the check that is there for it, and a sound city by none.

Each kind is planted by SQL past triggers and constraints, in a transaction that is taken back. A sound city is asked while
people sign in, write, submit, confirm and attach files, and while the trail is sealed. At last a city of 5,000 people and
five years is asked, everything at once.
"""

import io
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings
from django.utils import timezone

from bench.bounds import Bound
from bench.results import Figure
from competency.models import FrameworkVersion
from lib.soundness import Scope, all_checks, asked
from tests.drills.corruptions import people, rest, sheets, structure, world
from tests.drills.corruptions.bulk import large_city
from tests.drills.corruptions.plant import Plant, World, past_everything
from tests.drills.corruptions.writers import writing
from tests.processes import ROOT

FIGURES = {
    "verify.kinds": Bound(40, "kinds", at_least=True),
    "verify.missed": Bound(0, "kinds"),
    "verify.found": Bound(100, "%", at_least=True),
    "verify.false": Bound(0, "sentences"),
    "verify.runs": Bound(8, "runs", at_least=True, short_limit=2),
    "verify.seconds": Bound(60, "s", timed=True),
}
# The times are minutes from their bounds; another drill beside it does no harm.
ALONE = False
DATABASES = ("sqlite", "postgres")
# On SQLite the tests ask as much (test_verify.py).
SHORT_DATABASES = ("postgres",)
PEOPLE, SHORT_PEOPLE, YEARS = 5000, 100, 5
RUNS, SHORT_RUNS = 12, 2
_PLANTS = (*structure.PLANTS, *people.PLANTS, *sheets.PLANTS, *rest.PLANTS)


def measure(*, short: bool) -> Iterable[Figure]:
    """Yield the figures of all three."""
    with tempfile.TemporaryDirectory() as folder:
        world.files_of(Path(folder) / "files")
        rows = world.build(Path(folder))
        sound = sentences()
        kinds, missed = unnoticed(rows, whole=not short)
        if connection.vendor == "sqlite":
            kinds += 1
            missed += (
                []
                if damaged_page_told(Path(folder) / "copy.sqlite3")
                else ["page overwritten (base.storage)"]
            )
        yield Figure("verify.kinds", kinds)
        yield Figure("verify.missed", len(missed), "; ".join(missed))
        yield Figure("verify.found", 100 * (kinds - len(missed)) / kinds, f"{kinds - len(missed)} of {kinds}")
        runs, written, false = while_writing(SHORT_RUNS if short else RUNS)
        behind = f"{written} writes in {runs} runs" + "".join(f"; {one}" for one in [*sound, *false][:5])
        yield Figure("verify.false", len(sound) + len(false), behind)
        yield Figure("verify.runs", runs, behind)
        size = SHORT_PEOPLE if short else PEOPLE
        large_city(
            FrameworkVersion.objects.published().get(framework__municipality__isnull=True), size, YEARS
        )
        seconds, said = timed()
        yield Figure("verify.seconds", seconds, f"{size} people × {YEARS} years × 17; {said}")


def plants() -> list[Plant]:
    """Return the kinds of the engine of this process."""
    return [plant for plant in _PLANTS if connection.vendor in plant.engines]


def unnoticed(rows: World, *, whole: bool) -> tuple[int, list[str]]:
    """Plant every kind; return how many there are, and those that their check does not tell.

    `whole` asks all checks each time, as an administrator would; else the one that is there for the kind.
    """
    missed = []
    kinds = plants()
    for kind in kinds:
        # Drills do long work at once, and then there is no queue to ask about.
        queued = override_settings(IMMEDIATE_TASKS=False)
        with queued, _files_back(), past_everything(keep_guards=kind.check.startswith("base.")):
            kind.plant(rows)
            told = [
                outcome.check.name
                for check in all_checks()
                if (whole or check.name == kind.check) and (outcome := asked(check, _scope())).count
            ]
        if kind.check not in told:
            missed.append(f"{kind.kind} ({kind.check})")
    return len(kinds), missed


def damaged_page_told(copy: Path, *, damage: bool = True) -> bool:
    """Overwrite a page of an index in a copy of the file, and say whether the command ends with 1 and names the check."""
    with closing(sqlite3.connect(connection.settings_dict["NAME"])) as whole:
        whole.execute("VACUUM INTO ?", [str(copy)])
    with closing(sqlite3.connect(copy)) as file:
        (root,) = file.execute("SELECT rootpage FROM sqlite_master WHERE name = 'rating_report'").fetchone()
        (size,) = file.execute("PRAGMA page_size").fetchone()
        # So that the page is read from the file.
        file.execute("PRAGMA journal_mode = DELETE")
    if damage:
        with copy.open("r+b") as file_:
            # Rows stand at the end of a page.
            file_.seek(root * size - size // 4)
            file_.write(b"\0" * (size // 4))
    done = subprocess.run(
        [sys.executable, "manage.py", "verify", "--only", "base.storage"],
        cwd=ROOT, env={**os.environ, "DATABASE_URL": f"sqlite:///{copy}"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode == 1 and "[base.storage]" in done.stdout


def sentences() -> list[str]:
    """Return what all checks say now."""
    return [sentence for check in all_checks() for sentence in asked(check, _scope()).sentences]


def while_writing(runs: int, verify: Callable[[], str] | None = None) -> tuple[int, int, list[str]]:
    """Ask a city in which people work; return how often, how many writes there were meanwhile, and what was said."""
    said: list[str] = []
    with writing() as written:
        for _ in range(runs):
            before = written()
            said += [line for line in (verify or _verified)().splitlines() if line.startswith("[")]
            # A run that nobody wrote in says nothing.
            for _ in range(100):
                if written() > before:
                    break
                time.sleep(0.1)
            else:
                raise AssertionError("nobody writes")
        return runs, written(), said


def timed() -> tuple[float, str]:
    """Return the seconds of one run, and what it said last."""
    began, worked = time.monotonic(), time.process_time()
    said = _verified()
    seconds, worked = time.monotonic() - began, time.process_time() - worked
    slowest = sorted(
        (float(line.split("秒", 1)[0]), line.split("秒 ", 1)[1].split("（", 1)[0])
        for line in said.splitlines()
        if line.endswith("件") and "秒 " in line
    )
    if "[" in said:
        raise AssertionError(f"the large city is not sound: {said[said.index('[') :][:500]}")
    return seconds, f"{worked:.0f} s of the processor in here; slowest " + ", ".join(
        f"{name} {spent:.1f} s" for spent, name in slowest[:-4:-1]
    )


def _verified() -> str:
    out = io.StringIO()
    with suppress(CommandError):
        call_command("verify", verbosity=2, stdout=out)
    return out.getvalue()


def _scope() -> Scope:
    return Scope(timezone.localdate(), timezone.now())


@contextmanager
def _files_back() -> Iterator[None]:
    """Put the files back as they were, whatever a plant did to them."""
    with tempfile.TemporaryDirectory() as kept:
        shutil.copytree(settings.FILES_DIR, kept, dirs_exist_ok=True)
        try:
            yield
        finally:
            shutil.rmtree(settings.FILES_DIR)
            shutil.copytree(kept, settings.FILES_DIR)
