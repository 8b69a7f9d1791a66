"""What contradicts itself in the résumé, its files, the frameworks, needs and measures, the trail, and the registers."""

import shutil
import uuid
from datetime import timedelta
from os import utime
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from assessments.files import path_of
from assessments.models import Attachment, SigningKey
from audit import anchors
from audit.models import Event, EventPayload
from tests.drills.corruptions.people import _garble
from tests.drills.corruptions.plant import World, plant

_CELL = "UPDATE competency_cell SET "


def _file(world: World) -> Path:
    return path_of(Attachment.objects.get(pk=world["file"]).uuid)


def _changed(world: World) -> None:
    shutil.move(_file(world), Path(world["aside"]) / "file")
    _file(world).write_bytes(b"%PDF-1.5")


def _gone(world: World) -> None:
    shutil.move(_file(world), Path(world["aside"]) / "file")


def _left(world: World) -> None:
    name = uuid.uuid4().hex
    path = Path(settings.FILES_DIR) / "attachments" / name[:2] / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"a certificate")
    old = (timezone.now() - timedelta(days=9)).timestamp()
    utime(path, (old, old))


def _other_half(world: World) -> None:
    SigningKey.objects.filter(pk=world["key"]).update(
        public_key="z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH"
    )


def _event(**changes: object):
    return lambda world: Event.objects.filter(pk=world["event"]).update(**changes)


def _digest_of_another(world: World) -> None:
    from competency.digest import digest_of
    from competency.models import FrameworkVersion

    FrameworkVersion.objects.filter(pk=world["version"]).update(source="elsewhere")
    version = FrameworkVersion.objects.get(pk=world["version"])
    FrameworkVersion.objects.filter(pk=version.pk).update(digest=digest_of(version))


