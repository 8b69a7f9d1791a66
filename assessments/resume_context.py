"""What the template of the résumé takes, for the screen and for PDF. Takes no request."""

import datetime
from typing import Any

from access.actor import Actor
from assessments import pdf
from assessments.purpose import purpose_line
from assessments.resume_page import Resume
from competency.models import Step
from lib.dates import format_wareki


def resume_context(
    actor: Actor, shown: Resume, now: datetime.datetime, *, layout: str = "base.html"
) -> dict[str, Any]:
    """Return the context; `layout` is the page around it, `now` the local time that is printed. One query."""
    return {
        "layout": layout,
        "pdf_ready": pdf.available(),
        "purpose_line": purpose_line(actor.municipality_id),
        "resume": shown,
        "staff": shown.staff,
        "is_own": shown.staff.pk == actor.staff_id,
        "scale": list(Step),
        "stages": _stages(shown),
        "printed": f"{format_wareki(now.date())} {now.hour}時{now.minute}分",
        "top_label": f"全{len(shown.rows)}項目",
        "chart_title": "「3 独力でできる」以上の項目数",
    }


def _stages(shown: Resume) -> list[str]:
    """Return the names of the stages in the order of the columns."""
    by_rank = {tile.cell.stage.rank: tile.cell.stage.name for group in shown.matrix for tile in group.tiles}
    return [by_rank.get(rank, "") for rank in range(3)]
