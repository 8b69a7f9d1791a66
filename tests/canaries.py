"""A unique word in every text of three owners: another municipality, another department, and the own one.

`plant` makes a row of every model that an owner can have and writes a word into each text of it, whoever wrote the
model: a new model or field is planted without a line here, or the test of this module says what it needs.
"""

import dataclasses
import datetime
import itertools
import uuid
from collections.abc import Iterator

from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from assessments import files
from assessments.models import Sheet
from gaps.coverage import Status
from lib.paths import child_path
from organization import jobs

_APPS = ("organization", "competency", "assessments", "gaps", "audit", "privacy")
_TEXTS = (models.CharField, models.TextField, models.JSONField, models.FileField)
# Texts that hold no words of anybody: why.
NO_WORD = {
    "password": "a hash",
    "code_hash": "a hash",
    "token_hash": "a hash",
    "key_hash": "a hash",
    "name_hash": "a hash",
    "sha256": "a hash",
    "session_key": "leads to a row of Django's",
    "credential_id": "an id that a device made",
    "rp_id": "a host name of ours",
    "transports": "choices of the standard",
    "hint": "the first characters of a secret, 12 of them",
    "content_type": "a choice of ours",
    "path": "a chain of keys",
    "department_path": "a chain of keys",
    "search": "follows from name, reading and former name when they are saved",
    "request_id": "made by us",
    "action": "a code of ours",
    "object_type": "a name of a model",
    "cell_code": "a code of the matrix, looked up by pages",
    "base_code": "a code of a version",
    "base_version": "a name of a version of the common matrix",
    "decided_status": "a choice of ours",
    "result": "",
    "kind": "a choice of ours, known to settings",
    "scopes": "choices of ours",
    "employments": "choices of ours",
    "counts": "numbers",
    "params": "ids and choices; read by forms",
    "message": "",
    "content": "read by the survey's page as a table",
    "options": "choices of the form",
    "mapping": "numbers of columns",
    "columns": "read by the mapping form",
    "values": "read when the day comes",
    "data": "counts of an event",
}
for _name in ("result", "message"):
    del NO_WORD[_name]
# Whole models left out.
NO_MODEL = {
    "organization.Municipality": "planted by hand in tests/canary_world.py: one's own name stands on every page",
    "assessments.SigningKey": "holds a public key and an encrypted one",
    "audit.Receipt": "keeps the answer to one's own click; never shown to anybody else",
    "audit.EventPayload": "who sees values before and after is tests/audit/test_events.py",
    "privacy.Permit": "cannot be committed",
    "privacy.RetentionRun": "states and counts",
    "privacy.RetentionItem": "counts",
    "privacy.RetentionYears": "numbers",
    "audit.Seal": "numbers and hashes",
    "audit.ChainStart": "numbers and hashes",
    "audit.Event": "ids, states and counts; who reads it is the trail's own test",
}
WORD_LENGTH = 8
_serial = itertools.count(1)
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclasses.dataclass(frozen=True)
class Canary:
    """One planted word: whose it is (`owner`), in which field, and of which variant of the row."""

    word: str
    owner: str
    model: str
    field: str
    variant: str = ""


@dataclasses.dataclass
class Owner:
    """Who has rows: a name, and the rows that foreign keys of new ones lead to, by model label."""

    name: str
    rows: dict[str, models.Model]