PLANTS = (
    # --- the résumé
    plant(
        "entry without its part", "entries.kinds",
        "DELETE FROM assessments_experience WHERE entry_ptr_id = {experience}",
    ),
    plant(
        "entry of another kind than its part", "entries.kinds",
        "UPDATE assessments_entry SET kind = 'training' WHERE id = {experience}",
    ),
    plant(
        "evidence out of another's record", "entries.evidence",
        "UPDATE assessments_entry SET staff_id = {coded} WHERE id = {evidence_entry}",
    ),
    plant(
        "evidence behind a low step", "entries.evidence",
        "UPDATE assessments_rating SET step = 1 WHERE revision_id = {evidence_revision}",
    ),
    plant(
        "entry that came with another's record", "entries.brought",
        "UPDATE assessments_entry SET foreign_record_id = {record} WHERE id = {experience}",
    ),
    plant(
        "entry that ends before it begins", "rows.conditions",
        lambda world: _drop_interval(world),
        "UPDATE assessments_entry SET start = '2020-04-01', \"end\" = '1990-04-01' WHERE id = {experience}",
    ),
    plant("bytes of a file changed", "files.bytes", _changed),
    plant("bytes of a file gone", "files.bytes", _gone),
    plant("file of no entry", "files.left", _left),
    plant(
        "signing key that no key opens", "travel.keys",
        lambda world: _garble("assessments_signingkey", "private_key"),
    ),
    plant("signing key of another pair", "travel.keys", _other_half),
    plant(
        "file removed before it was added", "entries.times",
        "UPDATE assessments_attachment SET removed_at = '2001-04-01 00:00:00+00'",
    ),
    # --- across municipalities, and into nothing
    plant(
        "person of another municipality", "rows.municipality",
        "UPDATE assessments_sheet SET staff_id = {foreign_staff} WHERE id = {submitted}",
    ),
    plant(
        "department of another municipality", "rows.municipality",
        "UPDATE organization_posting SET department_id = {foreign_department} WHERE id = {posting}",
    ),
    plant(
        "measure owned from elsewhere", "rows.municipality",
        "UPDATE gaps_measure SET owner_id = {foreign_staff} WHERE id = {trained}",
    ),
    plant(
        "rating that was moved to another municipality", "rows.municipality",
        "UPDATE assessments_rating SET municipality_id = {other} WHERE revision_id = {revision}",
    ),
    plant(
        "entry of somebody who is not there", "rows.references",
        "UPDATE assessments_entry SET staff_id = 99999999 WHERE id = {experience}",
    ),
    plant(
        "need of a department that is not there", "rows.references",
        "UPDATE gaps_need SET department_id = 99999999 WHERE id = {need}",
    ),
    # --- frameworks
    plant(
        "cell of a published version renamed", "framework.digest",
        _CELL + "task = 'another' WHERE id = {cell}",
    ),
    plant(
        "wording of a published version gone", "framework.digest",
        "DELETE FROM competency_stepwording WHERE cell_id = {cell}",
    ),
    plant(
        "cell of a published version moved to another stage", "framework.digest",
        _CELL + "stage_id = (SELECT id FROM competency_stage s WHERE s.version_id = "
        "competency_cell.version_id AND s.id <> competency_cell.stage_id ORDER BY id LIMIT 1) WHERE "
        "id = {cell}",
    ),
    plant("version and its digest changed together", "framework.digest", _digest_of_another),
    plant(
        "published version without a used cell", "framework.states",
        _CELL + "in_use = {false} WHERE version_id = {version}",
    ),
    plant(
        "version out of use at no time", "framework.states",
        "UPDATE competency_frameworkversion SET state = 'retired' WHERE id = {version}",
    ),
    plant(
        "cell in another version's area", "framework.parts",
        _CELL + "area_id = (SELECT area_id FROM competency_cell WHERE id = {foreign_cell}) WHERE id = {cell}",
    ),
    plant(
        "origin that leads nowhere", "framework.origins",
        "UPDATE competency_cellorigin SET code = 'nowhere.1' WHERE id = {origin}",
    ),
    plant(
        "version that came from itself", "framework.bases",
        "UPDATE competency_frameworkversion SET based_on_id = {draft} WHERE id = {draft}",
    ),
    plant(
        "version retired before it was published", "framework.times",
        "UPDATE competency_frameworkversion SET state = 'retired', retired_at = '2001-04-01 "
        "00:00:00+00' WHERE id = {version}",
    ),
    plant(
        "own duty of another department", "duties.departments",
        "UPDATE competency_duty SET municipality_id = {city}, department_id = {sibling}, based_on_id = "
        "NULL WHERE id = (SELECT duty_id FROM competency_departmentduty WHERE id = {duty})",
    ),
    plant(
        "content of a survey cut off", "surveys.content",
        "UPDATE competency_referencesurvey SET content = substr(content, 1, 40)",
    ),
    # --- needs and measures
    plant(
        "need of a cell that the year has not", "reports.cells",
        "UPDATE gaps_need SET cell_id = {foreign_cell} WHERE id = {need}",
    ),
    plant("need that no form takes", "reports.counts", "UPDATE gaps_need SET count = 5000 WHERE id = {need}"),
    plant(
        "override of a skill that there is not", "reports.counts",
        "UPDATE gaps_fourwayoverride SET skill = 99",
    ),
    plant(
        "tally with one holder more", "reports.recount",
        "UPDATE gaps_celltally SET step3 = step3 + 1 WHERE id = (SELECT MIN(id) FROM gaps_celltally)",
    ),
    plant("tallies without their cells", "reports.recount", "DELETE FROM gaps_celltally"),
    plant("育成 of nobody", "measures.people", "DELETE FROM gaps_measureperson WHERE measure_id = {trained}"),
    plant(
        "person raised by no 育成", "measures.people",
        "UPDATE gaps_measure SET kind = 'expert' WHERE id = {trained}",
    ),
    plant(
        "measure closed before it was decided", "measures.times",
        "UPDATE gaps_measure SET state = 'done', closed_at = '2001-04-01 00:00:00+00' WHERE id = {trained}",
    ),
    plant(
        "steps of somebody with a record", "scenarios.steps",
        "UPDATE gaps_scenariomove SET staff_id = {foreign_staff} WHERE id = {nameless}",
    ),
    # --- the trail
    plant("event changed", "audit.chain", _event(action="sheet.view")),
    plant("event without a signature", "audit.chain", _event(mac="")),
    plant("event gone", "audit.chain", lambda world: _gone_event(world)),
    plant(
        "value of an event changed", "audit.chain",
        lambda world: EventPayload.objects.filter(pk=world["payload"]).update(after={"name": "x"}),
    ),
    plant("seal gone", "audit.chain", "DELETE FROM audit_seal WHERE municipality_id = {city} AND number = 5"),
    plant("seal of an event of a chain that is gone", "audit.stray", lambda world: _gone_event(world)),
    plant(
        "end of the chain cut off", "audit.anchors",
        "DELETE FROM audit_seal WHERE municipality_id = {city} AND number > 20",
    ),
    plant(
        "notes of the chain gone", "audit.anchors",
        lambda world: shutil.move(anchors.path(), Path(world["aside"]) / "anchors"),
    ),
    plant(
        "receipt of no municipality", "audit.municipality",
        "UPDATE audit_receipt SET municipality_id = 99999999 WHERE id = {receipt}",
    ),
    # --- the registers
    plant(
        "permit to delete history left behind", "privacy.permits",
        "INSERT INTO privacy_permit (run_id, never_id) VALUES ({retention}, 0)",
    ),
    plant(
        "deletion that nobody agreed to", "privacy.runs",
        "UPDATE privacy_retentionrun SET state = 'done', done_at = due_at WHERE id = {retention}",
    ),
    plant(
        "deletion carried out before it was due", "privacy.times",
        "UPDATE privacy_retentionrun SET state = 'done', agreed_at = proposed_at, agreed_by_id = "
        "{foreign_staff}, done_at = '2001-04-01 00:00:00+00' WHERE id = {retention}",
    ),
    plant("purpose in the middle gone", "privacy.purposes", "UPDATE privacy_purpose SET number = 5"),
    plant("purpose read that there is not", "privacy.purposes", "UPDATE privacy_purposeseen SET number = 9"),
)  # fmt: skip


def _drop_interval(world: World) -> None:
    from tests.drills.corruptions.plant import without

    without("assessments_entry", "entry_interval")(world)


def _gone_event(world: World) -> None:
    Event.objects.filter(pk=world["event"])._raw_delete("default")
