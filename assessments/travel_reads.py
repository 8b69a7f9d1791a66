"""What of a person goes into a record that travels, in the shape of its schema; and who is known as an issuer.

Left out on purpose: what the line wrote, 異動希望, 得意・学びたいこと, 引継ぎメモ, files, 職員番号, courses that are
applied for but not done, what they cost, and every level that nobody but the person confirmed.
"""

import datetime
from typing import Any

from django.db.models import F, Subquery
from django.utils import timezone

from assessments.entry_reads import Shown, entries_of
from assessments.models import Confirmation, Entry, Sheet, SigningKey, Training, TrustedIssuer
from assessments.travel.badge import Level
from assessments.travel.reading import Issuer
from assessments.travel.record import Content
from competency.models import Step, StepWording
from lib.intervals import last_day
from lib.paths import ancestors
from organization.models import Department, Municipality, Posting, Staff

KINDS = (Entry.Kind.EXPERIENCE, Entry.Kind.CERTIFICATION, Entry.Kind.TRAINING, Entry.Kind.CAREER)
_TITLE = 120


def content_of(staff: Staff, municipality: Municipality, today: datetime.date) -> Content:
    """Return what a record of this person holds today. Five queries, however long the record."""
    shown = [one for one in entries_of(staff.pk, KINDS) if _is_done(one)]
    places = _places(staff, municipality, today)
    return Content(
        issuer_name=municipality.name,
        issuer_code=municipality.code,
        name=staff.name,
        kana=staff.kana,
        entries=[*(entry_json(one) for one in shown), *places],
        levels=levels_of(staff.pk),
    )


def known_issuers(municipality_id: int) -> list[Issuer]:
    """Return everybody whose key is known to a municipality, itself and the withdrawn ones included. Two queries."""
    own = SigningKey.objects.filter(municipality=municipality_id).values_list("public_key", flat=True)
    others = TrustedIssuer.objects.filter(municipality=municipality_id)
    return [
        *(Issuer("", key, own=True) for key in own),
        *(Issuer(one.name, one.public_key, withdrawn=one.withdrawn_at is not None) for one in others),
    ]


def entry_json(shown: Shown) -> dict[str, Any]:
    """Return one entry in the shape of the schema; what is empty is left out."""
    entry, detail = shown.entry, shown.detail
    common = {
        "kind": str(entry.kind),
        "title": entry.title,
        "start": _day(entry.start),
        "end": _day(entry.end),
        "text": entry.text,
        "cells": list(shown.cells),
    }
    if entry.kind == Entry.Kind.EXPERIENCE:
        own = {
            "category": str(detail.category), "role": detail.role, "size": detail.size, "result": detail.result
        }  # fmt: skip
    elif entry.kind == Entry.Kind.CERTIFICATION:
        own = {
            "qualification": detail.qualification.code if detail.qualification else "",
            "registeredOn": _day(detail.registered_on),
            "registrationNumber": detail.registration_number,
            "renewBy": _day(detail.renew_by),
        }
    elif entry.kind == Entry.Kind.TRAINING:
        own = {
            "provider": detail.provider or (detail.course.provider.name if detail.course else ""),
            "form": str(detail.form),
            "hours": "" if detail.hours is None else str(detail.hours),
            "result": detail.result,
        }
    else:
        own = {"role": detail.role}
    return {name: value for name, value in {**common, **own}.items() if value not in ("", [])}


