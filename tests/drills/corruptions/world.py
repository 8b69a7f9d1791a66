"""A city with everything in it, so that every kind of corruption has a row to happen to: the sample, and a second city."""

import datetime
import hashlib
import io
import uuid
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from assessments import files
from assessments.models import (
    Attachment,
    Cycle,
    Entry,
    ForeignRecord,
    Leftover,
    RatingEvidence,
    Reminder,
    Sheet,
    SigningKey,
    Target,
)
from audit import anchors
from audit.models import Event, EventPayload, Receipt
from audit.sealing import seal
from audit.verification import chains
from bench.data import CROSSWALKS, DUTIES, LASDEC, SURVEYS, build_city
from competency.models import CellOrigin, DepartmentDuty, FrameworkVersion
from config.demo import story
from config.demo.build import FOLDER
from gaps.models import Measure, Need, ScenarioMove
from gaps.workflow.tallies import count_all
from lib.sealing import seal as sealed
from organization.jobs import path_of
from organization.models import (
    AuthenticatorApp,
    ComingChange,
    Department,
    Grant,
    ImportBatch,
    Job,
    Leave,
    Municipality,
    Posting,
    Staff,
    StaffSession,
)
from organization.scope import actor_for
from organization.second_factor.totp import SEALED_FOR
from organization.sessions import BEGAN, KEY, SEEN, SessionStore
from organization.workflow import issue_codes, upload_import
from privacy.models import Purpose, PurposeSeen, RetentionRun

PEOPLE = 12
_State = Sheet.State


def build(aside: Path) -> dict[str, Any]:
    """Make it, and return the keys of rows by name. `aside` is where a plant puts files that it takes away."""
    load_catalogues()
    call_command("demo", stdout=io.StringIO())
    common = FrameworkVersion.objects.published().get(framework__municipality__isnull=True)
    other = build_city(common, number=2, people=PEOPLE)
    city = Municipality.objects.get(code=story.CODE)
    _more(city, other.municipality)
    # Neither is large enough to have tallies by itself.
    count_all(municipality=city, on=timezone.localdate(), tallied_from=0)
    sealed_and_noted()
    return {
        **_people(city, other), **_sheets(city, common), **_rest(city, common),
        "aside": aside, "uuid": uuid.UUID(int=7), "other": other.municipality.pk, "city": city.pk,
        # SQL of both engines.
        "true": "true", "false": "false",
    }  # fmt: skip


def load_catalogues() -> None:
    """Load what an installation begins with."""
    for name, paths in (
        ("load_framework", [LASDEC]),
        ("load_duties", [DUTIES]),
        ("load_catalogue", []),
        ("load_survey", SURVEYS),
        ("load_crosswalk", CROSSWALKS),
    ):
        call_command(name, *(str(path) for path in paths), stdout=io.StringIO())


def sealed_and_noted() -> None:
    """Put all events into their chains, and note how far those have come."""
    while seal(now=timezone.now(), everything=True):
        pass
    anchors.note(chains(), timezone.now())


def _more(city: Municipality, other: Municipality) -> None:
    """Add what neither of the two has: an app, sessions, codes, orders with files, a version of 利用目的."""
    now = timezone.now()
    staff = Staff.objects.get(username="honnin")
    jinji = actor_for(Staff.objects.get(username="jinji"), timezone.localdate())
    here = {"municipality": city, "staff": staff}
    AuthenticatorApp.objects.create(**here, sealed=sealed(b"JBSWY3DPEHPK3PXP", SEALED_FOR), added_at=now)
    _session(Staff.objects.get(username="kakari"), now)
    coded = Staff.objects.get(username="shinjin")
    issue_codes(people=[coded], by=None, now=now)
    issue_codes(people=[coded], by=None, now=now)
    ComingChange.objects.create(
        **here,
        starts=timezone.localdate() + datetime.timedelta(days=30),
        values={"name": "山崎 美咲"},
        created_at=now,
    )
    content = (FOLDER / "organization.csv").read_bytes()
    upload_import(by=jinji, kind="organization", file_name="soshiki.csv", content=content, now=now)
    Reminder.objects.create(
        **here, cycle=Cycle.objects.filter(municipality=city).latest("fiscal_year"), kind="submit", channel="paper",
        state="sent", day=timezone.localdate(), asked_at=now, sent_at=now,
    )  # fmt: skip
    Purpose.objects.create(
        municipality=city, number=1, text="人材育成", line="人材育成に使う", at=now, by=staff
    )
    PurposeSeen.objects.create(staff=staff, number=1, at=now)
    job = Job.objects.create(
        municipality=city, owner=staff, kind="resumes", title="スキル履歴書", state=Job.State.DONE, created_at=now,
        started_at=now, beat_at=now, finished_at=now, expires_at=now + datetime.timedelta(days=7),
        file_name="resumes.zip", content_type="application/zip", size=9,
    )  # fmt: skip
    path_of(job.uuid).parent.mkdir(parents=True, exist_ok=True)
    path_of(job.uuid).write_bytes(b"PK in all")
    entry = Entry.objects.filter(municipality=city, kind=Entry.Kind.CERTIFICATION).first()
    content = b"%PDF-1.4"
    file = Attachment.objects.create(
        municipality=city, entry=entry, label="合格証", content_type="application/pdf", size=len(content),
        sha256=hashlib.sha256(content).hexdigest(), added_at=now, added_by=staff,
    )  # fmt: skip
    files.keep(file.uuid, content)


