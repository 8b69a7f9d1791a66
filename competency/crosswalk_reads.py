"""Which crosswalks and tags a page shows: always inside what the actor may see.

What stands in one is read once a process for each of its versions: a list of (uuid, version) asks whether that is
still what is stored.
"""

import functools
import uuid

from access.actor import Actor
from access.refusals import NotVisible
from competency.crosswalk_file import CrosswalkFile, Line, Link, in_order
from competency.models import Crosswalk, CrosswalkItem

# More than one municipality has; one takes a few kilobytes.
_KEPT = 128


def crosswalks_of(actor: Actor) -> list[Crosswalk]:
    """Return every crosswalk and set of tags of the actor's municipality, retired ones last. One query."""
    rows = Crosswalk.objects.standing_in(actor.municipality_id).select_related(None)
    return list(rows.order_by("retired", "kind", "code", "pk"))


def crosswalk_for(actor: Actor, crosswalk_uuid: uuid.UUID) -> Crosswalk:
    """Return one, or raise NotVisible: another municipality's, or nothing there."""
    found = Crosswalk.objects.visible_to(actor).filter(uuid=crosswalk_uuid).first()
    if found is None:
        raise NotVisible
    return found


def own_copy_of_crosswalk(actor: Actor, row: Crosswalk) -> Crosswalk | None:
    """Return the municipality's own that stands in for a common one, None where there is none."""
    if row.municipality_id is not None:
        return None
    return Crosswalk.objects.filter(municipality_id=actor.municipality_id, code=row.code).first()


def content_of(row: Crosswalk) -> CrosswalkFile:
    """Return what a row holds, in the shape of a file; two queries for what this process has not read yet."""
    return _with(row, _kept_lines(row.uuid, row.version))


def stored_content(row: Crosswalk) -> CrosswalkFile:
    """Return what a row holds, read now; for who is about to change it. Two queries."""
    return _with(row, _read_lines(row.uuid))


def tags_in_use(municipality_id: int) -> list[CrosswalkFile]:
    """Return the sets of tags in use in a municipality. One query, and two for each that was not read yet."""
    rows = Crosswalk.objects.in_use_of(municipality_id).filter(kind=Crosswalk.Kind.TAGS)
    return [content_of(row) for row in rows]


def lines_of(known: str, version: int) -> tuple[Line, ...]:
    """Return the lines of the row of this uuid and version, for who has asked for both already."""
    return _kept_lines(uuid.UUID(known), version)


def _with(row: Crosswalk, lines: tuple[Line, ...]) -> CrosswalkFile:
    return CrosswalkFile(row.code, row.kind, row.name, row.year, row.source, row.note, row.is_proposal, lines)


def _read_lines(crosswalk: uuid.UUID) -> tuple[Line, ...]:
    items = CrosswalkItem.objects.filter(crosswalk__uuid=crosswalk).prefetch_related("links")
    return tuple(
        Line(
            item.code,
            item.name,
            item.note,
            in_order([Link(link.target, link.code, link.note) for link in item.links.all()]),
        )
        for item in items
    )


@functools.lru_cache(_KEPT)
def _kept_lines(crosswalk: uuid.UUID, version: int) -> tuple[Line, ...]:
    """Return the lines; `version` says that they are others by now."""
    return _read_lines(crosswalk)
