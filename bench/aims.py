"""期待像 and 目標 of a city: a target in every cell for everybody, the most that a page has to show."""

from collections.abc import Iterable, Sequence

from django.utils import timezone

from assessments.models import Sheet, Target
from competency.models import Cell, Profile, ProfileTarget
from gaps.models import Measure
from organization.models import Municipality, Position

_BATCH = 2000


def write_profiles(municipality: Municipality, cells: Sequence[Cell]) -> None:
    """Write a target in every cell for every 職位."""
    now = timezone.now()
    profiles = Profile.objects.bulk_create(
        Profile(municipality=municipality, position=position, updated_at=now)
        for position in Position.objects.filter(municipality=municipality)
    )
    ProfileTarget.objects.bulk_create(
        ProfileTarget(profile=profile, cell_code=cell.code, step=1 + (cell.rank + number) % 4)
        for number, profile in enumerate(profiles)
        for cell in cells
    )


def freeze(sheets: Iterable[Sheet], cells: Sequence[Cell]) -> None:
    """Write the targets of sheets that are about to be confirmed."""
    Target.objects.bulk_create(
        (
            Target(
                municipality_id=sheet.municipality_id, sheet=sheet, cell=cell, step=3,
                reason=f"職位：{sheet.position}",
            )
            for sheet in sheets
            for cell in cells
        ),
        batch_size=_BATCH,
    )  # fmt: skip


def write_measures(cycle, departments, cells, owner, due) -> None:
    """Write an open 対応方針 of every department about each of the cells."""
    now = timezone.now()
    Measure.objects.bulk_create(
        Measure(
            municipality_id=cycle.municipality_id, cycle=cycle, department=department, cell=cell,
            kind=Measure.Kind.EXPERT, text="県に頼む", due=due, cost=100_000, owner=owner, decided_status="none",
            decided_holders=0, created_at=now, updated_at=now,
        )
        for department in departments
        for cell in cells
    )  # fmt: skip
