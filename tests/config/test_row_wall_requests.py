"""For whom a statement is: over requests, transactions, cursors, threads, work of the worker and entering."""

import os
import threading

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assessments.models import Sheet
from lib import tenant
from lib.wall_ties import mismatches, ties
from organization import jobs, tenancy
from organization.middleware import NobodyMiddleware
from organization.models import Job, Staff
from tests import builders as b

postgres_only = pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has no second wall")


def municipalities() -> set[int]:
    return set(Staff.objects.values_list("municipality_id", flat=True))


def asking() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('skill.municipality', true), current_user")
        return cursor.fetchone()


@pytest.mark.parametrize("wrong", [0, -1, True, "1", None])
def test_only_a_number_is_a_municipality(wrong):
    with pytest.raises(ValueError, match="positive number"), tenant.as_tenant(wrong):
        pass


def test_nobody_becomes_a_municipality_outside_a_request():
    with pytest.raises(RuntimeError):
        tenant.become(1)


def test_what_a_request_became_ends_with_it():
    def view(request):
        assert tenant.current() is tenant.NOBODY
        tenant.become(7)
        raise LookupError

    with pytest.raises(LookupError):
        NobodyMiddleware(view)(None)
    assert tenant.current() is tenant.OPERATOR


def test_what_is_sent_piece_by_piece_is_made_for_whom_the_request_was():
    def view(request):
        tenant.become(7)
        return StreamingHttpResponse(str(tenant.current()) for _ in range(2))

    response = NobodyMiddleware(view)(None)
    assert tenant.current() is tenant.OPERATOR
    assert b"".join(response) == b"77"


def test_a_new_thread_begins_as_the_process_does():
    seen = []

    def look():
        seen.append(tenant.current())

    with tenant.as_tenant(7):
        tenant.set_outside(tenant.NOBODY)
        try:
            thread = threading.Thread(target=look)
            thread.start()
            thread.join()
        finally:
            tenant.set_outside(tenant.OPERATOR)
    assert seen == [tenant.NOBODY]


def test_two_municipalities_take_turns_over_one_connection(world, monkeypatch):
    seen = []

    def home(request, *args, **kwargs):
        seen.append((request.user.municipality_id, tenant.current(), municipalities()))
        if len(seen) % 3 == 0:
            raise LookupError
        return HttpResponse()

    monkeypatch.setattr(
        "organization.middleware.ActorMiddleware.process_view", lambda self, request, *a: home(request)
    )
    ours, theirs = Client(raise_request_exception=False), Client(raise_request_exception=False)
    ours.force_login(world.jinji)
    theirs.force_login(world.yoso)
    for client in (ours, theirs, theirs, ours, ours, theirs):
        client.get("/")
    city, other = world.city.pk, world.other_city.pk
    assert [one[:2] for one in seen] == [(pk, pk) for pk in (city, other, other, city, city, other)]
    if connection.vendor == "postgresql":
        assert [one[2] for one in seen] == [{one[0]} for one in seen]
    assert municipalities() == {city, other}


def test_a_session_from_before_is_still_somebodys(world, client):
    client.force_login(world.honnin)
    session = client.session
    del session[tenancy.SESSION_KEY]
    session.save()
    assert client.get("/").status_code == 200


def test_a_session_of_another_municipality_finds_nobody(world, client):
    client.force_login(world.honnin)
    session = client.session
    session[tenancy.SESSION_KEY] = world.other_city.pk
    session.save()
    response = client.get("/")
    # On SQLite the application's own filter stands alone, and the person is who signed in.
    assert response.status_code == (302 if connection.vendor == "postgresql" else 200)


def test_what_has_to_be_known_first_is_answered_to_nobody(world):
    with tenant.as_nobody():
        assert tenancy.municipality_of_username("yoso") == world.other_city.pk
        assert tenancy.municipality_of_username("nobody") is None
        assert tenancy.municipality_of_staff(world.honnin.pk) == world.city.pk
        assert tenancy.municipality_of_token("0" * 64) is None
        assert tenancy.taken_usernames(["yoso", "honnin", "free"]) == {"yoso", "honnin"}
        assert tenancy.several_municipalities()


