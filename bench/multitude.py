"""A city as large as it takes: the people of a smaller one many times over, with last year's sheet of each."""

from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.db.models import OuterRef, Subquery

from assessments.models import Confirmation, Cycle, Rating, Revision, Sheet
from bench.data import BATCH, City
from lib.bulk_load import load
from organization.models import Staff


def multiply(city: City, times: int) -> int:
    """Let everybody of a city be there so many times, with last year's ratings and confirmations; return the ratings.

    What only pages show is not copied.
    """
    cycle = Cycle.objects.get(municipality=city.municipality, fiscal_year=city.cycle.fiscal_year - 1)
    originals = list(Sheet.objects.filter(cycle=cycle).select_related("staff").order_by("pk"))
    with transaction.atomic():
        # Guards and keys take a minute for a million rows that were right once already; only a superuser may leave them out.
        _role("replica")
        for number in range(1, times):
            _copy(originals, number)
        _role("origin")
    return Rating.objects.filter(revision__sheet__cycle=cycle).count()


def _role(name: str) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('session_replication_role', %s, true)", [name])


def _copy(originals: list[Sheet], number: int) -> None:
    people = _made(
        Staff,
        (
            _again(
                each.staff, username=f"{each.staff.username}-{number}", staff_number=f"{number}{each.staff.staff_number}"
            )
            for each in originals
        ),
    )  # fmt: skip
    sheets = _made(
        Sheet,
        (
            _again(each, staff_id=person.pk, current_revision_id=None, state="drafting", submitted_at=None, confirmed_at=None)
            for each, person in zip(originals, people, strict=True)
        ),
    )  # fmt: skip
    of_revision = Revision.objects.in_bulk([each.current_revision_id for each in originals])
    revisions = _made(
        Revision,
        (
            _again(of_revision[each.current_revision_id], sheet_id=sheet.pk)
            for each, sheet in zip(originals, sheets, strict=True)
        ),
    )
    new_of = {each.current_revision_id: new.pk for each, new in zip(originals, revisions, strict=True)}
    city = originals[0].municipality_id
    ratings = Rating.objects.filter(revision__in=list(new_of)).values_list(
        "revision_id", "cell_id", "step", "evidence"
    )
    load(
        Rating, ["revision", "cell", "step", "evidence"], ((new_of[old], *rest) for old, *rest in ratings.iterator()),
        {"municipality": city},
    )  # fmt: skip
    finals = Confirmation.objects.filter(revision__in=list(new_of), level=Confirmation.Level.FINAL)
    one = finals.first()
    load(
        Confirmation, ["revision", "cell", "step", "confirmer"],
        (
            (new_of[old], *rest)
            for old, *rest in finals.values_list("revision_id", "cell_id", "step", "confirmer_id").iterator()
        ),
        {"municipality": city, "level": Confirmation.Level.FINAL, "updated_at": one.updated_at},
    )  # fmt: skip
    newest = Subquery(Revision.objects.filter(sheet=OuterRef("pk")).values("pk")[:1])
    Sheet.objects.filter(pk__in=[sheet.pk for sheet in sheets]).update(
        state=Sheet.State.CONFIRMED, current_revision=newest, submitted_at=one.updated_at, confirmed_at=one.updated_at
    )  # fmt: skip


def _again(row: Any, **changes: Any) -> Any:
    """Return another row like one that is there, with its own keys."""
    model = type(row)
    values = {
        field.attname: getattr(row, field.attname)
        for field in model._meta.concrete_fields
        if not field.primary_key and not field.unique
    }
    return model(**{**values, **changes})


def _made(model: Any, rows: Any) -> list:
    made: list = []
    while part := list(islice(rows, BATCH)):
        made += model.objects.bulk_create(part)
    return made
