"""What an archive says about itself: by what it was made, when, of which rows and of which files."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from django.conf import settings

from config.backups import BackupError

FORMAT = 1
NAME = "manifest.json"


@dataclass(frozen=True)
class Counted:
    """One table: how many rows, and the hash of all of them in whatever order (`rows.counted`)."""

    rows: int
    hash: str


@dataclass(frozen=True)
class Kept:
    """One file of the archive: its name there, its size, its SHA-256."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """The whole of it. `missing` are attached files that were gone before, where the operator accepted that."""

    product: str
    made_at: str
    engine: str
    engine_version: str
    made_with: str
    migrations: list[list[str]]
    tables: dict[str, Counted]
    files: list[Kept] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    format: int = FORMAT

    def as_bytes(self) -> bytes:
        """Return it as it stands in the archive."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1).encode()

    @property
    def rows(self) -> int:
        """Return how many rows there are in all tables."""
        return sum(table.rows for table in self.tables.values())


def parse(content: bytes) -> Manifest:
    """Return what the bytes say. BackupError for what is no manifest, or one of a later form."""
    try:
        read: dict[str, Any] = json.loads(content)
        if read["format"] != FORMAT:
            raise BackupError(
                f"この控えは、スキル履歴書 {read['product']} で作られた、新しい形のものです。"
                f"バージョン {read['product']} の `restore` を使ってください。"
            )
        tables = {str(name): Counted(**one) for name, one in read.pop("tables").items()}
        files = [Kept(**one) for one in read.pop("files")]
        return Manifest(tables=tables, files=files, **read)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BackupError("控えの目録（manifest.json）が読めません。ほかの控えを使ってください。") from None


def product_version() -> str:
    """Return the version of the product that runs."""
    text = (settings.BASE_DIR / "pyproject.toml").read_text(encoding="utf-8")
    return str(tomllib.loads(text)["project"]["version"])


def differences(said: Mapping[str, Counted], found: Mapping[str, Counted]) -> list[str]:
    """Return a sentence for each table that is not as the manifest says."""
    sentences = []
    for name in sorted({*said, *found}):
        if name not in found:
            sentences.append(f"{name}: 表がありません。")
        elif name not in said:
            sentences.append(f"{name}: 控えにない表があります。")
        elif said[name].rows != found[name].rows:
            sentences.append(f"{name}: 控えは{said[name].rows}行、データベースは{found[name].rows}行です。")
        elif said[name].hash != found[name].hash:
            sentences.append(f"{name}: 行の数は同じですが、内容が違います。")
    return sentences
