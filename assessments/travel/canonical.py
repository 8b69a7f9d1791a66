"""JSON-LD in canonical RDF, with contexts that stand beside the code: nothing is ever loaded from outside. Pure."""

import functools
import json
from pathlib import Path
from typing import Any

CREDENTIALS = "https://www.w3.org/ns/credentials/v2"
OPEN_BADGES = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
_FOLDER = Path(__file__).parents[1] / "data" / "contexts"
CONTEXTS = {
    CREDENTIALS: _FOLDER / "credentials-v2.json",
    OPEN_BADGES: _FOLDER / "openbadges-3.0.3.json",
}


class NotKept(ValueError):
    """A document names a context that is not kept here."""


def load_context(url: str, options: Any = None) -> dict[str, Any]:
    """Return a kept context in the form that pyld wants; raises NotKept for every other address."""
    if url not in CONTEXTS:
        raise NotKept(url)
    return {
        "contentType": "application/ld+json",
        "contextUrl": None,
        "documentUrl": url,
        "document": _read(url),
    }


def canonical_rdf(document: dict[str, Any]) -> bytes:
    """Return the N-Quads of a document as RDFC-1.0 orders them; NotKept where it asks for another context.

    A term that no context knows is an error, never left out: what is signed is all that is written.
    """
    # Slow to load, and only badges need it.
    from pyld import jsonld

    try:
        expanded = jsonld.expand(document, {"documentLoader": load_context}, on_property_dropped=_refuse)
        quads = jsonld.normalize(
            expanded,
            {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": load_context},
        )
    except (jsonld.JsonLdError, ValueError) as error:
        raise NotKept(type(error).__name__) from error
    return str(quads).encode()


def _refuse(*args: Any) -> None:
    raise NotKept(str(args))


@functools.cache
def _read(url: str) -> dict[str, Any]:
    return dict(json.loads(CONTEXTS[url].read_text(encoding="utf-8")))
