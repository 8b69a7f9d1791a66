"""What people keep about themselves, and what the desk keeps for them: entries, files, courses, the register, jobs."""

import datetime
import hashlib
import uuid
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.utils import timezone

from assessments import files
from assessments.models import (
    Attachment,
    Career,
    Certification,
    Entry,
    EntryCell,
    Experience,
    Extension,
    ForeignLevel,
    ForeignRecord,
    Handover,
    Rating,
    RatingEvidence,
    Revision,
    SavedExport,
    Statement,
    Training,
    TransferWish,
    TrustedIssuer,
    VersionChange,
)
from assessments.workflow.signing_keys import make_key
from assessments.workflow.tokens import issue_token
from audit.chain import signature
from audit.models import Alarm, Event
from audit.recording import key_ring
from competency.interchange.case_ids import document_id
from competency.models import (
    Course,
    CourseCell,
    Crosswalk,
    FrameworkVersion,
    Provider,
    Qualification,
    ReferenceSurvey,
)
from competency.models.matrix import HOLDER_STEP
from competency.workflow import publish
from competency.workflow.drafts import start_draft
from competency.workflow.drafts_comments import add_comment
from organization.jobs import STOPPED
from organization.models import ApiToken, ImportBatch, Job, Passkey
from organization.scope import actor_for
from privacy.models import RetentionRun, RightsRequest

BEGAN = datetime.date(2023, 6, 1)
# Every kind for the one person whose pages are opened; the lists of a city hold two entries of everybody.
_EVERY_KIND: tuple[tuple[type[Entry], str, dict[str, Any]], ...] = (
    (Experience, "庁内ネットワーク機器の更改", {"category": "renewal", "role": "副担当", "result": "停止なしで切り替えた。"}),
    (Certification, "応用情報技術者試験", {}),
    (Training, "業務改革の進め方", {"state": "applied", "fee": 12000}),
    (Career, "市内の情報サービス会社", {"role": "保守"}),
    (Handover, "更改の設計書の場所", {"text": "共有フォルダの「更改」にあります。"}),
)  # fmt: skip


def write_records(city) -> None:
    """Write the entries of everybody, before their sheets, and what else a record shows."""
    now = timezone.now()
    rows = [
        row
        for person in city.people
        for row in (
            _entry(Experience, person, "標準化システムへの移行", now, category="standardization"),
            _entry(
                Training, person, "情報セキュリティの基礎", now, fee=3000, state="finished", provider="J-LIS"
            ),
        )
    ]
    honnin = city.persona("honnin")
    rows += [_entry(model, honnin, title, now, **more) for model, title, more in _EVERY_KIND]
    made = _store(rows)
    EntryCell.objects.bulk_create(
        [EntryCell(entry=entry, cell_code=city.cells[number % len(city.cells)].code) for number, entry in enumerate(made)],
        batch_size=2000,
    )  # fmt: skip
    common = {"municipality": city.municipality, "staff": honnin, "updated_at": now}
    Statement.objects.create(**common, strengths="調整", interests="データ分析")
    TransferWish.objects.create(**common, fiscal_year=city.today.year, wish="stay")
    content = b"%PDF-1.4"
    file = Attachment.objects.create(
        municipality=city.municipality, entry=made[-1], label="設計書", content_type="application/pdf",
        size=len(content), sha256=hashlib.sha256(content).hexdigest(), added_at=now, added_by=honnin,
    )  # fmt: skip
    files.keep(file.uuid, content)
    brought = ForeignRecord.objects.create(
        municipality=city.municipality, staff=honnin, issuer_name="となり市", public_key="z6Mk", sha256="0" * 64,
        record_id=uuid.uuid4(), issued_at=now, imported_at=now,
    )  # fmt: skip
    ForeignLevel.objects.create(
        record=brought, fiscal_year=2022, framework="LASDEC", cell_code="a.1", cell_name="業務分析", step=3
    )
    _catalogue(city, now)


def write_evidence(city, revisions: list[Revision]) -> None:
    """Tie every submitted step of 3 or 4 to an entry of its person; before the revisions are closed."""
    of_person: dict[int, Entry] = {}
    for entry in Entry.objects.filter(municipality=city.municipality, kind=Entry.Kind.EXPERIENCE).order_by(
        "pk"
    ):
        of_person.setdefault(entry.staff_id, entry)
    steps = Rating.objects.filter(revision__in=[one.pk for one in revisions], step__gte=HOLDER_STEP)
    RatingEvidence.objects.bulk_create(
        [
            RatingEvidence(
                municipality=city.municipality, revision_id=revision_id, cell_id=cell_id,
                entry=of_person[staff_id], title=of_person[staff_id].title,
            )
            for revision_id, cell_id, staff_id in steps.values_list("revision_id", "cell_id", "revision__sheet__staff_id")
        ],
        batch_size=2000,
    )  # fmt: skip


