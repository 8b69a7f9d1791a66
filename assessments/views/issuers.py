"""信頼する発行元: the own key to hand out, and whose signatures are taken here (P21t)."""

import uuid

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from access.refusals import Conflict, Forbidden, NotVisible
from access.table import may
from assessments import travel_page
from assessments.models import TrustedIssuer
from assessments.travel_forms import IssuerForm
from assessments.workflow.signing_keys import make_key
from assessments.workflow.travel import add_issuer, withdraw_issuer


@require_http_methods(["GET", "HEAD", "POST"])
def issuers(request):
    """Show the own key and the issuers; make the first key, or trust another one."""
    actor = request.actor
    if not may(actor, "P21t"):
        raise Forbidden
    if request.method != "POST":
        return _page(request, IssuerForm())
    if request.POST.get("act") == "key":
        make_key(municipality=request.user.municipality, by=actor, now=timezone.now())
        messages.success(
            request, "署名の鍵を作りました。相手の団体に公開鍵を送り、指紋を電話などで伝えてください。"
        )
        return redirect("assessments:issuers")
    form = IssuerForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    name, key = form.cleaned_data["name"], form.cleaned_data["key"]
    try:
        add_issuer(name=name, key=key, by=actor, now=timezone.now())
    except Conflict as refusal:
        form.add_error("key", refusal.message)
        return _page(request, form, status=409)
    messages.success(request, f"「{name}」を信頼する発行元に登録しました。")
    return redirect("assessments:issuers")


@require_POST
def issuer_withdraw(request, issuer_uuid: uuid.UUID):
    """Trust an issuer no more."""
    actor = request.actor
    if not may(actor, "P21t"):
        raise Forbidden
    issuer = TrustedIssuer.objects.filter(uuid=issuer_uuid, municipality_id=actor.municipality_id).first()
    if issuer is None:
        raise NotVisible
    withdraw_issuer(issuer=issuer, by=actor, now=timezone.now())
    messages.success(request, f"「{issuer.name}」の信頼を取り消しました。取り込みずみの記録は残ります。")
    return redirect("assessments:issuers")


def _page(request, form: IssuerForm, *, status: int = 200):
    municipality = request.user.municipality
    keys = travel_page.own_keys(municipality.pk)
    standing, withdrawn = travel_page.trusted(municipality.pk)
    ctx = {
        "form": form,
        "municipality": municipality,
        "key": next((one for one in keys if not one.end), None),
        "earlier": [one for one in keys if one.end],
        "issuers": standing,
        "withdrawn": withdrawn,
    }
    return render(request, "assessments/issuers.html", ctx, status=status)
