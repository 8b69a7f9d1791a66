"""Every guard is in the database after migrate, and comes back after a table was rebuilt."""

import uuid

import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models.signals import post_migrate, pre_migrate
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assessments.guards import GUARDS as ASSESSMENTS
from assessments.models import (
    ForeignLevel,
    ForeignRecord,
    RatingEvidence,
    Reconfirmation,
    Remark,
    Reply,
    Revision,
    Target,
)
from audit.guards import GUARDS as AUDIT
from audit.models import ChainStart, issue_receipt, record
from audit.sealing import seal
from competency.guards import GUARDS as COMPETENCY
from competency.models import Area, Category, Cell, CellOrigin, FrameworkVersion, Stage
from gaps.guards import GUARDS as GAPS
from lib import guards
from lib.guards import Guard, Notice, install, installed_here, lift, missing, remove, unknown
from tests import builders as b
from tests.assessments.sheets import in_state

ALL = (*AUDIT, *COMPETENCY, *ASSESSMENTS, *GAPS)


def test_all_are_installed(db):
    assert missing(connection, ALL) == []


def test_names_are_unique():
    assert len({guard.name for guard in ALL}) == len(ALL)


def test_missing_names_what_was_removed(db):
    remove(connection, AUDIT[:1])
    assert missing(connection, ALL) == [AUDIT[0].name]
    install(connection, AUDIT)
    assert missing(connection, ALL) == []


def test_they_stand_back_while_migrations_run_and_only_where_there_are_any(db):
    app = apps.get_app_config("audit")
    pre_migrate.send(sender=app, app_config=app, using="default", plan=[])
    assert missing(connection, ALL) == []
    pre_migrate.send(sender=app, app_config=app, using="default", plan=[("a migration", False)])
    assert set(missing(connection, ALL)) >= {guard.name for guard in ALL}
    with CaptureQueriesContext(connection) as asked:
        assert lift(connection) == []
    assert len(asked) == 1
    for label in ("audit", "competency", "assessments", "gaps", "privacy"):
        app = apps.get_app_config(label)
        post_migrate.send(sender=app, app_config=app, using="default")
    assert missing(connection, installed_here()) == []


def test_one_that_asks_the_permits_waits_for_their_table(db, monkeypatch):
    """`migrate assessments` on an empty database comes before the permits of privacy are there."""
    monkeypatch.setattr(guards, "PERMIT_TABLE", "privacy_permit_to_come")
    lift(connection)
    app = apps.get_app_config("assessments")
    post_migrate.send(sender=app, app_config=app, using="default")
    waiting = {guard.name for guard in ASSESSMENTS if guard.erasable}
    assert waiting
    assert set(missing(connection, ASSESSMENTS)) & {guard.name for guard in ASSESSMENTS} == waiting
    monkeypatch.undo()
    post_migrate.send(sender=app, app_config=app, using="default")
    assert missing(connection, ASSESSMENTS) == []


def test_a_guard_of_an_earlier_version_is_taken_away_too(db):
    former = Guard("guard_of_before", "competency_area", "DELETE", "OLD.id > 0", "no")
    install(connection, [former])
    assert "guard_of_before" in lift(connection)
    assert unknown(connection, installed_here()) == []