@postgres_only
def test_a_failed_statement_leaves_the_wall_where_it_was(world):
    with tenant.as_tenant(world.city.pk), transaction.atomic():
        with pytest.raises(IntegrityError), transaction.atomic():
            Staff.objects.filter(pk=world.honnin.pk).update(uuid=world.dourei.uuid)
        assert municipalities() == {world.city.pk}
    assert municipalities() == {world.city.pk, world.other_city.pk}


@postgres_only
def test_nothing_is_left_on_the_connection_after_a_transaction(transactional_db):
    city = b.make_municipality()
    b.make_staff(city)
    b.make_staff(b.make_municipality(code="131016", name="ほかの市"))
    with tenant.as_tenant(city.pk):
        assert municipalities() == {city.pk}
        with transaction.atomic():
            assert municipalities() == {city.pk}
        # Read on the server piece by piece, outside a transaction and in one.
        assert {one.municipality_id for one in Staff.objects.iterator(chunk_size=1)} == {city.pk}
        with transaction.atomic():
            assert {one.municipality_id for one in Staff.objects.iterator(chunk_size=1)} == {city.pk}
    assert asking() == ("", connection.settings_dict["USER"])
    assert len(municipalities()) == 2


@postgres_only
def test_counts_rows_and_words_of_a_statement_are_its_own(world):
    with tenant.as_tenant(world.city.pk), CaptureQueriesContext(connection) as asked:
        assert Staff.objects.update(email="") == Staff.objects.count()
        with connection.cursor() as cursor:
            cursor.executemany(
                "UPDATE organization_staff SET kana = %s WHERE id = %s", [("ア", world.honnin.pk)] * 2
            )
    assert len(asked) == 3
    assert asked[0]["sql"].startswith("UPDATE")


@postgres_only
def test_the_database_refuses_a_tie_across_municipalities(world):
    Sheet.objects.filter(pk=world.sheet.pk).update(department=world.foreign_department)
    refused = pytest.raises(IntegrityError, match="wall_assessments_sheet_department_id")
    with connection.cursor() as cursor, refused, transaction.atomic():
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    Sheet.objects.filter(pk=world.sheet.pk).update(department=world.kakari_dept)


def test_a_tie_across_municipalities_is_found_on_either_engine(world):
    assert list(mismatches(world.city.pk)) == []
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = 'replica'")
        cursor.execute(
            "UPDATE assessments_sheet SET department_id = %s WHERE id = %s",
            [world.foreign_department.pk, world.sheet.pk],
        )
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = 'origin'")
    (sentence,) = mismatches(world.city.pk)
    assert f"{world.sheet.pk}: " in sentence
    assert "department_id" in sentence
    assert list(mismatches(world.other_city.pk)) == []


def test_most_ties_are_keys_of_two_columns():
    whole = [tie for tie in ties() if tie.whole]
    assert len({tie.name for tie in whole}) == len(whole) > 50
    assert "wall_assessments_sheet_staff_id" in {tie.name for tie in whole}


def test_files_of_another_municipality_outlive_the_worker_of_one(world, settings, tmp_path):
    settings.FILES_DIR = tmp_path
    (tmp_path / "jobs").mkdir()
    files = []
    for owner in (world.jinji, world.yoso):
        job = Job.objects.create(
            municipality=owner.municipality, owner=owner, kind="resumes", title="x", created_at=timezone.now()
        )
        files.append(jobs.path_of(job.uuid))
        files[-1].write_bytes(b"x")

        os.utime(files[-1], (0, 0))
    with tenant.as_tenant(world.city.pk):
        assert jobs.purge(timezone.now()) == 1
    assert [file.exists() for file in files] == [False, True]
    assert jobs.purge(timezone.now()) == 1
