"""What an administrator copies beside PostgreSQL; with PostgreSQL itself: tests/drills/loss_postgres.py."""

import subprocess
from pathlib import Path

from scripts.check.files import ROOT

SCRIPT = ROOT / "docs" / "operations" / "examples" / "restore-base"
ONCE = (
    "restore_command = 'cp \"/elsewhere/wal/%f\" \"%p\"'\nrecovery_target_time = '2026-11-04 09:30:00+09'\n"
)


def restored(tmp_path: Path, *time: str) -> list[str]:
    """Return the settings that PostgreSQL would start with, from a base backup that was made after an earlier restore."""
    base = tmp_path / "backup" / "base" / "20261110-012000"
    base.mkdir(parents=True)
    (base / "postgresql.auto.conf").write_text(
        f"work_mem = '8MB'\n{ONCE}recovery_target_action = 'promote'\n", encoding="utf-8"
    )
    data = tmp_path / "data"
    subprocess.run([SCRIPT, tmp_path / "backup", data, *time], check=True, capture_output=True)
    assert (data / "recovery.signal").exists()
    return (data / "postgresql.auto.conf").read_text(encoding="utf-8").splitlines()


def test_a_restore_does_not_stop_where_an_earlier_one_did(tmp_path):
    assert restored(tmp_path) == [
        "work_mem = '8MB'",
        f'restore_command = \'cp "{tmp_path}/backup/wal/%f" "%p"\'',
    ]


def test_a_restore_stops_at_its_own_moment(tmp_path):
    assert restored(tmp_path, "2026-11-20 09:30:00+09")[2:] == [
        "recovery_target_time = '2026-11-20 09:30:00+09'",
        "recovery_target_action = 'promote'",
    ]
