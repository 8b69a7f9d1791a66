"""Whether the bytes of a file are what they claim to be: PDF, PNG or JPEG, whole, and nothing else besides.

Pure: bytes in, a type or a sentence out. puremagic says what a file looks like; the walk through its structure
says that it is one from the first byte to the last, so that no program, page or archive rides along (ADR 0025).
"""

import io
import zipfile
import zlib

import puremagic

PDF, PNG, JPEG = "application/pdf", "image/png", "image/jpeg"
EXTENSIONS = {PDF: "pdf", PNG: "png", JPEG: "jpg"}

_OTHER = "添えられるのは、PDF、PNG、JPEGのファイルだけです。PDFに書き出すか、画像として保存し直して選んでください。"
_BROKEN = (
    "ファイルの中身が壊れているか、途中で終わっています。開けることを確かめ、保存し直してから選んでください。"
)
_MORE = "ファイルの後ろに別の内容が付いています。画像かPDFとして保存し直してから選んでください。"
EMPTY = "ファイルが空です。中身のあるファイルを選んでください。"

_PNG_START, _PNG_CHUNK = b"\x89PNG\r\n\x1a\n", 12
_JPEG_START = b"\xff\xd8\xff"
_SCAN, _END, _START = 0xDA, 0xD9, 0xD8
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})  # markers without a length
_TAIL = 1024


class NotAccepted(ValueError):
    """The file is not taken; the message is a sentence that says what to do."""


def type_of(content: bytes) -> str:
    """Return the content type of a file by its bytes; raises NotAccepted with a sentence for anything else."""
    if not content:
        raise NotAccepted(EMPTY)
    found = _looks_like(content)
    _WALKS[found](content)
    if zipfile.is_zipfile(io.BytesIO(content)):
        raise NotAccepted(_MORE)
    return found


def _looks_like(content: bytes) -> str:
    try:
        matches = puremagic.magic_string(content)
    except (puremagic.PureError, ValueError):
        raise NotAccepted(_OTHER) from None
    found = matches[0].mime_type if matches else ""
    if found not in _WALKS:
        raise NotAccepted(_OTHER)
    return found


def _pdf(content: bytes) -> None:
    if not content.startswith(b"%PDF-"):
        raise NotAccepted(_OTHER)
    tail = content[-_TAIL:]
    if b"%%EOF" not in tail or b"startxref" not in tail:
        raise NotAccepted(_BROKEN)
    if tail.rpartition(b"%%EOF")[2].strip(b"\0\t\n\f\r \x1a"):
        raise NotAccepted(_MORE)


def _png(content: bytes) -> None:
    if not content.startswith(_PNG_START):
        raise NotAccepted(_OTHER)
    at, first = len(_PNG_START), True
    while True:
        length = int.from_bytes(content[at : at + 4])
        end = at + _PNG_CHUNK + length
        kind = content[at + 4 : at + 8]
        if end > len(content) or first != (kind == b"IHDR"):
            raise NotAccepted(_BROKEN)
        if zlib.crc32(content[at + 4 : end - 4]) != int.from_bytes(content[end - 4 : end]):
            raise NotAccepted(_BROKEN)
        at, first = end, False
        if kind == b"IEND":
            break
    if at != len(content):
        raise NotAccepted(_MORE)


def _jpeg(content: bytes) -> None:
    """Walk one picture after the other: cameras put a smaller one, or padding, behind the first."""
    at = 0
    while content.startswith(_JPEG_START, at):
        at = _jpeg_end(content, at + 2)
        if not content[at:].strip(b"\0"):
            return
    raise NotAccepted(_MORE if at else _OTHER)


def _jpeg_end(content: bytes, at: int) -> int:
    """Return where the picture ends whose first segment begins at `at`."""
    scanned = False
    while True:
        if content[at : at + 1] != b"\xff":
            raise NotAccepted(_BROKEN)
        while content[at : at + 1] == b"\xff":  # fill bytes
            at += 1
        marker = content[at] if at < len(content) else _START
        at += 1
        if marker == _END and scanned:
            return at
        if marker in (_START, _END, 0):
            raise NotAccepted(_BROKEN)
        if marker in _ALONE:
            continue
        length = int.from_bytes(content[at : at + 2])
        if length < 2 or at + length > len(content):
            raise NotAccepted(_BROKEN)
        at += length
        if marker == _SCAN:
            scanned = True
            at = _after_scan(content, at)


def _after_scan(content: bytes, at: int) -> int:
    """Return where the marker stands that ends the coded data; a stuffed 0 and restarts belong to the data."""
    while True:
        at = content.find(b"\xff", at)
        if at < 0 or at + 1 >= len(content):
            raise NotAccepted(_BROKEN)
        follows = content[at + 1]
        if follows == 0 or 0xD0 <= follows <= 0xD7:
            at += 2
        elif follows == 0xFF:
            at += 1
        else:
            return at


_WALKS = {PDF: _pdf, PNG: _png, JPEG: _jpeg}
