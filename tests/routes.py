"""The URLs of the product, and an object of ours and a foreign one for each kind that they name."""

import uuid
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from access.actor import Role
from access.routes import ROUTES
from assessments import files
from assessments.models import Attachment, Extension, ForeignRecord, TrustedIssuer, VersionChange
from audit.models import Alarm, record
from competency.interchange.case_ids import document_id
from competency.models import Cell, CellOrigin, Duty, FrameworkVersion, VersionComment
from gaps.models import Measure, Scenario
from organization.models import Department, Grant, ImportBatch, Job, Position, Staff
from organization.providers import read_providers
from privacy.models import RetentionRun, RightsRequest
from tests import builders as b
from tests.crosswalks import make_crosswalk, tags_file
from tests.surveys import make_survey, shipped_file


def patterns(resolver=None, namespace=""):
    """Yield (view name, pattern) of every URL of the product."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{entry.namespace}:" if entry.namespace else ""
            yield from patterns(entry, namespace + inner)
        elif isinstance(entry, URLPattern):
            yield namespace + (entry.name or "?"), entry


URLS = dict(patterns())

# Systems that sign people in, where nobody listens: their pages open all the same.
PROVIDERS = {
    "OIDC_ISSUER": "https://127.0.0.1:1",
    "OIDC_CLIENT_ID": "skill",
    "OIDC_CLIENT_SECRET": "secret",
    "SAML_METADATA_FILE": str(Path(__file__).parent / "sso" / "provider.xml"),
    "LDAP_URL": "ldaps://127.0.0.1:1",
    "LDAP_DN_TEMPLATE": "uid={name},dc=example",
}


def _import(municipality, staff):
    return ImportBatch.objects.create(
        municipality=municipality,
        kind="roster",
        file_name="meibo.csv",
        sha256="0" * 64,
        uploaded_at=timezone.now(),
        uploaded_by=staff,
    )


@dataclass(frozen=True)
class _Cell:
    """One cell of one department: two ids in one URL."""

    department: Department
    cell: Cell

    @property
    def uuid(self):
        return self.department.uuid


@dataclass(frozen=True)
class _Part:
    """One part of a draft: two ids in one URL."""

    draft: FrameworkVersion
    part: object

    @property
    def uuid(self):
        return self.draft.uuid


@dataclass(frozen=True)
class _Document:
    """A published version as other systems know it."""

    uuid: uuid.UUID


def _draft(staff, base):
    """Return a draft of a municipality's own that came from a version, and a comment on it."""
    draft = b.make_version(name="下書き", publish=False, municipality=staff.municipality)
    draft.based_on, draft.base_code, draft.base_version = base, "lasdec", base.name
    draft.save(update_fields=["based_on", "base_code", "base_version"])
    CellOrigin.objects.bulk_create(CellOrigin(cell=cell, code=cell.code) for cell in draft.cells.all())
    VersionComment.objects.create(
        municipality=staff.municipality, version=draft, text="確かめる", author=staff, at=timezone.now()
    )
    return draft


def _drafts(ours, foreign):
    """Return the targets that are a draft or a part of one."""

    def pair(part):
        return _Part(ours, part(ours)), _Part(foreign, part(foreign))

    return {
        "draft": (ours, foreign),
        "draft_category": pair(lambda draft: draft.categories.first()),
        "draft_area": pair(lambda draft: draft.areas.first()),
        "draft_cell": pair(lambda draft: draft.cells.first()),
        "draft_comment": pair(lambda draft: draft.comments.first()),
    }


def _duty(municipality):
    return Duty.objects.create(municipality=municipality, code="own-1", name="窓口の端末の管理")


def _measure(department, cycle, cell):
    return Measure.objects.create(
        municipality=department.municipality,
        department=department,
        cycle=cycle,
        cell=cell,
        kind="expert",
        text="県に頼む",
        decided_status="none",
        decided_holders=0,
        created_at=timezone.now(),
        updated_at=timezone.now(),
    )


def _scenario(department, author):
    now = timezone.now()
    return Scenario.objects.create(
        municipality=author.municipality, department=department, name="4月の案", on=timezone.localdate(),
        author=author, shared=True, created_at=now, updated_at=now,
    )  # fmt: skip


