"""Versions as other systems read them (ADR 0045): what an actor may see, as packages and their parts. Takes no request."""

import datetime
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import yaml
from django.db.models import F

from access.actor import Actor
from access.refusals import NotVisible
from competency.exports import framework_file_of
from competency.framework_shape import Base, FrameworkFile, dump, dumps
from competency.interchange import Parts, ctdl, package
from competency.interchange.case_ids import document_id
from competency.models import FrameworkVersion

COMMON = "スキル履歴書（全団体に共通の体系）"
# A package of 400 cells takes some megabytes.
_KEPT = 8


@dataclass(frozen=True)
class _Edition:
    """What a package of a version depends on: a published version changes in nothing else."""

    version: FrameworkVersion = field(compare=False)
    uuid: uuid.UUID
    name: str
    changed: datetime.datetime
    creator: str
    status: str
    base: str


def case_of(version: FrameworkVersion, base: str) -> dict[str, Any]:
    """Return a version as a CASE package. Six queries."""
    return _package(framework_file_of(version), _edition(version, base))


def ctdl_of(version: FrameworkVersion, base: str) -> dict[str, Any]:
    """Return a version as a CTDL-ASN document. Six queries."""
    edition = _edition(version, base)
    return ctdl(framework_file_of(version), changed=edition.changed, creator=edition.creator, base=base)


def text_of(version: FrameworkVersion, form: str, base: str) -> str:
    """Return a version as the text of a file: "json" or "yaml" of our shape, "case" or "ctdl". Six queries."""
    if form == "json":
        return dumps(framework_file_of(version))
    if form == "yaml":
        return yaml.safe_dump(
            dump(framework_file_of(version)), allow_unicode=True, sort_keys=False, width=110
        )
    data = case_of(version, base) if form == "case" else ctdl_of(version, base)
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def documents_for(actor: Actor, base: str) -> list[Mapping[str, Any]]:
    """Return the CFDocuments of what the actor may see (P23), a list: its own first, newest first. One query."""
    return [
        Parts(_package(_cover(version), _edition(version, base))).document for version in _versions(actor)
    ]


def part_for(actor: Actor, resource: str, identifier: str, base: str) -> Mapping[str, Any]:
    """Return a part of what the actor may see (P23), by the name of its resource and its identifier.

    Raises NotVisible for a part of a draft or of another municipality, and for none.
    """
    for version in _versions(actor):
        mine = str(document_id(version.framework.code, version.name))
        if resource in ("CFDocuments", "CFPackages") and identifier != mine:
            continue
        found = _parts(_edition(version, base)).find(resource, identifier)
        if found is not None:
            return found
    raise NotVisible


def _versions(actor: Actor) -> list[FrameworkVersion]:
    """Return what an actor may see; the municipality's own stands for a common one of the same code and name."""
    seen = FrameworkVersion.objects.visible_to(actor).select_related("framework__municipality")
    found: dict[tuple[str, str], FrameworkVersion] = {}
    for version in seen.order_by(F("framework__municipality").asc(nulls_last=True), "-published_at", "-pk"):
        found.setdefault((version.framework.code, version.name), version)
    return list(found.values())


def _edition(version: FrameworkVersion, base: str) -> _Edition:
    owner = version.framework.municipality
    retired = version.state == FrameworkVersion.State.RETIRED
    changed = version.retired_at if retired and version.retired_at else version.published_at
    if changed is None:
        raise NotVisible
    return _Edition(
        version,
        version.uuid,
        version.framework.name,
        changed,
        owner.name if owner else COMMON,
        "Deprecated" if retired else "Adopted",
        base,
    )


def _package(framework: FrameworkFile, edition: _Edition) -> dict[str, Any]:
    return package(
        framework,
        changed=edition.changed,
        creator=edition.creator,
        status=edition.status,
        base=edition.base,
    )


def _cover(version: FrameworkVersion) -> FrameworkFile:
    """Return a version without its matrix."""
    return FrameworkFile(
        version.framework.code,
        version.framework.name,
        version.name,
        version.source,
        (),
        (),
        Base(version.base_code, version.base_version) if version.base_code else None,
        version.note,
    )


@lru_cache(_KEPT)
def _parts(edition: _Edition) -> Parts:
    return Parts(case_of(edition.version, edition.base))
