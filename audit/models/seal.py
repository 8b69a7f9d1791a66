"""The chain over the events of a municipality, and where it begins after what is too old was removed."""

from django.db import models


class SealQuerySet(models.QuerySet):
    """Reads of chains."""

    def of_chain(self, chain: int):
        """Return the queryset of one municipality's seals in their order; chain 0 holds what belongs to none."""
        return self.filter(municipality_id=chain).order_by("number")


class Seal(models.Model):
    """One event in its place in the chain of its municipality. Never changed, removed with its event alone."""

    event_id = models.BigIntegerField("操作の記録", primary_key=True)
    # 0 where an event belongs to no municipality: a command of the operator.
    municipality_id = models.BigIntegerField("団体")
    number = models.BigIntegerField("順番")
    mac = models.CharField(max_length=80)
    at = models.DateTimeField("封をした日時")

    objects = SealQuerySet.as_manager()

    class Meta:
        verbose_name = "記録の封"
        constraints = [
            models.UniqueConstraint(fields=["municipality_id", "number"], name="seal_place_once"),
        ]

    def __str__(self) -> str:
        return f"{self.municipality_id}/{self.number}"


class ChainStart(models.Model):
    """The chain begins after `number`: what came before was removed when its time was over. Signed like a seal."""

    municipality_id = models.BigIntegerField("団体")
    number = models.BigIntegerField("取り除いた最後の順番")
    previous = models.CharField("その封", max_length=80)
    mac = models.CharField(max_length=80)
    at = models.DateTimeField("日時")

    class Meta:
        verbose_name = "記録の始まり"
        constraints = [
            models.UniqueConstraint(fields=["municipality_id", "number"], name="chain_start_once"),
        ]

    def __str__(self) -> str:
        return f"{self.municipality_id}/{self.number}"
