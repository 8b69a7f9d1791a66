"""Crosswalks and tags as files: out, for a neighbour too (P23), and in after a look at what changes (P24)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from access.actor import Actor
from access.refusals import Conflict, Forbidden
from access.table import may
from competency import crosswalk_page, crosswalk_reads, lookups
from competency.crosswalk_file import CrosswalkFile, CrosswalkFileError, dump, parse_crosswalk
from competency.data_import import Preview
from competency.models import Crosswalk
from competency.views.data_imports import DataKind, Moved, answer_file, import_page, text_of
from competency.workflow import StaleCrosswalk, save_crosswalk, standing_crosswalk
from competency.workflow.crosswalks import CROSSWALK_KIND


@require_safe
def crosswalk_file(request, uuid: UUID):
    """Send one as the file that can be imported again: YAML, or JSON with `format=json`."""
    actor = request.actor
    row = crosswalk_reads.crosswalk_for(actor, uuid)
    if not may(actor, "P23"):
        raise Forbidden
    return answer_file(
        request.GET.get("format", "yaml"),
        row.code,
        data=lambda: dump(crosswalk_reads.content_of(row)),
        table=None,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def crosswalk_import(request):
    """Take a file and show what it would change; take what was shown, all or nothing."""
    if not may(request.actor, "P24"):
        raise Forbidden
    return import_page(request, _kind())


def _read_text(actor: Actor, text: str, whole: bool) -> Any:
    file = parse_crosswalk(text)
    stored = standing_crosswalk(actor.municipality_id, file.code)
    if stored is not None and stored.kind != file.kind:
        raise CrosswalkFileError([f"ファイル：{CROSSWALK_KIND}"])
    return dump(file)


def _file(data: Any) -> CrosswalkFile:
    """Return what a page of ours signed; it was read before, and is read again."""
    return parse_crosswalk(text_of("json", data))


def _print(row: Crosswalk | None) -> str:
    return f"{row.uuid.hex}:{row.version}" if row else ""


def _preview(actor: Actor, data: Any) -> tuple[Preview, str]:
    file = _file(data)
    stored = standing_crosswalk(actor.municipality_id, file.code)
    before = crosswalk_reads.stored_content(stored) if stored else None
    parts = crosswalk_page.named(lookups.cells_in_use(actor))
    return crosswalk_page.differences(before, file, parts), _print(stored)


def _apply(actor: Actor, data: Any, shown: str, now: datetime) -> str:
    file = _file(data)
    stored = standing_crosswalk(actor.municipality_id, file.code)
    same = stored is not None and crosswalk_reads.stored_content(stored) == file
    if not same and _print(stored) != shown:
        raise Moved
    try:
        save_crosswalk(
            crosswalk=stored, wanted=file, version=stored.version if stored else 0, by=actor, now=now,
            action="crosswalk.import",
        )  # fmt: skip
    except StaleCrosswalk as refusal:
        raise Moved(refusal.message) from None
    except Conflict as refusal:
        raise Moved(refusal.message) from None
    return f"「{file.name}」を、ファイルのとおりにしました。"


def _kind() -> DataKind:
    back = reverse("competency:crosswalks")
    return DataKind(
        name="crosswalk",
        title="対応表とタグの取込み",
        noun="行",
        url=reverse("competency:crosswalk_import"),
        back_url=back,
        back_label="対応表とタグ",
        read_text=_read_text,
        read_table=None,
        preview=_preview,
        apply=_apply,
        hints=(
            "1つのファイルに、対応表かタグの組を1つ書きます。それぞれの画面で出したファイルを、書き直して使えます。",
            "符号（code）が同じものは、ファイルの内容に代わります。共通のものは残り、この団体のものができます。",
            "ほかの団体からもらったファイルも、そのまま取り込めます。この団体の体系にない符号は、残したうえで「いまの版にない項目」に並べます。",
            "ほかの文書の文は写さず、名前と出典だけを使います。",
        ),
    )
