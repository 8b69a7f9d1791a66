"""What a person says about themselves beside the entries: 得意・学びたいこと, and the 異動希望 that only 人事 sees."""

from django.db import models

from assessments.models.entries import TEXT_LENGTH


class Statement(models.Model):
    """得意・学びたいこと of one person; seen with the résumé (P04)."""

    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, verbose_name="団体"
    )
    staff = models.OneToOneField(
        "organization.Staff", on_delete=models.PROTECT, related_name="statement", verbose_name="職員"
    )
    strengths = models.CharField("得意なこと", max_length=TEXT_LENGTH, blank=True)
    interests = models.CharField("学びたいこと", max_length=TEXT_LENGTH, blank=True)
    updated_at = models.DateTimeField("更新日時")
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = "得意・学びたいこと"

    def __str__(self) -> str:
        return f"{self.staff_id}"


class TransferWish(models.Model):
    """異動希望 of one person in one 年度: the person and 人事 alone see it (P32)."""

    class Wish(models.TextChoices):
        """What is wished for."""

        STAY = "stay", "いまの所属を続けたい"
        MOVE = "move", "異動したい"
        EITHER = "either", "どちらでもよい"

    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, verbose_name="団体"
    )
    staff = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, related_name="wishes", verbose_name="職員"
    )
    fiscal_year = models.PositiveSmallIntegerField("年度", help_text="西暦")
    wish = models.CharField("希望", max_length=6, choices=Wish)
    place = models.CharField("希望する所属や仕事", max_length=400, blank=True)
    reason = models.CharField("理由や事情", max_length=TEXT_LENGTH, blank=True)
    updated_at = models.DateTimeField("更新日時")
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = "異動希望"
        constraints = [models.UniqueConstraint(fields=["staff", "fiscal_year"], name="wish_once")]

    def __str__(self) -> str:
        return f"{self.staff_id} {self.fiscal_year}"