# Values that constraints ask for, by field; a list of them makes a variant of the row each.
VARIANTS: dict[str, list[dict]] = {
    "assessments.Confirmation": [
        {"visibility": "person", "level": "first"},
        {"visibility": "memo", "level": "final"},
    ],
    "assessments.Reconfirmation": [
        {"state": "asked", "referred_by": None, "referred_at": None, "decided_by": None, "decided_at": None}
    ],
    "assessments.Reply": [{"again": True}],
    "assessments.Remark": [{"visibility": "person"}, {"visibility": "memo"}],
    "assessments.Exclusion": [{"department": None}],
    "assessments.Revision": [{"kind": "correction"}],
    "assessments.Certification": [{"registered_on": datetime.date(2024, 4, 1), "kind": "certification"}],
    "assessments.Experience": [{"kind": "experience"}],
    "assessments.Training": [{"kind": "training", "state": "applied"}],
    "assessments.Career": [{"kind": "career"}],
    "assessments.Handover": [{"kind": "handover"}],
    "assessments.Proxy": [{"consent": "waiting", "consent_at": None, "closed_at": None, "revision": None}],
    "assessments.TransferWish": [{"fiscal_year": 2026}],
    "assessments.VersionChange": [{"undone_at": None, "undone_by": None}],
    "gaps.Measure": [{"decided_status": Status.SHORT.value}],
    "gaps.Scenario": [{"shared": True}, {"shared": False}],
    "gaps.ScenarioMove": [{"kind": "join", "reason": "", "staff": None}],
    "organization.Job": [
        {
            "state": "done",
            "kind": "resumes",
            "finished_at": timezone.now(),
            "expires_at": timezone.now() + datetime.timedelta(days=7),
        }
    ],
    "organization.StaffSession": [{"ended_at": None, "ended_how": ""}],
    "organization.Grant": [{"role": "Y", "withdrawn_at": timezone.now()}],
    "assessments.SavedExport": [
        {"kind": "records", "params": {"department": "", "state": "", "format": "csv", "split": False}}
    ],
    "competency.FrameworkVersion": [{"state": "draft", "published_at": None}],
    "competency.ReferenceSurvey": [{"content": {}}],
}


# What answers a 確定: made last, when the sheet is settled, which nothing may change afterwards.
_AFTER_SETTLING = ("assessments.Reply", "assessments.Reconfirmation")


def _settle(owner: Owner) -> None:
    """Bring the owner's sheet to 確定."""
    sheet, revision = owner.rows["assessments.Sheet"], owner.rows["assessments.Revision"]
    Sheet.objects.filter(pk=sheet.pk).update(
        state=Sheet.State.CONFIRMED,
        current_revision=revision,
        submitted_at=revision.submitted_at,
        confirmed_at=revision.submitted_at,
    )
    sheet.refresh_from_db()


def _keep_job(job_uuid: uuid.UUID, content: bytes) -> None:
    path = jobs.path_of(job_uuid)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


# Where the bytes that belong to a row lie.
_FILES = {"assessments.Attachment": files.keep, "organization.Job": _keep_job}

# What rows of a year lead to is published; what is planted is a draft.
_OF_A_YEAR = {
    "competency.Cell": "cell of a year",
    "competency.FrameworkVersion": "version of a year",
}


def word() -> str:
    """Return a word that nothing else holds: it reads the same in HTML, JSON, CSV of any encoding, URLs and PDF."""
    number, text = next(_serial) * 7919 + 1_000_003, ""
    while number:
        number, digit = divmod(number, 36)
        text = DIGITS[digit] + text
    return f"zq{text.zfill(5)}q"


def texts_of(model: type[models.Model]) -> list[models.Field]:
    """Return the fields of a model that hold text which somebody wrote."""
    return [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, _TEXTS)
        and not field.choices
        and field.name not in NO_WORD
        # Six characters hold a code, and no word.
        and (field.max_length or WORD_LENGTH) >= WORD_LENGTH
    ]


def planted_models() -> list[type[models.Model]]:
    """Return every model of the product that belongs to a municipality, itself or by a row that it hangs on, in order."""
    found = [
        model for app in _APPS for model in apps.get_app_config(app).get_models() if not model._meta.proxy
    ]
    wanted = [
        model
        for model in found
        if model._meta.label not in NO_MODEL and model._meta.label != "assessments.Entry"
    ]
    ordered: list[type[models.Model]] = []

    def add(model: type[models.Model], above: tuple = ()) -> None:
        if model in ordered or model in above:
            return
        for field in model._meta.concrete_fields:
            if not field.is_relation or field.null:
                continue
            needed = field.related_model
            if needed._meta.label == "assessments.Entry":
                needed = apps.get_model("assessments", "Experience")
            if needed in wanted:
                add(needed, (*above, model))
        ordered.append(model)

    for model in wanted:
        add(model)
    return sorted(ordered, key=lambda model: model._meta.label in _AFTER_SETTLING)