def make_file(entry):
    """Return a saved file of an entry, one byte long."""
    file = Attachment.objects.create(
        municipality=entry.municipality, entry=entry, label="修了証", content_type="application/pdf",
        size=1, sha256="0" * 64, added_at=timezone.now(), added_by=entry.staff,
    )  # fmt: skip
    files.keep(file.uuid, b"x")
    return file


def _rights_request(staff):
    today = timezone.localdate()
    return RightsRequest.objects.create(
        municipality=staff.municipality, staff=staff, number="R8-1", kind="disclosure", received_on=today,
        due_on=today,
    )  # fmt: skip


def _retention_run(municipality):
    now = timezone.now()
    return RetentionRun.objects.create(
        municipality=municipality, day=timezone.localdate(), proposed_at=now, due_at=now
    )


def _job(staff):
    return Job.objects.create(
        municipality=staff.municipality,
        owner=staff,
        kind="resumes",
        title="スキル履歴書",
        created_at=timezone.now(),
    )


def _issuer(staff):
    return TrustedIssuer.objects.create(
        municipality=staff.municipality,
        name="となり市",
        public_key="z6Mk",
        added_at=timezone.now(),
        added_by=staff,
    )


def _foreign_record(staff):
    now = timezone.now()
    return ForeignRecord.objects.create(
        municipality=staff.municipality, staff=staff, issuer_name="となり市", public_key="z6Mk", sha256="0" * 64,
        record_id=uuid.uuid4(), issued_at=now, imported_at=now,
    )  # fmt: skip


def _extension(cycle, department):
    return Extension.objects.create(
        municipality=cycle.municipality, cycle=cycle, department=department, reason="繁忙期のため",
        submit_by=cycle.confirm_by, confirm_by=cycle.confirm_by, created_at=timezone.now(),
    )  # fmt: skip


def _version_change(cycle):
    """Return a change of a year; no year of the world was moved, and none needs to have been."""
    later = b.make_version(code=f"x{cycle.pk}", name="次")
    return VersionChange.objects.create(
        municipality=cycle.municipality, cycle=cycle, earlier=cycle.framework_version, later=later, at=timezone.now(),
        by=Staff.objects.filter(municipality=cycle.municipality).first(),
    )  # fmt: skip


def make_targets(world):
    """Return {kind: (ours, foreign)} uuids, and the owner and path of ours for the table's question."""
    foreign_grant = b.make_grant(world.yoso, Role.EDITOR)
    own_grant = Grant.objects.get(staff=world.henshu)
    position = Position.objects.create(municipality=world.city, name="主査")
    foreign_position = Position.objects.create(municipality=world.other_city, name="主査")
    return {
        "staff": (world.honnin, world.yoso),
        "sheet": (world.sheet, world.foreign_sheet),
        "department": (world.kakari_dept, world.foreign_department),
        "cycle": (world.cycle, world.foreign_cycle),
        "version_change": (_version_change(world.cycle), _version_change(world.foreign_cycle)),
        "import": (_import(world.city, world.jinji), _import(world.other_city, world.yoso)),
        "grant": (own_grant, foreign_grant),
        "position": (position, foreign_position),
        "version": (world.version, None),
        "own_version": (
            b.make_version(name="市の版", municipality=world.city),
            b.make_version(name="市の版", municipality=world.other_city),
        ),
        **_drafts(_draft(world.henshu, world.version), _draft(world.yoso, world.version)),
        "cell": (_Cell(world.kakari_dept, world.cells[0]), _Cell(world.foreign_department, world.cells[0])),
        "case_document": tuple(
            _Document(document_id(*each)) for each in (("lasdec", "2012"), ("lasdec", "市の版"))
        ),
        "survey": (
            make_survey(shipped_file("survey-2019"), world.city),
            make_survey(shipped_file("survey-2019"), world.other_city),
        ),
        "crosswalk": (
            make_crosswalk(tags_file(), world.city),
            make_crosswalk(tags_file(), world.other_city),
        ),
        "duty": (_duty(world.city), _duty(world.other_city)),
        "measure": (
            _measure(world.kakari_dept, world.cycle, world.cells[0]),
            _measure(world.foreign_department, world.foreign_cycle, world.cells[0]),
        ),
        "entry": (b.make_experience(world.honnin), b.make_experience(world.yoso)),
        "file": (make_file(b.make_experience(world.honnin)), make_file(b.make_experience(world.yoso))),
        "training": (
            b.make_training(world.honnin, state="applied"),
            b.make_training(world.yoso, state="applied"),
        ),
        "course": (b.make_course(world.city), b.make_course(world.other_city)),
        "job": (_job(world.honnin), _job(world.yoso)),
        "rights_request": (_rights_request(world.honnin), _rights_request(world.yoso)),
        "retention_run": (_retention_run(world.city), _retention_run(world.other_city)),
        "issuer": (_issuer(world.jinji), _issuer(world.yoso)),
        "extension": (
            _extension(world.cycle, world.kakari_dept),
            _extension(world.foreign_cycle, world.foreign_department),
        ),
        "event": (_event(world.jinji), _event(world.yoso)),
        "alarm": (_alarm(world.kacho), _alarm(world.yoso)),
        "token": (b.make_token(world.jinji)[0], b.make_token(world.yoso)[0]),
        "passkey": (b.make_passkey(world.honnin), b.make_passkey(world.yoso)),
        "export_kind": (object(), None),
        "provider": (read_providers(PROVIDERS)[2], None),
        "oidc_provider": (read_providers(PROVIDERS)[0], None),
        "saml_provider": (read_providers(PROVIDERS)[1], None),
        "saved_export": (b.make_saved_export(world.honnin), b.make_saved_export(world.yoso)),
        "foreign_record": (_foreign_record(world.honnin), _foreign_record(world.yoso)),
        "scenario": (
            _scenario(world.kakari_dept, world.kakari),
            _scenario(world.foreign_department, world.yoso),
        ),
    }
    return world.targets


