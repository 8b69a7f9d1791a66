"""Other ways to sort what people can do, laid beside the matrix: tags of its parts, and crosswalks to other lists."""

import uuid

from django.db import models
from django.db.models import Exists, OuterRef, Q

from access.actor import Actor


class CrosswalkQuerySet(models.QuerySet):
    """Reads of crosswalks and sets of tags."""

    def visible_to(self, actor: Actor):
        """Return the queryset of common ones and those of the actor's municipality."""
        return self.visible_in(actor.municipality_id)

    def visible_in(self, municipality_id: int):
        """Return the queryset of common ones and a municipality's own."""
        return self.filter(Q(municipality__isnull=True) | Q(municipality_id=municipality_id))

    def standing_in(self, municipality_id: int):
        """Return the queryset of what a municipality has, retired ones too: its own stands in for the common one of its 符号."""
        own = self.model.objects.filter(municipality_id=municipality_id, code=OuterRef("code"))
        return self.filter(Q(municipality_id=municipality_id) | Q(municipality__isnull=True) & ~Exists(own))

    def in_use_of(self, municipality_id: int):
        """Return the queryset of what pages of a municipality show, in the order of the list."""
        return self.standing_in(municipality_id).filter(retired=False).order_by("kind", "code", "pk")


class Crosswalk(models.Model):
    """対応表 or タグ. Without a municipality it is common to all and changed only by `load_crosswalk`.

    A municipality that edits a common one gets its own of the same 符号, which stands in for it. `is_proposal`
    says that nobody of the municipality has looked at what belongs together yet.
    """

    class Kind(models.TextChoices):
        """Tags are shown beside the matrix; a crosswalk is read from the side of its own list."""

        TAGS = "tags", "タグ"
        CROSSWALK = "crosswalk", "対応表"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, null=True, blank=True, verbose_name="団体"
    )
    code = models.CharField("符号", max_length=60)
    kind = models.CharField("種類", max_length=9, choices=Kind)
    name = models.CharField("名前", max_length=80)
    year = models.PositiveSmallIntegerField("出典の年", help_text="西暦")
    source = models.CharField("出典", max_length=300)
    note = models.CharField("説明", max_length=400, blank=True)
    is_proposal = models.BooleanField("対応は案", default=True)
    retired = models.BooleanField("使わない", default=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = CrosswalkQuerySet.as_manager()

    class Meta:
        verbose_name = "対応表とタグ"
        constraints = [
            models.UniqueConstraint(
                fields=["code"], condition=Q(municipality__isnull=True), name="crosswalk_common_once"
            ),
            models.UniqueConstraint(fields=["municipality", "code"], name="crosswalk_once"),
        ]

    def __str__(self) -> str:
        return self.name


class CrosswalkItem(models.Model):
    """One line of the other list, デザイナー, in its order. The note is in our own words."""

    crosswalk = models.ForeignKey(
        Crosswalk, on_delete=models.PROTECT, related_name="items", verbose_name="対応表"
    )
    rank = models.PositiveSmallIntegerField("並び順")
    code = models.CharField("符号", max_length=60)
    name = models.CharField("名前", max_length=80)
    note = models.CharField("説明", max_length=200, blank=True)

    class Meta:
        verbose_name = "対応表の行"
        ordering = ["rank", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["crosswalk", "code"], name="crosswalk_item_once"),
        ]

    def __str__(self) -> str:
        return self.name


class CrosswalkLink(models.Model):
    """What of the matrix belongs to a line: a 区分 with all its 項目, or one 項目. By code, for it outlives versions."""

    class Target(models.TextChoices):
        """What the code is the code of."""

        AREA = "area", "区分"
        CELL = "cell", "項目"

    item = models.ForeignKey(
        CrosswalkItem, on_delete=models.PROTECT, related_name="links", verbose_name="対応表の行"
    )
    target = models.CharField("相手の種類", max_length=4, choices=Target)
    code = models.CharField("相手の符号", max_length=80)
    note = models.CharField("説明", max_length=200, blank=True)

    class Meta:
        verbose_name = "対応"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["item", "target", "code"], name="crosswalk_link_once"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id}: {self.target} {self.code}"
