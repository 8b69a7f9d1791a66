"""Every figure of the drill of supply goes red at what is planted, and says what it was."""

import json
import subprocess
import sys
from email.message import Message
from pathlib import Path, PurePosixPath

import pytest
from packaging.version import Version

from scripts.check.files import ROOT
from scripts.supply import code, leaks, parts, sbom
from tests.drills import supply

HASH = "    --hash=sha256:" + "a" * 64
LOCK = (
    f"here==1.0 \\\n{HASH}\nother[more]==2.0 \\\n{HASH}\nelsewhere==3.0 ; python_version < '3' \\\n{HASH}\n"
)


class Part:
    """An installed part with metadata of its own."""

    def __init__(self, name: str, version: str, *licences: str, expression: str = "MIT") -> None:
        self.metadata, self.version = Message(), version
        self.metadata["Name"] = name
        if licences:
            for licence in licences:
                self.metadata["Classifier"] = f"License :: OSI Approved :: {licence}"
        elif expression:
            self.metadata["License-Expression"] = expression


def listed(*parts: tuple[str, str, str]) -> dict:
    """Return an SBOM of (name, version, licence)."""
    return {
        "components": [
            {"name": name, "version": version, "licenses": [{"license": {"id": licence}}]}
            for name, version, licence in parts
        ]
    }


@pytest.fixture
def project(tmp_path):
    """Return a function that writes files into an empty repository, with the baseline of the project, and returns it."""
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    settings = json.loads((ROOT / leaks.BASELINE).read_text(encoding="utf-8"))

    def write(files: dict[str, str], reviewed: dict | None = None) -> Path:
        (tmp_path / leaks.BASELINE).write_text(json.dumps({**settings, "results": reviewed or {}}))
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path

    return write


# --- deps.unhashed


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (LOCK, []),
        (LOCK.replace(HASH, "    # via x", 1), ["dev.txt: here"]),
        (LOCK + "loose\n", ["dev.txt: loose"]),
        (LOCK + "loose>=1\n", ["dev.txt: loose"]),
    ],
)
def test_a_part_without_a_hash_is_found(tmp_path, text, said):
    (tmp_path / "dev.txt").write_text(text)
    assert parts.unhashed(tmp_path) == said


def test_no_lock_is_no_answer(tmp_path):
    assert parts.unhashed(tmp_path) == [f"{tmp_path.name}: there is no lock"]


def test_pip_refuses_a_file_with_another_hash(tmp_path):
    """The hashes of a lock are asked for: a file that differs by a byte is not installed."""
    lock = tmp_path / "lock.txt"
    lock.write_text("six==1.17.0 --hash=sha256:" + "0" * 64 + "\n")
    wheel = tmp_path / "six-1.17.0-py2.py3-none-any.whl"
    wheel.write_bytes(b"PK\x05\x06" + bytes(18))
    command = [
        *(
            sys.executable,
            "-m",
            "pip",
            "install",
            "--isolated",
            "--no-deps",
            "--dry-run",
            "--ignore-installed",
        ),
        *("--no-index", "--find-links", str(tmp_path), "--require-hashes", "-r", str(lock)),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "DO NOT MATCH THE HASHES" in done.stderr
    assert "--require-hashes" in (ROOT / "scripts" / "venv").read_text()


# --- deps.uninstalled


def test_installed_is_what_is_locked(tmp_path):
    lock = tmp_path / "dev.txt"
    lock.write_text(LOCK)
    assert parts.locked(lock) == {"here": Version("1.0"), "other": Version("2.0")}
    right = [Part("Here", "1.0"), Part("other", "2.0"), Part("pip", "99")]
    assert parts.differences(lock, right) == []
    assert parts.differences(lock, [Part("here", "1.1"), Part("stray", "4.0")]) == [
        "here 1.1 is installed, 1.0 is locked",
        "other 2.0 is locked and not installed",
        "stray 4.0 is installed and not locked in dev.txt",
    ]


def test_what_is_installed_is_read_from_the_interpreter():
    names = {one.metadata["Name"].lower() for one in parts.distributions()}
    assert {"django", "bandit", "cyclonedx-bom"} <= names


# --- deps.sbom.difference


def test_a_list_that_differs_is_found():
    installed = [
        Part("a", "1", "MIT License"),
        Part("b", "1", "BSD License"),
        Part("c", "1"),
        Part("e_e", "1"),
    ]
    right = listed(("a", "1", "MIT"), ("b", "1", "BSD-3-Clause"), ("c", "1", "MIT"), ("E.e", "1", "MIT"))
    assert sbom.compare(right, installed) == []
    wrong = listed(("a", "2", "MIT"), ("b", "1", "GPL-3.0-only"), ("d", "1", "MIT"), ("e-e", "1", "MIT"))
    wrong["components"] += wrong["components"][-1:]
    assert sbom.compare(wrong, installed) == [
        "e-e is listed twice",
        "a is listed as 2, installed is 1",
        "b is listed under ['gpl-3.0-only'], its metadata state ['bsd-3-clause']",
        "c is installed and not listed",
        "d is listed and not installed",
    ]


def test_a_part_without_a_licence_is_found():
    bare = {"components": [{"name": "a", "version": "1"}]}
    assert sbom.compare(bare, [Part("a", "1", expression="")]) == [
        "a has no licence; read it, then add it to scripts/check/licences.py"
    ]


def test_the_list_of_this_environment_is_right_until_a_part_is_taken_out(tmp_path):
    document = sbom.make(sys.executable, tmp_path / "sbom.cdx.json")
    installed = parts.distributions()
    assert document["bomFormat"] == "CycloneDX"
    assert document["metadata"]["component"]["name"] == "skill-rirekisho"
    assert sbom.compare(document, installed) == []
    gone = document["components"].pop()
    assert len(sbom.compare(document, installed)) == 1, gone["name"]


# --- bandit.findings


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("x = 1", []),
        ("import subprocess; subprocess.run(name, shell=True)", ["B404", "B602"]),
        ("x = eval(name)", ["B307"]),
        ("x = eval(name)  # nosec", ["nosec names no rule"]),
        ("x = eval(name)  # nosec B307", ["nosec without a reason"]),
        ("x = eval(name)  # noqa: S307 # nosec B307", ["nosec without a reason"]),
        ("x = eval(name)  # a name of ours # noqa: S307 # nosec B307", []),
        ("# A name of ours.\nx = eval(name)  # nosec B307", []),
        ("x = (", ["not read"]),
    ],
)
def test_insecure_code_is_found(project, line, said):
    found = code.findings(project({"gaps/views.py": f"{line}\n"}))
    assert len(found) == len(said), found
    assert all(any(word in one for one in found) for word in said), found


