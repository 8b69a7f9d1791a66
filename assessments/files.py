"""Where the files of entries lie: under FILES_DIR, outside the web root, under a name of ours and no other."""

import uuid
from pathlib import Path

from django.conf import settings

from lib.files import remove, write_whole


def path_of(file_uuid: uuid.UUID) -> Path:
    """Return where the bytes of an attachment lie; nothing that anybody typed is part of it."""
    name = uuid.UUID(str(file_uuid)).hex
    return Path(settings.FILES_DIR) / "attachments" / name[:2] / name


def keep(file_uuid: uuid.UUID, content: bytes) -> None:
    """Write the bytes of an attachment, whole or not at all. Raises OSError where the disk refuses."""
    write_whole(path_of(file_uuid), content)


def forget(file_uuid: uuid.UUID) -> None:
    """Remove bytes whose row was never committed."""
    remove(path_of(file_uuid))
