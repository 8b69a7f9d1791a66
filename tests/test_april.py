"""The April of a city of 2,000, played as 人事 plays it: by the pages, with files of a payroll system (tests/city.py)."""

import csv
import datetime
import io
import re
import uuid

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from access.actor import Role
from assessments.models import Cycle, Sheet
from assessments.workflow.sheets import save_drafts, submit
from lib import fiscal
from lib.intervals import last_day
from organization.jobs import run
from organization.models import Department, ImportBatch, Job, Leave, Posting, Staff
from tests import builders as b
from tests.april import april
from tests.city import LINE_ROLES, ORGANIZATION, PAYROLL, as_csv, as_xlsx, march, march_lines

BACKEND = "organization.backends.StaffBackend"
TODAY = timezone.localdate()
YEAR = fiscal.fiscal_year(TODAY)
State = ImportBatch.State


@pytest.fixture
def hr(client, db, settings):
    """Return a client signed in as 人事 of a city that has nothing but its officer and the table of 職位.

    Rosters of this size are left to the worker, as those of larger cities are.
    """
    settings.IMPORT_AT_ONCE_BYTES = 100_000
    city = b.make_municipality()
    office = b.make_department(city, "人事課", code="990000")
    officer = b.make_staff(city, "大橋 香織", username="jinji", staff_number="9999999")
    b.make_posting(officer, office)
    b.make_grant(officer, Role.HR)
    for name, role in LINE_ROLES.items():
        b.make_position(city, name, line_role=role)
    client.force_login(officer, backend=BACKEND)
    client.city, client.officer, client.version = city, officer, b.make_version()
    return client


def people_there(city) -> dict[str, tuple]:
    """Return everything about everybody but the officer, in the shape of `Book.people_picture`."""
    postings: dict[int, list] = {}
    for staff, *row in Posting.objects.filter(municipality=city).values_list(
        "staff_id", "department__code", "kind", "position", "start", "end"
    ):
        postings.setdefault(staff, []).append(tuple(row))
    leaves: dict[int, list] = {}
    for staff, *row in Leave.objects.filter(municipality=city).values_list(
        "staff_id", "kind", "start", "end"
    ):
        leaves.setdefault(staff, []).append(tuple(row))
    return {
        number: (
            *values, tuple(sorted(postings.get(pk, ()), key=repr)), tuple(sorted(leaves.get(pk, ()), key=repr)),
        )
        for pk, number, *values in Staff.objects.filter(municipality=city).exclude(username="jinji").values_list(
            "pk", "staff_number", "name", "kana", "former_name", "employment", "email", "left_on"
        )
    }  # fmt: skip


def places_there(city) -> dict[str, tuple]:
    """Return every department but the office, in the shape of `Book.places_picture`."""
    found = Department.objects.filter(municipality=city).exclude(code="990000")
    return {
        one.code: (
            one.name, one.parent.code if one.parent else "", one.valid_from, last_day(one.valid_to),
            one.successor.code if one.successor else "",
        )
        for one in found.select_related("parent", "successor")
    }  # fmt: skip


def work_off() -> None:
    """Do what was ordered, as the worker beside the server does."""
    for job in Job.objects.filter(state=Job.State.WAITING).order_by("pk"):
        run(job.uuid)


def send(client, url: str, name: str, content: bytes, **fields) -> ImportBatch:
    """Send a file through a form, and return its batch once it is checked."""
    client.post(url, {"file": SimpleUploadedFile(name, content), **fields})
    work_off()
    return ImportBatch.objects.latest("pk")


def bring(client, batch: ImportBatch) -> ImportBatch:
    """Apply a file that is shown, with what is suspicious looked at; return the fresh batch."""
    assert batch.state == State.PREVIEWED, batch.counts
    url = reverse("organization:import_apply", args=[batch.uuid])
    client.post(url, {"version": batch.version, "key": uuid.uuid4(), "seen": "1"})
    work_off()
    batch = ImportBatch.objects.get(pk=batch.pk)
    assert batch.state == State.APPLIED
    return batch


