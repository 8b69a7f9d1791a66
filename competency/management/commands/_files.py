"""What commands that load a file share: reading it, and saying what is wrong with it."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from django.core.management.base import CommandError

from competency.framework_shape import FrameworkFileError

Content = TypeVar("Content")


def content_of(file: Path, parse: Callable[[str], Content]) -> Content:
    """Return what `parse` makes of a file's text.

    Raises CommandError where it cannot be opened, is not UTF-8, or is refused, then with every fault.
    """
    try:
        return parse(file.read_text("utf-8"))
    except OSError as fault:
        raise CommandError(f"{file} を開けません（{fault.strerror}）。") from fault
    except UnicodeDecodeError as fault:
        raise CommandError(f"{file} は UTF-8 で書かれていません。") from fault
    except FrameworkFileError as fault:
        raise CommandError("\n".join([f"{file} は読み込めません。", *fault.errors])) from fault
