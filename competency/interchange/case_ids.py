"""Identifiers and addresses of a framework in CASE: UUIDv5, so that the same part has the same one everywhere.

CASE 1.1 asks for an RFC 4122 UUID; UUIDv7 is none, and a random one would change with every export.
"""

import uuid
from dataclasses import dataclass

# The name space of this product's frameworks; never changes.
NAMESPACE = uuid.UUID("5d0b2c1e-7c55-4b8e-9a53-1f6c9f0b7a11")
# Where the CASE REST binding has its resources.
PATH = "/ims/case/v1p1"


def document_id(code: str, version: str) -> uuid.UUID:
    """Return the identifier of a version of a framework, by the code of the one and the name of the other."""
    return uuid.uuid5(NAMESPACE, f"{code}\n{version}")


@dataclass(frozen=True)
class Names:
    """Identifiers and addresses inside one document; `base` is the address of the server, "" where there is none."""

    document: uuid.UUID
    base: str = ""

    def id(self, kind: str, *names: str) -> str:
        """Return the identifier of a part: its kind with what it is known by."""
        return str(uuid.uuid5(self.document, "\n".join((kind, *names))))

    def uri(self, resource: str, identifier: str) -> str:
        """Return the address of a part; a name without a place where the server has no address."""
        return f"{self.base}{PATH}/{resource}/{identifier}" if self.base else f"urn:uuid:{identifier}"

    def link(self, resource: str, identifier: str, title: str) -> dict[str, str]:
        """Return a reference to a part."""
        return {"title": title, "identifier": identifier, "uri": self.uri(resource, identifier)}
