"""期待像: the target steps of one 職位, saved as one whole (P17)."""

import datetime
from collections.abc import Mapping

from django.db import IntegrityError, transaction
from django.db.models import F

from access.actor import Actor
from access.refusals import Conflict, Forbidden, Invalid, NotVisible
from access.table import may
from audit.models import record
from competency.models import Cell, FrameworkVersion, Profile, ProfileTarget, Step
from organization.models import Position

STALE = "ほかの人が先に保存しました。保存されている目標を確かめて、どちらにするか決めてから保存してください。"


class StaleProfile(Conflict):
    """Somebody saved in the meantime. `stored` are the steps that stand there now, by cell code."""

    default = STALE

    def __init__(self, stored: Mapping[str, int], version: int):
        self.stored = dict(stored)
        self.version = version
        super().__init__(detail={"version": version})


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
    record(by=by, action="profile.change", now=now, target=position, data={"cells": len(changed)})
    return True


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
