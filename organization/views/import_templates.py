"""The templates of 列の対応: what there is, other names, and those that go (P21)."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from access.refusals import Conflict, Forbidden, Invalid
from access.table import may
from organization.import_forms import TemplateFormSet
from organization.models import HeaderMapping
from organization.workflow import TemplateValues, change_templates


@require_http_methods(["GET", "HEAD", "POST"])
def import_templates(request):
    """List the templates of every kind; rename and delete what is marked, all or nothing."""
    actor = request.actor
    if not may(actor, "P21"):
        raise Forbidden
    templates = list(HeaderMapping.objects.named(actor.municipality_id))
    formset, status, problem = _formset(templates), 200, ""
    if request.method == "POST":
        formset = _formset(templates, request.POST)
        if not formset.management_form.is_valid():
            raise Invalid
        try:
            _same_list(formset, templates)
            if formset.is_valid():
                changed = change_templates(by=actor, rows=_rows(formset, templates), now=timezone.now())
                messages.success(request, _told(*changed))
                return redirect("organization:import_templates")
            status = 422
        except Conflict as conflict:
            # What was written beside another list would stand in the wrong rows: the list as it is now.
            templates = list(HeaderMapping.objects.named(actor.municipality_id))
            formset, status, problem = _formset(templates), 409, conflict.message
    ctx = {"formset": formset, "rows": list(zip(formset, templates, strict=True)), "problem": problem}
    return render(request, "organization/import_templates.html", ctx, status=status)


def _formset(templates: list[HeaderMapping], data=None):
    initial = [{"row": t.pk, "version": t.version, "kind": t.kind, "name": t.name} for t in templates]
    return TemplateFormSet(data, initial=initial)


def _same_list(formset, templates: list[HeaderMapping]) -> None:
    """Raise Conflict where the page was made from other templates than there are now."""
    if [str(form["row"].value()) for form in formset] != [str(template.pk) for template in templates]:
        raise Conflict


def _rows(formset, templates: list[HeaderMapping]) -> list[TemplateValues]:
    """Return the rows that were renamed or marked."""
    rows = []
    for form, template in zip(formset, templates, strict=True):
        data = form.cleaned_data
        name = None if data["delete"] else data["name"]
        if name != template.name:
            rows.append(TemplateValues(template=template, name=name, version=data["version"]))
    return rows


def _told(renamed: int, deleted: int) -> str:
    told = [f"{renamed}件の名前を変えました。"] if renamed else []
    told += [f"{deleted}件を消しました。"] if deleted else []
    return "".join(told) or "変えたところはありません。"
