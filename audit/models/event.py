"""Who did or saw what. Append-only: the database itself refuses to change or delete a row."""

import uuid

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import Exists, OuterRef

from audit.chain import FIELDS
from audit.models.seal import Seal


class EventQuerySet(models.QuerySet):
    """Reads of the trail."""

    def of_municipality(self, municipality_id: int):
        """Return the queryset of one municipality's events."""
        return self.filter(municipality_id=municipality_id)

    def about(self, staff_uuid):
        """Return the queryset of events about one person, for 「自分の情報を見た人」."""
        return self.filter(subject_uuid=staff_uuid)

    def unsealed(self):
        """Return the queryset of events that no seal has put in their place yet."""
        return self.exclude(Exists(Seal.objects.filter(event_id=OuterRef("pk"))))


class Event(models.Model):
    """One thing done or seen.

    No foreign keys: history never blocks anything and never vanishes with anything. It holds ids, states and
    counts; what stood there before and after is the `payload`, which can be erased. `mac` signs all of it.
    """

    class Kind(models.TextChoices):
        """Who may search it (P27): events about people, or about the running of the system."""

        PEOPLE = "people", "職員に関する操作"
        TECHNICAL = "technical", "システムに関する操作"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    at = models.DateTimeField("日時", db_index=True)
    municipality_id = models.BigIntegerField("団体", null=True)
    kind = models.CharField("種別", max_length=10, choices=Kind)
    action = models.CharField("操作", max_length=60, help_text="点で区切った符号。例 sheet.submit")
    actor_uuid = models.UUIDField("操作した職員", null=True)
    subject_uuid = models.UUIDField("対象の職員", null=True)
    object_type = models.CharField("対象の種類", max_length=40, blank=True)
    object_uuid = models.UUIDField("対象", null=True)
    data = models.JSONField("内容", default=dict)
    request_id = models.CharField("要求番号", max_length=64, blank=True)
    address = models.CharField("接続元", max_length=45, blank=True)
    payload_digest = models.CharField(max_length=64, blank=True)
    # Empty in events from before the trail was signed; the first seals cover those.
    mac = models.CharField(max_length=80, blank=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = "操作の記録"
        indexes = [
            models.Index(fields=["municipality_id", "-at"], name="event_municipality_at"),
            models.Index(fields=["subject_uuid", "-at"], name="event_subject_at"),
            models.Index(fields=["object_uuid", "-at"], name="event_object_at"),
            models.Index(fields=["actor_uuid", "-at"], name="event_actor_at"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.at:%Y-%m-%d %H:%M}"

    @staticmethod
    def names_of(uuids: set) -> dict:
        """Return the present names of people by uuid, and of the systems that read by a token; one query or two.

        Asked of the user model by its setting, for this app imports nothing above it.
        """
        names = dict(get_user_model().objects.filter(uuid__in=uuids).values_list("uuid", "name"))
        if others := uuids - names.keys():
            tokens = apps.get_model("organization", "ApiToken").objects.filter(uuid__in=others)
            names |= {key: f"連携：{name}" for key, name in tokens.values_list("uuid", "name")}
        return names

    def content(self) -> dict:
        """Return what the signature covers, by name (audit.chain.FIELDS)."""
        return {name: getattr(self, name) for name in FIELDS}

    @property
    def chain(self) -> int:
        """Return the chain that the event belongs to: its municipality, 0 for none."""
        return self.municipality_id or 0
