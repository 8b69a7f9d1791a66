"""Which 区分 stand behind a skill is said by the crosswalk q3-1: the municipality's own, else the common one."""

from dataclasses import replace

import pytest
from django.urls import reverse
from django.utils import timezone

from competency.crosswalk_file import Line, Link
from competency.crosswalk_reads import stored_content
from competency.models import Crosswalk, CrosswalkItem, CrosswalkLink
from competency.reference import RULE, published
from competency.workflow import retire_crosswalk, save_crosswalk
from tests import builders as b
from tests.crosswalks import make_crosswalk, shipped_crosswalk
from tests.surveys import make_survey, shipped, shipped_file


def areas(municipality):
    return {skill.number: skill.areas for skill in published(municipality.pk).skills}


def common():
    return Crosswalk.objects.get(municipality=None, code=RULE)


def make_own(world, *lines):
    """Return the municipality's own rule, made as the page makes it."""
    row = common()
    file = stored_content(row)
    for line in lines:
        file = file.with_line(line)
    return save_crosswalk(
        crosswalk=row, wanted=file, version=row.version, by=b.actor_of(world.henshu), now=timezone.now()
    )


def test_the_common_one_says_what_the_survey_said_before(world):
    """The figures of the reports rest on these; whoever changes the file must mean it."""
    assert areas(world.city) == {
        1: ("it-basics",), 2: ("vendor-roles",), 3: ("vendor-roles",), 4: ("system-operations",),
        5: ("system-operations",), 6: ("project-delivery",), 7: ("project-delivery",), 8: ("project-delivery",),
        9: ("ict-strategy",), 10: ("security-policy",), 11: ("it-people",), 12: ("internal-it",),
        13: ("regional-it",),
    }  # fmt: skip
    assert areas(world.city) == {skill.number: skill.areas for skill in shipped().skills}
    assert all(not skill["areas"] for skill in shipped_file("survey-2019").content["skills"])


def test_the_municipalitys_own_goes_before_it_here_and_nowhere_else(world):
    before = areas(world.city)
    make_own(world, Line("q3-1.4", "運用", "", (Link("area", "communication"), Link("area", "internal-it"))))
    assert areas(world.city) == before | {4: ("communication", "internal-it")}
    assert areas(world.other_city) == before


def test_a_change_is_seen_at_once(world):
    own = make_own(world, Line("q3-1.4", "運用", "", (Link("area", "communication"),)))
    assert areas(world.city)[4] == ("communication",)
    again = stored_content(own).with_line(Line("q3-1.4", "運用", "", (Link("area", "internal-it"),)))
    by, now = b.actor_of(world.henshu), timezone.now()
    own = save_crosswalk(crosswalk=own, wanted=again, version=1, by=by, now=now)
    assert areas(world.city)[4] == ("internal-it",)
    retire_crosswalk(crosswalk=own, retired=True, version=own.version, by=by, now=now)
    # Out of use, it gives way to the common one.
    assert areas(world.city)[4] == ("system-operations",)


def test_cells_alone_are_not_asked_and_a_line_of_nothing_has_nothing(world):
    make_own(world, Line("q3-1.4", "運用", "", (Link("cell", "communication.1"),)))
    assert areas(world.city)[4] == ()


def test_a_skill_without_a_line_keeps_what_the_survey_says_of_it(world):
    content = shipped_file("survey-2019").content
    skills = [each | {"areas": ["communication"]} for each in content["skills"]]
    file = replace(shipped_file("survey-2019"), content={**content, "skills": skills})
    make_survey(file, world.city)
    row = common()
    wanted = stored_content(row).without_line("q3-1.4")
    save_crosswalk(crosswalk=row, wanted=wanted, version=1, by=b.actor_of(world.henshu), now=timezone.now())
    found = areas(world.city)
    assert (found[4], found[5]) == (("communication",), ("system-operations",))
    CrosswalkLink.objects.all().delete()
    CrosswalkItem.objects.all().delete()
    Crosswalk.objects.all().delete()
    assert set(areas(world.city).values()) == {("communication",)}


def test_one_query_once_it_was_read(world, django_assert_num_queries):
    make_crosswalk(shipped_crosswalk("crosswalk-q3-1"), world.city)
    published(world.city.pk)
    with django_assert_num_queries(1):
        published(world.city.pk)


@pytest.mark.parametrize("name", ["four_way", "summary"])
def test_the_pages_answer_by_it_with_as_many_queries(sign_in, world, name, django_assert_max_num_queries):
    client = sign_in("kacho")
    url = reverse(f"gaps:{name}", args=[world.ka.uuid])
    client.get(url)
    with django_assert_max_num_queries(15) as before:
        assert client.get(url).status_code == 200
    make_own(world, Line("q3-1.4", "運用", "", (Link("area", "communication"),)))
    client.get(url)
    with django_assert_max_num_queries(15) as after:
        assert client.get(url).status_code == 200
    assert len(before) == len(after)
