"""職員: the people, who are the users; their grants and one-time sign-in codes."""

import unicodedata
import uuid

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Exists, OuterRef, Q

from access.actor import Actor, Role
from lib.passwords import normalised, spellings
from lib.text import strip_controls
from lib.variants import name_key
from organization.models.posting import Leave, Posting
from organization.search import search_text

_DIGITS = 3


class StaffQuerySet(models.QuerySet):
    """Reads of people."""

    def of(self, actor: Actor):
        """Return the queryset of the actor's municipality."""
        return self.filter(municipality_id=actor.municipality_id)

    def posted_in_or_below(self, paths, day):
        """Return the queryset of people with any posting in force on `day` in or below one of the paths.

        Read from the postings, by the index on the paths: asked of each person in turn, SQLite looks at everybody of
        every municipality (docs/adr/0074). Nobody appears twice, 兼務 included.
        """
        allowed = Q(pk__in=[])
        for root in paths:
            allowed |= Q(pk__in=Posting.objects.active_on(day).in_or_below(root).values("staff"))
        return self.filter(allowed)

    def visible_to(self, actor: Actor):
        """Return the queryset of people whose card the actor may see today (P01): own, scope, HR, auditor."""
        mine = self.of(actor)
        if actor.has(Role.HR) or actor.has(Role.AUDITOR):
            return mine
        if not actor.line_paths:
            return mine.filter(pk=actor.staff_id)
        scope = self.model.objects.posted_in_or_below(actor.line_paths, actor.today)
        return mine.filter(Q(pk=actor.staff_id) | Q(pk__in=scope.values("pk")))

    def with_records_visible_to(self, actor: Actor):
        """Return the queryset of people whose sheets and résumé the actor may see (P04, P07): no auditor."""
        mine = self.of(actor)
        if actor.has(Role.HR):
            return mine
        scope = self.model.objects.posted_in_or_below(actor.line_paths, actor.today)
        return mine.filter(Q(pk=actor.staff_id) | Q(pk__in=scope.values("pk")))

    def in_service_on(self, day):
        """Return the queryset of people who have not left by `day`; `left_on` NULL means not known to leave."""
        return self.filter(Q(left_on__isnull=True) | Q(left_on__gt=day))

    def not_on_leave(self, day):
        """Return the queryset without people whose leave is in force on `day`."""
        return self.exclude(Exists(Leave.objects.active_on(day).filter(staff=OuterRef("pk"))))

    def found_by(self, words: str):
        """Return the queryset of people whose number, name, reading or 旧姓 holds every word, whatever its 字体.

        Numbers are found by their beginning, and with three digits or more by their end: who drops the zeros at the
        front finds them as well.
        """
        found = self
        for word in strip_controls(words).split():
            number = unicodedata.normalize("NFKC", word)
            wanted = Q(search__contains=name_key(word)) | Q(staff_number__startswith=number)
            if number.isdigit() and len(number) >= _DIGITS:
                wanted |= Q(staff_number__endswith=number)
            found = found.filter(wanted)
        return found


class StaffManager(BaseUserManager.from_queryset(StaffQuerySet)):
    """Adds what django.contrib.auth asks of a user's manager."""

    def get_by_natural_key(self, username):
        """Return the person with this sign-in name, letter for letter."""
        return self.get(username=username)


