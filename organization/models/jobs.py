"""長い処理: work outside the request that shows its progress, can be left, and can be found again."""

import uuid

from django.db import models
from django.db.models import Q

from access.actor import Actor


class JobQuerySet(models.QuerySet):
    """Reads of jobs."""

    def of(self, actor: Actor):
        """Return the queryset of the actor's own jobs, the newest first: nobody sees another's."""
        return self.filter(municipality_id=actor.municipality_id, owner_id=actor.staff_id).order_by(
            "-created_at", "-pk"
        )


class Job(models.Model):
    """One piece of long work of one person. Its file is kept under a name of ours until `expires_at`.

    `params` holds ids and choices only, never what somebody wrote. The right to what the file shows is asked again
    when the work begins and when the file is fetched.
    """

    class State(models.TextChoices):
        """Where it stands."""

        WAITING = "waiting", "順番待ち"
        RUNNING = "running", "作成中"
        DONE = "done", "できました"
        FAILED = "failed", "できませんでした"

    ENDED = (State.DONE, State.FAILED)

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, verbose_name="団体"
    )
    owner = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, related_name="jobs", verbose_name="頼んだ人"
    )
    kind = models.CharField("種類", max_length=40)
    title = models.CharField("内容", max_length=120)
    params = models.JSONField("条件", default=dict)
    state = models.CharField("状態", max_length=7, choices=State, default=State.WAITING)
    done = models.PositiveIntegerField("済んだ件数", default=0)
    total = models.PositiveIntegerField("全件数", default=0)
    message = models.CharField("お知らせ", max_length=200, blank=True)
    file_name = models.CharField("ファイル名", max_length=80, blank=True)
    content_type = models.CharField("ファイルの種類", max_length=80, blank=True)
    size = models.PositiveBigIntegerField("大きさ（バイト）", default=0)
    created_at = models.DateTimeField("受付日時")
    started_at = models.DateTimeField("開始日時", null=True, blank=True)
    beat_at = models.DateTimeField("最後の動き", null=True, blank=True)
    finished_at = models.DateTimeField("終了日時", null=True, blank=True)
    expires_at = models.DateTimeField("受取りの期限", null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = "作成の依頼"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["done", "failed"], finished_at__isnull=False)
                | ~Q(state__in=["done", "failed"]) & Q(finished_at__isnull=True),
                name="job_finished_when",
            ),
        ]
        indexes = [models.Index(fields=["owner", "-created_at"], name="job_owner")]

    def __str__(self) -> str:
        return self.title
