"""`skill-manage`: the commands of the manual, typed by hand, run as the units run them."""

import subprocess
from pathlib import Path

import pytest

from scripts.check.files import ROOT

SCRIPT = ROOT / "docs" / "operations" / "examples" / "skill-manage"
PYTHON = '#!/bin/sh\necho "$0|$*|$(pwd)|$(umask)|$SECRET_KEY|$DATABASE_URL|$MAIL_FROM|$WHO"\n'


@pytest.fixture
def by_hand(tmp_path):
    """The script with folders of its own, and a Python that says how it was called."""
    for name in ("srv", "new"):
        program = tmp_path / name / ".venv" / "bin" / "python"
        program.parent.mkdir(parents=True)
        program.write_text(PYTHON, encoding="utf-8")
        program.chmod(0o755)
    (tmp_path / "env").write_text(
        '# a comment\n\nSECRET_KEY=a$b`c;d e&f\nDATABASE_URL=app\nMAIL_FROM="課 <a@b>"\n', encoding="utf-8"
    )
    (tmp_path / "owner.env").write_text("DATABASE_URL=owner\n", encoding="utf-8")
    text = SCRIPT.read_text(encoding="utf-8")
    for old, new in (
        ("setpriv --reuid=skill --regid=skill --init-groups", "env WHO=skill"),
        ("/etc/skill/", f"{tmp_path}/"),
        ("/srv/skill", f"{tmp_path}/srv"),
    ):
        assert old in text
        text = text.replace(old, new)
    script = tmp_path / "skill-manage"
    script.write_text(text, encoding="utf-8")
    script.chmod(0o755)
    return script


def said(script: Path, *words: str) -> list[str]:
    done = subprocess.run([script, *words], cwd="/", capture_output=True, text=True, check=True)
    return done.stdout.strip().split("|")


def test_a_command_runs_as_its_unit_does(by_hand, tmp_path):
    assert said(by_hand, "verify", "--list") == [
        ".venv/bin/python", "manage.py verify --list", f"{tmp_path}/srv", "0077", "a$b`c;d e&f", "owner", "課 <a@b>", "skill",
    ]  # fmt: skip


def test_the_environment_of_the_server_and_other_code(by_hand, tmp_path):
    answer = said(by_hand, "--server", "--code", str(tmp_path / "new"), "check", "--deploy")
    assert (answer[1], answer[2], answer[5]) == ("manage.py check --deploy", f"{tmp_path}/new", "app")


def test_sqlite_has_no_variables_of_an_owner(by_hand, tmp_path):
    (tmp_path / "owner.env").unlink()
    assert said(by_hand, "status")[5] == "app"


@pytest.mark.parametrize(
    "words", [("collectstatic", "--noinput"), ("maintenance", "page", "var/pages/503.html")]
)
def test_what_lies_beside_the_code_is_made_by_root_for_everybody(by_hand, words):
    answer = said(by_hand, *words)
    assert (answer[3], answer[7]) == ("0022", "")


def test_the_switch_of_maintenance_is_the_users(by_hand):
    assert said(by_hand, "maintenance", "on")[7] == "skill"
