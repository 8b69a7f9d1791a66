"""Signing in by another system: going there, coming back, and the password of a directory."""

import logging
import time

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from organization.attempts import Held, succeeded, take_back
from organization.devices import remember_device
from organization.entering import enter
from organization.middleware import CAME_BY, REMOTE_USER
from organization.providers import Provider
from organization.sso import ldap, oidc, saml
from organization.sso.forms import DirectoryForm
from organization.sso.linking import REJECTED, STALE, UNREACHABLE, NotSignedIn, staff_of
from organization.sso.strength import check_strength
from organization.views import trying

log = logging.getLogger(__name__)

# What of a way to a provider and back lies in the session.
PENDING = "sso"


@login_not_required
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sso(request, provider: str):
    """Go to the provider; for a directory ask for its password, for a name from the proxy enter at once."""
    system = _provider(provider)
    wanted = safe_next(request)
    try:
        if system.kind == "LDAP":
            return _directory(request, system, wanted)
        if request.method == "POST":
            return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
        if system.kind == "REMOTE_USER":
            return _remote_user(request, system, wanted)
        if system.kind == "SAML":
            url, kept = saml.begin(system, saml_place(request, system))
        else:
            url, kept = oidc.begin(system, _callback(request, system))
    except NotSignedIn as refusal:
        return _refused(request, system, refusal, wanted)
    request.session[PENDING] = {**kept, "slug": provider, "next": wanted, "at": int(time.time())}
    return HttpResponseRedirect(url)


@login_not_required
@require_safe
def sso_answer(request, provider: str):
    """Take the answer of a provider: one that this browser asked for, a few minutes ago, once."""
    system = _provider(provider, "OIDC", "SAML")
    # Taken out before it is looked at: whatever happens, it serves no second time.
    kept = request.session.pop(PENDING, None)
    wanted = ""
    try:
        if kept is None or kept["slug"] != provider or not 0 <= time.time() - kept["at"] <= oidc.LIFETIME:
            raise NotSignedIn(STALE, "nobody asked")
        wanted = kept["next"]
        if system.kind == "SAML":
            said = saml.taken(system, kept, request.GET.get("answer", ""))
            name, acr, amr = said.name, said.acr, said.amr
        else:
            claims = oidc.finish(system, _callback(request, system), kept, request.GET.dict())
            name, acr, amr = claims.get(system.attribute), claims.get("acr"), claims.get("amr") or ()
        second_factor = check_strength(system, acr, amr)
        staff = staff_of(system, name)
    except NotSignedIn as refusal:
        return _refused(request, system, refusal, wanted)
    return _enter(request, staff, system, wanted, second_factor=second_factor)


@login_not_required
@csrf_exempt
@sensitive_post_parameters("SAMLResponse")
@require_POST
def sso_acs(request, provider: str):
    """Take an answer by SAML from the provider's page, and hand it over to this browser's own session.

    The one view that a page of another site may post to (docs/adr/0057). The browser sends no cookie of ours with it, and
    if it does, none is looked at: whoever is let in is decided by the next request, which comes with the session.
    """
    system = _provider(provider, "SAML")
    handed = ""
    try:
        handed = saml.received(
            system, saml_place(request, system), request.POST.get("SAMLResponse", ""), now=timezone.now()
        )
    except NotSignedIn as refusal:
        log.warning("sign-in by %s refused: %s", system.slug, refusal.reason)
    query = urlencode({"answer": handed})
    return HttpResponse(
        status=303, headers={"Location": f"{reverse('organization:sso_answer', args=[provider])}?{query}"}
    )


@login_not_required
@require_safe
def sso_metadata(request, provider: str):
    """Hand out what the provider has to know about us."""
    system = _provider(provider, "SAML")
    try:
        made = saml.metadata(system, saml_place(request, system))
    except NotSignedIn as refusal:
        return _refused(request, system, refusal, "")
    return HttpResponse(made, content_type="application/samlmetadata+xml")


