"""P20: whose records each role takes out, 人事 with a reason, and one event for each file, with its rows and its filter."""

import datetime

import pytest
from django.conf import settings
from django.urls import reverse

from access.actor import Role
from assessments import pdf
from audit.models import Event
from gaps.workflow.resumes import ASKED
from tests import builders as b
from tests.access.conditions import browser, whole, words
from tests.assessments.exporting import hand_in_two

DAY = datetime.date(2026, 5, 11)
TABLES = tuple(settings.EXPORT_KINDS)
PEOPLE = ("honnin", "dourei", "betsuka", "yoso")


@pytest.fixture
def full(world):
    """Sheets and entries of two of the 課, of one of 人事課, and of one of another municipality."""
    hand_in_two(world)
    for who in PEOPLE:
        b.make_certification(getattr(world, who))
        b.make_training(getattr(world, who), start=DAY)
    b.make_sheet(world.betsuka, world.cycle, world.jinjika)
    return world


def written():
    """Return the events of files handed out."""
    return list(Event.objects.filter(action__startswith="export.").order_by("pk"))


def rows_of(content):
    """Return how many rows stand below the header."""
    return content.count(b"\r\n") - 1


def ask(client, kind, world, **changes):
    form = {"cycle": world.cycle.uuid, "format": "csv", "reason": "研修計画の資料", "state": "", **changes}
    form = {name: value for name, value in form.items() if value is not None}
    return client.post(reverse("assessments:export", args=[kind]), form)


def names_in(world, content):
    return {who for who in PEOPLE if getattr(world, who).name in words(content)}


# Whose records come out; a role beside 本人 opens nothing but its own column.
REACH = {
    "honnin": {"honnin"},
    "dourei": {"dourei"},
    "betsuka": {"betsuka"},
    "kakari": {"honnin", "dourei"},
    "kacho": {"honnin", "dourei"},
    "jinji": {"honnin", "dourei", "betsuka"},
    "henshu": set(),
    "kansa": set(),
    "sysadmin": set(),
    "honnin+A": {"honnin"},
    "honnin+F": {"honnin"},
    "betsuka+Y": {"betsuka"},
    "kacho+A": {"honnin", "dourei"},
    "kacho+H": {"honnin", "dourei", "betsuka"},
    "jinji+A": set(),
}


@pytest.mark.parametrize("who", REACH)
def test_p20_the_records_of_ones_reach_and_one_event_with_the_rows(full, who):
    name, _, role = who.partition("+")
    if role:
        b.make_grant(getattr(full, name), Role(role))
    client = browser(getattr(full, name))
    for number, kind in enumerate(("certifications", "trainings"), start=1):
        content = whole(ask(client, kind, full))
        assert names_in(full, content) == REACH[who], kind
        events = written()
        assert len(events) == number, kind
        said = events[-1]
        assert said.actor_uuid == getattr(full, name).uuid
        assert said.data["rows"] == rows_of(content) == len(REACH[who])


@pytest.mark.parametrize("kind", TABLES)
def test_p20_hr_gives_a_reason_and_every_table_says_its_rows_and_its_filter(full, kind):
    client = browser(full.jinji)
    for nothing in (None, "", "　 "):
        refused = ask(client, kind, full, reason=nothing)
        assert refused.status_code == 422, nothing
        assert "attachment" not in refused.headers.get("Content-Disposition", "")
    assert written() == []
    content = whole(ask(client, kind, full))
    (event,) = written()
    assert event.data["rows"] == rows_of(content)
    assert event.data["reason"] == "研修計画の資料"
    assert {"department", "format"} <= event.data.keys()
    assert (event.data["department"], event.object_uuid) == ("", full.cycle.uuid)


def test_p20_the_filter_that_was_asked_for_is_in_the_event_and_holds(full):
    client = browser(full.jinji)
    narrowed = {"department": full.jinjika.uuid}
    content = whole(ask(client, "certifications", full, **narrowed))
    assert names_in(full, content) == {"betsuka"}
    assert written()[-1].data["department"] == full.jinjika.code
    content = whole(ask(client, "records", full, state="confirmed"))
    assert names_in(full, content) == {"honnin"}
    assert written()[-1].data["state"] == "confirmed"
    # A department out of the line's sight is no choice of theirs, and nothing is handed out.
    count = len(written())
    assert ask(browser(full.kacho), "records", full, **narrowed).status_code == 422
    assert len(written()) == count


def test_p20_the_line_and_the_person_need_no_reason(full):
    for who in ("honnin", "kacho"):
        answer = ask(browser(getattr(full, who)), "records", full, reason="")
        assert answer.status_code == 200, who
        assert full.honnin.name in words(whole(answer)), who
    assert [event.data["reason"] for event in written()] == ["", ""]


@pytest.mark.parametrize("name", ["resume_xlsx", "resume_pdf"])
@pytest.mark.parametrize(
    ("who", "first"),
    [
        ("honnin", 200),
        ("kacho", 200),
        ("jinji", "asks"),
        ("kacho+H", "asks"),
        ("kansa", 404),
        ("henshu", 404),
        ("sysadmin", 404),
        ("dourei", 404),
    ],
)
def test_p20_the_file_of_one_person_and_its_one_event(full, monkeypatch, name, who, first):
    monkeypatch.setattr(pdf, "available", lambda: True)
    monkeypatch.setattr(pdf, "pdf_of", lambda html: f"%PDFtext {html}".encode())
    persona, _, role = who.partition("+")
    if role:
        b.make_grant(getattr(full, persona), Role(role))
    client, url = browser(getattr(full, persona)), reverse(f"assessments:{name}", args=[full.honnin.uuid])
    events = Event.objects.filter(action=name.replace("_", "."))
    answer = client.get(url)
    if first == "asks":
        assert answer.status_code == 200
        assert "attachment" not in answer.headers.get("Content-Disposition", "")
        assert client.post(url, {"reason": " "}).status_code == 422
        assert not events.exists()
        answer = client.post(url, {"reason": "面談の準備"})
        first = 200
    assert answer.status_code == first
    if first != 200:
        assert not events.exists()
        return
    assert "attachment" in answer["Content-Disposition"]
    (event,) = events
    assert (event.subject_uuid, event.actor_uuid) == (full.honnin.uuid, getattr(full, persona).uuid)
    assert event.data.get("reason") == ("面談の準備" if "jinji" in who or role else None)
    assert event.data["rows"] == 1


def test_p20_everybody_of_a_department_is_asked_for_with_a_reason_by_hr_and_in_scope(full):
    url = reverse("gaps:resumes", args=[full.ka.uuid])
    for who in ("honnin", "betsuka", "henshu", "kansa", "sysadmin"):
        assert browser(getattr(full, who)).post(url, {"reason": "面談"}).status_code in (403, 404), who
    assert browser(full.jinji).post(url, {"reason": ""}).status_code == 422
    asked = Event.objects.filter(action=ASKED)
    assert not asked.exists()
    assert browser(full.jinji).post(url, {"reason": "面談の準備"}).status_code == 302
    (event,) = asked
    assert (event.data["reason"], event.data["department"]) == ("面談の準備", full.ka.code)
    assert event.data["rows"] > 1
