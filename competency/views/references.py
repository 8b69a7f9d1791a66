"""The published figures that departments are compared with; everyone signed in may read them (P23)."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from access.refusals import Forbidden
from access.table import may
from competency.reference import ANSWERS, skills, staffing_tables, survey, survey_answers


@require_safe
def reference(request):
    """Show the survey of 2019 and the staffing tables of 2018, with n and corrections."""
    if not may(request.actor, "P23"):
        raise Forbidden
    tables = staffing_tables()
    columns = list(tables.columns.values())
    with_shares = [column for column in columns if column.shares]
    ctx = {
        "survey": survey(),
        "choices": list(ANSWERS.values()),
        "skills": [(skill, survey_answers(skill.number)) for skill in skills()],
        "tables": tables,
        "columns": columns,
        "share_columns": with_shares,
        "shares": [(row[0], row) for row in zip(*(one.shares for one in with_shares), strict=True)],
        "trail": [{"label": "ホーム", "url": "/"}],
    }
    return render(request, "competency/reference.html", ctx)
