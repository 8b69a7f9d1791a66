"""The page of self against confirmed: what it shows to whom, chart and sentence. Takes no request and asks nothing."""

from collections.abc import Sequence

from gaps.calibration import Tendency
from gaps.policies import SMALL, Sight
from lib.charts import Series, StackedBars, stacked_bars

PARTS = (
    Series("waiting", "本人が高い"),
    Series("writing", "同じ"),
    Series("done", "本人が低い", dark=True),
)


def is_shown(sight: Sight, people: int) -> bool:
    """Say whether figures over so many confirmed people are shown: always by name, else from five on."""
    if not people:
        return False
    return sight is Sight.NAMES or (sight is Sight.COUNTS and people >= SMALL)


def chart(found: Sequence[Tendency]) -> StackedBars | None:
    """Return one bar a 分類, all of one length: shares are compared, not departments. None without answers."""
    rows = [(each.category, (each.higher, each.same, each.lower)) for each in found if each.total]
    return stacked_bars(rows, PARTS, share=True) if rows else None


def sentences(found: Sequence[Tendency]) -> list[str]:
    """Return what each bar says, a sentence a 分類."""
    return [
        f"{each.category}は{each.total}件の記入のうち、本人が高い{each.higher}件、"
        f"同じ{each.same}件、本人が低い{each.lower}件です。"
        for each in found
        if each.total
    ]


def answer(found: Sequence[Tendency], people: int) -> str:
    """Return the conclusion: on which side the department's own steps lie as a whole."""
    higher, lower = sum(each.higher for each in found), sum(each.lower for each in found)
    total = sum(each.total for each in found)
    opening = f"今年度に確定した{people}人の{total}件の記入のうち、{total - higher - lower}件は本人と確認が同じです。"
    if not higher + lower:
        return f"今年度に確定した{people}人の{total}件の記入は、すべて本人と確認が同じです。"
    if higher == lower:
        return opening + "違いは、高いほうにも低いほうにも偏っていません。"
    side = "高く" if higher > lower else "低く"
    return opening + f"違うときは、本人が{side}書くほうが多くなっています。"
