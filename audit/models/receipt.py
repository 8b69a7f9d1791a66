"""What was answered to a click that may be repeated."""

from django.db import models

from access.actor import Actor
from access.refusals import Invalid


class Receipt(models.Model):
    """What was answered to a click that may be repeated: the same key gets the same answer, once.

    Written in the transaction of the act; a second writer with the same key fails on the constraint and rolls
    back whole.
    """

    municipality_id = models.BigIntegerField("団体")
    actor_uuid = models.UUIDField("操作した職員")
    action = models.CharField("操作", max_length=60)
    key = models.UUIDField("一回だけの鍵")
    object_uuid = models.UUIDField("対象")
    result = models.JSONField("結果", default=dict)
    at = models.DateTimeField("日時")

    class Meta:
        verbose_name = "受付"
        constraints = [
            models.UniqueConstraint(fields=["actor_uuid", "action", "key"], name="receipt_once"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.at:%Y-%m-%d %H:%M}"


def receipt_for(*, by: Actor, action: str, key, target) -> Receipt | None:
    """Return the receipt of an earlier identical click, or None.

    Raises Invalid for the key of a click on something else: a click that does nothing must not read as done.
    """
    receipt = Receipt.objects.filter(actor_uuid=by.staff_uuid, action=action, key=key).first()
    if receipt is not None and receipt.object_uuid != target.uuid:
        raise Invalid
    return receipt


def object_of_click(*, by: Actor, action: str, key):
    """Return what an earlier identical click was about, as a subquery of a row that is read anyway."""
    clicks = Receipt.objects.filter(actor_uuid=by.staff_uuid, action=action, key=key)
    return clicks.values("object_uuid")[:1]


def issue_receipt(*, by: Actor, action: str, key, target, now, result: dict | None = None) -> Receipt:
    """Write the receipt of an act; raises IntegrityError where the key was used in the meantime."""
    return Receipt.objects.create(
        municipality_id=by.municipality_id,
        actor_uuid=by.staff_uuid,
        action=action,
        key=key,
        object_uuid=target.uuid,
        result=result or {},
        at=now,
    )