class Staff(AbstractBaseUser):
    """One person in one municipality. 職員番号 is text; names are kept as they came, never normalised."""

    class Employment(models.TextChoices):
        """職員区分."""

        REGULAR = "regular", "正規"
        REAPPOINTED = "reappointed", "再任用"
        FIXED_TERM = "fixed_term", "任期付"
        FISCAL_YEAR = "fiscal_year", "会計年度任用"
        SECONDED_IN = "seconded_in", "派遣受入"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, verbose_name="団体"
    )
    username = models.CharField("ログイン名", max_length=60, unique=True)
    staff_number = models.CharField("職員番号", max_length=20)
    name = models.CharField("氏名", max_length=60)
    kana = models.CharField("フリガナ", max_length=80, blank=True)
    former_name = models.CharField("旧姓", max_length=60, blank=True)
    employment = models.CharField("職員区分", max_length=12, choices=Employment, default=Employment.REGULAR)
    email = models.EmailField("メール", blank=True)
    left_on = models.DateField("退職日", null=True, blank=True, help_text="この日からログインできません。")
    is_active = models.BooleanField("使える", default=True)
    must_change_password = models.BooleanField("次のログインで変更", default=False)
    search = models.CharField(max_length=200, editable=False, default="")
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = StaffManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []

    class Meta:
        verbose_name = "職員"
        constraints = [
            models.UniqueConstraint(fields=["municipality", "staff_number"], name="staff_number_once"),
        ]
        indexes = [models.Index(fields=["municipality", "kana"], name="staff_kana")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args, **kwargs):
        """Keep the search key beside the name; a caller naming its columns names `search` too."""
        self.search = self.search_text()
        super().save(*args, **kwargs)

    def set_password(self, raw_password):
        """Hash one form for all the ways to type it (lib/passwords.py)."""
        super().set_password(raw_password if raw_password is None else normalised(raw_password))

    def check_password(self, raw_password):
        """Say whether it is the password, typed in whatever way."""
        return any(super(Staff, self).check_password(form) for form in spellings(raw_password))

    def search_text(self) -> str:
        """Return the folded text that search looks in (organization/search.py); bulk writers set `search` with it."""
        return search_text(self.name, self.kana, self.former_name)

    def has_left(self, day) -> bool:
        """Say whether the account is closed on `day` (P29)."""
        return self.left_on is not None and self.left_on <= day


class Grant(models.Model):
    """権限: a role beyond one's own record and the line. Withdrawn, never deleted."""

    class GrantRole(models.TextChoices):
        """Roles that are granted; S and M follow from being staff and from postings."""

        HR = Role.HR.value, "人事"
        EDITOR = Role.EDITOR.value, "体系の編集"
        AUDITOR = Role.AUDITOR.value, "監査"
        SYSADMIN = Role.SYSADMIN.value, "システム管理"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, verbose_name="団体"
    )
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="grants", verbose_name="職員")
    role = models.CharField("権限", max_length=1, choices=GrantRole)
    granted_at = models.DateTimeField("付与日時")
    granted_by = models.ForeignKey(
        Staff, on_delete=models.PROTECT, related_name="+", null=True, verbose_name="付与した人"
    )
    withdrawn_at = models.DateTimeField("取消日時", null=True)
    withdrawn_by = models.ForeignKey(
        Staff, on_delete=models.PROTECT, related_name="+", null=True, verbose_name="取り消した人"
    )

    class Meta:
        verbose_name = "権限"
        constraints = [
            models.UniqueConstraint(
                fields=["staff", "role"], condition=Q(withdrawn_at__isnull=True), name="grant_once"
            ),
        ]

    def __str__(self) -> str:
        return self.get_role_display()


class SignInCode(models.Model):
    """A one-time code for the first sign-in or a reset: only its hash is kept (P26)."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, verbose_name="団体"
    )
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="codes", verbose_name="職員")
    code_hash = models.CharField(max_length=128)
    issued_at = models.DateTimeField("発行日時")
    issued_by = models.ForeignKey(
        Staff, on_delete=models.PROTECT, related_name="+", null=True, verbose_name="発行した人"
    )
    valid_until = models.DateTimeField("期限")
    used_at = models.DateTimeField("使用日時", null=True)
    revoked_at = models.DateTimeField("取消日時", null=True)

    class Meta:
        verbose_name = "初回ログインの番号"
        indexes = [models.Index(fields=["staff", "-issued_at"], name="signincode_staff")]

    def __str__(self) -> str:
        return f"{self.issued_at:%Y-%m-%d}"
