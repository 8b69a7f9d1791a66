"""Crosswalks and tags: the common ones are loaded, a municipality's editors make them their own (P24)."""

import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from access.actor import Actor
from access.refusals import Conflict, Forbidden, NotVisible
from access.table import may
from audit.models import Event, record
from competency.crosswalk_file import CrosswalkFile
from competency.crosswalk_reads import stored_content
from competency.models import Crosswalk, CrosswalkItem, CrosswalkLink
from organization.models import Municipality

CROSSWALK_STALE = (
    "ほかの人が先に変えました。いまの内容を確かめて、どちらにするか決めてから、もう一度保存してください。"
)
CROSSWALK_KIND = "同じ符号で種類（タグか対応表か）の違うものがあります。符号を変えてください。"


class StaleCrosswalk(Conflict):
    """Somebody changed it in the meantime, or made the common one the municipality's own. `stored` is that row."""

    default = CROSSWALK_STALE

    def __init__(self, stored: Crosswalk):
        self.stored = stored
        super().__init__(detail={"version": stored.version})


@transaction.atomic
def load_crosswalk(*, file: CrosswalkFile, now: datetime.datetime) -> bool:
    """Bring the common one of this 符号 to what a file says; return whether that changed anything.

    What a municipality has made its own stays as it is. Raises Conflict where the 符号 is another kind's.
    """
    common = Crosswalk.objects.filter(municipality__isnull=True, code=file.code)
    there = common.select_for_update().first()
    if there is None:
        there = Crosswalk.objects.create(code=file.code, **_columns(file))
    elif there.kind != file.kind:
        raise Conflict(CROSSWALK_KIND)
    elif stored_content(there) == file and not there.retired:
        return False
    else:
        common.update(**_columns(file), retired=False, version=F("version") + 1)
    _write_lines(there, file)
    record(
        by=None, action="crosswalk.load", now=now, kind=Event.Kind.TECHNICAL, target=there,
        data={"code": file.code, "lines": len(file.lines)},
    )  # fmt: skip
    return True


def standing_crosswalk(municipality_id: int, code: str) -> Crosswalk | None:
    """Return what a change of this 符号 starts from: the municipality's own, else the common one. One query."""
    return Crosswalk.objects.standing_in(municipality_id).filter(code=code).first()


@transaction.atomic
def save_crosswalk(
    *,
    crosswalk: Crosswalk | None,
    wanted: CrosswalkFile,
    version: int,
    by: Actor,
    now: datetime.datetime,
    action: str = "crosswalk.change",
) -> Crosswalk:
    """Bring a crosswalk to what is wanted, whole, and return the row that holds it now.

    `crosswalk` with `version` is what it was made from, None and 0 for nothing. A common one stays as it is: the
    municipality gets its own of the same 符号. Saving what is stored already is no conflict. Raises NotVisible,
    Forbidden, StaleCrosswalk, and Conflict for a 符号 of another kind.
    """
    _check(crosswalk, by)
    stored = _locked(by, wanted.code)
    if stored is not None and stored_content(stored) == wanted:
        return stored
    if stored is not None and stored.kind != wanted.kind:
        raise Conflict(CROSSWALK_KIND)
    if stored is None and crosswalk is not None:
        raise NotVisible
    if stored is not None and (crosswalk is None or stored.pk != crosswalk.pk or stored.version != version):
        raise StaleCrosswalk(stored)
    own = _taken(stored, wanted, by)
    _write_lines(own, wanted)
    _tell(own, action if stored is not None else "crosswalk.add", by, now)
    return own


@transaction.atomic
def retire_crosswalk(
    *, crosswalk: Crosswalk, retired: bool, version: int, by: Actor, now: datetime.datetime
) -> Crosswalk:
    """Stop using one in the municipality, or use it again, and return the row that says so; raises as `save_crosswalk`."""
    _check(crosswalk, by)
    stored = _locked(by, crosswalk.code)
    if stored is None:
        raise NotVisible
    if stored.retired == retired:
        return stored
    if stored.pk != crosswalk.pk or stored.version != version:
        raise StaleCrosswalk(stored)
    content = stored_content(stored)
    own = _taken(stored, content, by)
    if own.pk != stored.pk:
        _write_lines(own, content)
    Crosswalk.objects.filter(pk=own.pk).update(retired=retired)
    _tell(own, "crosswalk.retire" if retired else "crosswalk.restore", by, now)
    return Crosswalk.objects.get(pk=own.pk)


def _check(crosswalk: Crosswalk | None, by: Actor) -> None:
    if crosswalk is not None and crosswalk.municipality_id not in (None, by.municipality_id):
        raise NotVisible
    if not may(by, "P24"):
        raise Forbidden


def _locked(by: Actor, code: str) -> Crosswalk | None:
    """Return what stands for a 符号; of two at once the second waits for the first and finds it changed."""
    Municipality.objects.select_for_update().get(pk=by.municipality_id)
    return standing_crosswalk(by.municipality_id, code)


def _columns(file: CrosswalkFile) -> dict[str, Any]:
    return {
        "kind": file.kind,
        "name": file.name,
        "year": file.year,
        "source": file.source,
        "note": file.note,
        "is_proposal": file.proposal,
    }


def _taken(stored: Crosswalk | None, wanted: CrosswalkFile, by: Actor) -> Crosswalk:
    """Return the municipality's own row with the columns wanted, its version moved on; raises StaleCrosswalk."""
    if stored is not None and stored.municipality_id is not None:
        mine = Crosswalk.objects.filter(pk=stored.pk, version=stored.version)
        if not mine.update(**_columns(wanted), version=F("version") + 1):
            raise StaleCrosswalk(Crosswalk.objects.get(pk=stored.pk))
        return Crosswalk.objects.get(pk=stored.pk)
    own = Crosswalk(municipality_id=by.municipality_id, code=wanted.code, **_columns(wanted))
    try:
        with transaction.atomic():
            own.save(force_insert=True)
    except IntegrityError:  # the other of two was first, on an engine without locks of rows
        raise StaleCrosswalk(
            Crosswalk.objects.get(municipality_id=by.municipality_id, code=wanted.code)
        ) from None
    return own


def _write_lines(row: Crosswalk, wanted: CrosswalkFile) -> None:
    """Put the lines of a file in the place of those that are stored; nothing else refers to them."""
    CrosswalkLink.objects.filter(item__crosswalk=row).delete()
    CrosswalkItem.objects.filter(crosswalk=row).delete()
    items = [
        CrosswalkItem(crosswalk=row, rank=rank, code=line.code, name=line.name, note=line.note)
        for rank, line in enumerate(wanted.lines)
    ]
    CrosswalkItem.objects.bulk_create(items)
    CrosswalkLink.objects.bulk_create(
        CrosswalkLink(item=item, target=link.target, code=link.code, note=link.note)
        for item, line in zip(items, wanted.lines, strict=True)
        for link in line.links
    )


def _tell(row: Crosswalk, action: str, by: Actor, now: datetime.datetime) -> None:
    record(by=by, action=action, now=now, target=row, data={"code": row.code, "version": row.version})
