"""期待像: the target steps of one 職位, saved as one whole (P17)."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import F

from access.actor import Actor
from access.refusals import Conflict, Forbidden, Invalid, NotVisible
from access.table import may
from audit.models import record, sides_of
from competency.data_import import fingerprint
from competency.models import Cell, FrameworkVersion, Profile, ProfileTarget, Step
from competency.profile_file import FileProfile
from organization.models import Municipality, Position

STALE = "ほかの人が先に保存しました。保存されている目標を確かめて、どちらにするか決めてから保存してください。"


class StaleProfile(Conflict):
    """Somebody saved in the meantime. `stored` are the steps that stand there now, by cell code."""

    default = STALE

    def __init__(self, stored: Mapping[str, int], version: int):
        self.stored = dict(stored)
        self.version = version
        super().__init__(detail={"version": version})


class ProfilesMoved(Conflict):
    """The 期待像 are others than those that the preview was shown of."""

    default = "確かめている間に、ほかの人が期待像を変えました。いまの期待像との違いを確かめて、もう一度取り込んでください。"


@dataclass(frozen=True)
class StoredProfile:
    """What is stored of one 職位: the steps by cell code, and their version, 0 for never saved."""

    position: Position
    targets: Mapping[str, int]
    version: int


def load_profile(position: Position) -> tuple[dict[str, int], int]:
    """Return the target steps of a 職位 by cell code, and their version: 0 for never saved. Two queries at most."""
    profile = Profile.objects.filter(position=position).first()
    if profile is None:
        return {}, 0
    return dict(profile.targets.values_list("cell_code", "step")), profile.version


@transaction.atomic
def save_profile(
    *, position: Position, targets: Mapping[str, int], version: int, by: Actor, now: datetime.datetime
) -> bool:
    """Save the steps of the named cells, 0 for no target; return whether anything changed.

    Cells that are not named keep theirs: they belong to another version of the matrix. Saving what stands there
    already is no conflict, so that a second click does no harm. Raises NotVisible for another municipality's
    職位, Forbidden for anyone but 人事, Invalid for a step or a cell that does not exist, and StaleProfile.
    """
    if position.municipality_id != by.municipality_id:
        raise NotVisible
    if not may(by, "P17c"):
        raise Forbidden
    _check(targets, by)
    stored, at = load_profile(position)
    wanted = {**stored, **targets}
    wanted = {code: int(step) for code, step in wanted.items() if step}
    if wanted == stored and (at or not version):
        return False
    cells = _write(position, stored, wanted, version, now)
    record(
        by=by, action="profile.change", now=now, target=position, data={"cells": len(cells)},
        **sides_of(stored, wanted),
    )  # fmt: skip
    return True


def profiles_of(municipality_id: int) -> list[StoredProfile]:
    """Return the 期待像 of every 職位 of a municipality, in the order of its table. Two queries."""
    targets: dict[int, dict[str, int]] = {}
    rows = ProfileTarget.objects.filter(profile__municipality_id=municipality_id).order_by("cell_code")
    for position_id, code, step in rows.values_list("profile__position_id", "cell_code", "step"):
        targets.setdefault(position_id, {})[code] = step
    positions = Position.objects.filter(municipality_id=municipality_id).order_by("rank", "name", "pk")
    return [
        StoredProfile(position, targets.get(position.pk, {}), position.at or 0)
        for position in positions.annotate(at=F("profile__version"))
    ]


def profiles_print(stored: Sequence[StoredProfile]) -> str:
    """Return the fingerprint of all 期待像: another as soon as anybody saved one."""
    return fingerprint([[str(one.position.uuid), one.position.name, one.version] for one in stored])


@transaction.atomic
def import_profiles(*, profiles: Sequence[FileProfile], shown: str, by: Actor, now: datetime.datetime) -> int:
    """Make the 期待像 of the named 職位 what a file says, all or nothing; return how many changed.

    `shown` is the fingerprint of what the preview was compared with. 職位 that the file does not name keep theirs.
    Raises Forbidden, Invalid for a 職位 that is not there, and ProfilesMoved.
    """
    if not may(by, "P17c"):
        raise Forbidden
    # Two at once: the second waits for the first and finds what it was shown moved.
    Municipality.objects.select_for_update().get(pk=by.municipality_id)
    stored = profiles_of(by.municipality_id)
    there = {one.position.name: one for one in stored}
    if not {one.position for one in profiles} <= set(there):
        raise Invalid
    changed = [one for one in profiles if there[one.position].targets != dict(one.targets)]
    if not changed:
        return 0
    if profiles_print(stored) != shown:
        raise ProfilesMoved
    cells = 0
    try:
        with transaction.atomic():
            for one in changed:
                mine = there[one.position]
                cells += len(_write(mine.position, mine.targets, one.targets, mine.version, now))
    except StaleProfile:  # SQLite knows no lock of a row
        raise ProfilesMoved from None
    record(by=by, action="profiles.import", now=now, data={"positions": len(changed), "cells": cells})
    return len(changed)


def _write(
    position: Position, stored: Mapping[str, int], wanted: Mapping[str, int], version: int, now
) -> list[str]:
    """Bring the targets of a 職位 from what is stored to what is wanted; return the codes. Raises StaleProfile."""
    profile = _take_version(position, version, now)
    if profile is None:
        raise StaleProfile(*load_profile(position))
    changed = sorted(code for code in {*stored, *wanted} if stored.get(code) != wanted.get(code))
    ProfileTarget.objects.filter(profile=profile, cell_code__in=changed).delete()
    ProfileTarget.objects.bulk_create(
        ProfileTarget(profile=profile, cell_code=code, step=wanted[code])
        for code in changed
        if code in wanted
    )
    return changed


def _check(targets: Mapping[str, int], by: Actor) -> None:
    known = set(
        Cell.objects.filter(
            version__in=FrameworkVersion.objects.visible_to(by).values("pk"), code__in=list(targets)
        ).values_list("code", flat=True)
    )
    if known != set(targets) or not all(step in Step.values for step in targets.values()):
        raise Invalid


def _take_version(position: Position, version: int, now) -> Profile | None:
    """Move the profile's version on and return it; None where it is not the one that was read."""
    if version:
        mine = Profile.objects.filter(position=position, version=version)
        moved = mine.update(version=F("version") + 1, updated_at=now)
        return Profile.objects.get(position=position) if moved else None
    try:
        with transaction.atomic():
            return Profile.objects.create(
                municipality_id=position.municipality_id, position=position, updated_at=now
            )
    except IntegrityError:
        return None
