"""期待像 as a file: out, and in again after a look at what it changes (P17c)."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from access.actor import Actor
from access.refusals import Forbidden
from access.table import may
from audit.models import record
from competency import lookups, profile_file
from competency.data_import import Preview
from competency.models import ProfileTarget
from competency.profile_file import FileProfile, dump_profiles, parse_profile_table, parse_profiles
from competency.views.data_imports import DataKind, Moved, answer_file, import_page, text_of
from competency.views.duty_files import known_cells
from competency.workflow.profiles import ProfilesMoved, import_profiles, profiles_of, profiles_print
from lib.dates import format_wareki
from lib.tabular import Table


@require_safe
def profiles_file(request):
    """Send the 期待像 of all 職位 as YAML, or in the form that `format` names; they can be imported again."""
    actor = request.actor
    _check(actor)
    stored = profiles_of(actor.municipality_id)
    rows = [
        FileProfile(one.position.name, one.targets)
        for one in stored
        if one.targets or not one.position.retired
    ]
    answer = answer_file(
        request.GET.get("format", "yaml"),
        f"期待像_{format_wareki(actor.today)}",
        data=lambda: dump_profiles(rows),
        table=lambda: (profile_file.HEADER, profile_file.profile_rows(rows, _names(actor))),
    )
    # One row alone is a transaction of its own.
    record(by=actor, action="profiles.export", now=timezone.now(), data={"rows": len(rows)})
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
def profiles_import(request):
    """Take a file and show what it would change; take what was shown, all or nothing."""
    _check(request.actor)
    return import_page(request, _kind())


def _check(actor: Actor) -> None:
    if not may(actor, "P17c"):
        raise Forbidden("期待像を決めるのは人事です。")


def _names(actor: Actor) -> dict[str, str]:
    return {cell.code: cell.full_name for cell in lookups.cells_in_use(actor)}


def _known(actor: Actor) -> set[str]:
    """Return the cells of the matrix, and those of earlier ones that still have a target."""
    kept = ProfileTarget.objects.filter(profile__municipality_id=actor.municipality_id)
    return known_cells(actor, kept)


def _positions(actor: Actor) -> set[str]:
    return set(lookups.positions_of(actor).values_list("name", flat=True))


def _read_text(actor: Actor, text: str, whole: bool) -> Any:
    return dump_profiles(parse_profiles(text, _known(actor), _positions(actor)))


def _read_table(actor: Actor, table: Table, whole: bool) -> Any:
    return dump_profiles(parse_profile_table(table, _known(actor), _positions(actor)))


def _rows(actor: Actor, data: Any) -> list[FileProfile]:
    """Return what a page of ours signed; it was read before, and is read again against what is known today."""
    return parse_profiles(text_of("json", data), _known(actor), _positions(actor))


def _preview(actor: Actor, data: Any) -> tuple[Preview, str]:
    stored = profiles_of(actor.municipality_id)
    before = {one.position.name: one.targets for one in stored}
    return profile_file.preview(before, _rows(actor, data), _names(actor)), profiles_print(stored)


def _apply(actor: Actor, data: Any, shown: str, now: datetime) -> str:
    try:
        changed = import_profiles(profiles=_rows(actor, data), shown=shown, by=actor, now=now)
    except ProfilesMoved as refusal:
        raise Moved(refusal.message) from None
    if not changed:
        return "期待像は、ファイルのとおりになっています。"
    return f"{changed}の職位の期待像を取り込みました。"


def _kind() -> DataKind:
    file = reverse("competency:profiles_file")
    return DataKind(
        name="profiles",
        title="職位の期待像の取込み",
        noun="職位",
        url=reverse("competency:profiles_import"),
        back_url=reverse("competency:profiles"),
        back_label="職位の期待像",
        read_text=_read_text,
        read_table=_read_table,
        preview=_preview,
        apply=_apply,
        hints=(
            "表（CSVかExcel）は、職位と項目の組ごとに1行です。職位の名前は、職位の表と同じにします。",
            "項目コードは、体系の項目の符号です。「項目」の列は読むためのもので、取り込みません。",
            "目標は1から4までの数字です。目標のない項目の行は書きません。",
            "ファイルにある職位は、書いてある目標だけになります。ファイルにない職位はそのままです。",
        ),
        downloads=(
            ("Excel", f"{file}?format=xlsx"),
            ("CSV", f"{file}?format=csv"),
            ("YAML", f"{file}?format=yaml"),
            ("JSON", f"{file}?format=json"),
        ),
    )
