"""Published figures that departments are compared with: surveys and statistics, common or a municipality's own."""

import uuid

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from access.actor import Actor, Role


class ReferenceSurveyQuerySet(models.QuerySet):
    """Reads of surveys."""

    def visible_to(self, actor: Actor):
        """Return the queryset of common surveys and the municipality's own; drafts only for editors."""
        seen = self.filter(Q(municipality__isnull=True) | Q(municipality_id=actor.municipality_id))
        if actor.has(Role.EDITOR):
            return seen
        return seen.exclude(state=ReferenceSurvey.State.DRAFT)

    def in_use_of(self, municipality_id: int):
        """Return the queryset of what is in use in a municipality, of every year.

        A municipality's own survey stands in for the common one of the same 符号, as soon as it is no draft.
        """
        own = self.model.objects.filter(municipality_id=municipality_id, code=OuterRef("code"))
        replaced = Exists(own.exclude(state=ReferenceSurvey.State.DRAFT))
        return self.filter(
            Q(municipality_id=municipality_id) | Q(municipality__isnull=True) & ~replaced,
            state=ReferenceSurvey.State.IN_USE,
        )


class ReferenceSurvey(models.Model):
    """A survey (調査) or a statistic of staffing (統計) of one year. Without a municipality it is common to all.

    A common one is changed only by `load_survey`; a municipality that edits it gets its own of the same 符号.
    `content` is the part of the file behind the columns, as JSON text: the JSON of a database keeps no order of
    keys, and the order of answers and columns is the source's.
    """

    class Kind(models.TextChoices):
        """Which shape it has (competency/data/README.md)."""

        SURVEY = "survey", "調査"
        STAFFING = "staffing", "統計"

    class State(models.TextChoices):
        """Pages show what is in use; what was used stays readable."""

        DRAFT = "draft", "下書き"
        IN_USE = "in_use", "使用中"
        RETIRED = "retired", "使用終了"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, null=True, blank=True, verbose_name="団体"
    )
    code = models.CharField("符号", max_length=60)
    kind = models.CharField("種類", max_length=8, choices=Kind)
    name = models.CharField("名前", max_length=80)
    year = models.PositiveSmallIntegerField("調査の年", help_text="西暦")
    source = models.CharField("出典", max_length=300)
    asked = models.PositiveIntegerField("聞いた団体の数", null=True, blank=True)
    answered = models.PositiveIntegerField("答えた団体の数")
    content = models.TextField("内容", editable=False)
    state = models.CharField("状態", max_length=7, choices=State, default=State.DRAFT)
    updated_at = models.DateTimeField("更新日時")
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = ReferenceSurveyQuerySet.as_manager()

    class Meta:
        verbose_name = "調査と統計"
        constraints = [
            models.UniqueConstraint(
                fields=["code"], condition=Q(municipality__isnull=True), name="survey_common_once"
            ),
            models.UniqueConstraint(fields=["municipality", "code"], name="survey_once"),
            models.CheckConstraint(
                condition=Q(asked__isnull=True) | Q(asked__gte=F("answered")), name="survey_asked"
            ),
        ]

    def __str__(self) -> str:
        return self.name