def write_desk(city) -> None:
    """What the desks have done: one file brought in, an event per person, a job, an issuer, longer deadlines."""
    now = timezone.now()
    jinji, honnin = city.persona("jinji"), city.persona("honnin")
    ImportBatch.objects.create(
        municipality=city.municipality, kind=ImportBatch.Kind.ROSTER, state=ImportBatch.State.APPLIED,
        file_name="meibo.csv", sha256=hashlib.sha256(b"").hexdigest(), counts={}, uploaded_at=now,
        uploaded_by=jinji, applied_at=now,
    )  # fmt: skip
    Alarm.objects.create(
        municipality_id=city.municipality.pk, kind=Alarm.Kind.READING, actor_uuid=honnin.uuid, since=now, at=now,
        count=31,
    )  # fmt: skip
    Event.objects.bulk_create(
        [
            signed(
                Event(
                    at=now, municipality_id=city.municipality.pk, kind=Event.Kind.PEOPLE, action="sheet.view",
                    actor_uuid=jinji.uuid, subject_uuid=person.uuid,
                    object_type="organization.staff", object_uuid=person.uuid, request_id=uuid.uuid4().hex[:12],
                )
            )
            for person in city.people
        ],
        batch_size=2000,
    )  # fmt: skip
    for kind, action, actor, subject in (
        (Event.Kind.TECHNICAL, "account.opened", city.persona("henshu"), honnin),
        (Event.Kind.PEOPLE, "resume.view", city.persona("kacho"), jinji),
    ):
        signed(
            Event(
                at=now, municipality_id=city.municipality.pk, kind=kind, action=action, actor_uuid=actor.uuid,
                subject_uuid=subject.uuid, object_type="organization.staff", object_uuid=subject.uuid,
            )
        ).save(force_insert=True)  # fmt: skip
    make_key(municipality=city.municipality, by=None, now=now)
    _write_drafts(city, now)
    Extension.objects.create(
        municipality=city.municipality, cycle=city.cycle, department=city.sections[0], reason="繁忙期のため",
        submit_by=city.cycle.confirm_by, confirm_by=city.cycle.confirm_by, created_at=now,
    )  # fmt: skip
    VersionChange.objects.create(
        municipality=city.municipality, cycle=city.cycle, earlier=city.cycle.framework_version, at=now, by=jinji,
        later=_later(city),
        undone_at=now, undone_by=jinji,
    )  # fmt: skip
    TrustedIssuer.objects.create(
        municipality=city.municipality, name="となり市", public_key="z6Mk", added_at=now, added_by=jinji
    )
    RightsRequest.objects.create(
        municipality=city.municipality, staff=city.persona("honnin"), number="R8-1", kind="disclosure",
        received_on=now.date(), due_on=now.date(),
    )  # fmt: skip
    RetentionRun.objects.create(
        municipality=city.municipality, day=now.date(), proposed_at=now, due_at=now, proposed_by=jinji
    )
    Passkey.objects.create(
        municipality=city.municipality, staff=city.persona("honnin"), name="職場のパソコン", rp_id="localhost",
        credential_id=uuid.uuid4().hex, public_key=b"", added_at=now,
    )  # fmt: skip
    Job.objects.create(
        municipality=city.municipality, owner=city.persona("honnin"), kind="resumes", title="スキル履歴書",
        created_at=now, state=Job.State.FAILED, finished_at=now, message=STOPPED,
    )  # fmt: skip
    SavedExport.objects.bulk_create(
        SavedExport(
            municipality=city.municipality, owner=city.persona(who), name=f"受渡し{number}", kind=kind,
            params={"department": "", "state": "", "format": "csv", "split": False}, created_at=now,
        )
        for who in ("honnin", "jinji", "kacho")
        for number, kind in enumerate(settings.EXPORT_KINDS)
    )  # fmt: skip


def signed(event: Event) -> Event:
    """Return an event that is written in bulk, signed as `audit.models.record` would."""
    event.mac = signature(key_ring().signing, event.content())
    return event


