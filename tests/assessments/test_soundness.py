"""Planted faults between entries and what hangs on them are all found, and an honest record has none."""

import hashlib

import pytest
from django.utils import timezone

from assessments import files
from assessments.models import Attachment, Entry, Rating, RatingEvidence, Revision, Statement, TransferWish
from tests import builders as b
from tests.ties import past_the_ties
from tests.verifying import told

ABOUT = ("entries.", "files.", "rows.")


def evidence(world, entry, *, step: int = 3, staff=None, cell: int = 0) -> RatingEvidence:
    """Return evidence behind one rating, on a revision that is not the sheet's current one yet."""
    sheet = world.sheet if staff is None else b.make_sheet(staff, world.cycle, world.kakari_dept)
    revision = Revision.objects.create(
        municipality=world.city, sheet=sheet, number=1, submitted_at=timezone.now(), submitted_by=sheet.staff
    )
    Rating.objects.create(municipality=world.city, revision=revision, cell=world.cells[cell], step=step)
    return RatingEvidence.objects.create(
        municipality=world.city, revision=revision, cell=world.cells[cell], entry=entry, title=entry.title
    )


def honest(world):
    entry = b.make_experience(world.honnin, cells=["security-policy.1"])
    b.make_training(world.honnin, course=b.make_course(world.city))
    evidence(world, entry)
    attached(world, entry)
    return entry


def test_an_honest_record_has_none(world):
    honest(world)
    assert told(*ABOUT) == []


def stolen(world):
    evidence(world, b.make_experience(world.dourei))


def not_enough(world):
    evidence(world, b.make_experience(world.honnin), step=2)


def no_evidence(world):
    evidence(world, b.make_handover(world.honnin))


def no_detail(world):
    entry = b.make_experience(world.honnin)
    entry.delete(keep_parents=True)


def wrong_kind(world):
    Entry.objects.filter(pk=b.make_experience(world.honnin).pk).update(kind="training")


def foreign_owner(world):
    Entry.objects.filter(pk=b.make_experience(world.honnin).pk).update(staff=world.yoso)


def foreign_course(world):
    b.make_training(world.honnin, course=b.make_course(world.other_city))


def attached(world, entry, *, kept: bytes | None = b"seal") -> Attachment:
    """Return a file of the city with an entry, its bytes as `kept`; None for none on the disk."""
    file = Attachment.objects.create(
        municipality=world.city, entry=entry, label="写し", content_type="image/png", size=4,
        sha256=hashlib.sha256(b"seal").hexdigest(), added_at=timezone.now(), added_by=entry.staff,
    )  # fmt: skip
    if kept is not None:
        files.keep(file.uuid, kept)
    return file


def foreign_file(world):
    attached(world, b.make_experience(world.yoso))


def lost_file(world):
    attached(world, b.make_experience(world.honnin), kept=None)


def changed_file(world):
    attached(world, b.make_experience(world.honnin), kept=b"sea1")


def foreign_statement(world):
    Statement.objects.create(municipality=world.city, staff=world.yoso, updated_at=timezone.now())


def foreign_wish(world):
    TransferWish.objects.create(
        municipality=world.city, staff=world.yoso, fiscal_year=2026, wish="stay", updated_at=timezone.now()
    )


@pytest.mark.parametrize(
    ("plant", "name", "table"),
    [
        (stolen, "entries.evidence", "assessments_ratingevidence"),
        (not_enough, "entries.evidence", "assessments_ratingevidence"),
        (no_evidence, "entries.evidence", "assessments_ratingevidence"),
        (no_detail, "entries.kinds", "assessments_entry"),
        (wrong_kind, "entries.kinds", "assessments_entry"),
        (foreign_owner, "rows.municipality", "assessments_entry"),
        (foreign_course, "rows.municipality", "assessments_training"),
        (foreign_file, "rows.municipality", "assessments_attachment"),
        (lost_file, "files.bytes", "assessments_attachment"),
        (changed_file, "files.bytes", "assessments_attachment"),
        (foreign_statement, "rows.municipality", "assessments_statement"),
        (foreign_wish, "rows.municipality", "assessments_transferwish"),
    ],
)
def test_a_planted_fault_is_found(world, plant, name, table):
    with past_the_ties():
        plant(world)
    found = told(name, municipality=world.city)
    assert found
    assert all(sentence.startswith(f"{table} ") for sentence in found)
