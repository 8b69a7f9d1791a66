"""The smallest files that are what they claim to be, and some that are not."""

import struct
import zlib

from django.core.files.uploadedfile import SimpleUploadedFile


def chunk(kind: bytes, data: bytes) -> bytes:
    """Return one chunk of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def segment(marker: int, data: bytes) -> bytes:
    """Return one segment of a JPEG."""
    return bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data


PNG = (
    b"\x89PNG\r\n\x1a\n"
    + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    + chunk(b"IDAT", zlib.compress(b"\0\0\0\0"))
    + chunk(b"IEND", b"")
)
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\nxref\n0 1\ntrailer\n<<>>\nstartxref\n20\n%%EOF\n"
JPEG = (
    b"\xff\xd8"
    + segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")
    + segment(0xDB, bytes(65))
    + segment(0xC0, bytes(15))
    + segment(0xDA, b"\1\1\0\0\x3f\0")
    + b"\x12\x34\xff\0\x56\xff\xd0\x78"
    + b"\xff\xd9"
)
PROGRAM = b"MZ\x90\0" + bytes(200) + b"This program cannot be run in DOS mode."


def upload(content: bytes = PNG, name: str = "山﨑美咲の修了証.png", kind: str = "image/png"):
    """Return a file as a browser sends it."""
    return SimpleUploadedFile(name, content, content_type=kind)
