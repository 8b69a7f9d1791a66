"""スキル履歴書 entries: a person's own dated record, and the evidence behind their ratings (P03, P04).

Every kind shares the row of `Entry`: what, when, whose, which cells it shows. An entry is never deleted: who removes
one sets `removed_at`, for a rating that rests on it was confirmed with it.
"""

import uuid

from django.db import models
from django.db.models import F, Q

from access.actor import Actor

TITLE_LENGTH = 120
TEXT_LENGTH = 2000


class EntryQuerySet(models.QuerySet):
    """Reads of entries; the owner was loaded in scope before, or comes from the actor."""

    def of(self, staff):
        """Return the queryset of one person's entries that stand, the newest first; undated ones lead."""
        return self.filter(staff=staff, removed_at__isnull=True).order_by(
            F("start").desc(nulls_first=True), "-pk"
        )

    def standing(self):
        """Return the queryset of entries that were not removed."""
        return self.filter(removed_at__isnull=True)

    def of_municipality(self, actor: Actor):
        """Return the queryset of the actor's municipality; whose of them may be seen is for the lookup."""
        return self.filter(municipality_id=actor.municipality_id)


class Entry(models.Model):
    """One entry of one person. `start` and `end` are its first and last day; no `end` goes on, no `start` is open.

    `created_by` is somebody else where 人事 wrote it on behalf; the person is told.
    """

    class Kind(models.TextChoices):
        """Which of the models below holds the rest of it."""

        EXPERIENCE = "experience", "業務経験"
        CERTIFICATION = "certification", "資格"
        TRAINING = "training", "研修"
        CAREER = "career", "所属の履歴（発令にないもの）"
        HANDOVER = "handover", "引継ぎメモ"

    # What a rating may rest on.
    EVIDENCE = (Kind.EXPERIENCE, Kind.CERTIFICATION, Kind.TRAINING)

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, verbose_name="団体"
    )
    staff = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, related_name="entries", verbose_name="職員"
    )
    kind = models.CharField("種類", max_length=13, choices=Kind)
    title = models.CharField("名称", max_length=TITLE_LENGTH)
    start = models.DateField("はじめ", null=True, blank=True)
    end = models.DateField("終わり", null=True, blank=True)
    text = models.CharField("内容", max_length=TEXT_LENGTH, blank=True)
    foreign_record = models.ForeignKey(
        "assessments.ForeignRecord",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="entries",
        verbose_name="持ち込んだ記録",
    )
    created_at = models.DateTimeField("登録日時")
    created_by = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, related_name="+", verbose_name="登録した人"
    )
    updated_at = models.DateTimeField("更新日時")
    updated_by = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, related_name="+", verbose_name="更新した人"
    )
    removed_at = models.DateTimeField("取り消した日時", null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = "記録"
        constraints = [
            models.CheckConstraint(
                condition=Q(end__isnull=True) | Q(start__isnull=False, end__gte=F("start")),
                name="entry_interval",
            ),
            models.CheckConstraint(condition=~Q(title=""), name="entry_title"),
        ]
        indexes = [models.Index(fields=["staff", "kind", "-start"], name="entry_staff")]

    def __str__(self) -> str:
        return self.title


class EntryCell(models.Model):
    """One cell that an entry shows, by code, for entries outlive versions of the framework."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="cells", verbose_name="記録")
    cell_code = models.CharField("項目コード", max_length=80)

    class Meta:
        verbose_name = "示す項目"
        constraints = [models.UniqueConstraint(fields=["entry", "cell_code"], name="entry_cell_once")]

    def __str__(self) -> str:
        return self.cell_code


class Experience(Entry):
    """業務経験: what was done, in which role, how large, with which result."""

    class Category(models.TextChoices):
        """The kinds of work that a later reader searches for."""

        PROCUREMENT = "procurement", "調達"
        RENEWAL = "renewal", "更改"
        STANDARDIZATION = "standardization", "標準化移行"
        INCIDENT = "incident", "障害対応"
        AUDIT = "audit", "監査"
        SECURITY = "security", "セキュリティ事故"
        PLANNING = "planning", "計画策定"
        BPR = "bpr", "窓口BPR"
        OPERATION = "operation", "運用・保守"
        DATA = "data", "データ利活用"
        TEACHING = "teaching", "研修の講師"
        OTHER = "other", "その他"

    category = models.CharField("区分", max_length=15, choices=Category, default=Category.OTHER)
    role = models.CharField("役割", max_length=60, blank=True)
    size = models.CharField("規模", max_length=TITLE_LENGTH, blank=True)
    result = models.CharField("結果", max_length=400, blank=True)

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = "業務経験"


class Certification(Entry):
    """資格: `start` is the day it was passed. 登録 is apart from 合格, with its number and the day it runs out."""

    qualification = models.ForeignKey(
        "competency.Qualification",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="資格",
    )
    registered_on = models.DateField("登録日", null=True, blank=True)
    registration_number = models.CharField("登録番号", max_length=40, blank=True)
    renew_by = models.DateField("更新期限", null=True, blank=True)

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = "資格"
        constraints = [
            models.CheckConstraint(
                condition=Q(registered_on__isnull=False) | Q(registration_number="", renew_by__isnull=True),
                name="certification_registered",
            ),
        ]


class Training(Entry):
    """研修, from the wish to attend to what came of it; OJT and 事務分掌ローテーション count."""

    class Form(models.TextChoices):
        """How it is held."""

        CLASS = "class", "集合研修"
        ONLINE = "online", "オンライン研修"
        ELEARNING = "elearning", "eラーニング"
        OJT = "ojt", "OJT"
        ROTATION = "rotation", "事務分掌ローテーション"
        SELF = "self", "自己学習"

    class State(models.TextChoices):
        """申込み → 受講決定 → 修了; 人事 records what was decided and who attended."""

        APPLIED = "applied", "申込み"
        ACCEPTED = "accepted", "受講決定"
        DECLINED = "declined", "見送り"
        FINISHED = "finished", "修了"
        ABSENT = "absent", "欠席"
        WITHDRAWN = "withdrawn", "申込みの取下げ"

    OPEN = (State.APPLIED, State.ACCEPTED)

    course = models.ForeignKey(
        "competency.Course",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="講座",
    )
    provider = models.CharField("実施", max_length=TITLE_LENGTH, blank=True)
    form = models.CharField("形", max_length=9, choices=Form, default=Form.CLASS)
    hours = models.DecimalField("時間数", max_digits=5, decimal_places=1, null=True, blank=True)
    fee = models.PositiveIntegerField("費用（円）", null=True, blank=True)
    state = models.CharField("状態", max_length=9, choices=State, default=State.FINISHED)
    result = models.CharField("結果", max_length=400, blank=True)

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = "研修"
        constraints = [
            models.CheckConstraint(condition=Q(hours__isnull=True) | Q(hours__gte=0), name="training_hours"),
        ]


class Career(Entry):
    """所属の履歴 that no 発令 of this municipality tells: before employment, or elsewhere. `title` is where."""

    role = models.CharField("職位・仕事", max_length=TITLE_LENGTH, blank=True)

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = "所属の履歴"


class Handover(Entry):
    """引継ぎメモ: what the successor must know, printed on the 引継ぎ sheet."""

    successor = models.ForeignKey(
        "organization.Staff",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="引き継ぐ人",
    )
    is_done = models.BooleanField("引継ぎを終えた", default=False)

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = "引継ぎメモ"


class Attachment(models.Model):
    """A file with an entry: kept under a name of ours outside the web root, reached by the right to its entry."""

    class Type(models.TextChoices):
        """What is taken, by content."""

        PDF = "application/pdf", "PDF"
        PNG = "image/png", "PNG"
        JPEG = "image/jpeg", "JPEG"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, verbose_name="団体"
    )
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="files", verbose_name="記録")
    label = models.CharField("説明", max_length=TITLE_LENGTH)
    content_type = models.CharField("種類", max_length=20, choices=Type)
    size = models.PositiveIntegerField("大きさ（バイト）")
    sha256 = models.CharField("ハッシュ値", max_length=64)
    added_at = models.DateTimeField("登録日時")
    added_by = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, related_name="+", verbose_name="登録した人"
    )
    removed_at = models.DateTimeField("取り消した日時", null=True, blank=True)

    class Meta:
        verbose_name = "添付ファイル"

    def __str__(self) -> str:
        return self.label


class RatingEvidence(models.Model):
    """What a submitted step of 3 or 4 rests on, as it was called then; frozen with its revision."""

    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, verbose_name="団体"
    )
    revision = models.ForeignKey(
        "assessments.Revision",
        on_delete=models.PROTECT,
        related_name="evidence_entries",
        verbose_name="提出版",
    )
    cell = models.ForeignKey(
        "competency.Cell", on_delete=models.PROTECT, related_name="+", verbose_name="項目"
    )
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="ratings", verbose_name="記録")
    title = models.CharField("提出したときの名称", max_length=TITLE_LENGTH)

    class Meta:
        verbose_name = "根拠の記録"
        constraints = [
            models.UniqueConstraint(fields=["revision", "cell", "entry"], name="rating_evidence_once"),
        ]

    def __str__(self) -> str:
        return self.title
