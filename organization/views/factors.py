"""「2段階認証」: one's own app, passkeys and 予備コード (P26o)."""

from functools import wraps

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from access.refusals import Conflict, NotVisible
from lib.sealing import Unreadable, seal, unseal
from organization import sessions
from organization.factor_forms import CodeForm, NewPasskeyForm, PasskeyNameForm
from organization.models import Passkey
from organization.second_factor import passkeys, proving, reads, totp
from organization.second_factor import session as kept
from organization.second_factor.page import PASSWORD, Proof
from organization.views.sso import safe_next
from organization.workflow import factors as acts

# In the session, sealed: the secret that the app is shown, until its first code proves that it was read.
_SHOWN = "app_shown"
_ALONE = "いまは、パスワードだけでログインします。{}文字より短いパスワードの人は、長いものに変えてください。"
_ISSUER = "スキル履歴書"


def _after_proof(view):
    """Let a view run once something was proven within ten minutes; else ask for it first."""

    @wraps(view)
    def inner(request, *args, **kwargs):
        if kept.is_fresh(request) and (kept.has_proven(request) or not _has_any(request)):
            return view(request, *args, **kwargs)
        back = request.path if request.method in ("GET", "HEAD") else reverse("organization:factors")
        return redirect(f"{reverse('organization:factor_proof')}?{urlencode({'next': back})}")

    return inner


def _session(request) -> str | None:
    """Return which session of the person this is."""
    return request.session.get(sessions.KEY)


def _has_any(request) -> bool:
    return reads.has_second_factor(request.user)


@require_safe
def factors(request):
    """Show what one has, and lead to what can be done about it."""
    app, keys = reads.app_of(request.user), reads.passkeys_of(request.user)
    if request.second_factor_due and (app or keys):
        return redirect("organization:factor_proof")
    ctx = {
        "app": app,
        "passkeys": keys,
        "codes": reads.codes_left(request.user),
        "most_codes": 10,
        "place": passkeys.place_of(request),
        "due": request.second_factor_due,
        "required": reads.is_required(request.actor),
    }
    return render(request, "organization/factors.html", ctx)


@sensitive_post_parameters("given")
@require_http_methods(["GET", "HEAD", "POST"])
def factor_proof(request):
    """Ask again who sits here, before the factors are changed or where the session has not proven one."""
    wanted = safe_next(request)
    if (
        request.method != "POST"
        and kept.is_fresh(request)
        and (kept.has_proven(request) or not _has_any(request))
    ):
        return HttpResponseRedirect(wanted or reverse("organization:factors"))
    proof = Proof(request, request.user, allow_password=True)
    if request.method == "POST" and proof.is_right():
        kept.mark(request, factor="" if proof.way == PASSWORD else proof.way)
        return HttpResponseRedirect(wanted or _home_or_factors(request))
    if proof.is_wrong and kept.count_wrong(request) >= kept.MOST_WRONG:
        # Somebody at a PC that was left open must not go on guessing.
        actor = request.actor
        acts.refuse_factor(
            staff=request.user, now=timezone.now(), address=actor.address, request_id=actor.request_id
        )
        logout(request)
        messages.error(
            request, "続けて違う答えだったので、ログアウトしました。もう一度、ログインしてください。"
        )
        return redirect(f"{resolve_url(settings.LOGIN_URL)}?stay=1")
    ctx = {
        "proof": proof.context(),
        "next": wanted,
        "no_password": proof.ways == [PASSWORD] and not request.user.has_usable_password(),
    }
    return proof.answer("organization/factor_proof.html", ctx)


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("given")
@_after_proof
def factor_app(request):
    """Show a new secret to an app, and take its first code."""
    secret = _shown_secret(request)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        code = totp.plain_code(form.cleaned_data["given"])
        step = totp.step_of(secret, code, now=now, after=0) if code else None
        if step is not None:
            del request.session[_SHOWN]
            acts.add_app(
                staff=request.user,
                secret=secret,
                step=step,
                by=request.actor,
                session=_session(request),
                now=now,
            )
            messages.success(request, "認証アプリを登録しました。次のログインから、番号を聞きます。")
            return _added(request, proving.APP)
        form.add_error(
            "given",
            "番号が違います。アプリに出ている、いまの番号を入力してください。続くときは、スマートフォンの時刻を確かめてください。",
        )
    uri = totp.uri_of(secret, account=request.user.username, issuer=_ISSUER)
    side, path = totp.picture(uri)
    ctx = {"form": form, "secret": totp.grouped(secret), "side": side, "path": path}
    return render(request, "organization/factor_app.html", ctx, status=422 if form.errors else 200)


