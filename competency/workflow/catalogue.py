"""資格 register and 実施機関: loading the common rows, and replacing the register of one municipality (P21t)."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from django.db import IntegrityError, transaction

from access.actor import Actor
from access.refusals import Conflict, Forbidden
from access.table import may
from audit.models import Event, record
from competency.catalogue_file import ProviderRow, QualificationRow, RegisterPlan, fingerprint, plan_register
from competency.models import Provider, Qualification
from competency.workflow.duties import Loaded
from organization.models import Municipality

REGISTER_MOVED = "確かめている間に、ほかの人が登録表を変えました。いまの登録表との違いを確かめて、もう一度取り込んでください。"


class RegisterMoved(Conflict):
    """The register in use is another than the one that the preview was shown of."""

    default = REGISTER_MOVED


def register_in_use(municipality_id: int) -> list[QualificationRow]:
    """Return the register of a municipality as rows of a file, in its order; one query."""
    stored = Qualification.objects.register_of(municipality_id)
    return [QualificationRow.of(each) for each in stored]


@transaction.atomic
def load_qualifications(*, rows: Sequence[QualificationRow], now) -> Loaded:
    """Bring the common register to what a file says and return what that took; what it no longer names is retired."""
    done = _bring(Qualification, None, [asdict(row) for row in rows])
    _tell(done, "qualifications.load", now)
    return done


@transaction.atomic
def load_providers(*, rows: Sequence[ProviderRow], now) -> Loaded:
    """Bring the common providers to what a file says and return what that took."""
    done = _bring(Provider, None, [asdict(row) for row in rows])
    _tell(done, "providers.load", now)
    return done


@transaction.atomic
def replace_register(*, rows: Sequence[QualificationRow], shown: str, by: Actor, now) -> RegisterPlan:
    """Make these rows the register of the actor's municipality and return what changed; the same changes nothing.

    `shown` is the fingerprint of the register that the preview was compared with. Rows no longer named are retired
    and stay with those who hold them. Raises Forbidden, and RegisterMoved where the register is another by now.
    """
    if not may(by, "P21t"):
        raise Forbidden
    # Two at once: the second waits for the first and finds its register moved.
    Municipality.objects.select_for_update().get(pk=by.municipality_id)
    before = register_in_use(by.municipality_id)
    plan = plan_register(before, rows)
    if plan.is_empty:
        return plan
    if fingerprint(before) != shown:
        raise RegisterMoved
    try:
        with transaction.atomic():
            _bring(Qualification, by.municipality_id, [asdict(row) for row in rows])
    except IntegrityError:  # SQLite knows no lock of a row
        raise RegisterMoved from None
    record(
        by=by, action="qualifications.import", now=now,
        data={"rows": len(rows), "made": len(plan.new), "changed": len(plan.changed), "retired": len(plan.retired)},
    )  # fmt: skip
    return plan


def _bring(model: Any, municipality_id: int | None, wanted: Iterable[dict[str, Any]]) -> Loaded:
    """Bring the rows of a municipality, or the common ones, to the wanted values by code; order is `rank`."""
    there = {row.code: row for row in model.objects.filter(municipality_id=municipality_id)}
    made, changed, codes = [], 0, set()
    for rank, given in enumerate(wanted):
        values = {**given, "rank": rank, "retired": False}
        codes.add(given["code"])
        row = there.get(given["code"])
        if row is None:
            made.append(model(municipality_id=municipality_id, **values))
        elif any(getattr(row, name) != value for name, value in values.items()):
            model.objects.filter(pk=row.pk).update(**values)
            changed += 1
    model.objects.bulk_create(made)
    gone = [row.pk for code, row in there.items() if code not in codes and not row.retired]
    model.objects.filter(pk__in=gone).update(retired=True)
    return Loaded(len(made), changed, len(gone))


def _tell(done: Loaded, action: str, now) -> None:
    if done != Loaded():
        record(
            by=None, action=action, now=now, kind=Event.Kind.TECHNICAL,
            data={"made": done.made, "changed": done.changed, "retired": done.retired},
        )  # fmt: skip