def _event(staff):
    return record(by=b.actor_of(staff), action="resume.view", now=timezone.now(), subject_uuid=staff.uuid)


def _alarm(staff):
    now = timezone.now()
    return Alarm.objects.create(
        municipality_id=staff.municipality_id,
        kind="reading",
        actor_uuid=staff.uuid,
        since=now,
        at=now,
        count=31,
    )


@pytest.fixture
def targets(world, monkeypatch):
    """Return what `make_targets` made, with a way in by another system."""
    monkeypatch.setattr(settings, "SIGN_IN_PROVIDERS", read_providers(PROVIDERS))
    return make_targets(world)


def groups(names):
    """Return parameters of the URLs by app and kind of target: the targets are made once for a group."""
    found = {}
    for name in sorted(names):
        found.setdefault(f"{name.split(':')[0]}-{ROUTES[name].target}", []).append(name)
    return [pytest.param(each, id=key) for key, each in found.items()]


def address(name: str, target) -> str:
    """Return the URL of a view for a target: every uuid of the pattern is the target's, choices take the first."""
    values = {}
    for key, converter in URLS[name].pattern.converters.items():
        kind = type(converter).__name__
        if kind == "UUIDConverter":
            values[key] = target.uuid if target is not None else uuid.uuid4()
        elif key == "kind":
            values[key] = "roster"
        elif key == "entry_kind":
            values[key] = "experience"
        elif key == "export_kind":
            values[key] = next(iter(settings.EXPORT_KINDS), "none") if target is not None else "none"
        elif key == "resource":
            values[key] = "CFDocuments"
        elif key == "sourced_id":
            values[key] = target.uuid if target is not None else uuid.uuid5(uuid.NAMESPACE_URL, "none")
        elif key == "cell_code":
            values[key] = "security-policy.1"
        elif key == "provider":
            values[key] = target.slug if target is not None else "none"
        else:
            values[key] = "index"
    if isinstance(target, _Cell):
        values["cell_uuid"] = target.cell.uuid
    if isinstance(target, _Part):
        values |= dict.fromkeys(set(values) & {"part_uuid", "cell_uuid", "comment_uuid"}, target.part.uuid)
    if name == "organization:account_withdraw" and isinstance(target, Grant):
        values["staff_uuid"] = target.staff.uuid
    return reverse(name, kwargs=values)
