"""ログイン中の端末: one row for each session that began, for its owner to see and to end."""

import datetime
import uuid

from django.contrib.sessions.models import Session
from django.db import models
from django.db.models import Q


class StaffSessionQuerySet(models.QuerySet):
    """Reads of sessions."""

    def of_person(self, staff_id: int):
        """Return the queryset of one person's sessions."""
        return self.filter(staff_id=staff_id)

    def running(self, now: datetime.datetime, began_after: datetime.datetime):
        """Return the queryset of those that still open a page: not ended, not left alone too long, not too old.

        What Django keeps of a session decides: without its row there, or past its time, the browser is nobody.
        """
        alive = Session.objects.filter(expire_date__gt=now).values("session_key")
        return self.filter(ended_at__isnull=True, began_at__gt=began_after, session_key__in=alive)


class StaffSession(models.Model):
    """One session of one person: since when, from where, on what, and how it ended.

    `session_key` leads to Django's own row, which holds the session; it is emptied when the session ends. The device
    is a few words of ours (`lib.user_agents`), never what the browser sent.
    """

    class Ended(models.TextChoices):
        """What ended it."""

        OWN = "own", "本人がログアウト"
        LIST = "list", "本人が一覧から終了"
        PASSWORD = "password", "パスワードの変更"
        FACTOR = "factor", "2段階認証の変更"
        CLOSED = "closed", "アカウントの停止"
        OFFICER = "officer", "システム管理が終了"
        TOO_OLD = "too_old", "時間切れ"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, verbose_name="団体"
    )
    staff = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, related_name="sessions", verbose_name="職員"
    )
    session_key = models.CharField("セッションの鍵", max_length=40, blank=True, editable=False)
    how = models.CharField("ログインの方法", max_length=20)
    device = models.CharField("端末", max_length=60)
    address = models.GenericIPAddressField("アドレス", null=True)
    began_at = models.DateTimeField("ログインした日時")
    seen_at = models.DateTimeField("最後に使った日時")
    ended_at = models.DateTimeField("終わった日時", null=True)
    ended_how = models.CharField("終わり方", max_length=10, choices=Ended, blank=True)

    objects = StaffSessionQuerySet.as_manager()

    class Meta:
        verbose_name = "ログイン中の端末"
        indexes = [models.Index(fields=["staff", "-began_at"], name="staffsession_staff")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_how="")
                | (Q(ended_at__isnull=False) & ~Q(ended_how="")),
                name="staffsession_ended_paired",
            ),
            models.UniqueConstraint(
                fields=["session_key"], condition=~Q(session_key=""), name="staffsession_key_once"
            ),
        ]

    def __str__(self) -> str:
        return self.device
