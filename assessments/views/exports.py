"""出力: records as files, within what the actor may see (P20)."""

from django.http import FileResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from access.actor import Role
from access.table import may
from assessments.export_files import CP932, CSV, Export
from assessments.export_forms import ExportForm
from assessments.exports import exportable
from assessments.workflow.records import export_records

# Enough to see what it is about; the list in the file holds all.
LISTED = 200


@require_http_methods(["GET", "HEAD", "POST"])
def exports(request):
    """Choose what to export, be told what CP932 cannot carry, and download it. Everybody has at least their own."""
    actor = request.actor
    form = ExportForm(actor, request.POST or None)
    if request.method != "POST" or not form.is_valid():
        ctx = {
            "form": form,
            "own_only": not (actor.has(Role.HR) or actor.has(Role.LINE)),
            "can_issue": may(actor, "P20t"),
        }
        return render(
            request, "assessments/exports.html", ctx, status=422 if request.method == "POST" else 200
        )
    chosen = form.cleaned_data
    department = chosen.get("department")
    export = Export(
        cycle=chosen["cycle"],
        sheets=exportable(actor, chosen["cycle"], department),
        form=chosen["form"],
        place=department.name if department else "",
    )
    kind, decision = chosen["format"], request.POST.get("unencodable", "")
    if decision == "utf-8":
        kind = CSV
    findings = export.findings() if kind == CP932 else []
    if findings and decision != "replace":
        ctx = {
            "form": form,
            "posted": [(name, request.POST.get(name, "")) for name in form.fields],
            "findings": findings[:LISTED],
            "count": len(findings),
            "people": len({each.staff_number for each in findings if each.staff_number}),
        }
        return render(request, "assessments/exports_check.html", ctx, status=422)
    written = export_records(
        export=export, kind=kind, department=department, reason=chosen["reason"], replaced=findings or None,
        by=actor, now=timezone.now(),
    )  # fmt: skip
    return FileResponse(
        written.file, as_attachment=True, filename=written.name, content_type=written.content_type
    )
