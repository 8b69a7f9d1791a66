"""How often a sign-in was tried in vain: what makes the next one wait."""

from django.db import models


class Attempt(models.Model):
    """Failures of one name from one place, of one person's second step, or of one address.

    Keys are hashes under SECRET_KEY: whoever reads the table learns neither names nor addresses. `failures` are those
    since the last success, or, of an address, what has not drained away yet by `last_at`.
    """

    key_hash = models.CharField("鍵", max_length=64, unique=True)
    # All places of one name, so that whoever issues a new code can let the person try again.
    name_hash = models.CharField("名前", max_length=64, blank=True, db_index=True)
    failures = models.PositiveIntegerField("失敗の回数", default=0)
    held_until = models.DateTimeField("この時刻まで待つ", null=True)
    last_at = models.DateTimeField("最後に試した日時", db_index=True)

    class Meta:
        verbose_name = "ログインの試し"

    def __str__(self) -> str:
        return self.key_hash[:8]
