"""docs/security names tests and files that are there, answers every line of ASVS, and proves what the product claims."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from scripts.check import asvs
from scripts.check.files import line_of, project_files

FOLDER = "docs/security"
# A test as pytest names it, without parameters; a class may stand between.
_TEST = re.compile(r"\btests/[\w/]+\.py(?:::\w+)+")
_QUOTED = re.compile(r"`([\w.-]+(?:/[\w.-]+)*/?)`")
# A figure of the drills, as `name` in the first column of a table.
_FIGURE = re.compile(r"^\| `([a-z0-9_]+(?:\.[a-z0-9_]+)+)` \|", re.MULTILINE)
PRODUCT, PROOF = "製品がすること", "試験"
NOTHING = ("", "—", "－", "-")


def problems(root: Path) -> Iterator[str]:
    """Yield one sentence per claim that nothing stands behind."""
    if not (root / FOLDER).is_dir():
        yield f"{FOLDER} is missing"
        return
    files = project_files(root)
    tops = {path.relative_to(root).parts[0] for path in files}
    for path in files:
        name = path.relative_to(root).as_posix()
        if path.parent == root / FOLDER and path.suffix in (".md", ".csv"):
            text = path.read_text(encoding="utf-8")
            yield from _names(root, name, text, tops)
            if path.suffix == ".md":
                yield from _claims(name, text)
    yield from _figures(root)
    yield from _standard(root)


def _names(root: Path, name: str, text: str, tops: set[str]) -> Iterator[str]:
    """Every test and every file that is named is there."""
    for match in _TEST.finditer(text):
        file, _, test = match[0].partition("::")
        if test not in tests_of(root / file):
            yield f"{name}:{line_of(text, match.start())}: no test {match[0]}"
    for match in _QUOTED.finditer(text):
        if "/" in match[1] and match[1].split("/")[0] in tops and not (root / match[1]).exists():
            yield f"{name}:{line_of(text, match.start())}: no file {match[1]}"


@cache
def tests_of(path: Path) -> frozenset[str]:
    """Return the tests of a file as `function` and `Class::function`, nothing for a file that is not there."""
    if not path.is_file():
        return frozenset()
    found = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.ClassDef):
            found |= {f"{node.name}::{part.name}" for part in node.body if isinstance(part, ast.FunctionDef)}
    return frozenset(name for name in found if name.rpartition("::")[2].startswith("test_"))


def _claims(name: str, text: str) -> Iterator[str]:
    """In a table with a column of what the product does, each such line names a test or says 未対応."""
    columns: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.startswith("|"):
            columns = []
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not columns:
            columns = cells
            if PRODUCT in columns and PROOF not in columns:
                yield f"{name}:{number}: a table of {PRODUCT} without a column {PROOF}"
            continue
        if PRODUCT not in columns or PROOF not in columns or set(line) <= set("|-: "):
            continue
        if len(cells) != len(columns):
            yield f"{name}:{number}: {len(cells)} cells, {len(columns)} in the head of the table"
            continue
        said, proof = cells[columns.index(PRODUCT)], cells[columns.index(PROOF)]
        if said not in NOTHING and not said.startswith(asvs.OPEN) and not _TEST.search(proof):
            yield f"{name}:{number}: says what the product does and names no test"


def _figures(root: Path) -> Iterator[str]:
    """The figures of `make drill` that the index of the folder explains are figures of a drill."""
    index = root / FOLDER / "README.md"
    text = index.read_text(encoding="utf-8") if index.is_file() else ""
    known = {figure for path in (root / "tests" / "drills").glob("*.py") for figure in figures_of(path)}
    for match in _FIGURE.finditer(text):
        if match[1] not in known:
            yield f"{FOLDER}/README.md:{line_of(text, match.start())}: no drill measures {match[1]}"


def figures_of(path: Path) -> set[str]:
    """Return the names in a drill's FIGURES, without importing it."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Dict):
            continue
        if any(isinstance(target, ast.Name) and target.id == "FIGURES" for target in node.targets):
            return {str(key.value) for key in node.value.keys if isinstance(key, ast.Constant)}
    return set()


def _standard(root: Path) -> Iterator[str]:
    """Every requirement of ASVS stands once, with a verdict and what it rests on; the page is made from the table."""
    if not (root / asvs.TABLE).is_file():
        yield f"{asvs.TABLE} is missing"
        return
    lines = asvs.rows(root)
    if not lines or list(lines[0]) != asvs.COLUMNS:
        yield f"{asvs.TABLE}: the columns are {', '.join(asvs.COLUMNS)}"
        return
    asked = asvs.requirements()
    counts = Counter(row["番号"] for row in lines)
    for number in asked:
        if counts[number] != 1:
            yield f"{asvs.TABLE}: {number} stands {counts[number]} times, not once"
    for row in lines:
        yield from (f"{asvs.TABLE}: {row['番号']}: {wrong}" for wrong in _wrong(row, asked))
    page = root / asvs.PAGE
    if not page.is_file() or page.read_text(encoding="utf-8") != asvs.page(root):
        yield f"{asvs.PAGE} is not what the table says; run python -m scripts.check.asvs"


def _wrong(row: dict[str, str], asked: dict[str, str]) -> Iterator[str]:
    """What is wrong in one line of the table."""
    if row["番号"] not in asked:
        yield "no requirement of level 1 or 2"
    elif row["水準"] != asked[row["番号"]]:
        yield f"is of level {asked[row['番号']]}"
    if row["判定"] not in asvs.VERDICTS:
        yield f"the verdict is one of {', '.join(asvs.VERDICTS)}"
    if not (row["要点"] or "").strip() or not (row["どう満たすか"] or "").strip():
        yield "says nothing"
    if row["判定"] == asvs.MET:
        if not (row["場所"] or "").split():
            yield "is met, and names no file"
        if not (row["試験"] or "").split():
            yield "is met, and names no test"
    for word in (row["試験"] or "").split():
        if not _TEST.fullmatch(word):
            yield f"{word} is not the name of a test"
