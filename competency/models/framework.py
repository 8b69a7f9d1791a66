"""体系 and its 版. A published version never changes; the database refuses it (competency.guards)."""

import uuid

from django.db import models
from django.db.models import Q

from access.actor import Actor


class Framework(models.Model):
    """A 体系 such as LASDEC. Without an owner it is common to all and changed only by `load_framework`."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, null=True, blank=True, verbose_name="団体"
    )
    code = models.SlugField("符号", max_length=40)
    name = models.CharField("体系", max_length=80)

    class Meta:
        verbose_name = "体系"
        constraints = [
            models.UniqueConstraint(
                fields=["code"], condition=Q(municipality__isnull=True), name="framework_common_code_once"
            ),
            models.UniqueConstraint(fields=["municipality", "code"], name="framework_code_once"),
        ]

    def __str__(self) -> str:
        return self.name


class FrameworkVersionQuerySet(models.QuerySet):
    """Reads of versions."""

    def published(self):
        """Return the queryset of versions that a year may use."""
        return self.filter(state=FrameworkVersion.State.PUBLISHED)

    def drafts_of(self, actor: Actor):
        """Return the queryset of drafts of the actor's municipality (P24); the caller has checked the role."""
        return self.filter(
            state=FrameworkVersion.State.DRAFT, framework__municipality_id=actor.municipality_id
        )

    def visible_to(self, actor: Actor):
        """Return the queryset of published or retired versions, common or of the actor's municipality (P23)."""
        return self.exclude(state=FrameworkVersion.State.DRAFT).filter(
            Q(framework__municipality__isnull=True) | Q(framework__municipality_id=actor.municipality_id)
        )


class FrameworkVersion(models.Model):
    """One 版: draft → published → retired.

    `based_on` is the version that its cells came from (`CellOrigin`). `base_code` and `base_version` name it as a
    file does, for a file can arrive where the base is not known.
    """

    class State(models.TextChoices):
        """Only drafts change."""

        DRAFT = "draft", "下書き"
        PUBLISHED = "published", "公開"
        RETIRED = "retired", "使用終了"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    framework = models.ForeignKey(
        Framework, on_delete=models.PROTECT, related_name="versions", verbose_name="体系"
    )
    name = models.CharField("版", max_length=40)
    state = models.CharField("状態", max_length=10, choices=State, default=State.DRAFT)
    source = models.TextField("出典", blank=True)
    based_on = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="successors", verbose_name="もとの版"
    )
    base_code = models.CharField("もとの体系の符号", max_length=40, blank=True)
    base_version = models.CharField("もとの版の名前", max_length=40, blank=True)
    note = models.CharField("改定の説明", max_length=400, blank=True)
    updated_at = models.DateTimeField("更新日時", null=True)
    published_at = models.DateTimeField("公開日時", null=True)
    retired_at = models.DateTimeField("使用を終えた日時", null=True)
    # competency.digest.digest_of, when it was published; empty in a draft.
    digest = models.CharField("公開したときの内容の要約", max_length=64, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = FrameworkVersionQuerySet.as_manager()

    class Meta:
        verbose_name = "版"
        constraints = [
            models.UniqueConstraint(fields=["framework", "name"], name="version_name_once"),
            models.CheckConstraint(
                condition=Q(state="draft", published_at__isnull=True)
                | ~Q(state="draft") & Q(published_at__isnull=False),
                name="version_published_when",
            ),
        ]

    def __str__(self) -> str:
        return self.name
