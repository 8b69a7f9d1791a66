"""A stream encrypted in chunks, each of which says where it stands: nothing is cut off, moved or changed unseen.

The form (docs/adr/0064): MAGIC, salt, nonce prefix, check of the key; then chunks of AES-256-GCM whose nonce is the prefix, the
number of the chunk, and whether it is the last one (the STREAM construction). The key comes from the passphrase by scrypt.
"""

import hashlib
import hmac
import os
import struct
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from config.backups import BackupError

MAGIC = b"SKILL-BACKUP-ENCRYPTED-1\n"
CHUNK = 1 << 20
_TAG = 16
_SALT, _PREFIX, _CHECK = 16, 7, 16
# 64 MiB and some tenths of a second for each guess.
_SCRYPT = {"n": 1 << 16, "r": 8, "p": 1, "maxmem": 1 << 27}
SHORTEST, _FEWEST_CHARACTERS = 20, 8
HOW = 'python3 -c "import secrets; print(secrets.token_urlsafe(40))"'

WRONG_KEY = "合言葉が違います。この控えを作った日の合言葉のファイルを指定してください。"
DAMAGED = "控えのファイルが壊れているか、途中で切れています。ほかの控えを使ってください。"


def read_passphrase(path: Path) -> bytes:
    """Return the passphrase of a file, without the end of its line. BackupError for one that protects nothing."""
    try:
        mode, text = path.stat().st_mode, path.read_bytes().strip()
    except OSError as failure:
        raise BackupError(f"合言葉のファイル {path} が読めません（{failure.strerror}）。") from None
    if mode & 0o007:
        raise BackupError(
            f"合言葉のファイル {path} は、だれでも読めます。chmod 600 {path} を実行してください。"
        )
    if len(text) < SHORTEST or len(set(text)) < _FEWEST_CHARACTERS:
        raise BackupError(
            f"合言葉が弱すぎます。{SHORTEST}文字以上のでたらめな文字にしてください（例：{HOW} > {path}）。"
        )
    return text


def is_encrypted(beginning: bytes) -> bool:
    """Say whether a file that begins so was encrypted here."""
    return beginning.startswith(MAGIC)


class Encrypting:
    """A file to write to, in front of another; `close` writes the last chunk and leaves the other open."""

    def __init__(self, target: BinaryIO, passphrase: bytes) -> None:
        salt, self._prefix = os.urandom(_SALT), os.urandom(_PREFIX)
        key, check = _keys(passphrase, salt)
        self._header = MAGIC + salt + self._prefix + check
        self._box, self._target, self._number = AESGCM(key), target, 0
        self._waiting = bytearray()
        target.write(self._header)

    def write(self, data: bytes) -> int:
        """Take some bytes; whole chunks go on at once, but for the one that may be the last."""
        self._waiting += data
        while len(self._waiting) > CHUNK:
            self._send(bytes(self._waiting[:CHUNK]), last=False)
            del self._waiting[:CHUNK]
        return len(data)

    def close(self) -> None:
        """Write what is left as the last chunk."""
        self._send(bytes(self._waiting), last=True)
        self._waiting.clear()

    def _send(self, chunk: bytes, *, last: bool) -> None:
        nonce = _nonce(self._prefix, self._number, last=last)
        self._target.write(self._box.encrypt(nonce, chunk, self._header))
        self._number += 1


class Decrypting:
    """A file to read from, behind another; BackupError for a wrong passphrase, and for whatever was changed or cut off."""

    def __init__(self, source: BinaryIO, passphrase: bytes) -> None:
        self._header = source.read(len(MAGIC) + _SALT + _PREFIX + _CHECK)
        salt = self._header[len(MAGIC) :][:_SALT]
        self._prefix = self._header[len(MAGIC) + _SALT :][:_PREFIX]
        if len(self._header) < len(MAGIC) + _SALT + _PREFIX + _CHECK:
            raise BackupError(DAMAGED)
        key, check = _keys(passphrase, salt)
        if not hmac.compare_digest(check, self._header[-_CHECK:]):
            raise BackupError(WRONG_KEY)
        self._box, self._source, self._number = AESGCM(key), source, 0
        self._ahead, self._open, self._ended = source.read(CHUNK + _TAG), bytearray(), False

    def read(self, size: int = -1) -> bytes:
        """Return up to so many bytes, b"" at the end that was written as the end."""
        while not self._ended and (size < 0 or len(self._open) < size):
            self._next()
        wanted = len(self._open) if size < 0 else size
        data = bytes(self._open[:wanted])
        del self._open[:wanted]
        return data

    def _next(self) -> None:
        sealed, self._ahead = self._ahead, self._source.read(CHUNK + _TAG)
        last = not self._ahead
        try:
            self._open += self._box.decrypt(
                _nonce(self._prefix, self._number, last=last), sealed, self._header
            )
        except InvalidTag:
            raise BackupError(DAMAGED) from None
        self._number += 1
        self._ended = last


def _keys(passphrase: bytes, salt: bytes) -> tuple[bytes, bytes]:
    """Return the key, and what tells a wrong one from a damaged file without giving the key away."""
    root = hashlib.scrypt(passphrase, salt=salt, dklen=32, **_SCRYPT)
    return (
        HKDFExpand(SHA256(), 32, b"skill backup key").derive(root),
        HKDFExpand(SHA256(), _CHECK, b"skill backup check").derive(root),
    )


def _nonce(prefix: bytes, number: int, *, last: bool) -> bytes:
    return prefix + struct.pack(">I?", number, last)
