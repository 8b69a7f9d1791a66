"""What the person says to a 確定: a 返事 to what was confirmed, and the one 再確認 they may ask for (P12)."""

from django.db import models
from django.db.models import Q


class Reply(models.Model):
    """The person's words about one confirmed cell; never changed. With `again` they ask to have it looked at again."""

    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, verbose_name="団体"
    )
    revision = models.ForeignKey(
        "assessments.Revision", on_delete=models.PROTECT, related_name="replies", verbose_name="提出版"
    )
    cell = models.ForeignKey(
        "competency.Cell", on_delete=models.PROTECT, related_name="+", verbose_name="項目"
    )
    text = models.CharField("返事", max_length=400)
    again = models.BooleanField("再確認を頼む", default=False)
    at = models.DateTimeField("日時")

    class Meta:
        verbose_name = "確認への返事"
        constraints = [models.UniqueConstraint(fields=["revision", "cell"], name="reply_once")]

    def __str__(self) -> str:
        return f"{self.cell_id}"


class Reconfirmation(models.Model):
    """再確認: asked for by the person, once a sheet; the cells are those of the replies with `again`.

    The 所属長 keeps the 確定 or refers it to 人事, who keep it or correct it (P11). No step is changed here.
    """

    class State(models.TextChoices):
        """Where it stands; KEPT and CORRECTED are its ends."""

        ASKED = "asked", "答えを待っています"
        REFERRED = "referred", "人事に訂正を頼みました"
        KEPT = "kept", "確定のままにしました"
        CORRECTED = "corrected", "訂正しました"

    OPEN = (State.ASKED, State.REFERRED)

    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, verbose_name="団体"
    )
    sheet = models.OneToOneField(
        "assessments.Sheet", on_delete=models.PROTECT, related_name="reconfirmation", verbose_name="年度票"
    )
    revision = models.ForeignKey(
        "assessments.Revision", on_delete=models.PROTECT, related_name="+", verbose_name="提出版"
    )
    state = models.CharField("状態", max_length=9, choices=State, default=State.ASKED)
    asked_at = models.DateTimeField("頼んだ日時")
    referral = models.CharField("人事に訂正を頼む理由", max_length=800, blank=True)
    referred_by = models.ForeignKey(
        "organization.Staff",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="人事に頼んだ人",
    )
    referred_at = models.DateTimeField("人事に頼んだ日時", null=True)
    reason = models.CharField("確定のままにする理由", max_length=800, blank=True)
    decided_by = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, null=True, related_name="+", verbose_name="決めた人"
    )
    decided_at = models.DateTimeField("決めた日時", null=True)

    class Meta:
        verbose_name = "再確認"
        constraints = [
            models.CheckConstraint(
                condition=Q(referred_at__isnull=True, referred_by__isnull=True)
                | Q(referred_at__isnull=False, referred_by__isnull=False),
                name="reconfirmation_referred_by",
            ),
            models.CheckConstraint(
                condition=Q(state="asked", referred_at__isnull=True)
                | Q(state="referred", referred_at__isnull=False)
                | Q(state__in=["kept", "corrected"]),
                name="reconfirmation_referred",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["asked", "referred"], decided_at__isnull=True, decided_by__isnull=True)
                | Q(state__in=["kept", "corrected"], decided_at__isnull=False, decided_by__isnull=False),
                name="reconfirmation_decided",
            ),
        ]
        # What waits is asked for on every page of a superior, and is next to nothing.
        indexes = [
            models.Index(
                fields=["municipality", "sheet"],
                condition=Q(state__in=["asked", "referred"]),
                name="reconfirmation_open",
            )
        ]

    def __str__(self) -> str:
        return self.get_state_display()

    @property
    def is_open(self) -> bool:
        """Say whether somebody still has to decide."""
        return self.state in self.OPEN
