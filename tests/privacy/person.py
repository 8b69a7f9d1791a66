"""A person with a row in every table that the inventory knows, and a word of their own in every field of theirs."""

import datetime
import itertools
import uuid

from django.db import models

from assessments import files
from assessments import models as a
from gaps import models as g
from lib.personal import Treat
from organization import jobs
from organization import models as o
from privacy import inventory
from privacy import models as p
from tests import builders as b

LEFT = datetime.date(2016, 4, 1)
THEN = datetime.datetime(2015, 6, 1, tzinfo=datetime.UTC)


class Words:
    """Unique words, each remembered by the field that it was planted in."""

    def __init__(self, mark: str) -> None:
        self.mark, self.by_field, self._count = mark, {}, itertools.count()

    def __call__(self, field: str) -> str:
        word = f"{self.mark}{next(self._count):03}z"
        self.by_field[field] = word
        return word

    def values(self) -> list[str]:
        return list(self.by_field.values())


def wanted() -> set[str]:
    """Return every field of words of a table whose rows are somebody's, or hold the files that name many."""
    found = set()
    for line in inventory.tables():
        if line.keep == "nobody" or line.keep == "audit":
            continue
        for name in line.treated(Treat.WORDS, Treat.OPINION):
            column = inventory.column(line, name)
            text = isinstance(column, models.CharField | models.JSONField | models.BinaryField)
            if text and not getattr(column, "choices", None):
                found.add(f"{line.model}.{name}")
    return found


def plant(world, mark: str, *, left=LEFT, fiscal_year: int = 2015, at=THEN):
    """Return (person, words): somebody who left, with a row in every table, and what was planted."""
    w = Words(mark)
    city = world.city
    staff = b.make_staff(
        city, w("organization.Staff.name"), username=w("organization.Staff.username"),
        staff_number=w("organization.Staff.staff_number"), kana=w("organization.Staff.kana"),
        former_name=w("organization.Staff.former_name"), email=f"{w('organization.Staff.email')}@example.jp",
        left_on=left,
    )  # fmt: skip
    w.by_field["organization.Staff.search"] = w.by_field["organization.Staff.name"]
    b.make_posting(
        staff,
        world.kakari_dept,
        position=w("organization.Posting.position"),
        start=datetime.date(2010, 4, 1),
        end=left,
    )
    own, jinji = {"municipality": city, "staff": staff}, world.jinji
    o.Leave.objects.create(**own, kind="leave", start=at.date())
    o.ComingChange.objects.create(
        **own,
        starts=at.date(),
        values={"name": w("organization.ComingChange.values")},
        created_at=at,
        applied_at=at,
    )
    o.Grant.objects.create(**own, role="F", granted_at=at, granted_by=jinji, withdrawn_at=at)
    o.SignInCode.objects.create(**own, code_hash="x", issued_at=at, issued_by=jinji, valid_until=at)
    o.AuthenticatorApp.objects.create(**own, sealed=b"x", added_at=at)
    o.Passkey.objects.create(
        **own,
        name=w("organization.Passkey.name"),
        rp_id="x",
        credential_id=uuid.uuid4().hex,
        public_key=b"x",
        added_at=at,
    )
    o.RecoveryCode.objects.create(**own, code_hash="x", made_at=at)
    o.StaffSession.objects.create(
        **own,
        session_key=uuid.uuid4().hex,
        how="password",
        device="Windows の Edge",
        address="192.0.2.9",
        began_at=at,
        seen_at=at,
    )
    job = o.Job.objects.create(
        municipality=city, owner=staff, kind="resumes", title=w("organization.Job.title"), created_at=at,
        state="done", finished_at=at,
    )  # fmt: skip
    w.files = [jobs.path_of(job.uuid)]
    w.files[0].parent.mkdir(parents=True, exist_ok=True)
    w.files[0].write_text(w("file of a job"))
    o.ImportBatch.objects.create(
        municipality=city, kind="roster", state="applied", sha256="0" * 64, uploaded_at=at, applied_at=at, uploaded_by=jinji,
        file_name=w("organization.ImportBatch.file_name"), content=w("organization.ImportBatch.content").encode(),
        undo=w("organization.ImportBatch.undo").encode(), preview=w("organization.ImportBatch.preview").encode(),
        job=job,
    )  # fmt: skip
    _sheet(world, staff, w, at, fiscal_year)
    _entries(world, staff, w, at)
    b.make_assignment(staff, world.kakari_dept, [])
    a.TransferWish.objects.create(
        **own, fiscal_year=fiscal_year, wish="move", place=w("assessments.TransferWish.place"),
        reason=w("assessments.TransferWish.reason"), updated_at=at,
    )  # fmt: skip
    a.Reminder.objects.create(
        **own, cycle=world.cycle, kind="submit", channel="paper", day=at.date(), asked_at=at, asked_by=jinji
    )
    saved = b.make_saved_export(staff, name=w("assessments.SavedExport.name"))
    a.SavedExport.objects.filter(pk=saved.pk).update(
        created_at=at, params={"q": w("assessments.SavedExport.params")}
    )
    _desk(world, staff, w, at)
    p.RightsRequest.objects.create(
        **own, number=w("privacy.RightsRequest.number"), kind="disclosure", received_on=at.date(), due_on=at.date(),
        note=w("privacy.RightsRequest.note"),
    )  # fmt: skip
    p.PurposeSeen.objects.create(staff=staff, number=0, at=at)
    p.Hold.objects.create(**own, reason=w("privacy.Hold.reason"), at=at, by=jinji, ended_at=at)
    return staff, w


