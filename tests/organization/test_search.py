"""The search key of people: found by any 字体, and made anew where it is out of date."""

import io

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models.signals import post_migrate

from organization.models import Staff
from organization.search import rebuild
from tests import builders as b


def named(world, name, **more):
    staff = b.make_staff(world.city, name=name)
    for key, value in more.items():
        setattr(staff, key, value)
    staff.save()
    return staff


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("高橋", "髙橋 花"),
        ("齋藤", "斉藤 花"),
        ("渡辺", "渡邉 花"),
        ("浜田", "濵田 花"),
        ("吉田花", "𠮷田　花"),
    ],
)
def test_found_in_another_form_and_kept_as_written(world, typed, name):
    staff = named(world, name)
    assert staff in Staff.objects.found_by(typed)
    staff.refresh_from_db()
    assert staff.name == name


def test_found_by_the_former_name_in_another_form(world):
    staff = named(world, "山本 花", former_name="齋藤")
    assert list(Staff.objects.found_by("斎藤 花")) == [staff]


@pytest.mark.parametrize("typed", ["0004521", "4521", "００04521", "0004"])
def test_found_by_number_with_or_without_its_zeros(world, typed):
    staff = named(world, "山本 花", staff_number="0004521")
    assert staff in Staff.objects.found_by(typed)


def test_two_digits_find_no_ends(world):
    staff = named(world, "山本 花", staff_number="9904521")
    assert staff not in Staff.objects.found_by("21")


def test_what_is_out_of_date_is_made_anew_and_the_rest_left_alone(world):
    staff = named(world, "髙橋 花")
    Staff.objects.filter(pk=staff.pk).update(search="髙橋 花")
    assert staff not in Staff.objects.found_by("高橋")
    assert rebuild(Staff) == 1
    assert staff in Staff.objects.found_by("高橋")
    assert rebuild(Staff) == 0


def test_the_command_says_how_many(world):
    staff = named(world, "髙橋 花")
    Staff.objects.filter(pk=staff.pk).update(search="")
    out = io.StringIO()
    call_command("rebuild_search", stdout=out)
    assert "1人" in out.getvalue()


def test_a_migrate_brings_the_keys_up_to_date(world):
    staff = named(world, "髙橋 花")
    Staff.objects.filter(pk=staff.pk).update(search="")
    from django.apps import apps

    past = MigrationExecutor(connection).loader.project_state().apps
    post_migrate.send(
        sender=apps.get_app_config("organization"), app_config=apps.get_app_config("organization"),
        using="default", apps=past, plan=[], verbosity=0, interactive=False,
    )  # fmt: skip
    staff.refresh_from_db()
    assert staff.search == staff.search_text()
