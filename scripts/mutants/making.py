"""Mutants from the syntax of the files that decide: policies, scopes, states, ends of intervals, checks of jobs, the trail.

A mutant replaces one piece of text of one file. Every rule weakens: it lets somebody see or do more, at more times, or
with less trace than before.
"""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from scripts.check.files import ROOT
from scripts.mutants.equivalent import EQUIVALENT

# Glob, which functions of it by a pattern of `Class.function`, and the rules tried there.
SCOPES = ("compare", "drop", "suffix", "either", "guard", "yes")
TARGETS: list[tuple[str, str, tuple[str, ...]]] = [
    ("access/table.py", r"may|may_at_all", ("compare", "either", "guard", "yes")),
    ("access/actor.py", r"Actor\..*", ("yes", "either")),
    ("organization/middleware.py", r".*process_view", ("compare", "either", "guard")),
    ("organization/backends.py", r".*", ("drop", "suffix", "guard", "yes", "either")),
    ("organization/scope.py", r".*", ("drop", "either", "guard", "compare")),
    ("*/policies.py", r".*", SCOPES),
    ("*/lookups.py", r".*(_for|_to_fill|_to_keep|nameable|check_keeper|sees_whole_tree|my_open_sheet)", ("drop", "guard", "yes")),
    ("*/models/*.py", r".*QuerySet\.(visible_to|of|of_municipality|with_records_visible_to|posted_in_or_below|active_on"
     r"|in_or_below|in_service_on|valid_on|not_on_leave|standing|confirmed|latest_confirmed|drafts_of|usable_on|below)", SCOPES),
    ("audit/models.py", r".*QuerySet\..*", SCOPES),
    ("*/models/*.py", r".*\.(can_\w+|has_left|is_open|is_usable)", ("compare", "yes", "either")),
    ("lib/paths.py", r"is_within|upper_bound", ("compare", "yes", "either")),
    ("lib/intervals.py", r"active|overlaps", ("compare", "yes", "either")),
    ("gaps/disclosure.py", r"banded|banded_status|tile|_who|_apart", ("compare", "guard")),
    ("gaps/resume_bundle.py", r"allowed|people_of", ("compare", "either", "guard", "drop")),
    ("assessments/export_job.py", r"allowed|_still_sees", ("compare", "either", "guard")),
    ("organization/jobs.py", r"_attempt|_owner_today", ("either", "guard")),
    ("assessments/workflow/confirmation.py", r".*", ("guard",)),
    ("assessments/workflow/correction.py", r".*", ("guard",)),
    ("assessments/workflow/sheets.py", r".*", ("guard",)),
    ("*/views/*.py", r".*", ("trail",)),
]  # fmt: skip
_REFUSALS = ("Conflict", "Forbidden", "NotVisible", "Invalid")
_SWAPPED = {ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">", ast.Eq: "!=", ast.NotEq: "=="}
_SIGNS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
_SUFFIXES = {"lte": "lt", "lt": "lte", "gte": "gt", "gt": "gte"}
_WIDE = {"OWN", "SCOPE", "HEAD", "FIRST", "COUNTS"}


@dataclass(frozen=True)
class Mutant:
    """One weakening: characters `start` to `end` of a file become `new`. `key` names it without a line number."""

    file: str
    function: str
    rule: str
    start: int
    end: int
    old: str
    new: str
    number: int = 0

    @property
    def key(self) -> str:
        """Return a name that stays when other lines of the file change."""
        return f"{self.file} {self.function} {self.rule} {_flat(self.old)} -> {_flat(self.new)}" + (
            f" #{self.number}" if self.number else ""
        )

    def applied(self, source: str) -> str:
        """Return the file with the weakening. ValueError where the old text is not there."""
        if source[self.start : self.end] != self.old:
            raise ValueError(f"{self.key}: the text is not there any more")
        return source[: self.start] + self.new + source[self.end :]


def all_mutants(root: Path = ROOT) -> list[Mutant]:
    """Return every mutant that is worth trying, in a fixed order: those that change nothing are left out."""
    return [mutant for mutant in found(root) if mutant.key not in EQUIVALENT]


def found(root: Path = ROOT) -> list[Mutant]:
    """Return every mutant that the rules find, once each, in a fixed order."""
    seen: dict[str, Mutant] = {}
    for glob, names, rules in TARGETS:
        for path in sorted(root.glob(glob)):
            for mutant in of_file(path.relative_to(root).as_posix(), path.read_text(), names, rules):
                seen.setdefault(f"{mutant.file} {mutant.start} {mutant.end} {mutant.new}", mutant)
    table = root / "access/table.py"
    return _numbered([*of_table(table.read_text()), *seen.values()])


def of_file(file: str, source: str, names: str, rules: tuple[str, ...]) -> Iterator[Mutant]:
    """Yield the mutants of the functions of a source whose name matches."""
    lines = source.splitlines(keepends=True)
    for name, function in _functions(ast.parse(source)):
        if not re.fullmatch(names, name):
            continue
        for rule in rules:
            for node, new in RULES[rule](function):
                start, end = _span(node, lines)
                yield Mutant(file, name, rule, start, end, source[start:end], new(source[start:end]))


def of_table(source: str) -> Iterator[Mutant]:
    """Yield mutants of the rows of the permission table: each reach widened, and one role added to each row."""
    lines = source.splitlines(keepends=True)
    for call in ast.walk(ast.parse(source)):
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "_rule"):
            continue
        row = ast.literal_eval(call.args[0])
        for cell in call.keywords:
            if isinstance(cell.value, ast.Attribute) and cell.value.attr in _WIDE - {"OWN"}:
                start, end = _span(cell.value, lines)
                yield Mutant("access/table.py", row, "widened", start, end, source[start:end], "_R.ALL")
        missing = next((role for role in "MAFYH" if role not in {cell.arg for cell in call.keywords}), None)
        if missing:
            start, end = _span(call.args[1], lines)
            old = source[start:end]
            yield Mutant("access/table.py", row, "added", start, end, old, f"{old}, {missing}=_R.ALL")


