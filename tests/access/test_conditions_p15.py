"""P15 and P01: whom a card opens for, and a transfer to the second: from 00:00 of its day, at every address of the person."""

import datetime

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from access.actor import Role
from organization.models import Posting
from organization.models.position import LineRole
from tests import builders as b
from tests.access.conditions import browser, everything
from tests.assessments.sheets import submitted
from tests.routes import make_file

SECOND = datetime.timedelta(seconds=1)


@pytest.fixture
def clock(monkeypatch):
    """Stop the clock."""

    def stop(instant):
        monkeypatch.setattr(timezone, "now", lambda: instant)

    return stop


@pytest.fixture
def transfer(world):
    """Move honnin to 人事課, whose head is `new`, at the coming midnight, and return the midnight."""
    day = timezone.localdate() + datetime.timedelta(days=1)
    Posting.objects.filter(staff=world.honnin).update(end=day)
    b.make_posting(world.honnin, world.jinjika, start=day)
    world.new = b.make_staff(world.city, "新しい 課長")
    b.make_posting(world.new, world.jinjika, line_role=LineRole.HEAD)
    return datetime.datetime.combine(day, datetime.time(), timezone.get_current_timezone())


def opened(client: Client, asked) -> dict[str, bool]:
    """Return for each address whether it answers otherwise than for nothing at all."""
    return {name: client.get(url).status_code != 404 for name, url in asked}


@pytest.fixture
def asked(world):
    """Every address about honnin that the line reads: card, record, sheet, entries and files."""
    submitted(world.sheet)
    entry = b.make_experience(world.honnin)
    targets = {
        "staff": (world.honnin,), "sheet": (world.sheet,), "entry": (entry,), "file": (make_file(entry),)
    }  # fmt: skip
    client = browser(world.kacho)
    there = [
        (name, url) for name, url in everything(targets, only=targets) if client.get(url).status_code == 200
    ]
    assert {name for name, _ in there} >= {
        "organization:person", "assessments:resume", "assessments:resume_xlsx", "assessments:sheet",
        "assessments:interview", "assessments:handover_sheet", "assessments:file",
    }  # fmt: skip
    return there


# Who sees honnin before the midnight, and who after.
SEES = {
    "kakari": (True, False),
    "kacho": (True, False),
    "bucho": (True, False),
    "new": (False, True),
    "jinji": (True, True),
}


def test_p15_a_transfer_changes_who_sees_at_midnight_and_not_a_second_before(world, asked, transfer, clock):
    seen = {}
    for instant in (transfer - SECOND, transfer):
        clock(instant)
        for who in SEES:
            found = opened(browser(getattr(world, who)), asked)
            seen.setdefault(who, []).append(found)
    for who, (before, after) in SEES.items():
        assert seen[who] == [dict.fromkeys(dict(asked), before), dict.fromkeys(dict(asked), after)], who


def test_p15_lists_and_forms_forget_the_person_at_the_same_midnight(world, asked, transfer, clock):
    pages = ["organization:people", "assessments:review"]
    held = []
    for instant in (transfer - SECOND, transfer):
        clock(instant)
        client = browser(world.kacho)
        texts = [client.get(reverse(page)).content.decode() for page in pages]
        texts.append(client.get(reverse("gaps:heatmap", args=[world.ka.uuid])).content.decode())
        held.append([world.honnin.name in text for text in texts])
    assert held == [[True, True, True], [False, False, False]]


def test_p15_who_still_leads_them_keeps_seeing_them(world, asked):
    """A move inside the 部 takes the person from the 課 and not from the 部長."""
    day = timezone.localdate()
    other = b.make_department(world.city, "広報課", parent=world.bu)
    Posting.objects.filter(staff=world.honnin).update(end=day)
    b.make_posting(world.honnin, other, start=day)
    assert set(opened(browser(world.bucho), asked).values()) == {True}
    assert set(opened(browser(world.kacho), asked).values()) == {False}


def test_p15_a_deputy_sees_until_the_end_of_the_last_day(world, asked, clock):
    day = timezone.localdate() + datetime.timedelta(days=1)
    b.make_posting(world.betsuka, world.ka, kind="acting", line_role=LineRole.HEAD, end=day)
    midnight = datetime.datetime.combine(day, datetime.time(), timezone.get_current_timezone())
    seen = []
    for instant in (midnight - SECOND, midnight):
        clock(instant)
        seen.append(set(opened(browser(world.betsuka), asked).values()))
    assert seen == [{True}, {False}]


# Roles add up; 監査 excludes 人事, whatever else was granted by another way.
CARDS = {
    "honnin": {"honnin"},
    "kakari": {"honnin", "dourei", "kakari"},
    "kacho": {"honnin", "dourei", "kakari", "kacho", "henshu", "sysadmin"},
    "jinji": None,
    "kansa": None,
    "henshu": {"henshu"},
    "sysadmin": {"sysadmin"},
    "henshu+Y": {"henshu"},
    "henshu+H": None,
    "sysadmin+A": None,
    "kakari+F": {"honnin", "dourei", "kakari"},
}
PEOPLE = ("honnin", "dourei", "kakari", "kacho", "bucho", "betsuka", "jinji", "henshu", "kansa", "sysadmin")


@pytest.mark.parametrize("who", CARDS)
def test_p01_whose_card_opens_for_whom(world, who):
    name, _, role = who.partition("+")
    if role:
        b.make_grant(getattr(world, name), Role(role))
    client = browser(getattr(world, name))
    card = {one: reverse("organization:person", args=[getattr(world, one).uuid]) for one in (*PEOPLE, "yoso")}
    answers = {one: client.get(url).status_code for one, url in card.items()}
    assert {one for one, status in answers.items() if status == 200} == (CARDS[who] or set(PEOPLE))
    assert set(answers.values()) <= {200, 404}
    # The list holds the same people and offers no other.
    listed = client.get(reverse("organization:people")).content.decode()
    assert {one for one in PEOPLE if getattr(world, one).name in listed.split("<main")[1]} == (
        CARDS[who] or set(PEOPLE)
    )


def test_p01_the_auditors_card_leads_to_no_record_and_hr_s_does(world):
    card, record = (
        reverse(name, args=[world.honnin.uuid]) for name in ("organization:person", "assessments:resume")
    )
    for who, leads in (("kansa", False), ("jinji", True), ("kacho", True)):
        assert (record in browser(getattr(world, who)).get(card).content.decode()) is leads, who
