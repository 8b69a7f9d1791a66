"""Each check of `make check` finds what is planted, and nothing in what is right."""

import subprocess
from email.message import Message

import pytest

from scripts.check import licences, links, locks, outside, sizes, words


@pytest.fixture
def project(tmp_path):
    """Return a function that writes files into an empty repository and returns its root."""
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)

    def write(files: dict[str, str]):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path

    return write


def test_a_link_that_leads_nowhere_is_found(project):
    root = project(
        {
            "README.md": "# A\n[there](docs/a.md#part) [not](docs/b.md)\n![picture](<docs/img/c.png>)\n",
            "docs/a.md": "[up](../README.md) [site](/manual/) [out](https://example.jp/x) [here](#part)\n"
            "`[code](no.md)`\n```\n[code](no.md)\n```\n[ref]: gone.md\n",
        }
    )
    assert list(links.problems(root)) == [
        "README.md:2: the link to docs/b.md leads nowhere",
        "README.md:3: the link to docs/img/c.png leads nowhere",
        "docs/a.md:6: the link to gone.md leads nowhere",
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("templates/a.html", '<script src="https://cdn.example.com/x.js"></script>'),
        ("templates/a.html", '<img src="//img.example.com/x.png">'),
        ("static/css/a.css", "@import url(http://fonts.example.com/f.css);"),
        ("static/vendor/x/1.0/x.css", "a { background: url(https://example.com/a.png) }"),
    ],
)
def test_an_outside_address_is_found(project, name, text):
    assert len(list(outside.problems(project({name: text})))) == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("templates/a.html", '<svg xmlns="http://www.w3.org/2000/svg"></svg><a href="/sheet/">x</a>'),
        ("static/js/a.js", "const half = total / 2; // half of it"),
        ("static/vendor/x/1.0/x.css", "/* https://example.com/origin */ a { color: red }"),
        ("static/vendor/x/1.0/LICENSE", "See https://example.com/licence"),
        ("docs/a.md", "https://example.com/"),
    ],
)
def test_what_asks_nobody_outside_is_right(project, name, text):
    assert list(outside.problems(project({name: text}))) == []


@pytest.mark.parametrize(
    "text",
    [
        "# TO" + "DO later",
        "FIX" + "ME",
        "cd /ho" + "me/taro/src",
        "/wo" + "rk/main",
        'open("/ro' + 'ot/x")',
        "C:\\Us" + "ers\\taro",
        "https://py" + "pi.org/simple",
        "registry.npm" + "js.org",
    ],
)
def test_a_word_without_a_place_is_found(project, text):
    assert len(list(words.problems(project({"a.md": f"one\n{text}\n"})))) == 1


def test_words_with_a_place_are_right(project):
    text = "the method todo() of a network/work/list, ~/home/x, {root}/work/a, https://example.jp/work/1\n"
    assert list(words.problems(project({"a.md": text}))) == []


def test_a_long_file_is_found_and_a_migration_is_not(project):
    root = project(
        {
            "a.py": "x = 1\n" * 401,
            "b.py": "x = 1\n" * 400,
            "app/migrations/0001_initial.py": "x = 1\n" * 900,
        }
    )
    assert list(sizes.problems(root)) == ["a.py: 401 lines, at most 400: split it by noun"]


PROJECT = """
[project]
name = "x"
dependencies = ["django~=5.2.1"]
[project.optional-dependencies]
dev = ["pytest~=9.0"]
"""
BASE = "django==5.2.3 \\\n    --hash=sha256:aa\n    # via x (pyproject.toml)\n"
DEV = (
    BASE + "pytest==9.1 \\\n    --hash=sha256:bb\n    # via\n    #   pytest-cov\n    #   x (pyproject.toml)\n"
)


def lock_files(**changed: str) -> dict[str, str]:
    files = {"project": PROJECT, "base": BASE, "pdf": BASE, "dev": DEV, **changed}
    return {
        "pyproject.toml": files["project"],
        "requirements/base.txt": files["base"],
        "requirements/pdf.txt": files["pdf"],
        "requirements/dev.txt": files["dev"],
    }


def test_locks_in_step_are_right(project):
    assert list(locks.problems(project(lock_files()))) == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"project": PROJECT.replace("5.2.1", "6.0.1")}, "django 5.2.3 is not django~=6.0.1"),
        ({"project": PROJECT.replace('["pytest', '["ruff~=1.0", "pytest')}, "ruff~=1.0 is missing"),
        ({"project": PROJECT.replace('["pytest~=9.0"]', "[]")}, "pytest is no longer asked for"),
        ({"base": BASE.replace("    --hash=sha256:aa\n", "")}, "django==5.2.3 has no hash"),
        ({"base": "--index-url https://example.jp/simple\n" + BASE}, "base.txt:1: names a place"),
        ({"base": BASE + "y @ file:///a.whl\n"}, "base.txt:4: names a place"),
        ({"base": BASE.replace("5.2.3", "5.2.4")}, "django differs between"),
        ({"pdf": BASE + "z==1.0 --hash=sha256:cc\n"}, "z differs between pdf.txt and dev.txt"),
    ],
)
def test_a_lock_out_of_step_is_found(project, changed, said):
    assert any(said in line for line in locks.problems(project(lock_files(**changed))))


@pytest.mark.parametrize(
    ("headers", "names"),
    [
        ([("License-Expression", "MIT OR Apache-2.0")], {"MIT", "Apache-2.0"}),
        ([("Classifier", "License :: OSI Approved :: MIT License")], {"MIT"}),
        ([("Classifier", "License :: OSI Approved"), ("License", "BSD")], {"BSD-3-Clause"}),
        ([("License", "GPL-3.0-only\nlong text")], {"GPL-3.0-only"}),
        ([], set()),
    ],
)
def test_licences_are_read(headers, names):
    about = Message()
    for name, value in headers:
        about[name] = value
    assert licences.licence_names(about) == names


def test_a_licence_that_is_not_on_the_list_is_found(project, monkeypatch):
    root = project(lock_files())
    assert list(licences.problems(root)) == []
    monkeypatch.setattr(licences, "ALLOWED", {"BSD-3-Clause"})
    assert list(licences.problems(root)) == ["pytest: MIT is not on the list of scripts/check/licences.py"]
