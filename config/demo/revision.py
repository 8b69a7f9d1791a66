"""A draft of the next version of the matrix, half done: what 体系の編集 finds on the desk. Fictional."""

import datetime
import uuid

from access.actor import Actor
from competency.models import Cell, FrameworkVersion, Stage
from competency.workflow.drafts import start_draft
from competency.workflow.drafts_cells import confirm_placements, move_cell
from competency.workflow.drafts_comments import add_comment
from competency.workflow.drafts_origins import Piece, split_cell

SPLIT = "regional-it.survey"
PIECES = [("regional-it.network", "通信環境の把握"), ("regional-it.residents", "住民の利用の把握")]
CONFIRMED = ("internal-it.analysis", "internal-it.planning", "security-policy.management")
MOVED = "it-people.development"
COMMENT = "窓口の担当課にも見てもらい、2つに分けてよいかを9月までに決めます。"


def begin(base: FrameworkVersion, *, name: str, by: Actor, now: datetime.datetime) -> FrameworkVersion:
    """Make the draft through the workflow of the desk, and return it."""
    draft = start_draft(base=base, name=name, by=by, now=now, key=uuid.uuid4())
    stages = list(Stage.objects.filter(version=draft))

    def cell(code: str) -> Cell:
        return Cell.objects.get(version=draft, code=code)

    split = cell(SPLIT)
    pieces = [Piece(code, task, stages[1]) for code, task in PIECES]
    split_cell(version=draft, cell=split, pieces=pieces, lock=split.lock, by=by, now=now, key=uuid.uuid4())
    moved = cell(MOVED)
    move_cell(version=draft, cell=moved, direction="right", lock=moved.lock, by=by, now=now)
    chosen = [(one, one.lock) for one in map(cell, CONFIRMED)]
    confirm_placements(version=draft, chosen=chosen, by=by, now=now)
    add_comment(version=draft, text=COMMENT, cell_code=PIECES[0][0], by=by, now=now, key=uuid.uuid4())
    return draft
