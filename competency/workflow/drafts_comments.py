"""What the desk says about a draft or one of its cells, and that it was dealt with (P24)."""

import uuid

from django.db import transaction

from access.actor import Actor
from access.refusals import Conflict
from competency.models import Cell, FrameworkVersion, VersionComment
from competency.workflow.drafts_base import BadValue, earlier, key_for, made, noted, open_draft


@transaction.atomic
def add_comment(
    *, version: FrameworkVersion, text: str, cell_code: str = "", by: Actor, now, key: uuid.UUID
) -> VersionComment:
    """Write a comment on a draft, or on one of its cells by code, and return it; the same key twice writes one.

    Raises BadValue for an empty text or a code that the draft does not have, and as `open_draft` does.
    """
    open_draft(version, by, now)
    key = key_for(key, text, cell_code)
    before = earlier(VersionComment, by=by, action="draft.comment", key=key, target=version)
    if before is not None:
        return before
    if not text:
        raise BadValue("text", "コメントを入力してください。")
    if cell_code and not Cell.objects.filter(version=version, code=cell_code).exists():
        raise BadValue("cell_code", "その項目は、この下書きにはもうありません。")
    comment = VersionComment.objects.create(
        municipality_id=by.municipality_id,
        version=version,
        cell_code=cell_code,
        text=text,
        author_id=by.staff_id,
        at=now,
    )
    made(comment, by=by, action="draft.comment", key=key, target=version, now=now)
    noted(version, by=by, action="draft.comment", now=now)
    return comment


@transaction.atomic
def settle_comment(*, version: FrameworkVersion, comment: VersionComment, by: Actor, now) -> None:
    """Say that a comment was dealt with. Raises Conflict where somebody said so already."""
    open_draft(version, by, now)
    mine = VersionComment.objects.filter(pk=comment.pk, version=version, settled_at__isnull=True)
    if not mine.update(settled_at=now, settled_by=by.staff_id):
        raise Conflict("このコメントは、もう済みになっています。")
    noted(version, by=by, action="draft.comment_settle", now=now)
