"""What the desk says about a draft (P24)."""

import uuid as uuids

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from access.refusals import Invalid, NotVisible
from competency import lookups
from competency.views.draft_tools import draft_trail
from competency.workflow.drafts_base import BadValue
from competency.workflow.drafts_comments import add_comment, settle_comment
from lib.text import clean

_LENGTH = 400


@require_http_methods(["GET", "HEAD", "POST"])
def draft_comments(request, uuid: uuids.UUID):
    """Show every comment on a draft and its cells, the open ones first; write one."""
    version = lookups.draft_for(request.actor, uuid)
    if request.method != "POST":
        return _page(request, version)
    try:
        key = uuids.UUID(request.POST.get("key", ""))
    except ValueError:
        raise Invalid from None
    text, code = clean(request.POST.get("text", "")), clean(request.POST.get("cell_code", ""))
    if len(text) > _LENGTH:
        error = f"{_LENGTH}字までです。いまは{len(text)}字あるので、短くしてください。"
        return _page(request, version, text=text, code=code, key=key, error=error)
    try:
        add_comment(version=version, text=text, cell_code=code, by=request.actor, now=timezone.now(), key=key)
    except BadValue as bad:
        return _page(request, version, text=text, code=code, key=key, error=bad.message)
    messages.success(request, "コメントを書きました。")
    return _back(version, code)


@require_POST
def draft_comment_settle(request, uuid: uuids.UUID, comment_uuid: uuids.UUID):
    """Say that a comment was dealt with."""
    version = lookups.draft_for(request.actor, uuid)
    comment = version.comments.filter(uuid=comment_uuid).first()
    if comment is None:
        raise NotVisible
    settle_comment(version=version, comment=comment, by=request.actor, now=timezone.now())
    messages.success(request, "コメントを済みにしました。")
    return _back(version, comment.cell_code)


def _back(version, code: str):
    cell = version.cells.filter(code=code).first() if code else None
    if cell is not None:
        return redirect("competency:draft_cell", version.uuid, cell.uuid)
    return redirect("competency:draft_comments", version.uuid)


def _page(request, version, *, text: str = "", code: str = "", key=None, error: str = ""):
    comments = version.comments.select_related("author", "settled_by")
    ctx = {
        "version": version,
        "comments": sorted(comments, key=lambda one: one.settled_at is not None),
        "comment_key": key or uuids.uuid4(),
        "comment_text": text,
        "comment_error": error,
        "cell_code": code,
        "trail": draft_trail(version),
    }
    return render(request, "competency/draft_comments.html", ctx, status=422 if error else 200)