def _session(staff: Staff, now: datetime.datetime) -> None:
    row = StaffSession.objects.create(
        municipality=staff.municipality,
        staff=staff,
        how="password",
        device="Windows",
        began_at=now,
        seen_at=now,
    )
    store = SessionStore()
    store["_auth_user_id"], store[KEY] = str(staff.pk), str(row.uuid)
    store[BEGAN] = store[SEEN] = int(now.timestamp())
    store.create()
    StaffSession.objects.filter(pk=row.pk).update(session_key=store.session_key)


def _people(city: Municipality, other) -> dict[str, int]:
    staff = Staff.objects.get(username="honnin")
    tree = Department.objects.filter(municipality=city)
    department = (
        tree.filter(children__isnull=False).exclude(parent__isnull=True).order_by("pk").first()
        or tree.filter(children__isnull=False).order_by("pk").first()
    )
    section = department.children.order_by("pk").first()
    sibling = tree.exclude(path__startswith=department.path).order_by("pk").first()
    postings = Posting.objects.filter(municipality=city)
    batches = ImportBatch.objects.filter(municipality=city)
    seated = Staff.objects.get(username="kakari")
    return {
        "staff": staff.pk, "seated": seated.pk,
        "coded": Staff.objects.get(username="shinjin").pk,
        "foreign_staff": other.people[3].pk, "foreign_department": other.sections[0].pk,
        "department": department.pk, "section": section.pk, "sibling": sibling.pk,
        "posting": postings.get(staff=staff, kind="main", end=None).pk,
        "additional": Posting.objects.filter(kind="additional", end=None).order_by("pk").first().pk,
        "leave": Leave.objects.filter(end=None).order_by("pk").first().pk,
        "grant": Grant.objects.filter(municipality=city, role="H").first().pk,
        "coming": ComingChange.objects.get().pk, "session": StaffSession.objects.get().pk,
        "waiting": batches.exclude(content=None).first().pk,
        "applied": batches.filter(state="applied").order_by("pk").last().pk,
        "job": Job.objects.get(municipality=city, state="done").pk,
    }  # fmt: skip


def _sheets(city: Municipality, common: FrameworkVersion) -> dict[str, int]:
    cycle = Cycle.objects.filter(municipality=city).latest("fiscal_year")
    of_year = Sheet.objects.filter(cycle=cycle)
    # Somebody who has evidence behind this year's ratings, and no 代理入力.
    confirmed = of_year.filter(
        state=_State.CONFIRMED, current_revision__evidence_entries__isnull=False, proxies__isnull=True,
        targets__isnull=False,
    ).order_by("pk")[0]  # fmt: skip
    draft = FrameworkVersion.objects.get(framework__municipality=city, state="draft")
    return {
        "cycle": cycle.pk, "closed": Cycle.objects.filter(municipality=city, state="closed").first().pk,
        "confirmed": confirmed.pk, "revision": confirmed.current_revision_id,
        **{
            state: of_year.filter(state=state, proxies__isnull=True).order_by("pk")[0].pk
            for state in (_State.SUBMITTED, _State.DRAFTING, _State.NOT_STARTED)
        },
        "first": of_year.get(state=_State.FIRST_CONFIRMED).pk,
        "target": Target.objects.filter(sheet=confirmed).first().pk,
        "cell": common.cells.get(code="internal-it.analysis").pk,
        "foreign_cell": draft.cells.order_by("pk").first().pk,
        "version": common.pk, "draft": draft.pk,
        "leftover": Leftover.objects.get(cycle__municipality=city).pk,
    }  # fmt: skip


def _rest(city: Municipality, common: FrameworkVersion) -> dict[str, int]:
    evidence = RatingEvidence.objects.filter(municipality=city).order_by("pk")[0]
    mine = Event.objects.filter(municipality_id=city.pk).order_by("pk")
    work = Entry.objects.filter(municipality=city, kind="experience").order_by("pk")
    return {
        "experience": work[0].pk,
        "evidence_entry": evidence.entry_id, "evidence_revision": evidence.revision_id,
        "record": ForeignRecord.objects.get().pk, "file": Attachment.objects.get(municipality=city).pk,
        "key": SigningKey.objects.first().pk,
        "trained": Measure.objects.filter(municipality=city, kind="train").first().pk,
        "need": Need.objects.filter(cycle__municipality=city, cell__version=common).last().pk,
        "nameless": ScenarioMove.objects.filter(staff=None, steps__isnull=False).first().pk,
        "origin": CellOrigin.objects.filter(cell__version__framework__municipality=city).first().pk,
        "duty": DepartmentDuty.objects.filter(municipality=city).first().pk,
        "event": mine[10].pk, "payload": EventPayload.objects.filter(municipality_id=city.pk).first().pk,
        "receipt": Receipt.objects.first().pk, "retention": RetentionRun.objects.first().pk,
    }  # fmt: skip


def files_of(folder: Path) -> None:
    """Let files that a run makes lie in a folder."""
    settings.FILES_DIR = folder
