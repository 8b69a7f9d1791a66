"""`verify`: the reports against a recount from the confirmations, on a generated city."""

import datetime
import re
from collections import Counter
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from bench.data import build_city, load_lasdec
from gaps import coverage, reports, step_reads
from gaps.models import CountingRule, ExternalCover, Need
from lib.soundness import SHOWN, all_checks
from organization.models import Posting, Staff
from tests import builders as b

TODAY = timezone.localdate()


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    """A place of its own: what other tests have left in theirs is nothing that a row stands for."""
    settings.FILES_DIR = tmp_path / "files"


@pytest.fixture
def city(db, _files):
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
    try:
        call_command("verify", stdout=out, **options)
    except CommandError as error:
        error.add_note(out.getvalue())
        raise
    return out.getvalue()


def test_a_generated_city_is_as_its_reports_say(city):
    assert verify().endswith("違いはありません。\n")
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
    assert "違いはありません" in verify(municipality=world.city.code)
    with pytest.raises(CommandError, match="999999"):
        verify(municipality="999999")


def test_a_municipality_without_a_year_has_nothing_to_ask(db):
    b.make_municipality()
    assert "違いはありません" in verify()


def test_the_page_has_the_checks_in_their_order_and_says_what_to_do_in_each_group():
    page = (Path(settings.BASE_DIR) / "docs" / "operations" / "verify.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([\w.]+)` \| (\w+) \| (.+) \|$", page, re.MULTILINE)
    assert rows == [(check.name, check.group, check.title) for check in all_checks()]
    groups = set(re.findall(r"^\| (\w+) \| .+ \| .+ \|$", page, re.MULTILINE)) - {"name", "group"}
    assert {check.group for check in all_checks()} <= groups


def test_names_are_single():
    assert [name for name, times in Counter(check.name for check in all_checks()).items() if times > 1] == []


def test_the_list_and_one_check_alone(world):
    assert len(verify(list=True).splitlines()) == len(all_checks())
    assert verify(only=["sheets.year"]).startswith("1種類")
    with pytest.raises(CommandError, match="nothing"):
        verify(only=["nothing"])


def test_every_check_is_timed(world):
    said = verify(verbosity=2)
    assert all(f"{check.name}（" in said for check in all_checks())


def test_many_rows_are_counted_and_some_are_named(world):
    people = [b.make_staff(world.city) for _ in range(SHOWN + 7)]
    Staff.objects.filter(pk__in=[one.pk for one in people]).update(search="x")
    out = StringIO()
    with pytest.raises(CommandError, match=f"{SHOWN + 7}件"):
        call_command("verify", stdout=out)
    assert out.getvalue().count("organization_staff ") == SHOWN
    assert "ほかに7件" in out.getvalue()
    assert not any(one.name in out.getvalue() for one in people)


def test_a_check_that_cannot_be_asked_is_a_breach_and_the_others_go_on(world):
    with connection.cursor() as cursor:
        cursor.execute(
            "DROP TABLE organization_importbatch" + " CASCADE" * (connection.vendor == "postgresql")
        )
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("verify", stdout=out)
    assert "[imports.states] 確かめられませんでした" in out.getvalue()
    assert "[base.columns] organization_importbatch: 表がありません。" in out.getvalue()


def test_what_is_about_the_installation_is_left_out_for_one_municipality(world):
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX rating_report")
    assert "違いはありません" in verify(municipality=world.city.code)
    with pytest.raises(CommandError):
        verify()
