"""資格 register: everybody reads it (P23), 人事 fetches it as CSV and replaces it by a file (P21t).

Nothing is kept between the preview and the import: the rows travel in a signed field of the page, as those of a
事務分掌表 do (docs/adr/0023).
"""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from access.refusals import Forbidden, TooLarge
from access.table import may
from audit.models import record
from competency import qualifications_page
from competency.catalogue_file import (
    MOST_ROWS,
    QualificationRow,
    dump,
    fingerprint,
    parse_register,
    plan_register,
    register_table,
    undump,
)
from competency.lookups import qualifications_of
from competency.workflow import RegisterMoved, register_in_use, replace_register
from lib.dates import format_wareki
from lib.forms import DadsFormMixin
from lib.tabular import Problem, TableError, read_table, write_csv
from organization.views.posted import signed_of

_SALT = "competency.qualifications.import"
_PROBLEMS_SHOWN = 500


class RegisterFileForm(DadsFormMixin, forms.Form):
    """One file."""

    file = forms.FileField(
        label="ファイル",
        allow_empty_file=True,
        help_text=f"CSV（UTF-8かCP932）か、Excel（.xlsx）。{MOST_ROWS:,}行まで。",
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.xlsx"}),
    )


@require_safe
def qualifications(request):
    """Show the register in use with what is held, what is over and what is planned."""
    actor = request.actor
    if not may(actor, "P23"):
        raise Forbidden
    rows = qualifications_of(actor)
    ctx = {
        "sections": qualifications_page.sections(rows, actor.today),
        "is_own": any(row.municipality_id is not None for row in rows),
        "can_edit": may(actor, "P21t"),
        "trail": [{"label": "ホーム", "url": "/"}],
    }
    return render(request, "competency/qualifications.html", ctx)


@require_safe
def qualifications_csv(request):
    """Send the register in use as the file that can be imported again."""
    actor = request.actor
    if not may(actor, "P21t"):
        raise Forbidden
    header, rows = register_table(register_in_use(actor.municipality_id))
    # One row alone is a transaction of its own.
    record(by=actor, action="qualifications.export", now=timezone.now(), data={"rows": len(rows)})
    answer = HttpResponse(b"".join(write_csv(header, rows)), content_type="text/csv; charset=utf-8")
    name = f"資格の登録表_{format_wareki(actor.today)}.csv"
    answer["Content-Disposition"] = content_disposition_header(True, name)
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
def qualifications_import(request):
    """Take a file and show what it would change; take what was shown, all or nothing."""
    actor = request.actor
    if not may(actor, "P21t"):
        raise Forbidden
    if request.method != "POST":
        return _page(request, RegisterFileForm())
    if "plan" in request.POST:
        return _apply(request)
    if any(file.size > settings.IMPORT_MAX_BYTES for file in request.FILES.values()):
        raise TooLarge(f"{settings.IMPORT_MAX_BYTES // 1024 // 1024}MBまでのファイルを選んでください。")
    form = RegisterFileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form, status=422)
    file = form.cleaned_data["file"]
    try:
        rows, problems = parse_register(read_table(file.read(), file.name, max_rows=MOST_ROWS))
    except TableError as refusal:
        rows, problems = [], refusal.problems
    if problems:
        return _refused(request, file.name, problems)
    return _preview(request, rows, file.name)


def _apply(request):
    """Take what was shown; where the register is another by now, show with 409 what the file would do to it."""
    told = signed_of(request, "plan", salt=_SALT)
    rows = undump(told["rows"])
    try:
        plan = replace_register(rows=rows, shown=told["shown"], by=request.actor, now=timezone.now())
    except RegisterMoved as moved:
        return _preview(request, rows, told["file"], problem=moved.message, status=409)
    if plan.is_empty:
        messages.success(request, "登録表は、ファイルのとおりになっています。")
    else:
        messages.success(request, f"資格の登録表を、ファイルの{len(rows)}件に置き換えました。")
    return redirect("competency:qualifications")


def _preview(request, rows: list[QualificationRow], file_name: str, *, problem: str = "", status: int = 200):
    before = register_in_use(request.actor.municipality_id)
    plan = plan_register(before, rows)
    told = {
        "by": request.actor.staff_uuid.hex,
        "shown": fingerprint(before),
        "file": file_name,
        "rows": dump(rows),
    }
    ctx = {
        "file_name": file_name,
        "plan": plan,
        "figures": qualifications_page.figures(plan),
        "signed": "" if plan.is_empty else signing.dumps(told, salt=_SALT, compress=True),
        "problem": problem,
    }
    return _page(request, None, status=status, **ctx)


def _refused(request, file_name: str, problems: list[Problem]):
    ctx = {
        "file_name": file_name,
        "problems_count": len(problems),
        "file_problems": problems[:_PROBLEMS_SHOWN],
        "more_problems": max(len(problems) - _PROBLEMS_SHOWN, 0),
    }
    return _page(request, RegisterFileForm(), status=422, **ctx)


def _page(request, form: RegisterFileForm | None, *, status: int = 200, **more: Any):
    ctx = {
        "form": form,
        "plan": None,
        "file_problems": [],
        "steps": qualifications_page.steps(
            refused="file_problems" in more,
            shown="plan" in more,
            url=reverse("competency:qualifications_import"),
        ),
        "trail": [{"label": "資格の登録表", "url": reverse("competency:qualifications")}],
        **more,
    }
    return render(request, "competency/qualifications_import.html", ctx, status=status)
