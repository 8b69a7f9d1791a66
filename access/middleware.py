"""Private by default, and one place that turns refusals into answers."""

from collections.abc import Callable

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render

from access.refusals import Conflict, Refusal

# Whatever is asked below here is asked by a system.
API = "/api/"

# Controls in which people write, by their names; the others hold choices, numbers and codes.
_WORDS = ("evidence", "comment", "reason", "name", "kana", "text")

# Whoever may do it gets the text back; whoever may not gets the same page whatever was sent.
_KEPT = (409, 422)


def wants_json(request: HttpRequest) -> bool:
    """Say whether a script asked (fetch sends Accept: application/json), not a person following a link."""
    return "application/json" in request.headers.get("Accept", "") or request.path.startswith(API)


def written(request: HttpRequest) -> list[str]:
    """Return the texts of a POSTed form in the order sent; [] for other requests and for passwords.

    The page that refuses a form shows them for copying, so that no text is lost with the page before.
    """
    if request.method != "POST":
        return []
    try:
        posted = request.POST
    except (BadRequest, MultiPartParserError, SuspiciousOperation, OSError):
        # Too large, too many fields, malformed or broken off: what cannot be read cannot be shown.
        return []
    if "password" in posted or "new_password" in posted:
        return []
    return [
        text.strip()
        for name, texts in posted.lists()
        for text in texts
        if text.strip() and (not text.isascii() or any(word in name for word in _WORDS))
    ]


def answer(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Return the page or the JSON of a refusal, with its status."""
    if wants_json(request):
        body = {"error": refusal.message, **(refusal.detail if isinstance(refusal, Conflict) else {})}
        return JsonResponse(body, status=refusal.status)
    ctx = {"message": refusal.message, "written": written(request) if refusal.status in _KEPT else []}
    return render(request, f"errors/{refusal.status}.html", ctx, status=refusal.status)


class SignInRequiredMiddleware(LoginRequiredMiddleware):
    """Redirects pages to sign-in; answers 401 to scripts and unsafe methods, so that unsent text stays."""

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., HttpResponseBase],
        view_args: tuple,
        view_kwargs: dict,
    ) -> HttpResponseBase | None:
        """Ask for a sign-in; a view that asks for a token is left alone, so that no session is read for it."""
        if getattr(view_func, "by_token", False):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)

    def handle_no_permission(  # type: ignore[override]  # Django's own knows the redirect alone
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponse:
        """Answer a request that nobody signed in for."""
        if wants_json(request):
            return JsonResponse(
                {"error": "ログインの時間が切れました。別のタブでログインし直してください。"}, status=401
            )
        if request.method not in ("GET", "HEAD"):
            message = "ログインの時間が切れました。別のタブでログインし直してください。"
            ctx = {"message": message, "written": written(request)}
            return render(request, "errors/401.html", ctx, status=401)
        return super().handle_no_permission(request, view_func)


class RefusalMiddleware:
    """Answers every refusal that a view raises."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Return the answer for a refusal, None for anything else."""
        if isinstance(exception, Refusal):
            return answer(request, exception)
        return None