@require_POST
@_after_proof
def factor_app_remove(request):
    """Remove one's app."""
    acts.remove_app(staff=request.user, by=request.actor, session=_session(request), now=timezone.now())
    messages.success(request, "認証アプリを削除しました。")
    return _removed(request)


@require_http_methods(["GET", "HEAD", "POST"])
@_after_proof
def factor_passkey_new(request):
    """Let the device make a passkey, and take it."""
    place = passkeys.place_of(request)
    form = NewPasskeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if place is None:
            raise Conflict("この開き方では、パスキーを使えません。")
        try:
            key = passkeys.check_new(request, place, form.cleaned_data["given"])
        except passkeys.NotRecognised:
            form.add_error(None, "パスキーを作れませんでした。もう一度お試しください。")
        else:
            acts.add_passkey(
                staff=request.user, key=key, name=form.cleaned_data["name"], rp_id=place.rp_id,
                by=request.actor, session=_session(request), now=timezone.now(),
            )  # fmt: skip
            messages.success(request, "パスキーを登録しました。")
            return _added(request, proving.PASSKEY)
    known = reads.passkeys_of(request.user, place.rp_id) if place else []
    ctx = {
        "form": form,
        "place": place,
        "options": passkeys.ask_new(request, place, request.user, known) if place else "",
    }
    return render(request, "organization/factor_passkey_new.html", ctx, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def factor_passkey(request, passkey_uuid):
    """Give a passkey another name."""
    passkey = _own_passkey(request, passkey_uuid)
    form = PasskeyNameForm(request.POST or None, initial={"name": passkey.name})
    if request.method == "POST" and form.is_valid():
        acts.rename_passkey(
            passkey=passkey, name=form.cleaned_data["name"], by=request.actor, now=timezone.now()
        )
        messages.success(request, "名前を変えました。")
        return redirect("organization:factors")
    ctx = {"form": form, "passkey": passkey}
    return render(request, "organization/factor_passkey.html", ctx, status=422 if form.errors else 200)


@require_POST
def factor_passkey_remove(request, passkey_uuid):
    """Remove one of one's passkeys."""
    passkey = _own_passkey(request, passkey_uuid)
    return _remove(request, passkey)


@_after_proof
def _remove(request, passkey: Passkey):
    acts.remove_passkey(passkey=passkey, by=request.actor, session=_session(request), now=timezone.now())
    messages.success(request, "パスキーを削除しました。")
    return _removed(request)


def _removed(request):
    """Go back to the list; without any factor the session has proven none either, and the password stands alone."""
    if not reads.has_second_factor(request.user):
        kept.forget_factor(request)
        messages.warning(request, _ALONE.format(settings.PASSWORD_MIN_LENGTH))
    return redirect("organization:factors")


@require_POST
@_after_proof
def factor_codes(request):
    """Make new 予備コード and show them once."""
    if not _has_any(request):
        raise Conflict("先に、認証アプリかパスキーを登録してください。")
    codes = acts.new_codes(staff=request.user, by=request.actor, now=timezone.now())
    return render(request, "organization/factor_codes.html", {"codes": codes})


def _added(request, way: str):
    """Go on after a factor was added: this session has proven it; the first time the 予備コード are shown."""
    kept.mark(request, factor=way)
    if reads.codes_left(request.user):
        return redirect("organization:factors")
    codes = acts.new_codes(staff=request.user, by=request.actor, now=timezone.now())
    return render(request, "organization/factor_codes.html", {"codes": codes})


def _shown_secret(request) -> str:
    """Return the secret that this session shows, a new one where there is none: the picture stays while one types."""
    try:
        return unseal(request.session[_SHOWN].encode(), totp.SEALED_FOR).decode()
    except (KeyError, Unreadable):
        secret = totp.new_secret()
        request.session[_SHOWN] = seal(secret.encode(), totp.SEALED_FOR).decode()
        return secret


def _own_passkey(request, passkey_uuid) -> Passkey:
    """Return one's own passkey; NotVisible for another's and for none."""
    passkey = (
        Passkey.objects.owned_by(request.actor).select_related("staff").filter(uuid=passkey_uuid).first()
    )
    if passkey is None:
        raise NotVisible
    return passkey


def _home_or_factors(request) -> str:
    return (
        resolve_url(settings.LOGIN_REDIRECT_URL)
        if request.second_factor_due
        else reverse("organization:factors")
    )
