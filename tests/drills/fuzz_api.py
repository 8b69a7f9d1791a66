"""Requests from an OpenAPI document: each parameter as it is declared, on its bounds, beyond them, and of another kind.

Also the CASE binding, whose parameters stand in its standard. No drill itself.
"""

import random
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from tests.drills.fuzz_values import encoded, text

CASE = {
    "limit": ["0", "1", "100", "1000", "1001", "9" * 9, "9" * 10, "-1", "１"],
    "offset": ["0", "1", "9" * 9, "-1", "1.0"],
    "sort": ["title", "lastChangeDateTime", "CFPackageURI", "extensions", "none", "title,uri", ""],
    "orderBy": ["asc", "desc", "ASC", ""],
    "filter": [
        "title='x'", "title~''", "lastChangeDateTime>'2020'", "title='x' AND language!='ja'",
        "title='a' OR title~'b' AND uri<'z'",
        "extensions~'x'", "title", "title='", "'" * 200, "title='x' AND ", "a" * 5000, "title~'\0'", " AND " * 300,
    ],
    "fields": ["title", "identifier,uri", "none", ",", "extensions,subject", "title," * 300],
}  # fmt: skip


def api_query(
    source: random.Random,
    schema: Mapping[str, Any],
    addresses: Mapping[str, Sequence[str]],
    keys: Sequence[str],
) -> tuple[str, str]:
    """Return an address of the interface and a query for it."""
    if source.random() < 0.3:
        name = source.choice(("assessments:case_documents", "assessments:case_resource"))
        chosen = source.sample(sorted(CASE), source.randrange(4))
        parts = [
            (one, source.choice(CASE[one]) if source.random() < 0.75 else text(source, keys))
            for one in chosen
        ]
        return source.choice(addresses[name]), _joined(source, parts)
    path = source.choice(sorted(schema["paths"]))
    declared = schema["paths"][path]["get"].get("parameters", [])
    parts = []
    for one in source.sample(declared, source.randrange(len(declared) + 1)):
        parts.append((one["name"], value_of(source, one["schema"], keys)))
        if source.random() < 0.05:
            parts.append(parts[-1])
    if source.random() < 0.05:
        parts.append((text(source)[:40], "1"))
    return path, _joined(source, parts)


def value_of(source: random.Random, schema: Mapping[str, Any], keys: Sequence[str]) -> str:
    """Return a value for a parameter: nine of ten are near what its schema says."""
    if source.random() < 0.1:
        return text(source, keys)
    if "anyOf" in schema:
        return value_of(source, source.choice(schema["anyOf"]), keys)
    if "enum" in schema:
        return str(source.choice([*schema["enum"], "none"]))
    kind = schema.get("type")
    if kind == "integer":
        least, most = schema.get("minimum", -(2**31)), schema.get("maximum", 2**31)
        return str(
            source.choice(
                (
                    least,
                    most,
                    least - 1,
                    most + 1,
                    source.randint(least, most),
                    f"{most}.0",
                    f"0{least}",
                    2026,
                )
            )
        )
    if kind == "null":
        return source.choice(("", "null", "None"))
    longest = schema.get("maxLength", 200)
    shown = text(source, keys)
    return source.choice(
        (shown[:longest], (shown * (longest + 1))[: longest + 1] if shown else "", "", "010101")
    )


def _joined(source: random.Random, parts: Sequence[tuple[str, str]]) -> str:
    return "&".join(
        f"{quote(name.encode('utf-8', 'replace'))}={encoded(source, value)[:6000]}" for name, value in parts
    )