def levels_of(staff_id: int) -> list[dict[str, Any]]:
    """Return what the line confirmed, year by year, in the shape of the schema; the newest first. One query.

    A year that closed on the person's own word, for want of a confirmer, has no such rows.
    """
    rows = (
        Confirmation.objects.filter(
            revision__sheet__staff=staff_id,
            revision__sheet__state=Sheet.State.CONFIRMED,
            revision__sheet__current_revision=F("revision"),
            level=Confirmation.Level.FINAL,
        )
        .select_related("cell__area", "cell__version__framework", "revision__sheet")
        .order_by("-revision__sheet__fiscal_year", "cell__rank", "cell__code")
    )
    years: dict[int, dict[str, Any]] = {}
    for row in rows:
        sheet, version = row.revision.sheet, row.cell.version
        year = years.setdefault(
            sheet.fiscal_year,
            {
                "fiscalYear": sheet.fiscal_year,
                "framework": {
                    "code": version.framework.code,
                    "name": version.framework.name,
                    "version": version.name,
                },
                "confirmedOn": _day(timezone.localdate(sheet.confirmed_at)),
                "cells": [],
            },
        )
        year["cells"].append({"code": row.cell.code, "name": row.cell.full_name, "step": int(row.step)})
    return list(years.values())


def _is_done(shown: Shown) -> bool:
    """Say whether an entry is of the past: of 研修 only what was finished."""
    return shown.entry.kind != Entry.Kind.TRAINING or shown.detail.state == Training.State.FINISHED


def _places(staff: Staff, municipality: Municipality, today: datetime.date) -> list[dict[str, Any]]:
    """Return the 発令 up to today as career entries: elsewhere they are no 発令 any more. Two queries."""
    postings = list(
        Posting.objects.filter(staff=staff, start__lte=today)
        .select_related("department")
        .order_by("-start", "pk")
    )
    paths = {path for one in postings for path in ancestors(one.department.path)}
    mine = Department.objects.filter(municipality=municipality, path__in=paths)
    names = dict(mine.values_list("path", "name"))
    found = []
    for one in postings:
        way = " ".join(names.get(path, "") for path in ancestors(one.department.path))
        title = f"{municipality.name} {way}"
        kind = "" if one.kind == Posting.Kind.MAIN else f"（{one.get_kind_display()}）"
        ended = one.end is not None and one.end <= today
        place = {
            "kind": "career",
            # A deep tree may be longer than a title: then its last department alone.
            "title": title if len(title) <= _TITLE else f"{municipality.name} {one.department.name}",
            "start": _day(one.start),
            "end": _day(last_day(one.end)) if ended else "",
            "role": f"{one.position}{kind}",
        }
        found.append({name: value for name, value in place.items() if value})
    return found


def _day(day: datetime.date | None) -> str:
    return day.isoformat() if day else ""


def level_for(sheet: Sheet, cell_code: str) -> Level | None:
    """Return one level of a sheet as a badge tells it; None where the line confirmed none above 0. Two queries."""
    if sheet.state != Sheet.State.CONFIRMED:
        return None
    row = (
        Confirmation.objects.filter(
            revision=sheet.current_revision_id,
            level=Confirmation.Level.FINAL,
            cell__code=cell_code,
            step__gt=Step.NONE,
        )
        .select_related("cell__area__category", "cell__version__framework")
        .first()
    )
    if row is None:
        return None
    cell, version = row.cell, row.cell.version
    words = StepWording.objects.filter(cell=cell, step=row.step).values_list("text", flat=True).first()
    return Level(
        revision=str(sheet.current_revision.uuid),
        code=cell.code,
        name=cell.full_name,
        description=cell.example or cell.full_name,
        category=cell.area.category.name,
        framework=f"{version.framework.name} {version.name}",
        fiscal_year=sheet.fiscal_year,
        step=int(row.step),
        confirmed_at=sheet.confirmed_at,
        scale={int(step.value): str(step.label) for step in Step},
        wording=words or str(Step(row.step).label),
    )


def badges_of(staff_id: int) -> list[Confirmation]:
    """Return what of the newest confirmed year may become a badge: every step above 0; a list. One query."""
    newest = (
        Sheet.objects.filter(staff=staff_id, state=Sheet.State.CONFIRMED, without_confirmer=False)
        .order_by("-fiscal_year")
        .values("current_revision")[:1]
    )
    return list(
        Confirmation.objects.filter(
            revision=Subquery(newest), level=Confirmation.Level.FINAL, step__gt=Step.NONE
        )
        .select_related("cell__area", "revision__sheet")
        .order_by("cell__rank", "cell__code")
    )