def roster(client, name: str, content: bytes, **fields) -> ImportBatch:
    return send(client, reverse("organization:imports"), name, content, kind="roster", **fields)


def organisation(client, book) -> ImportBatch:
    content = as_csv(ORGANIZATION, book.organization_lines(), "utf-8-sig")
    return send(client, reverse("organization:imports"), "soshiki.csv", content, kind="organization")


def kinds(batch: ImportBatch) -> dict[str, int]:
    return {kind: count for kind, count in batch.counts["kinds"].items() if count}


def test_the_april_of_a_city_of_two_thousand(hr):
    before = march(YEAR)
    after = april(before, TODAY)

    # March: the city as it is, in the encoding of its payroll system.
    assert kinds(bring(hr, organisation(hr, before))) == {"new": 130}
    assert places_there(hr.city) == before.places_picture()
    bring(hr, roster(hr, "r3.csv", as_csv(PAYROLL, march_lines(before), "cp932"), full="on"))
    assert people_there(hr.city) == before.people_picture()

    _last_year(hr, before)

    # April: the organisation is changed, then people.
    assert kinds(bring(hr, organisation(hr, after.book))) == {
        "renamed": 1, "closed": 3, "succeeded": 3, "new": 3, "moved": 1, "unchanged": 125,
    }  # fmt: skip
    assert places_there(hr.city) == after.book.places_picture()
    _wrong_file_is_refused(hr, before, after)
    _half_a_file_is_suspicious(hr, before, after)
    _right_file(hr, before, after)
    _the_year(hr, after)


def _wrong_file_is_refused(hr, before, after) -> None:
    """A spreadsheet ate the zeros of a code, somebody typed full-width digits, a line stands there twice, a day is none."""
    lines = [list(line) for line in after.lines]
    new = next(line for line in lines if line[0].startswith("0005"))
    broken = {
        10: (0, "１００" + lines[10][0][3:]),
        20: (0, lines[20][0].lstrip("0")),
        30: (9, "令和8年2月30日"),
        40: (5, "9999"),
        50: (10, "2001/3/31"),
        60: (8, "転籍"),
    }
    for at, (column, value) in broken.items():
        lines[at][column] = value
    lines.append(new)
    batch = roster(hr, "r4.csv", as_csv(PAYROLL, lines), full="on")
    assert batch.state == State.REFUSED
    page = hr.get(reverse("organization:import_preview", args=[batch.uuid])).content.decode()
    said = {int(number) for number in re.findall(r">(\d+)行目</th>", page)}
    # The header is line 1.
    assert said == {at + 2 for at in broken} | {len(lines) + 1}
    assert people_there(hr.city) == before.people_picture()
    url = reverse("organization:import_apply", args=[batch.uuid])
    assert hr.post(url, {"version": batch.version, "key": uuid.uuid4()}).status_code == 409
    assert people_there(hr.city) == before.people_picture()


def _half_a_file_is_suspicious(hr, before, after) -> None:
    """Half of the roster, marked as whole: it is said before anything else, and not taken in without a look."""
    batch = roster(hr, "half.csv", as_csv(PAYROLL, after.lines[:700]), full="on")
    page = hr.get(reverse("organization:import_preview", args=[batch.uuid])).content.decode()
    assert "人がこのファイルにいません。一部の名簿なら" in page
    url = reverse("organization:import_apply", args=[batch.uuid])
    refused = hr.post(url, {"version": batch.version, "key": uuid.uuid4()})
    assert refused.status_code == 422
    assert people_there(hr.city) == before.people_picture()
    hr.post(reverse("organization:import_discard", args=[batch.uuid]), {"version": batch.version})