def _sheet(world, staff, w: Words, at, year: int) -> None:
    city, cell, jinji = {"municipality": world.city}, world.cells[0], world.jinji
    cycle = a.Cycle.objects.filter(municipality=world.city, fiscal_year=year).first()
    cycle = cycle or b.make_cycle(world.city, world.version, fiscal_year=year)
    sheet = b.make_sheet(staff, cycle, world.kakari_dept, position=w("assessments.Sheet.position"))
    a.Draft.objects.create(
        **city, sheet=sheet, cell=cell, step=3, evidence=w("assessments.Draft.evidence"), updated_at=at
    )
    a.Target.objects.create(**city, sheet=sheet, cell=cell, step=3, reason=w("assessments.Target.reason"))
    revision = a.Revision.objects.create(
        **city, sheet=sheet, number=1, kind="correction", reason=w("assessments.Revision.reason"), submitted_at=at,
        submitted_by=jinji,
    )  # fmt: skip
    a.Rating.objects.create(
        **city, revision=revision, cell=cell, step=3, evidence=w("assessments.Rating.evidence")
    )
    entry = b.make_experience(staff, w("evidence"))
    a.RatingEvidence.objects.create(
        **city, revision=revision, cell=cell, entry=entry, title=w("assessments.RatingEvidence.title")
    )
    a.Confirmation.objects.create(
        **city, revision=revision, cell=cell, level="final", step=3, comment=w("assessments.Confirmation.comment"),
        confirmer=world.kacho, updated_at=at,
    )  # fmt: skip
    a.Remark.objects.create(
        **city,
        revision=revision,
        kind="confirmed",
        text=w("assessments.Remark.text"),
        author=world.kacho,
        at=at,
    )
    a.Proxy.objects.create(
        **city, sheet=sheet, ground="other", opened_at=at, opened_by=jinji, revision=revision, closed_at=at,
        answer=w("assessments.Proxy.answer"),
    )  # fmt: skip
    a.Leftover.objects.create(
        **city, cycle=cycle, sheet=sheet, decision="left", decided_at=at, decided_by=jinji
    )
    a.Exclusion.objects.create(
        **city, cycle=cycle, staff=staff, reason=w("assessments.Exclusion.reason"), created_at=at
    )
    sheet.current_revision, sheet.state = revision, "confirmed"
    sheet.submitted_at = sheet.confirmed_at = at
    sheet.save()
    a.Reply.objects.create(
        **city, revision=revision, cell=cell, text=w("assessments.Reply.text"), again=True, at=at
    )
    asked = a.Reconfirmation.objects.create(**city, sheet=sheet, revision=revision, asked_at=at)
    a.Reconfirmation.objects.filter(pk=asked.pk).update(
        state="kept", referral=w("assessments.Reconfirmation.referral"), referred_by=world.kacho, referred_at=at,
        reason=w("assessments.Reconfirmation.reason"), decided_by=jinji, decided_at=at,
    )  # fmt: skip


