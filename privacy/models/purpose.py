"""利用目的: what a municipality uses the data for, in versions, and who has read which."""

from django.db import models


class Purpose(models.Model):
    """One wording. A new one is a new row; the newest counts and is shown to everybody once more."""

    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, related_name="+", verbose_name="団体"
    )
    number = models.PositiveIntegerField("版")
    text = models.TextField("利用目的", max_length=2000)
    line = models.CharField("印刷に付ける1行", max_length=120)
    at = models.DateTimeField("決めた日時")
    by = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, related_name="+", verbose_name="決めた人"
    )

    class Meta:
        verbose_name = "利用目的"
        constraints = [models.UniqueConstraint(fields=["municipality", "number"], name="purpose_number_once")]

    def __str__(self) -> str:
        return f"第{self.number}版"


class PurposeSeen(models.Model):
    """Which wording a person read last, and when. Number 0 is the wording that the product brings."""

    staff = models.OneToOneField(
        "organization.Staff", on_delete=models.PROTECT, related_name="+", verbose_name="職員"
    )
    number = models.PositiveIntegerField("版")
    at = models.DateTimeField("読んだ日時")

    class Meta:
        verbose_name = "利用目的を読んだ記録"

    def __str__(self) -> str:
        return f"第{self.number}版"