def record_targets(city) -> dict[str, Any]:
    """Return, by kind of target, how one object of a URL is found (bench.data.City.targets)."""
    honnin = {"staff": city.persona("honnin")}
    here = {"municipality": city.municipality}
    honnin_owns = {"owner": city.persona("honnin")}
    return {
        "event": lambda: [Event.objects.filter(municipality_id=city.municipality.pk, kind="people").first()],
        "alarm": lambda: [Alarm.objects.filter(municipality_id=city.municipality.pk).first()],
        "entry": lambda: [Entry.objects.filter(**honnin).order_by("-pk").first()],
        "training": lambda: [Training.objects.filter(**honnin, state="applied").first()],
        "file": lambda: [Attachment.objects.filter(**here).first()],
        "survey": lambda: [ReferenceSurvey.objects.filter(municipality__isnull=True).first()],
        "crosswalk": lambda: [Crosswalk.objects.filter(municipality__isnull=True).first()],
        "course": lambda: [Course.objects.filter(**here).first()],
        "job": lambda: [Job.objects.filter(**here).first()],
        "rights_request": lambda: [RightsRequest.objects.filter(**here).first()],
        "retention_run": lambda: [RetentionRun.objects.filter(**here).first()],
        "issuer": lambda: [TrustedIssuer.objects.filter(**here).first()],
        "extension": lambda: [Extension.objects.filter(**here).first()],
        "draft": lambda: [_draft_of(city)],
        "draft_category": lambda: [_part_of(city, "categories", "part_uuid")],
        "draft_area": lambda: [_part_of(city, "areas", "part_uuid")],
        "draft_cell": lambda: [_part_of(city, "cells", "cell_uuid")],
        "own_version": lambda: [
            FrameworkVersion.objects.filter(framework=_draft_of(city).framework, state="published").first()
        ],
        "version_change": lambda: [VersionChange.objects.filter(**here).first()],
        "token": lambda: [ApiToken.objects.filter(**here).first()],
        "passkey": lambda: [Passkey.objects.filter(**honnin).first()],
        "export_kind": lambda: [None],
        # No other system signs anybody in while pages are measured.
        "provider": list,
        "oidc_provider": list,
        "saml_provider": list,
        "case_document": lambda: [_document_of(city)],
        "saved_export": lambda: [SavedExport.objects.filter(**honnin_owns).first()],
        "foreign_record": lambda: [ForeignRecord.objects.filter(**here).first()],
    }


def token_for(city) -> str:
    """Return the text of a new token that reads every kind of export."""
    _, secret = issue_token(
        name=f"人事給与 {uuid.uuid4().hex[:8]}", reason="計測", scopes=list(settings.EXPORT_KINDS), department=None,
        last_day=city.today, by=actor_for(city.persona("jinji"), city.today), now=timezone.now(),
    )  # fmt: skip
    return secret


def _write_drafts(city, now) -> None:
    """Make a version of the municipality's own that no year uses, and a draft after it with a comment."""
    by = actor_for(city.persona("henshu"), city.today)
    base = FrameworkVersion.objects.filter(framework__municipality__isnull=True).published().first()
    for name in ("市の版", "下書き"):
        draft = start_draft(base=base, name=name, by=by, now=now, key=uuid.uuid4())
        if name == "市の版":
            base = publish(version=draft, by=by, now=now)
    add_comment(version=draft, text="位置を確かめる", by=by, now=now, key=uuid.uuid4())


def _draft_of(city) -> FrameworkVersion:
    return FrameworkVersion.objects.get(framework__municipality=city.municipality, state="draft")


def _document_of(city) -> SimpleNamespace:
    """Return a common version as other systems know it."""
    version = FrameworkVersion.objects.filter(framework__municipality__isnull=True).published().first()
    return SimpleNamespace(uuid=document_id(version.framework.code, version.name) if version else None)


def _part_of(city, parts: str, key: str) -> SimpleNamespace:
    draft = _draft_of(city)
    return SimpleNamespace(**{"uuid": draft.uuid, key: getattr(draft, parts).first().uuid})


def _entry(model: type[Entry], person, title: str, now, **more: Any) -> Entry:
    return model(
        municipality_id=person.municipality_id, staff=person, kind=model.__name__.lower(), title=title, start=BEGAN,
        created_at=now, created_by=person, updated_at=now, updated_by=person, **more,
    )  # fmt: skip


def _store(rows: list[Entry]) -> list[Entry]:
    """Store the shared rows in bulk, then each kind's own: Django writes no inherited model in bulk."""
    shared = [field for field in Entry._meta.concrete_fields if not field.primary_key]
    bases = Entry.objects.bulk_create(
        [Entry(**{field.attname: getattr(row, field.attname) for field in shared}) for row in rows],
        batch_size=2000,
    )
    for row, base in zip(rows, bases, strict=True):
        row.pk = row.entry_ptr_id = base.pk
        row.save_base(raw=True, force_insert=True)
    return bases


def _catalogue(city, now) -> None:
    provider, _ = Provider.objects.get_or_create(
        municipality=None, code="academy", defaults={"name": "市町村アカデミー"}
    )
    Qualification.objects.get_or_create(municipality=None, code="AP", defaults={"name": "応用情報技術者試験"})
    for number in range(max(8, len(city.people) // 10)):
        course = Course.objects.create(
            municipality=city.municipality, provider=provider, name=f"業務改革の進め方 第{number + 1}回",
            fee=12000, updated_at=now,
        )  # fmt: skip
        cell = city.cells[number % len(city.cells)]
        CourseCell.objects.create(course=course, cell_code=cell.code, to_step=3)


def _later(city) -> FrameworkVersion:
    """Return the version that every city's year was moved to for a while; one for all of them, as it is common."""
    framework = city.cycle.framework_version.framework
    return FrameworkVersion.objects.get_or_create(framework=framework, name="次の案")[0]
