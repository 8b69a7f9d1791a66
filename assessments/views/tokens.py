"""連携トークン: which other systems may read through the JSON interface (P20t)."""

import uuid

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from access.refusals import Conflict, Forbidden, NotVisible
from access.table import may
from assessments.export_kind import export_kinds
from assessments.token_forms import TokenForm
from assessments.workflow.tokens import issue_token, revoke_token
from organization.models import ApiToken

# Those that ended or were taken back are history: the newest are enough on the page, all are in the trail.
ENDED_SHOWN = 50


@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request):
    """List the tokens; issue one and show its text, this once."""
    actor = request.actor
    if not may(actor, "P20t"):
        raise Forbidden
    if request.method != "POST":
        return _page(request, TokenForm(actor))
    form = TokenForm(actor, request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        token, secret = issue_token(by=actor, now=timezone.now(), **form.cleaned_data)
    except Conflict as refusal:
        form.add_error("name", refusal.message)
        return _page(request, form, status=409)
    # No redirect: the text is in no session and no database, so it can be shown in this answer alone.
    return _page(request, TokenForm(actor), issued=token, secret=secret)


@require_POST
def token_revoke(request, token_uuid: uuid.UUID):
    """Take a token back at once."""
    actor = request.actor
    if not may(actor, "P20t"):
        raise Forbidden
    token = ApiToken.objects.visible_to(actor).filter(uuid=token_uuid).first()
    if token is None:
        raise NotVisible
    revoke_token(token=token, by=actor, now=timezone.now())
    messages.success(request, f"「{token.name}」のトークンを取り消しました。いまから読めません。")
    return redirect("assessments:tokens")


def _page(request, form: TokenForm, *, status: int = 200, issued: ApiToken | None = None, secret: str = ""):
    now = timezone.now()
    labels = {name: kind.label for name, kind in export_kinds().items()}
    found = ApiToken.objects.visible_to(request.actor).select_related("department", "issued_by")
    usable = [
        (token, [labels.get(scope, scope) for scope in token.scopes])
        for token in found.usable(now).order_by("name", "pk")
    ]
    ended = found.exclude(pk__in=[token.pk for token, _ in usable]).order_by("-issued_at", "-pk")
    ctx = {
        "form": form,
        "tokens": usable,
        "ended": ended[:ENDED_SHOWN],
        "issued": issued,
        "secret": secret,
        "address": request.build_absolute_uri(reverse("assessments:api_kinds")),
    }
    return render(request, "assessments/tokens.html", ctx, status=status)
