"""The roster as a kind of import."""

import datetime
from collections.abc import Mapping
from typing import Any

from access.actor import Actor
from lib.tabular import Table
from organization import roster
from organization.import_kind import ImportKind, Parsed, Question
from organization.import_samples import SAMPLES
from organization.models import ImportBatch, Municipality
from organization.workflow.roster_undo import undo_roster
from organization.workflow.rosters import known_for, write_roster

# In the order of the screen.
LABELS = {
    "left": "退職",
    "candidate": "退職候補",
    "new": "新規",
    "rehired": "再採用",
    "transfer": "異動",
    "promotion": "昇任・職位の変更",
    "added": "兼務追加",
    "renewed": "任期の更新",
    "renamed": "氏名変更",
    "leave": "休職・育休",
    "return": "復職",
    "corrected": "内容の訂正",
    "unchanged": "変更なし",
}


def _parse(table: Table, mapping: Mapping[str, str], options: Mapping[str, Any]) -> Parsed:
    parsed = roster.parse_lines(table, mapping, overwrite=bool(options.get("overwrite")))
    return Parsed(parsed.lines, parsed.problems, parsed.broken)


def _plan(lines: list[roster.Line], question: Question) -> roster.Plan:
    known = known_for(question.municipality.pk, {line.number for line in lines}, question.today)
    plan = roster.plan_roster(
        lines,
        known,
        today=question.today,
        full=bool(question.options.get("full")),
        broken=question.broken,
        columns=question.columns,
    )
    plan.suspicions = roster.suspicions(plan, known, today=question.today, broken=question.broken)
    return plan


def _write(
    plan: roster.Plan,
    municipality: Municipality,
    by: Actor | None,
    now: datetime.datetime,
    options: Mapping[str, Any],
) -> dict[str, Any]:
    return write_roster(plan, municipality, now=now, batch_id=options.get("batch"))


KIND = ImportKind(
    columns=lambda municipality, options: roster.COLUMNS,
    parse=_parse,
    plan=_plan,
    write=_write,
    labels=LABELS,
    undo=undo_roster,
    sample=SAMPLES[ImportBatch.Kind.ROSTER],
)
