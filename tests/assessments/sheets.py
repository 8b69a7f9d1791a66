"""Makers of sheets in every state, written straight to the tables so that a test needs no other workflow."""

import uuid

from django.urls import reverse
from django.utils import timezone

from assessments.models import Confirmation, Cycle, Draft, Rating, Revision, Sheet
from tests import builders as b


def write_revision(sheet, steps, *, evidence="", number=1, at=None):
    """Return a revision with one rating per cell (a dict of step by cell id), not yet the sheet's current one."""
    revision = Revision.objects.create(
        municipality=sheet.municipality,
        sheet=sheet,
        number=number,
        submitted_at=at or timezone.now(),
        submitted_by=sheet.staff,
    )
    Rating.objects.bulk_create(
        Rating(municipality=sheet.municipality, revision=revision, cell_id=cell, step=step, evidence=evidence)
        for cell, step in steps.items()
    )
    return revision


def steps_of(sheet, step=2, **exceptions):
    """Return a step for every cell of the sheet's version; exceptions by rank, as c0=3."""
    cells = sheet.cycle.framework_version.cells.order_by("rank")
    return {cell.pk: exceptions.get(f"c{cell.rank}", step) for cell in cells}


def submitted(sheet, steps=None, *, evidence="", number=1, at=None):
    """Bring a sheet to 提出 and return it fresh."""
    at = at or timezone.now()
    revision = write_revision(sheet, steps or steps_of(sheet), evidence=evidence, number=number, at=at)
    Sheet.objects.filter(pk=sheet.pk).update(
        state=Sheet.State.SUBMITTED, current_revision=revision, submitted_at=at
    )
    sheet.refresh_from_db()
    return sheet


def confirmations(sheet, confirmer, level="final", steps=None, comment="", visibility="person"):
    """Write a confirmation for every rating, or for the cells of `steps`."""
    wanted = steps or dict(
        Rating.objects.filter(revision_id=sheet.current_revision_id).values_list("cell_id", "step")
    )
    Confirmation.objects.bulk_create(
        Confirmation(
            municipality=sheet.municipality,
            revision_id=sheet.current_revision_id,
            cell_id=cell,
            level=level,
            step=step,
            comment=comment,
            visibility=visibility,
            confirmer=confirmer,
            updated_at=timezone.now(),
        )
        for cell, step in wanted.items()
    )


def in_state(sheet, state, confirmer=None, steps=None, final=None):
    """Bring a fresh sheet to any state and return it fresh; `final` are confirmed steps other than the own ones."""
    now = timezone.now()
    if state == Sheet.State.NOT_STARTED:
        return sheet
    if state == Sheet.State.DRAFTING:
        cell = sheet.cycle.framework_version.cells.order_by("rank").first()
        Draft.objects.create(
            municipality=sheet.municipality,
            sheet=sheet,
            cell=cell,
            step=4,
            evidence="下書きの文章",
            updated_at=now,
        )
        Sheet.objects.filter(pk=sheet.pk).update(state=state)
    else:
        submitted(sheet, steps, at=now)
        if state in (Sheet.State.FIRST_CONFIRMED, Sheet.State.CONFIRMED):
            confirmations(sheet, confirmer, "first")
        if state == Sheet.State.CONFIRMED:
            confirmations(sheet, confirmer, "final", final)
        Sheet.objects.filter(pk=sheet.pk).update(
            state=state, confirmed_at=now if state == Sheet.State.CONFIRMED else None
        )
    sheet.refresh_from_db()
    return sheet


def last_year(world, staff=None, step=2, **exceptions):
    """Write a confirmed sheet of last year, closed."""
    cycle = Cycle.objects.filter(municipality=world.city, fiscal_year=2025).first() or b.make_cycle(
        world.city, world.version, fiscal_year=2025
    )
    sheet = b.make_sheet(staff or world.honnin, cycle, world.kakari_dept)
    in_state(sheet, Sheet.State.CONFIRMED, confirmer=world.kacho, steps=steps_of(sheet, step, **exceptions))
    Cycle.objects.filter(pk=cycle.pk).update(state="closed", closed_at=timezone.now())
    return sheet


def show(client, sheet):
    """Open a sheet."""
    return client.get(reverse("assessments:sheet", args=[sheet.uuid]))


def answers(sheet, level="first", step=2, action="save", **changes):
    """Return the confirmer's form with a step for every cell; a step of None leaves a cell open."""
    codes = [cell.code for cell in sheet.cycle.framework_version.cells.order_by("rank")]
    form = {"version": sheet.version, "key": str(uuid.uuid4()), "level": level, "action": action}
    rows = dict(
        Confirmation.objects.filter(revision_id=sheet.current_revision_id, level=level).values_list(
            "cell__code", "version"
        )
    )
    for code in codes:
        form |= {f"version-{code}": rows.get(code, 0), f"visibility-{code}": "person", f"comment-{code}": ""}
        if step is not None:
            form[f"step-{code}"] = step
    return {name: value for name, value in (form | changes).items() if value is not None}


def confirm(client, sheet, **form):
    """Send the confirmer's form."""
    return client.post(reverse("assessments:sheet_confirm", args=[sheet.uuid]), answers(sheet, **form))
