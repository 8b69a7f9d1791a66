"""The tenant."""

import uuid

from django.core.exceptions import ValidationError
from django.db import models

from lib import localgov


def validate_code(value: str) -> None:
    """Refuse a 団体コード whose check digit is wrong."""
    if not localgov.is_valid(value):
        raise ValidationError("団体コードは検査数字を含む6けたの数字で入力してください。")


class Municipality(models.Model):
    """One local government. Every row that belongs to one carries it."""

    class Kind(models.TextChoices):
        """Rows of the staffing tables (reference surveys)."""

        DESIGNATED_CITY = "designated_city", "政令指定都市"
        WARD = "ward", "特別区"
        CITY = "city", "市"
        TOWN = "town", "町村"
        PREFECTURE = "prefecture", "都道府県"

    class Band(models.TextChoices):
        """Population bands of 情報管理概要2018."""

        B500 = "500", "50万人以上"
        B400 = "400", "40万〜50万人未満"
        B300 = "300", "30万〜40万人未満"
        B200 = "200", "20万〜30万人未満"
        B100 = "100", "10万〜20万人未満"
        B50 = "50", "5万〜10万人未満"
        B0 = "0", "5万人未満"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField("団体コード", max_length=6, unique=True, validators=[validate_code])
    name = models.CharField("団体名", max_length=50)
    kind = models.CharField("種別", max_length=20, choices=Kind, default=Kind.CITY)
    population_band = models.CharField("人口段階", max_length=3, choices=Band)
    contact = models.CharField(
        "問い合わせ先", max_length=100, blank=True, help_text="画面の下に出ます。例 総務部 人事課 内線 2315"
    )

    class Meta:
        verbose_name = "団体"

    def __str__(self) -> str:
        return self.name
