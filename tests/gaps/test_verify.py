"""`verify`: the reports against a recount from the confirmations, on a generated city."""

import datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from bench.data import build_city, load_lasdec
from gaps import coverage, reports, step_reads
from gaps.models import CountingRule, ExternalCover, Need
from organization.models import Posting, Staff
from tests import builders as b
from tests.gaps.records import POLICY, external, rule

TODAY = timezone.localdate()


@pytest.fixture
def city(db):
    """A generated city of 32 people in three 課, with somebody in two places, on leave, and of every employment."""
    made = build_city(load_lasdec(), number=1, people=32, section_size=10)
    b.make_posting(made.people[8], made.teams[-1], kind=Posting.Kind.ADDITIONAL)
    b.make_posting(made.people[9], made.sections[1], kind=Posting.Kind.ADDITIONAL)
    b.make_leave(made.people[10])
    Staff.objects.filter(pk__in=[made.people[11].pk, made.people[12].pk]).update(
        employment=Staff.Employment.FISCAL_YEAR
    )
    return made


def verify(**options):
    out = StringIO()
    call_command("verify", stdout=out, **options)
    return out.getvalue()


def test_a_generated_city_is_as_its_reports_say(city):
    assert verify() == "1団体の集計を数え直し、記録のつながりを確かめました。違いはありません。\n"
    assert Need.objects.exists()
    assert ExternalCover.objects.exists()
    assert CountingRule.objects.exists()


def test_with_other_ways_of_counting_and_on_another_day(city):
    CountingRule.objects.filter(cycle=city.cycle).update(count_fiscal_year_staff=True, count_external=True)
    Posting.objects.filter(staff=city.people[13]).update(end=TODAY + datetime.timedelta(days=1))
    verify()
    verify(on=TODAY + datetime.timedelta(days=2))


@pytest.mark.parametrize(
    ("module", "name", "planted", "words"),
    [
        (coverage, "HOLDER_STEP", 2, "できる人は"),
        (step_reads, "HOLDER_STEP", 4, "木"),
        (reports, "inherited", lambda path, own, children: None, "必要人数は"),
    ],
)
def test_what_is_planted_is_found(city, monkeypatch, module, name, planted, words):
    monkeypatch.setattr(module, name, planted)
    out = StringIO()
    with pytest.raises(CommandError, match="違いがあります") as refusal:
        call_command("verify", stdout=out)
    assert refusal.value.returncode == 1
    assert words in out.getvalue()
    assert not any(person.name in out.getvalue() for person in city.people)


def test_one_municipality_alone_and_one_that_is_not_there(world):
    assert verify(municipality=world.city.code).startswith("1団体")
    with pytest.raises(CommandError, match="999999"):
        verify(municipality="999999")


def test_a_municipality_without_a_year_has_nothing_to_ask(db):
    b.make_municipality()
    assert "違いはありません" in verify()


def test_the_small_world_too(section):
    rule(section.ka, section.cycle, counts_external=True)
    external(section.ka, section.cycle, {POLICY: 1})
    verify()
