"""Random revisions, one after the other, with people rated in each: the reports, the years and the recount agree."""

import random
from dataclasses import replace

import pytest
from django.utils import timezone

from competency.framework_shape import RULES, Origin
from competency.models import Cell
from gaps.counting import holder_counts
from gaps.recount import breaches
from gaps.reports import snapshot
from tests import builders as b
from tests.gaps.records import confirmed, need
from tests.revised import revise

TODAY = timezone.localdate()


def at_random(dice, base_codes, number):
    """Return a change of marks: kept, renamed, split, joined, dropped or made new by the throw of a die.

    What was split or joined gets new codes, and no part of it keeps the old one.
    """
    throws = {code: dice.randint(0, 5) for code in base_codes}
    gone = [code for code in base_codes if throws[code] > 2]

    def change(area, marks):
        made = []
        for position, mark in enumerate(marks):
            throw = throws[mark.code]
            if throw == 0 and (position or len(marks) > 1):
                continue
            if throw <= 2:
                made.append(mark)
                continue
            origins = tuple(
                Origin(code, dice.choice(RULES))
                for code in dice.sample(gone, dice.randint(0, min(2, len(gone))))
            )
            made += [
                replace(
                    mark,
                    code=f"{area}.v{number}-{position}-{part}",
                    task=f"改{number}{part}",
                    origins=origins,
                )
                for part in range(2 if throw == 5 else 1)
            ]
        return tuple(made) or (replace(marks[0], code=f"{area}.v{number}", task=f"改{number}", origins=()),)

    return change


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.django_db
def test_every_way_of_counting_agrees(world, seed):
    dice = random.Random(seed)
    versions = [world.version]
    for number in range(1, 4):
        base = versions[-1]
        codes = list(base.cells.order_by("rank").values_list("code", flat=True))
        versions.append(revise(base, at_random(dice, codes, number), by=world.henshu, name=f"改{number}"))
    people = [world.kacho, world.kakari, world.honnin, world.dourei]
    for year, version in zip(range(2022, 2026), versions, strict=True):
        cycle = b.make_cycle(world.city, version, fiscal_year=year, state="closed")
        codes = list(version.cells.values_list("code", flat=True))
        for staff in dice.sample(people, 2):
            confirmed(staff, cycle, {code: dice.randint(0, 4) for code in codes})
        need(world.ka, cycle, {code: dice.randint(0, 3) for code in codes})
    world.cycle.framework_version = versions[-1]
    world.cycle.save(update_fields=["framework_version"])
    assert not list(breaches(world.city, TODAY))
    picture = snapshot(municipality_id=world.city.pk, cycle=world.cycle, on=TODAY, path=world.ka.path)
    counted = holder_counts(
        municipality_id=world.city.pk, path=world.ka.path, on=TODAY, year=2026, version=versions[-1]
    )
    report = picture.coverage(world.ka.path, "課")
    assert {cell.cell.code: cell.count for cell in report.cells if cell.count} == counted
    in_use = set(Cell.objects.of_version(versions[-1].pk).values_list("code", flat=True))
    assert {code for person in report.people for code in person.steps} <= in_use
    assert {code for person in report.people for code in person.review} <= in_use
