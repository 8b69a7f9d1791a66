"""The signed record as it is written; the schema is assessments/data/record.schema.json, told in docs/record-format.md. Pure."""

import datetime
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assessments.travel.keys import Signer
from assessments.travel.multikey import did_of
from assessments.travel.proof import JCS, add_proof, timestamp
from lib.text import strip_controls

# Long enough for a transfer that is decided in winter and takes effect in spring, and for a first year elsewhere;
# short enough that a file that was lost, or a key that was, does not open doors for ever.
VALID_FOR = datetime.timedelta(days=365)


@dataclass(frozen=True)
class Content:
    """What goes into a record: of whom, by whom, and the parts in the shape of the schema."""

    issuer_name: str
    issuer_code: str
    name: str
    kana: str
    entries: Sequence[Mapping[str, Any]]
    levels: Sequence[Mapping[str, Any]]


def sign_record(
    content: Content, *, record_id: uuid.UUID, signer: Signer, now: datetime.datetime
) -> dict[str, Any]:
    """Return the whole signed record, valid for VALID_FOR from now."""
    document = {
        "format": "skill-rirekisho-record",
        "version": 1,
        "id": record_id.urn,
        "issuer": {
            "id": did_of(signer.key),
            "name": content.issuer_name,
            "code": content.issuer_code,
        },
        "issued": timestamp(now),
        "validUntil": timestamp(now + VALID_FOR),
        "subject": {"name": content.name, "kana": content.kana},
        "entries": list(content.entries),
        "levels": list(content.levels),
    }
    return add_proof(_plain(document), signer, suite=JCS, now=now)


def as_file(document: Mapping[str, Any]) -> bytes:
    """Return the bytes of a record: UTF-8, indented, so that a person can read what it says."""
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()


def _plain(part: Any) -> Any:
    """Return the same without control characters, which no reader takes; names stay letter for letter."""
    if isinstance(part, str):
        return strip_controls(part)
    if isinstance(part, dict):
        return {name: _plain(value) for name, value in part.items()}
    if isinstance(part, list):
        return [_plain(value) for value in part]
    return part
