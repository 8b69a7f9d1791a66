"""Reading a framework whatever it is written in: our YAML or JSON, CASE 1.1 or 1.0. Pure."""

import json

from competency.framework_file import MAX_BYTES, parse, plain_data
from competency.framework_shape import FrameworkFile, FrameworkFileError
from competency.interchange.case_in import framework_of
from competency.interchange.case_tree import unwrapped

# A package says every identifier three times.
MOST_BYTES = 8 * MAX_BYTES


def read(text: str) -> tuple[FrameworkFile, list[str]]:
    """Return the framework of a file, and in sentences what of it was not taken over; a list, [] for a file of ours.

    Raises FrameworkFileError with every fault found.
    """
    if len(text.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        raise FrameworkFileError([f"ファイルが大きすぎます。{MOST_BYTES // 1000:,} KB までにしてください。"])
    if text.lstrip("\ufeff \t\r\n")[:1] in ("{", "[") and '"CF' in text:
        found = unwrapped(_data(text))
        if found is not None:
            return framework_of(found)
    return parse(text), []


def _data(text: str) -> object:
    stripped = text.lstrip("\ufeff \t\r\n")
    if stripped.startswith("{"):
        return plain_data(stripped)
    try:
        return json.loads(stripped)
    except (ValueError, RecursionError) as fault:
        raise FrameworkFileError(["JSON として読めません。"]) from fault
