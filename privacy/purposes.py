"""利用目的 in force: the municipality's newest wording, or the one that the product brings (number 0)."""

from dataclasses import dataclass

from django.db.models import Subquery

from organization.models import Municipality
from privacy.models import Purpose, PurposeSeen

TEXT = """スキル履歴書は、職員の個人情報を、次の目的に使います。

・人材育成（研修の計画、一人一人の目標、面談）
・配置（異動の検討、業務の引継ぎ、必要な人数とのつき合わせ）
・情報化の体制の把握（所属ごとの集計。氏名は出しません）

人事評価には使いません。記録を見た人と日時は残り、自分の情報を見た人を、本人がいつでも確かめられます。"""
LINE = "利用目的：人材育成と配置。人事評価には使いません。"


@dataclass(frozen=True)
class Wording:
    """What is shown."""

    number: int
    text: str
    line: str


def wording_of(municipality_id: int) -> Wording:
    """Return the wording in force. One query."""
    newest = Purpose.objects.filter(municipality_id=municipality_id).order_by("-number").first()
    return Wording(newest.number, newest.text, newest.line) if newest else Wording(0, TEXT, LINE)


def unread(staff_id: int, municipality_id: int) -> str:
    """Return the text in force where the person has not read it, "" where they have. One query."""
    newest = Purpose.objects.filter(municipality_id=municipality_id).order_by("-number")
    found = (
        Municipality.objects.filter(pk=municipality_id)
        .annotate(
            number=Subquery(newest.values("number")[:1]),
            text=Subquery(newest.values("text")[:1]),
            seen=Subquery(PurposeSeen.objects.filter(staff_id=staff_id).values("number")[:1]),
        )
        .values_list("number", "text", "seen")
        .get()
    )
    number, text, seen = found
    return "" if seen == (number or 0) else text or TEXT


def line_of(municipality_id: int) -> str:
    """Return the line for paper in force. One query."""
    return wording_of(municipality_id).line
