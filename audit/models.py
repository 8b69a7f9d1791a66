"""Who did or saw what. Append-only: the database itself refuses to change or delete a row."""

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import models

from access.actor import Actor, Role
from access.refusals import Invalid


class EventQuerySet(models.QuerySet):
    """Reads of the trail."""

    def of_municipality(self, municipality_id: int):
        """Return the queryset of one municipality's events."""
        return self.filter(municipality_id=municipality_id)

    def about(self, staff_uuid):
        """Return the queryset of events about one person, for 「自分の情報を見た人」."""
        return self.filter(subject_uuid=staff_uuid)


class Event(models.Model):
    """One thing done or seen.

    No foreign keys: history never blocks anything and never vanishes with anything. It holds ids, states and
    counts, never the text that somebody wrote about a person.
    """

    class Kind(models.TextChoices):
        """Who may search it (P27): events about people, or about the running of the system."""

        PEOPLE = "people", "職員に関する操作"
        TECHNICAL = "technical", "システムに関する操作"

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

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = "操作の記録"
        indexes = [
            models.Index(fields=["municipality_id", "-at"], name="event_municipality_at"),
            models.Index(fields=["subject_uuid", "-at"], name="event_subject_at"),
            models.Index(fields=["object_uuid", "-at"], name="event_object_at"),
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


def record(
    *,
    by: Actor | None,
    action: str,
    now,
    kind: str = Event.Kind.PEOPLE,
    municipality_id: int | None = None,
    subject_uuid=None,
    target=None,
    data: dict | None = None,
) -> Event:
    """Write one event; call it inside the transaction of the change it reports.

    `by` is None for a command run by the operator. `target` is any model instance with a `uuid`. `data` holds
    ids, states and counts only; where somebody looks at another's record, works on it or exports, the role of
    that day is added, for 「自分の情報を見た人」. Returns the saved event.
    """
    data = dict(data or {})
    if (
        by
        and kind == Event.Kind.PEOPLE
        and touches_record(action)
        and subject_uuid != by.staff_uuid
        and (role := role_of(by))
    ):
        data["role"] = role
    return Event.objects.create(
        at=now,
        municipality_id=by.municipality_id if by else municipality_id,
        kind=kind,
        action=action,
        actor_uuid=by.staff_uuid if by else None,
        subject_uuid=subject_uuid,
        object_type=target._meta.label_lower if target is not None else "",
        object_uuid=target.uuid if target is not None else None,
        data=data,
        request_id=by.request_id if by else "",
    )


def touches_record(action: str) -> bool:
    """Say whether an action hands something of a record to the reader, or is work on the record of somebody."""
    return action.startswith(
        (
            "export.records",
            "export.certifications",
            "export.trainings",
            "export.resume",
            "sheet.",
            "entry.",
            "file.",
        )
    ) or action.endswith((".view", ".print", ".pdf", ".xlsx", ".search"))


def role_of(by: Actor) -> str:
    """Return in which role somebody sees another's record: "H" 人事, which sees all, else "M" the line; "" for neither."""
    return next((role.value for role in (Role.HR, Role.LINE) if by.has(role)), "")


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
