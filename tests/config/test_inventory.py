"""docs/security/inventory.md says what the settings say."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from assessments.workflow import files as attached
from lib import codes
from organization import attempts, providers
from organization.hashers import LightArgon2PasswordHasher

TEXT = (Path(settings.BASE_DIR) / "docs" / "security" / "inventory.md").read_text(encoding="utf-8")
MEGA = 1024 * 1024


def said(*words: str) -> bool:
    """Say whether one line holds all these words."""
    return any(all(word in line for word in words) for line in TEXT.splitlines())


def shortest() -> int:
    """Return how long a password is at least, by the settings."""
    for validator in settings.AUTH_PASSWORD_VALIDATORS:
        if "min_length" in validator.get("OPTIONS", {}):
            return validator["OPTIONS"]["min_length"]
    return getattr(settings, "PASSWORD_MIN_LENGTH", 12)


@pytest.mark.parametrize(
    "words",
    [
        ("パスワードの長さ", f"{shortest()}文字以上"),
        (
            "保存の形",
            f"{LightArgon2PasswordHasher.memory_cost:,} KiB",
            f"{LightArgon2PasswordHasher.time_cost}回",
        ),
        ("初回ログインの番号", f"{codes.LENGTH}文字", f"{settings.SIGNIN_CODE_DAYS}日"),
        ("使わないとき", f"{settings.SESSION_IDLE_MINUTES}分"),
        ("最長のセッション", f"{settings.SESSION_HOURS}時間"),
        (
            "続けて間違えたとき",
            f"{attempts.FREE}回まで",
            f"{attempts.FIRST_WAIT.seconds}秒",
            f"最長{attempts.LONGEST_WAIT.seconds // 60}分",
            f"{attempts.FORGOTTEN.days * 24}時間",
        ),
        ("1つの接続元", f"{attempts.BURST}回まで", f"{attempts.DRAIN.seconds}秒に1回"),
        ("名簿、組織", f"{settings.IMPORT_MAX_BYTES // MEGA}MBまで"),
        ("記録に添えるファイル", f"{settings.ATTACHMENT_MAX_BYTES // MEGA}MBまで"),
        ("画面から送る文", f"{settings.DATA_UPLOAD_MAX_MEMORY_SIZE // MEGA}MBまで"),
        ("大きな取込み", f"{settings.IMPORT_AT_ONCE_BYTES // 1000}KB"),
        (f"{settings.EXPORT_AT_ONCE_ROWS:,}行",),
        ("操作の記録", f"{settings.AUDIT_RETENTION_YEARS}年"),
    ],
    ids=lambda words: words[0],
)
def test_the_numbers_are_those_of_the_settings(words):
    assert said(*words), words


def test_as_many_files_as_an_entry_takes():
    assert said("記録に添えるファイル", f"1件に{attached.MOST}つ")


@pytest.mark.parametrize("name", re.findall(r"^\| .* \| `([A-Z][A-Z_]+)` \|", TEXT, re.MULTILINE))
def test_every_setting_that_is_named_is_one(name):
    source = (Path(settings.BASE_DIR) / "config" / "settings.py").read_text(encoding="utf-8")
    known = source + Path(providers.__file__).read_text(encoding="utf-8")
    kind, _, option = name.partition("_")
    assert name in known or (f'"{kind}"' in known and f'"{option}"' in known), name


def test_every_way_in_is_named():
    for way in ("/login/", "/sso/", "/api/", "/healthz", "/manual/", "manage.py"):
        assert said(f"| `{way}"), way