def plant(owner: Owner) -> Iterator[Canary]:
    """Make or overwrite a row of every model for an owner; yields the words. Rows are left in `owner.rows`."""
    for model in planted_models():
        label = model._meta.label
        if label == _AFTER_SETTLING[0]:
            _settle(owner)
        for number, values in enumerate(VARIANTS.get(label, [{}])):
            there = owner.rows.get(label) if number == 0 else None
            row, words = (there, {}) if there is not None else _made(model, owner, values)
            if there is not None:
                words = {field.name: _text(field, word()) for field in texts_of(model)}
                model.objects.filter(pk=row.pk).update(**words)
                row.refresh_from_db()
                if label == "organization.Staff":
                    row.save()
            owner.rows[label if number == 0 else f"{label}#{number}"] = row
            variant = str(values.get("visibility", values.get("shared", "")))
            for name, text in words.items():
                yield Canary(_word_in(text), owner.name, label, name, variant)
        if label in _FILES:
            kept = word()
            _FILES[label](owner.rows[label].uuid, kept.encode())
            yield Canary(kept, owner.name, label, "(content)")


def _made(model: type[models.Model], owner: Owner, values: dict) -> tuple[models.Model, dict]:
    """Make one row with a word in every text; returns it and the texts by field."""
    words = {field.name: _text(field, word()) for field in texts_of(model) if field.name not in values}
    filled = {**words, **values}
    for field in model._meta.concrete_fields:
        if field.name in filled or field.primary_key:
            continue
        if (value := _value(field, owner)) is not None:
            filled[field.name] = value
    try:
        with transaction.atomic():
            row = model.objects.create(**filled)
    except IntegrityError as error:
        raise AssertionError(
            f"tests/canaries.py cannot make a {model._meta.label}: {error}. Give VARIANTS what its constraints ask."
        ) from error
    if model._meta.label == "organization.Department":
        model.objects.filter(pk=row.pk).update(path=child_path("", row.pk))
    return row, words


def _value(field: models.Field, owner: Owner):
    if field.is_relation:
        label = field.related_model._meta.label
        if label == "assessments.Entry":
            label = "assessments.Experience"
        if field.null and (
            field.name
            in ("parent", "based_on", "carried_from", "successor", "job", "copied_from", "framework_version")
        ):
            return None
        if field.model._meta.app_label != "competency":
            label = _OF_A_YEAR.get(label, label)
        return owner.rows.get(field.name) or owner.rows.get(label)
    if field.has_default():
        return None
    if field.choices:
        return field.choices[1 if isinstance(field, models.IntegerField) else 0][0]
    if field.null:
        return None
    if isinstance(field, models.DateTimeField):
        return timezone.now()
    if isinstance(field, models.DateField):
        return datetime.date(2026, 4, 1)
    if isinstance(field, models.UUIDField):
        return uuid.uuid4()
    if isinstance(field, models.BinaryField):
        return b"x"
    if field.name == "number" and isinstance(field, models.IntegerField):
        # Unique in its municipality.
        return next(_serial)
    if isinstance(field, models.IntegerField) and "year" in field.name:
        # Pages write it in words: 1 would be a page of an error, with nothing on it to read.
        return 2025
    if isinstance(field, models.IntegerField | models.DecimalField):
        return 1
    return _code(field)


def _code(field: models.Field):
    """Return something for a text without a word: unique where it must be, short enough."""
    if isinstance(field, models.JSONField):
        return {}
    if field.name == "cell_code":
        return "security-policy.1"
    return f"c{next(_serial)}"[: field.max_length]


def _text(field: models.Field, written: str):
    if isinstance(field, models.JSONField):
        return {"note": written}
    if isinstance(field, models.EmailField):
        return f"{written}@example.lg.jp"
    return written


def _word_in(text) -> str:
    return (text["note"] if isinstance(text, dict) else text).split("@")[0]
