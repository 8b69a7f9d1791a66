"""What a person says about themselves: 得意・学びたいこと (P03s), and the 異動希望 of the year (P32e). Their own hand only."""

from typing import Any

from django.db import IntegrityError, models, transaction
from django.db.models import F

from access.actor import Actor
from access.refusals import Conflict, Forbidden, Invalid
from access.table import may
from assessments.models import Statement, TransferWish
from audit.models import record
from lib.fiscal import fiscal_year

STALE = "ほかの画面で先に保存されました。保存されている内容を確かめて、もう一度保存してください。"


class Stale(Conflict):
    """Somebody saved in the meantime. `stored` is the row as it stands now."""

    default = STALE

    def __init__(self, stored: Any):
        self.stored = stored
        super().__init__(detail={"version": stored.version if stored else 0})


@transaction.atomic
def save_statement(*, strengths: str, interests: str, version: int, by: Actor, now) -> Statement:
    """Keep one's own two texts and return the row; `version` is 0 where none was there.

    Saving what is stored is no conflict. Raises Forbidden and Stale.
    """
    if not may(by, "P03s", own=True):
        raise Forbidden
    texts = {"strengths": strengths, "interests": interests}
    kept, changed = _keep(Statement, {}, texts, version, by, now)
    if changed:
        record(by=by, action="statement.change", now=now, subject_uuid=by.staff_uuid)
    return kept


@transaction.atomic
def save_wish(*, year: int, wish: str, place: str, reason: str, version: int, by: Actor, now) -> TransferWish:
    """Keep one's own 異動希望 of this 年度 and return the row; `version` is 0 where none was there.

    Wishes of earlier years stay as they are: Conflict for another year than today's. Raises Forbidden, Invalid
    and Stale. The event says that it was written, and nothing of it.
    """
    if not may(by, "P32e", own=True):
        raise Forbidden
    if wish not in TransferWish.Wish.values:
        raise Invalid
    if year != fiscal_year(by.today):
        raise Conflict(
            "年度が変わりました。前の年度の異動希望は変えられません。画面を開き直して、今年度の希望を書いてください。"
        )
    texts = {"wish": wish, "place": place, "reason": reason}
    kept, changed = _keep(TransferWish, {"fiscal_year": year}, texts, version, by, now)
    if changed:
        record(by=by, action="wish.change", now=now, subject_uuid=by.staff_uuid, data={"fiscal_year": year})
    return kept


def _keep(
    model: type[models.Model], key: dict, texts: dict, version: int, by: Actor, now
) -> tuple[Any, bool]:
    """Write the row of the actor if it still has the version; return it and whether anything changed."""
    rows = model._default_manager.filter(staff_id=by.staff_id, **key)
    stored = rows.select_for_update().first()
    if stored is not None and all(getattr(stored, name) == text for name, text in texts.items()):
        return stored, False
    if (stored.version if stored else 0) != version:
        raise Stale(stored)
    if stored is None:
        try:
            with transaction.atomic():
                return model._default_manager.create(
                    municipality_id=by.municipality_id, staff_id=by.staff_id, updated_at=now, **key, **texts
                ), True  # fmt: skip
        except IntegrityError:
            raise Stale(rows.first()) from None
    rows.update(version=F("version") + 1, updated_at=now, **texts)
    return rows.get(), True
