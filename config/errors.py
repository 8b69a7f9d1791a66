"""Error pages that stand without a database, and Django's handlers."""

import sys

from django.db import DatabaseError, InterfaceError
from django.http import JsonResponse
from django.shortcuts import render
from django.utils import timezone

from access.middleware import wants_json, written
from config.maintenance import Maintenance

DATABASE_ERRORS = (DatabaseError, InterfaceError)
RETRY_SECONDS = "10"
BUSY = (
    "ただいま混み合っています。書いた内容はこの画面に残っています。10秒ほど待って、もう一度送ってください。"
)
MAINTENANCE = "メンテナンス中です。これまでに保存した内容は、そのまま残っています。"
STALE_FORM = (
    "画面を開いてから時間がたったか、別のタブでログインし直したため、送信を止めました。"
    "書いた内容を控えてから、画面を読み込み直してください。"
)


def _page(request, status: int, message: str):
    if wants_json(request):
        return JsonResponse({"error": message}, status=status)
    # The answer 404 is the same bytes whatever was sent.
    ctx = {"message": message, "written": [] if status == 404 else written(request)}
    ctx["sent"] = status != 404 and request.method == "POST"
    return render(request, f"errors/{status}.html", ctx, status=status)


def service_unavailable(request):
    """Return 503 with Retry-After; reads nothing from the database."""
    request.chrome_without_database = True
    response = _page(
        request,
        503,
        BUSY,
    )
    response["Retry-After"] = RETRY_SECONDS
    return response


def under_maintenance(request, state: Maintenance):
    """Return 503 until the operator is through; reads no database, and keeps what was written."""
    request.chrome_without_database = True
    now = timezone.now()
    if wants_json(request):
        response = JsonResponse({"error": f"{MAINTENANCE}{state.sentence(now)}"}, status=503)
    else:
        # What was sent cannot be asked for again by a link.
        asked = request.method in ("GET", "HEAD")
        ctx = {
            "says": state.sentence(now),
            "sent": "" if asked else "いま送った内容は、まだ保存されていません。",
            "again": request.path if asked else "",
            "written": written(request),
        }
        response = render(request, "errors/maintenance.html", ctx, status=503)
    response["Retry-After"] = str(state.retry_seconds(now))
    # Switched on by the operator: no error of anything, and nothing for the log to say with every request.
    response._has_been_logged = True
    return response


def bad_request(request, exception=None):
    """Return 400."""
    return _page(
        request, 400, "送られた内容を読み取れませんでした。画面を開き直して、もう一度お試しください。"
    )


def permission_denied(request, exception=None):
    """Return 403."""
    return _page(request, 403, "この操作をする権限がありません。")


def not_found(request, exception=None):
    """Return 404, the same bytes for every reason."""
    return _page(request, 404, "お探しのページは見つかりませんでした。")


def server_error(request):
    """Return 503 where the database failed inside a middleware; else 500, which should never be seen."""
    if isinstance(sys.exc_info()[1], DATABASE_ERRORS):
        return service_unavailable(request)
    request.chrome_without_database = True
    return _page(
        request, 500, "この画面を表示できませんでした。情報システムの担当に、下の番号を伝えてください。"
    )


def csrf_failure(request, reason=""):
    """Return 403 with what to do; happens after signing in again in another tab."""
    return _page(
        request,
        403,
        STALE_FORM,
    )
