"""What a published version says, as one number: written down when it is published, asked again by `verify`.

The triggers refuse changes; a fault, or somebody past the triggers, leaves another number. Migration 0008 has a copy for
versions that were published before, so that what is put together here stays as it is.
"""

import hashlib
import json

from competency.models import Area, Category, Cell, CellOrigin, FrameworkVersion, Stage, StepWording

# Which columns of each part, by what it is known by; keys of the database say nothing about the content.
_PARTS = (
    (Category, "version", ("code", "uuid", "name", "rank", "alias", "source")),
    (Stage, "version", ("code", "uuid", "name", "rank")),
    (Area, "version", ("code", "uuid", "category__code", "name", "rank", "source")),
    (
        Cell, "version",
        ("code", "uuid", "area__code", "stage__code", "task", "label", "example", "source", "rank", "in_use",
         "placement_confirmed"),
    ),
    (StepWording, "cell__version", ("cell__code", "step", "text")),
    (CellOrigin, "cell__version", ("cell__code", "code", "rule")),
)  # fmt: skip


def digest_of(version: FrameworkVersion) -> str:
    """Return the SHA-256 of a version's name, source, base and matrix. One query, and one a part."""
    names = ("uuid", "name", "source", "based_on__uuid", "base_code", "base_version", "note")
    said = [list(FrameworkVersion.objects.values_list(*names).get(pk=version.pk))]
    said += [
        list(row)
        for model, way, columns in _PARTS
        for row in sorted(model._base_manager.filter(**{way: version.pk}).values_list(*columns), key=repr)
    ]
    text = json.dumps(said, default=str, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