Change = tuple[ast.AST, Callable[[str], str]]


def _becomes(text: str) -> Callable[[str], str]:
    return lambda _: text


def _compare(function: ast.AST) -> Iterator[Change]:
    """Turn a comparison: an end that is inside, a state that is any other, a None that is there."""
    for node in ast.walk(function):
        if not isinstance(node, ast.Compare) or len(node.ops) != 1:
            continue
        left, right, sign = ast.unparse(node.left), ast.unparse(node.comparators[0]), type(node.ops[0])
        if sign in _SWAPPED:
            yield node, _becomes(f"({left} {_SWAPPED[sign]} {right})")
        elif sign is ast.In:
            yield node, _becomes("True")


def _drop(function: ast.AST) -> Iterator[Change]:
    """Forget one condition of a filter."""
    for node in ast.walk(function):
        if not isinstance(node, ast.Call) or _name(node.func) not in ("filter", "Q", "get"):
            continue
        for gone in node.keywords:
            kept = [*(ast.unparse(arg) for arg in node.args)]
            kept += [
                f"{word.arg}={ast.unparse(word.value)}"
                for word in node.keywords
                if word is not gone and word.arg
            ]
            if gone.arg is None or gone.arg.endswith("uuid") or (not kept and _name(node.func) != "filter"):
                continue
            call = ast.unparse(node.func)
            changed = f"{call}({', '.join(kept)})"
            yield node, _becomes(changed)


def _suffix(function: ast.AST) -> Iterator[Change]:
    """Move the end of an interval by a day: `__lt` is `__lte`."""
    for node in ast.walk(function):
        if isinstance(node, ast.keyword) and node.arg and (end := node.arg.rpartition("__")[2]) in _SUFFIXES:
            stem, value = node.arg.rpartition("__")[0], ast.unparse(node.value)
            yield node, _becomes(f"{stem}__{_SUFFIXES[end]}={value}")


def _either(function: ast.AST) -> Iterator[Change]:
    """One condition is enough where all were asked, and all where one was enough."""
    for node in ast.walk(function):
        if isinstance(node, ast.BoolOp):
            other = " or " if isinstance(node.op, ast.And) else " and "
            text = other.join(f"({ast.unparse(value)})" for value in node.values)
            yield node, _becomes(f"({text})")


def _guard(function: ast.AST) -> Iterator[Change]:
    """Never refuse: the condition of a refusal, or of an early `return`, does not hold."""
    for node in ast.walk(function):
        if isinstance(node, ast.If) and not node.orelse and len(node.body) == 1 and _refuses(node.body[0]):
            yield node.test, _becomes("False")


def _yes(function: ast.AST) -> Iterator[Change]:
    """A question is answered by yes, a reach by everything."""
    for node in ast.walk(function):
        if not isinstance(node, ast.Return) or node.value is None:
            continue
        truth = isinstance(node.value, ast.Compare | ast.BoolOp | ast.UnaryOp)
        asks = isinstance(node.value, ast.Call) and _name(node.value.func) in (
            "may",
            "any",
            "is_within",
            "has",
            "all",
        )
        if truth or asks:
            yield node.value, _becomes("True")


def _trail(function: ast.AST) -> Iterator[Change]:
    """Leave no trace of what a view showed."""
    for node in ast.walk(function):
        if (
            isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Call)
            and _name(node.value.func) == "record"
        ):
            yield node, _becomes("pass")


RULES: dict[str, Callable[[ast.AST], Iterator[Change]]] = {
    "compare": _compare,
    "drop": _drop,
    "suffix": _suffix,
    "either": _either,
    "guard": _guard,
    "yes": _yes,
    "trail": _trail,
}


def _refuses(node: ast.stmt) -> bool:
    if isinstance(node, ast.Raise) and node.exc is not None:
        raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        return _name(raised) in _REFUSALS
    if not isinstance(node, ast.Return):
        return False
    value = node.value
    return (isinstance(value, ast.Constant) and value.value is False) or _name(value) in ("NO_RIGHT",)


def _name(node: ast.AST | None) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _functions(tree: ast.AST, inside: str = "") -> Iterator[tuple[str, ast.AST]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef):
            yield from _functions(node, f"{inside}{node.name}.")
        elif isinstance(node, ast.FunctionDef):
            yield f"{inside}{node.name}", node


def _span(node: ast.AST, lines: list[str]) -> tuple[int, int]:
    """Return first and last character of a node; its columns are bytes, and lines may hold Japanese."""
    return (
        _at(lines, node.lineno, node.col_offset),  # type: ignore[attr-defined]
        _at(lines, node.end_lineno, node.end_col_offset),  # type: ignore[attr-defined]
    )


def _at(lines: list[str], number: int, column: int) -> int:
    before = sum(len(line) for line in lines[: number - 1])
    return before + len(lines[number - 1].encode()[:column].decode())


def _flat(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def _numbered(mutants: list[Mutant]) -> list[Mutant]:
    """Return the mutants, those of one name told apart by a number."""
    counts: dict[str, int] = {}
    numbered = []
    for mutant in mutants:
        counts[mutant.key] = at = counts.get(mutant.key, -1) + 1
        numbered.append(Mutant(**{**mutant.__dict__, "number": at}))
    return numbered