def saml_place(request, provider: Provider) -> saml.Place:
    """Return our addresses as the provider knows them; the entity id is that of our metadata unless one is set."""
    metadata = _callback(request, provider, "organization:sso_metadata")
    acs = _callback(request, provider, "organization:sso_acs")
    return saml.Place(provider.option("ENTITY_ID") or metadata, acs)


def logout_url(request) -> str:
    """Return where the provider ends its own session, if one let this person in and says where; else ""."""
    slug = request.session.get(CAME_BY)
    for provider in settings.SIGN_IN_PROVIDERS:
        url = provider.option("LOGOUT_URL")
        if url and provider.slug == slug:
            back = _callback(request, provider, "organization:login")
            if provider.kind == "SAML":
                # An address that ends its session, such as that of AD FS; what it wants to know stands in it.
                return url
            query = urlencode({"client_id": provider.option("CLIENT_ID"), "post_logout_redirect_uri": back})
            return f"{url}{'&' if '?' in url else '?'}{query}"
    return ""


def safe_next(request) -> str:
    """Return the `next` path if it is one of this host, else an empty string."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe and wanted.startswith("/") else ""


def choices(request, wanted: str) -> list[tuple[str, str]]:
    """Return (label, address) of every other way in that this request can take."""
    query = f"?{urlencode({'next': wanted})}" if wanted else ""
    return [
        (provider.label, reverse("organization:sso", args=[provider.slug]) + query)
        for provider in settings.SIGN_IN_PROVIDERS
        if provider.kind != "REMOTE_USER" or request.remote_user
    ]


def _directory(request, provider: Provider, wanted: str) -> HttpResponse:
    form = DirectoryForm(request.POST or None)
    ctx = {"form": form, "next": wanted, "provider": provider}
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["username"]
        try:
            trial = trying.begin(request, name)
        except Held as held:
            return trying.answer_held(request, "organization/sso.html", ctx, held, code=False)
        try:
            said = ldap.check(provider, name, form.cleaned_data["password"])
            staff = staff_of(provider, said)
        except NotSignedIn as refusal:
            log.warning("sign-in by %s refused: %s", provider.slug, refusal.reason)
            if refusal.message == UNREACHABLE:
                take_back(trial, now=timezone.now())
            else:
                trying.failed(request, name, trial)
            form.add_error(None, refusal.message)
        else:
            succeeded(trial, now=timezone.now())
            response = _enter(request, staff, provider, wanted)
            if request.user.is_authenticated:
                # Known again by what is typed here, too.
                remember_device(request, response, name, staff.username)
            return response
    return render(request, "organization/sso.html", ctx, status=422 if form.errors else 200)


def _remote_user(request, provider: Provider, wanted: str) -> HttpResponse:
    said = request.remote_user
    if not said:
        raise NotSignedIn(REJECTED, "no name from a trusted proxy")
    response = _enter(request, staff_of(provider, said), provider, wanted)
    # organization.middleware ends the session when the proxy names somebody else.
    request.session[REMOTE_USER] = said
    return response


def _enter(request, staff, provider: Provider, wanted: str, *, second_factor: bool = False) -> HttpResponse:
    response = enter(request, staff, how=provider.how, wanted=wanted, second_factor=second_factor)
    request.session[CAME_BY] = provider.slug
    return response


def _refused(request, provider: Provider, refusal: NotSignedIn, wanted: str) -> HttpResponse:
    log.warning("sign-in by %s refused: %s", provider.slug, refusal.reason)
    messages.error(request, refusal.message)
    query = {"stay": "1", **({"next": wanted} if wanted else {})}
    return redirect(f"{reverse('organization:login')}?{urlencode(query)}")


def _provider(slug: str, *kinds: str) -> Provider:
    for provider in settings.SIGN_IN_PROVIDERS:
        if provider.slug == slug and provider.kind in (kinds or (provider.kind,)):
            return provider
    raise Http404


def _callback(request, provider: Provider, view: str = "organization:sso_answer") -> str:
    path = reverse(view, args=[] if view == "organization:login" else [provider.slug])
    return settings.SITE_URL.rstrip("/") + path if settings.SITE_URL else request.build_absolute_uri(path)
