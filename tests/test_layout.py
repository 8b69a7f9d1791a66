"""The layout holds: imports point downwards, and only the edge of an app sees the request."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# Each may import those after it, never those before it.
LAYERS = ["config", "privacy", "gaps", "assessments", "competency", "organization", "audit", "access", "lib"]

# Who may take the request. A backend does because Django hands it one, entering because a session begins in it,
# devices because it reads a cookie.
EDGE = {
    "views",
    "lookups",
    "middleware",
    "backends",
    "entering",
    "client",
    "conditional",
    "devices",
    "second_factor",
}

MODULES = sorted(path for layer in LAYERS for path in (ROOT / layer).rglob("*.py"))


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imported_layers(source: str, package: list[str]) -> Iterator[tuple[int, str]]:
    """Yield (line, layer) for every import of one of ours, inside functions too.

    `package` is the dotted path of the importing module's package, for relative imports.
    """
    for node in ast.walk(ast.parse(source)):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level:
            names = [".".join(package[: len(package) - node.level + 1]) or "."]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
        for name in names:
            layer = name.split(".")[0]
            if layer in LAYERS:
                yield node.lineno, layer


def request_takers(source: str) -> Iterator[tuple[int, str]]:
    """Yield (line, function) for every function with a parameter `request`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            if any(argument.arg == "request" for argument in arguments):
                yield node.lineno, node.name


def test_every_layer_is_there():
    assert [layer for layer in LAYERS if not (ROOT / layer / "__init__.py").exists()] == []


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_point_downwards(path):
    parts = path.relative_to(ROOT).parts
    below = LAYERS[LAYERS.index(parts[0]) :]
    upwards = [
        f"{name_of(path)}:{line} imports {layer}"
        for line, layer in imported_layers(path.read_text(encoding="utf-8"), list(parts[:-1]))
        if layer not in below
    ]
    assert upwards == []


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_only_the_edge_sees_the_request(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    if parts[0] == "config" or EDGE & set(parts):
        return
    takers = [
        f"{name_of(path)}:{line} {name}()" for line, name in request_takers(path.read_text(encoding="utf-8"))
    ]
    assert takers == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import gaps", ["gaps"]),
        ("import gaps.views as v, os", ["gaps"]),
        ("from gaps.models import Need", ["gaps"]),
        ("def f():\n    from audit.models import Event", ["audit"]),
        ("from . import models", ["access"]),
        ("from .models import a", ["access"]),
        ("import libcst\nfrom django.conf import settings", []),
    ],
)
def test_imports_are_found(source, found):
    assert [layer for _, layer in imported_layers(source, ["access"])] == found


@pytest.mark.parametrize("source", ["def f(request): 1", "class A:\n    async def f(self, *, request): 1"])
def test_a_function_that_takes_the_request_is_found(source):
    assert [name for _, name in request_takers(source)] == ["f"]
