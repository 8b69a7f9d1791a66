"""The tree and the department's own page say the same of a department, whatever it decided for the year."""

import pytest
from django.utils import timezone

from gaps.models import CountingRule
from gaps.reports import snapshot
from tests import builders as b


@pytest.mark.parametrize("at", ["own", "above"])
def test_counting_rule_holds_in_the_tree_as_on_the_page(world, at):
    part_time = b.make_staff(world.city, "伊藤 裕子", employment="fiscal_year")
    b.make_posting(part_time, world.ka)
    place = world.ka if at == "own" else world.bu
    CountingRule.objects.create(
        municipality=world.city, department=place, cycle=world.cycle, count_fiscal_year_staff=True,
        updated_at=timezone.now(),
    )  # fmt: skip
    today = timezone.localdate()
    whole = snapshot(municipality_id=world.city.pk, cycle=world.cycle, on=today)
    alone = snapshot(municipality_id=world.city.pk, cycle=world.cycle, on=today, path=world.ka.path)
    in_tree = whole.coverage(world.ka.path, world.ka.name)
    on_page = alone.coverage(world.ka.path, world.ka.name)
    assert part_time.pk in {person.id for person in on_page.people}
    assert in_tree.people == on_page.people
