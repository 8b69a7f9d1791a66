"""One file that holds everything: a tar, encrypted as a whole where a passphrase is given, the manifest as its last member.

A tar, so that on a bad day `tar` and `pg_restore` or `sqlite3` alone can open what was not encrypted.
"""

import contextlib
import hashlib
import io
import os
import re
import tarfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from config.backups import BackupError, manifest
from config.backups.encryption import DAMAGED, Decrypting, Encrypting, is_encrypted
from config.backups.manifest import Kept, Manifest

FILES = "files/"
DATABASES = {"sqlite": "database.sqlite3.gz", "postgresql": "database.pgdump"}
_PIECE = 1 << 20
# No manifest is longer: it has a line for each attached file.
_LONGEST_MANIFEST = 1 << 30
_SAFE = re.compile(r"files/[\w-][\w.-]*(?:/[\w-][\w.-]*)*")

NO_KEY = "この控えは暗号化されています。--passphrase-file か BACKUP_KEY_FILE で、合言葉のファイルを指定してください。"
RAW_SQLITE = (
    "これは backup で作った控えではなく、SQLiteのデータベースのファイルそのものです。動いている間に写したものには、"
    "-wal の中にある新しい記録が入っていません。しかも、検査（integrity_check）では正常に見えます。"
    "backup で作った控えを指定してください。"
)
RAW_DUMP = (
    "これは backup で作った控えではなく、pg_dumpの出力そのものです。添付ファイルも、行を確かめる目録も入っていません。"
    "backup で作った控えを指定してください。"
)
NO_BACKUP = "これは backup で作った控えではないか、壊れています。"
UNFINISHED = "控えの終わり（目録）がありません。作っている途中で止まったか、写す途中で切れたものです。"


class Writing:
    """Puts members into an archive, each hashed on its way."""

    def __init__(self, target: BinaryIO, passphrase: bytes | None) -> None:
        self._outer = Encrypting(target, passphrase) if passphrase else None
        self._tar = tarfile.open(fileobj=self._outer or target, mode="w|", bufsize=_PIECE)  # noqa: SIM115
        self.kept: list[Kept] = []

    def add(self, name: str, source: BinaryIO, size: int) -> None:
        """Put in a file of a known size. BackupError where it has become shorter."""
        hashing = _Hashing(source)
        self._put(name, hashing, size)
        self.kept.append(Kept(name, size, hashing.sha256.hexdigest()))

    def end(self, content: bytes) -> None:
        """Put in the manifest, and end."""
        self._put(manifest.NAME, io.BytesIO(content), len(content))
        self._tar.close()
        if self._outer:
            self._outer.close()

    def _put(self, name: str, source: "BinaryIO | _Hashing", size: int) -> None:
        member = tarfile.TarInfo(name)
        member.size, member.mode, member.mtime = size, 0o600, int(time.time())
        self._tar.addfile(member, source)  # type: ignore[arg-type]


class _Hashing:
    """Hashes what is read through it."""

    def __init__(self, source: BinaryIO) -> None:
        self._source, self.sha256, self.size = source, hashlib.sha256(), 0

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        data = self._source.read(size)
        self.sha256.update(data)
        self.size += len(data)
        return data


# Takes (name, source) of a member as it passes; what it leaves unread is read after it.
Take = Callable[[str, "_Hashing"], None]


def read(path: Path, passphrase: bytes | None, take: Take | None = None) -> Manifest:
    """Read an archive from its first byte to its last, and return its manifest.

    BackupError where anything is not as it was made: what `take` was given counts only once this has returned.
    """
    found: list[Kept] = []
    said: Manifest | None = None
    with _opened(path, passphrase) as source, _broken_means_damaged():
        # By records: what follows the last one is then still unread.
        with tarfile.open(fileobj=source, mode="r|", bufsize=tarfile.RECORDSIZE) as tar:  # type: ignore[call-overload]
            for member in tar:
                if said is not None or not member.isreg():
                    raise BackupError(DAMAGED)
                content = _Hashing(tar.extractfile(member))  # type: ignore[arg-type]
                if member.name == manifest.NAME:
                    said = manifest.parse(content.read(_LONGEST_MANIFEST))
                    continue
                if member.name not in DATABASES.values() and not _SAFE.fullmatch(member.name):
                    raise BackupError(DAMAGED)
                if take:
                    take(member.name, content)
                while content.read(_PIECE):
                    pass
                found.append(Kept(member.name, content.size, content.sha256.hexdigest()))
        # A tar ends in zeros; only there does an encrypted stream show that nothing was cut off.
        while rest := source.read(_PIECE):
            if rest.strip(b"\0"):
                raise BackupError(DAMAGED)
    if said is None:
        raise BackupError(UNFINISHED)
    if found != said.files or sum(one.name == DATABASES.get(said.engine) for one in found) != 1:
        raise BackupError(DAMAGED)
    return said


@contextlib.contextmanager
def _opened(path: Path, passphrase: bytes | None) -> Iterator[BinaryIO | Decrypting]:
    try:
        file = path.open("rb")
    except OSError as failure:
        raise BackupError(f"{path} が読めません（{failure.strerror}）。") from None
    with file:
        beginning = file.read(512)
        file.seek(0)
        if is_encrypted(beginning):
            if passphrase is None:
                raise BackupError(NO_KEY)
            yield Decrypting(file, passphrase)
            return
        if beginning.startswith(b"SQLite format 3\0"):
            raise BackupError(RAW_SQLITE)
        if beginning.startswith(b"PGDMP"):
            raise BackupError(RAW_DUMP)
        if beginning[257:262] != b"ustar":
            raise BackupError(NO_BACKUP)
        yield file


@contextlib.contextmanager
def _broken_means_damaged() -> Iterator[None]:
    try:
        yield
    except (tarfile.TarError, EOFError, UnicodeError, ValueError):
        raise BackupError(DAMAGED) from None
    except OSError as failure:
        raise BackupError(f"控えを読んでいる途中で、読み書きに失敗しました（{failure.strerror}）。") from None


@contextlib.contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """Open a new archive for writing: under another name until it is whole and on the disk. BackupError where there is one.

    `check` is run by the caller inside the block, on `part_of(path)`, before it takes its name.
    """
    part = part_of(path)
    if path.exists():
        raise BackupError(f"{path} は、すでにあります。控えは上書きしません。別の名前にしてください。")
    try:
        handle = os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "w+b") as file:
            os.fchmod(file.fileno(), 0o600)
            yield file
        _take_name(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def part_of(path: Path) -> Path:
    """Return what an archive is called until it is whole."""
    return path.with_name(f"{path.name}.part")


def synced(file: BinaryIO) -> None:
    """Bring every byte of a file onto the disk."""
    file.flush()
    os.fsync(file.fileno())


def _take_name(part: Path, path: Path) -> None:
    """Give the file its last name, never over another."""
    try:
        os.link(part, path)
    except FileExistsError:
        raise BackupError(f"{path} が、作っている間にできました。控えは上書きしません。") from None
    except OSError:
        # Shares of other systems know no second name of a file.
        part.rename(path)
    else:
        part.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        # Some shares cannot.
        with contextlib.suppress(OSError):
            os.fsync(folder)
    finally:
        os.close(folder)