def test_in_a_tool_programs_are_started_but_not_by_a_shell(project):
    text = "import subprocess\nsubprocess.run([name])\n"
    assert code.findings(project({"scripts/a.py": text})) == []
    (found,) = code.findings(project({"scripts/a.py": text + "subprocess.run(name, shell=True)\n"}))
    assert "B602" in found


# --- secrets.findings

PRIVATE = "-----BEGIN " + "PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n"
GIVEN = 'password = "' + "Kj8-dW2x" + 'Qp71"\n'


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"a.py": "x = 1\n", "b.md": "# B\n"}, []),
        ({"a.py": GIVEN, "b.md": "# B\n"}, ["a.py:1: Secret Keyword, not looked at"]),
        ({"key.pem": PRIVATE, "b.md": "# B\n"}, ["key.pem:1: Private Key, not looked at"]),
        ({"tests/key.pem": PRIVATE, "b.md": "# B\n"}, ["tests/key.pem:1: Private Key, not looked at"]),
        # Invented people sign in with invented passwords.
        ({"tests/a.py": GIVEN, "b.md": "# B\n"}, []),
    ],
)
def test_a_secret_is_found(project, files, said):
    assert leaks.findings(project(files)) == said


def test_a_secret_that_was_looked_at_stays_quiet_until_it_changes(project):
    files = {"a.py": GIVEN, "b.md": "# B\n"}
    settings = json.loads((ROOT / leaks.BASELINE).read_text(encoding="utf-8"))
    ((file, kind, hashed),) = leaks.scan(project(files), settings)
    one = {"type": kind, "hashed_secret": hashed, "is_secret": False}
    assert leaks.findings(project(files, {file: [one]})) == []
    assert leaks.findings(project(files, {file: [{**one, "is_secret": True}]})) == [
        "a.py:1: Secret Keyword, looked at and not found harmless"
    ]
    del one["is_secret"]
    assert len(leaks.findings(project(files, {file: [one]}))) == 1
    changed = {"a.py": GIVEN.replace("71", "72"), "b.md": "# B\n"}
    assert leaks.findings(project(changed, {file: [{**one, "is_secret": False}]})) == [
        "a.py:1: Secret Keyword, not looked at",
        "a.py: Secret Keyword is in .secrets.baseline and no longer there",
    ]


def test_nobody_outside_is_asked_whether_a_secret_works():
    settings = json.loads((ROOT / leaks.BASELINE).read_text(encoding="utf-8"))
    assert not [one["path"] for one in settings["filters_used"] if "verification" in one["path"]]


def leaks_without_reason(files, reasons):
    """Return the list of paths that neither by themselves nor by a folder of theirs stand in the text of reasons."""
    return [
        file
        for file in files
        if not any(f"`{path}`" in reasons for path in [file, *map(str, PurePosixPath(file).parents)])
    ]


def test_every_secret_that_was_looked_at_has_its_reason():
    reasons = (ROOT / "docs" / "security" / "supply.md").read_text(encoding="utf-8")
    reviewed = json.loads((ROOT / leaks.BASELINE).read_text(encoding="utf-8"))["results"]
    assert leaks_without_reason(reviewed, reasons) == []
    # A reason may be given for a folder; a folder beside it has none by that.
    assert leaks_without_reason(["a/b/c.py", "a/b.py", "d.py"], "| `a/b`, `d.py` | 例 |") == ["a/b.py"]


# --- the drill


def test_the_drill_counts_what_was_said(monkeypatch):
    monkeypatch.setattr(parts, "unhashed", lambda folder: ["dev.txt: a"])
    monkeypatch.setattr(parts, "differences", lambda lock, installed: ["a", "b"])
    monkeypatch.setattr(sbom, "make", lambda python, output, *, validate: {})
    monkeypatch.setattr(sbom, "compare", lambda document, installed: ["a", "b", "c"])
    monkeypatch.setattr(code, "findings", lambda root: ["a.py:1: B307"] * 4)
    monkeypatch.setattr(leaks, "findings", lambda root: ["a.py:1: Private Key"] * 5)
    figures = list(supply.measure(short=True))
    assert [figure.value for figure in figures] == [1, 2, 3, 4, 5]
    assert {figure.name for figure in figures} == set(supply.FIGURES)
    assert all("FALLS SHORT" in figure.line(supply.FIGURES) for figure in figures)
