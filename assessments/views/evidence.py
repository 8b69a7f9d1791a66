"""Which entries of the person show one cell of the sheet (P05; P05h in a 代理入力)."""

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from access.refusals import Conflict, NotVisible
from assessments.evidence_form import EvidenceForm, read_choice
from assessments.evidence_reads import counts_as_evidence
from assessments.lookups import sheet_to_fill
from assessments.models import Entry, EntryCell
from assessments.workflow.evidence import choose_evidence
from assessments.workflow.sheets import closed_to_the_person
from competency.models import Cell


@require_http_methods(["GET", "HEAD", "POST"])
def sheet_evidence(request, sheet_uuid, cell_code):
    """Tick the entries that show a cell; drafts of the sheet were kept on the way here."""
    actor = request.actor
    sheet = sheet_to_fill(actor, sheet_uuid)
    cells = Cell.objects.filter(version_id=sheet.version_in_use_id, code=cell_code)
    cell = cells.select_related("area", "stage").first()
    if cell is None:
        raise NotVisible
    closed = closed_to_the_person(sheet, actor.today)
    back = f"{reverse('assessments:sheet_edit', args=[sheet.uuid])}#cell-{cell.code}"
    if request.method == "POST":
        if closed:
            raise Conflict(closed)
        seen, chosen = read_choice(request.POST)
        changed = choose_evidence(
            staff=sheet.staff, cell_code=cell.code, seen=seen, chosen=chosen, by=actor, now=timezone.now()
        )
        messages.success(
            request, "根拠にする記録を保存しました。" if changed else "根拠にする記録は前のままです。"
        )
        return redirect(back)
    if closed:
        return redirect("assessments:sheet", sheet.uuid)
    shows = EntryCell.objects.filter(entry=OuterRef("pk"), cell_code=cell.code)
    entries = list(
        Entry.objects.of(sheet.staff_id).filter(counts_as_evidence()).annotate(chosen=Exists(shows))
    )
    ctx = {
        "sheet": sheet,
        "cell": cell,
        "back": back,
        "form": EvidenceForm(entries, {one.uuid for one in entries if one.chosen}) if entries else None,
        "is_own": sheet.staff_id == actor.staff_id,
        "quick_add": f"{reverse('assessments:quick_add')}?{urlencode({'cell': cell.code, 'sheet': sheet.uuid})}",
        "trail": [
            {"label": "ホーム", "url": reverse("assessments:home")},
            {"label": "記入", "url": back},
        ],
    }
    return render(request, "assessments/sheet_evidence.html", ctx)