def _entries(world, staff, w: Words, at) -> None:
    own = {"municipality": world.city, "staff": staff}
    words = {name: lambda field, kind=name: w(f"assessments.{kind}.{field}") for name in
             ("Experience", "Certification", "Training", "Career")}  # fmt: skip
    b.make_experience(
        staff, w("assessments.Entry.title"), cells=("A",), text=w("assessments.Entry.text"),
        role=words["Experience"]("role"), size=words["Experience"]("size"), result=words["Experience"]("result"),
    )  # fmt: skip
    certificate = b.make_certification(
        staff, w("certificate"), registered_on=at.date(),
        registration_number=words["Certification"]("registration_number"),
    )  # fmt: skip
    b.make_training(
        staff, w("training"), provider=words["Training"]("provider"), result=words["Training"]("result")
    )
    a.Career.objects.create(
        **own, kind="career", title=w("career"), role=words["Career"]("role"), created_at=at, created_by=staff,
        updated_at=at, updated_by=staff,
    )  # fmt: skip
    b.make_handover(staff, w("handover"), successor=world.dourei)
    file = a.Attachment.objects.create(
        municipality=world.city, entry=certificate, label=w("assessments.Attachment.label"),
        content_type="application/pdf", size=1, sha256="0" * 64, added_at=at, added_by=staff,
    )  # fmt: skip
    files.keep(file.uuid, w("file of an entry").encode())
    w.files.append(files.path_of(file.uuid))
    a.Statement.objects.create(
        **own, strengths=w("assessments.Statement.strengths"), interests=w("assessments.Statement.interests"),
        updated_at=at,
    )  # fmt: skip
    record = a.ForeignRecord.objects.create(
        **own, issuer_name=w("assessments.ForeignRecord.issuer_name"), public_key="k", record_id=staff.uuid,
        issued_at=at, imported_at=at, sha256="0" * 64,
    )  # fmt: skip
    a.ForeignLevel.objects.create(
        record=record, fiscal_year=2014, framework=w("assessments.ForeignLevel.framework"), cell_code="A", step=3,
        cell_name=w("assessments.ForeignLevel.cell_name"),
    )  # fmt: skip


def _desk(world, staff, w: Words, at) -> None:
    city = {"municipality": world.city}
    measure = g.Measure.objects.create(
        **city, department=world.kakari_dept, cycle=world.cycle, cell=world.cells[0], kind="train", text="研修",
        decided_status="none", decided_holders=0, created_at=at, updated_at=at, owner=staff,
    )  # fmt: skip
    g.MeasurePerson.objects.create(
        **city, measure=measure, staff=staff, to_step=3, training=w("gaps.MeasurePerson.training")
    )
    scenario = g.Scenario.objects.create(
        **city, department=world.kakari_dept, name=w("gaps.Scenario.name"), on=at.date(), author=staff,
        note=w("gaps.Scenario.note"), created_at=at, updated_at=at,
    )  # fmt: skip
    move = g.ScenarioMove.objects.create(
        **city, scenario=scenario, kind="join", label=w("gaps.ScenarioMove.label")
    )
    g.ScenarioStep.objects.create(move=move, cell_code="A", step=3)
