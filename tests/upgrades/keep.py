"""Keep the database of a release, so that every later one shows that it can be upgraded from it.

Usage: python -m tests.upgrades.keep v0.2 [COMMIT]      (the commit that is checked out, unless another is named)
"""

import json
import lzma
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from scripts.temporary_postgres import cluster, find_programs
from tests.processes import ROOT
from tests.upgrades.releases import ANCHORS, FOLDER, Database, manage, newest_migrations, path_of

FILES = "competency/data"
# As `make run` fills an empty database.
FILLED_BY = [
    ["load_framework", f"{FILES}/lasdec-2012.yaml"],
    ["load_duties", f"{FILES}/duties.yaml"],
    ["load_catalogue"],
    ["load_crosswalk", *(f"{FILES}/{name}.yaml" for name in ("crosswalk-q3-1", "tags-digital-jinzai", "tags-dss-2024"))],
    ["load_survey", f"{FILES}/survey-2019.yaml", f"{FILES}/staffing-2018.yaml"],
    ["demo"],
]  # fmt: skip
# A release from before the trail was sealed has none.
SEALING = "audit/management/commands/seal_audit.py"


def main() -> int:
    """Return 0, or 1 with a sentence for a name that is taken or is none, and for a commit that is none."""
    name = sys.argv[1] if len(sys.argv) in (2, 3) else ""
    if not re.fullmatch(r"v\d+(\.\d+)*", name) or (FOLDER / name).exists():
        print(f"{name or 'Nothing'} is no name of a new release. {__doc__}", file=sys.stderr)
        return 1
    try:
        commit = _git("rev-parse", "--verify", f"{sys.argv[2] if len(sys.argv) == 3 else 'HEAD'}^{{commit}}")
    except subprocess.CalledProcessError:
        print(f"{sys.argv[2]} is no commit.", file=sys.stderr)
        return 1
    (FOLDER / name).mkdir()
    rows = {}
    with (
        tempfile.TemporaryDirectory() as folder,
        cluster() as postgres,
        tree_of(commit, Path(folder)) as tree,
    ):
        for engine, url in (("sqlite", f"sqlite:///{folder}/release.sqlite3"), ("postgres", postgres)):
            files = Path(folder) / engine
            files.mkdir()
            rows[engine] = _filled(url, str(files), tree)
            path_of(name, engine).write_bytes(_packed(_sqlite(url) if engine == "sqlite" else _postgres(url)))
            if (files / ANCHORS).exists():
                shutil.copyfile(files / ANCHORS, FOLDER / name / f"{engine}-{ANCHORS}")
        migrations = newest_migrations(postgres)
    manifest = {"commit": commit, "migrations": migrations, "rows": rows}
    (FOLDER / name / "manifest.json").write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n")
    print(f"tests/upgrades/{name}: {sum(rows['sqlite'].values())} rows")
    return 0


@contextmanager
def tree_of(commit: str, folder: Path) -> Iterator[Path]:
    """Yield a folder with the files of a commit, whatever lies about uncommitted."""
    tree = folder / "tree"
    _git("worktree", "add", "--detach", str(tree), commit)
    try:
        yield tree
    finally:
        _git("worktree", "remove", "--force", str(tree))


def _filled(url: str, folder: str, tree: Path) -> dict[str, int]:
    manage(url, "migrate", "--verbosity=0", tree=tree, FILES_DIR=folder)
    for words in FILLED_BY:
        manage(url, *words, tree=tree, FILES_DIR=folder)
    if (tree / SEALING).exists():
        manage(url, "seal_audit", tree=tree, FILES_DIR=folder)
    return {table: len(rows) for table, rows in Database(url).rows().items() if rows}


def _sqlite(url: str) -> str:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        return "\n".join(connection.iterdump())


def _postgres(url: str) -> str:
    place = urlsplit(url)
    programs = find_programs()
    assert programs is not None, "the cluster has started"
    done = subprocess.run(
        [
            programs / "pg_dump", "--no-owner", "--inserts", "--rows-per-insert=100", "-h", place.hostname,
            "-p", str(place.port), "-U", place.username, place.path[1:],
        ],
        env={**os.environ, "PGPASSWORD": place.password or ""}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    # What only psql understands.
    return "\n".join(line for line in done.stdout.splitlines() if not line.startswith("\\"))


def _packed(text: str) -> bytes:
    return lzma.compress(text.encode(), preset=9)


def _git(*words: str) -> str:
    return subprocess.run(
        ["git", *words], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
