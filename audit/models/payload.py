"""Personal values of an event, apart from it, so that they can be erased and the trail still stands."""

from django.db import models

from audit.models.event import Event


class EventPayload(models.Model):
    """What stood there before and after. The event knows the digest of this row; the chain covers the digest alone.

    Never changed; deleted by `audit.payloads.erase` alone, which writes down whose values went.
    """

    event = models.OneToOneField(
        Event, on_delete=models.PROTECT, related_name="payload", primary_key=True, verbose_name="操作の記録"
    )
    municipality_id = models.BigIntegerField("団体", null=True)
    before = models.JSONField("前", null=True)
    after = models.JSONField("後", null=True)
    salt = models.CharField(max_length=64)

    class Meta:
        verbose_name = "操作の前後の値"

    def __str__(self) -> str:
        return f"payload of {self.event_id}"

    def values(self) -> dict:
        """Return what the digest covers."""
        return {"before": self.before, "after": self.after}