def _right_file(hr, before, after) -> None:
    """The right file says what it does, does it, is taken back, does it again, and then nothing more."""
    book = as_xlsx(PAYROLL, after.lines)
    batch = roster(hr, "r4.xlsx", book, full="on")
    # The officer is not on the payroll of this file.
    expected = {**after.kinds, "candidate": len(after.absent) + 1}
    assert kinds(batch) == expected
    bring(hr, batch)
    assert people_there(hr.city) == after.book.people_picture()

    url = reverse("organization:import_undo", args=[batch.uuid])
    batch.refresh_from_db()
    hr.post(url, {"version": batch.version, "key": uuid.uuid4(), "sure": "1"})
    batch.refresh_from_db()
    assert batch.state == State.UNDONE
    assert people_there(hr.city) == before.people_picture()

    again = bring(hr, roster(hr, "r4.xlsx", book, full="on"))
    assert kinds(again) == expected
    assert again.sha256 == batch.sha256
    there = people_there(hr.city)
    assert there == after.book.people_picture()
    once_more = roster(hr, "r4.xlsx", book, full="on")
    assert set(kinds(once_more)) == {"unchanged", "candidate"}
    bring(hr, once_more)
    assert people_there(hr.city) == there


def _steps(number: str) -> list[int]:
    """Return last year's steps of somebody, a step a cell; the person's number says which."""
    return [(int(number) + at * 3) % 5 for at in range(6)]


def _last_year(hr, book) -> None:
    """Last year stands in a workbook of the departments; it comes in as it was, and goes out as it came in."""
    codes = [cell.code for cell in hr.version.cells.order_by("rank")]
    rows = [
        [one.number, one.name, *(str(step) for step in _steps(one.number))] for one in book.people.values()
    ]
    content = as_xlsx(["職員番号", "氏名", *codes], rows)
    fields = {"what": "ratings", "year": YEAR - 1, "level": "final", "version": hr.version.uuid}
    bring(hr, send(hr, reverse("assessments:past"), "r7.xlsx", content, **fields))
    cycle = Cycle.objects.get(fiscal_year=YEAR - 1)
    found = _exported(hr, cycle)
    assert len(found) == 6 * len(book.people)
    assert {(row["職員番号"], row["項目コード"]): int(row["確認到達度"]) for row in found} == {
        (one.number, code): step
        for one in book.people.values()
        for code, step in zip(codes, _steps(one.number), strict=True)
    }
    for row in found:
        one = book.people[row["職員番号"]]
        assert (row["氏名"], row["フリガナ"], row["所属コード"], row["状態"]) == (
            one.name, one.kana, one.main()[0], "確定（取込み）",
        )  # fmt: skip


def _exported(hr, cycle, kind: str = "records") -> list[dict[str, str]]:
    """Return the lines of an export of a year."""
    form = {"cycle": str(cycle.uuid), "format": "csv", "reason": "4月の点検"}
    response = hr.post(reverse("assessments:export", args=[kind]), form)
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def _the_year(hr, after) -> None:
    """The year is made after the last one, opened for those who take part, extended for one 部, and ended."""
    last = Cycle.objects.get(fiscal_year=YEAR - 1)
    days = {"reference_date": datetime.date(YEAR, 4, 1), "starts_on": datetime.date(YEAR, 4, 1)}
    days |= {
        "submit_by": TODAY - datetime.timedelta(days=1),
        "confirm_by": TODAY + datetime.timedelta(days=30),
    }
    form = {
        "fiscal_year": YEAR, "framework_version": str(hr.version.uuid), "steps": "two", "exclusions": "on",
        "needs": "on", **{name: day.isoformat() for name, day in days.items()},
    }  # fmt: skip
    hr.post(f"{reverse('assessments:cycle_new')}?from={last.uuid}", form)
    cycle = Cycle.objects.get(fiscal_year=YEAR)
    assert cycle.copied_from == last
    url = reverse("assessments:cycle_participants", args=[cycle.uuid])
    hr.post(url, {"action": "employments", "version": 1, "employment": ["regular", "reappointed"]})
    cycle.refresh_from_db()
    out = Department.objects.get(code="070000")
    hr.post(
        url,
        {
            "action": "place",
            "version": cycle.version,
            "place-department": out.uuid,
            "place-reason": "別の制度",
        },
    )
    cycle.refresh_from_db()
    left_out = after.book.below("070000")
    hr.post(reverse("assessments:cycle_open", args=[cycle.uuid]), {"version": cycle.version, "seen": "1"})
    day = datetime.date(YEAR, 4, 1)
    expected = {
        one.number: place
        for one in after.book.in_service()
        if one.employment != "fiscal_year"
        for place, kind, _, start, end in one.postings
        if kind == "main" and start <= day and (end is None or end > day) and place not in left_out
    }
    found = dict(
        Sheet.objects.filter(cycle=cycle)
        .exclude(staff=hr.officer)
        .values_list("staff__staff_number", "department__code")
    )
    assert found == expected
    _extended(hr, cycle)
    _submitted(cycle, expected)
    _asked(hr, cycle, after, expected)
    _closed(hr, cycle)