def test_refusal_is_an_integrity_error_and_the_row_stays(world):
    from django.utils import timezone

    from audit.models import Event, record

    event = record(by=None, action="test.event", now=timezone.now(), municipality_id=world.city.pk)
    for change in (
        lambda: Event.objects.filter(pk=event.pk).update(action="other"),
        lambda: Event.objects.filter(pk=event.pk).delete(),
        lambda: event.delete(),
        lambda: Event.objects.bulk_update([Event(pk=event.pk, action="x")], ["action"]),
        lambda: connection.cursor().execute("UPDATE audit_event SET action = 'raw'"),
        lambda: connection.cursor().execute("DELETE FROM audit_event"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    assert Event.objects.get(pk=event.pk).action == "test.event"


@pytest.mark.parametrize("table", ["category", "area", "stage", "cell", "stepwording"])
@pytest.mark.parametrize("statement", ["UPDATE competency_{0} SET id = id", "DELETE FROM competency_{0}"])
def test_published_version_is_frozen_to_raw_sql(world, table, statement):
    with pytest.raises(DatabaseError), transaction.atomic():
        connection.cursor().execute(statement.format(table))


def test_nothing_is_added_to_a_published_version(world):
    with pytest.raises(IntegrityError), transaction.atomic():
        Stage.objects.create(version=world.version, code="stage-9", name="超級", rank=9)


def test_what_a_cell_came_from_is_frozen_with_its_version(world):
    cell = Cell.objects.get(pk=world.cells[0].pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        CellOrigin.objects.create(cell=cell, code="a.1")
    draft = FrameworkVersion.objects.create(
        framework=world.version.framework, name="次", based_on=world.version
    )
    for model, values in ((Stage, {}), (Category, {})):
        model.objects.create(version=draft, code="x", name="x", rank=0, **values)
    place = {"stage": draft.stages.get(), "version": draft, "rank": 0}
    area = Area.objects.create(version=draft, code="x", name="x", rank=0, category=draft.categories.get())
    origin = CellOrigin.objects.create(cell=Cell.objects.create(area=area, code="x", **place), code="a.1")
    FrameworkVersion.objects.filter(pk=draft.pk).update(state="published", published_at=timezone.now())
    for change in (lambda: CellOrigin.objects.update(rule="reopen"), lambda: origin.delete()):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    with pytest.raises(IntegrityError), transaction.atomic():
        FrameworkVersion.objects.filter(pk=draft.pk).update(based_on=None)


@pytest.mark.parametrize(
    "change", [{"state": "draft", "published_at": None}, {"source": "別の出典"}, {"name": "2013"}]
)
def test_published_version_row_only_retires(world, change):

    versions = FrameworkVersion.objects.filter(pk=world.version.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        versions.update(**change)
    assert versions.update(state="retired") == 1


# 段階の文 and what a cell came from are in no framework that tests make; their guards are those of the other tables.
EMPTY = {"competency_stepwording", "competency_cellorigin"}
FROZEN = sorted(
    {guard.table for guard in ALL if guard.event == "DELETE" and not isinstance(guard, Notice)} - EMPTY
)


@pytest.mark.parametrize("table", FROZEN)
def test_no_table_is_emptied_or_replaced_past_its_guard(world, table):
    Target.objects.create(
        municipality=world.city, sheet=world.sheet, cell=world.cells[0], step=3, reason="職位：主任"
    )
    now = timezone.now()
    brought = ForeignRecord.objects.create(
        municipality=world.city, staff=world.honnin, issuer_name="となり市", public_key="z6Mk", sha256="0" * 64,
        record_id=uuid.uuid4(), issued_at=now, imported_at=now,
    )  # fmt: skip
    ForeignLevel.objects.create(
        record=brought, fiscal_year=2025, framework="LASDEC", cell_code="a.1", cell_name="業務分析", step=3
    )
    earlier = Revision.objects.create(
        municipality=world.city, sheet=world.sheet, number=9, submitted_at=now, submitted_by=world.honnin
    )
    RatingEvidence.objects.create(
        municipality=world.city, revision=earlier, cell=world.cells[0], title="ポリシーの改定",
        entry=b.make_experience(world.honnin),
    )  # fmt: skip
    sheet = in_state(world.sheet, "confirmed", confirmer=world.kacho)
    record(by=None, action="test.event", now=now, municipality_id=world.city.pk, after={"name": "値"})
    seal(now=now)
    ChainStart.objects.create(municipality_id=world.city.pk, number=0, previous="0", mac="x", at=now)
    issue_receipt(by=b.actor_of(world.honnin), action="test", key=uuid.uuid4(), target=sheet, now=now)
    Remark.objects.create(
        municipality=world.city, revision=sheet.current_revision, text="言葉", author=world.kacho, at=now,
        kind=Remark.Kind.SENT_BACK, visibility="person",
    )  # fmt: skip
    answer = {"municipality": world.city, "revision": sheet.current_revision}
    Reply.objects.create(**answer, cell=world.cells[0], text="言葉", again=True, at=now)
    Reconfirmation.objects.create(**answer, sheet=sheet, asked_at=now)
    emptied = f"TRUNCATE {table} CASCADE"
    if connection.vendor == "sqlite":
        emptied = f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"
    # PostgreSQL empties no table while a foreign key of this transaction is still to be checked.
    connection.check_constraints()
    with pytest.raises(IntegrityError), transaction.atomic():
        connection.cursor().execute(emptied)
