"""What makes a SAML assertion serve once."""

from django.db import models


class SpentAssertion(models.Model):
    """An assertion that has been taken: the hash of who issued it and of its id, no word of whom it was about.

    The row stays as long as the assertion would be valid, and goes with the next sign-in after that.
    """

    key_hash = models.CharField("鍵", max_length=64, unique=True)
    keep_until = models.DateTimeField("期限", db_index=True)

    class Meta:
        verbose_name = "使われたSAMLの認証"

    def __str__(self) -> str:
        return self.key_hash[:8]