def _submitted(cycle, expected) -> None:
    """Forty people hand in what last year says, through the workflow of the page."""
    codes = list(cycle.framework_version.cells.order_by("rank").values_list("code", flat=True))
    for sheet in Sheet.objects.filter(
        cycle=cycle, staff__staff_number__in=sorted(expected)[:40]
    ).select_related("staff"):
        actor = b.actor_of(sheet.staff)
        save_drafts(sheet=sheet, answers={}, same=codes, by=actor, now=timezone.now())
        sheet.refresh_from_db()
        submit(sheet=sheet, version=sheet.version, key=uuid.uuid4(), by=actor, now=timezone.now())


def _extended(hr, cycle) -> None:
    """One 部 has a month more; the deadline of the year was yesterday."""
    later = (TODAY + datetime.timedelta(days=31)).isoformat()
    place = Department.objects.get(code="080000")
    form = {
        "department": place.uuid,
        "submit_by": later,
        "confirm_by": later,
        "reason": "窓口の繁忙期と重なるため",
    }
    assert hr.post(reverse("assessments:cycle_extensions", args=[cycle.uuid]), form).status_code == 302


def _asked(hr, cycle, after, expected) -> None:
    """Everybody who has not handed in is late but for the extended 部, is listed, and gets a mail or a slip."""
    handed_in = set(sorted(expected)[:40])
    late = {number for number in expected if number not in handed_in}
    longer = after.book.below("080000")
    rows = _exported(hr, cycle, kind="unsubmitted")
    assert {row["職員番号"] for row in rows} == late | {hr.officer.staff_number}
    people = after.book.people
    away = {number for number in late if people[number].is_away(TODAY)}
    assert away
    overdue = {number for number in late - away if people[number].main_on(TODAY)[0] not in longer}
    page = hr.get(reverse("assessments:cycle_progress", args=[cycle.uuid])).content.decode()
    assert (
        f"{len(expected) + 1}人のうち40人が提出し、0人が確定しました。{len(overdue) + 1}人が締切を過ぎています。"
        in page
    )
    mailed = {number for number in late - away if people[number].email}
    url = reverse("assessments:reminders", args=[cycle.uuid])
    hr.post(url, {"kind": "submit", "department": "", "again_after": "3"})
    work_off()
    assert sorted(message.to[0] for message in mail.outbox) == sorted(
        after.book.people[n].email for n in mailed
    )
    assert {message.body.count("職員番号") for message in mail.outbox} == {0}
    paper = hr.get(
        reverse("assessments:reminders_paper", args=[cycle.uuid]), {"kind": "submit", "again_after": "3"}
    )
    assert "お願いの紙　500人分" in paper.content.decode()


def _closed(hr, cycle) -> None:
    """What is left is decided as proposed, and the year ends; its export holds what was handed in."""
    url = reverse("assessments:cycle_close", args=[cycle.uuid])
    cycle.refresh_from_db()
    left = Sheet.objects.filter(cycle=cycle).exclude(state=Sheet.State.CONFIRMED).count()
    assert hr.post(url, {"action": "rest", "undecided": left}).status_code == 302
    cycle.refresh_from_db()
    hr.post(url, {"action": "close", "version": cycle.version, "unfinished": left, "accept": "1"})
    cycle.refresh_from_db()
    assert cycle.state == Cycle.State.CLOSED
    found = _exported(hr, cycle)
    assert {(row["職員番号"], int(row["自己到達度"])) for row in found} == {
        (number, step) for number in {row["職員番号"] for row in found} for step in _steps(number)
    }
    assert len(found) == 40 * 6
