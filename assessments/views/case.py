"""The CASE 1.1 REST binding, reading alone: frameworks for other systems, by a token (docs/adr/0045)."""

import datetime
import functools
import re
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_not_required
from django.db.models import Q
from django.http import HttpResponse, JsonResponse
from django.utils import timezone

from access.conditional import unpersonal
from access.refusals import NotVisible
from access.table import may
from assessments.views.api import TokenAuth
from competency.interchange.case_parts import RESOURCES
from competency.interchange.case_query import QueryFault, select
from competency.interchange_reads import documents_for, part_for
from competency.lookups import server_address
from organization.models import ApiToken

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_MINUTE = datetime.timedelta(minutes=1)
_PARAMETERS = ("limit", "offset", "sort", "orderBy", "filter", "fields")


def _by_token(view):
    """Return the view, open without a sign-in for the middlewares: it asks for the token itself."""

    @functools.wraps(view)
    def asked(request, *args, **kwargs):
        if request.method != "GET":
            answer = _status("このアドレスは、GETで読むことだけができます。", "", 405, major="unsupported")
            answer["Allow"] = "GET"
            return answer
        token = TokenAuth()(request)
        if token is None:
            said = "トークンがないか、使えません。「Authorization: Bearer トークン」を付けて送ってください。"
            answer = _status(said, "unauthorised_request", 401)
            answer["WWW-Authenticate"] = "Bearer"
            return answer
        if not may(request.actor, "P23"):
            return _status("このトークンでは、体系を読めません。", "forbidden", 403)
        now = timezone.now()
        # To the minute: a system that reads item by item writes once.
        rested = Q(last_used_at=None) | Q(last_used_at__lt=now - _MINUTE)
        ApiToken.objects.filter(rested, pk=token.pk).update(last_used_at=now)
        return view(request, *args, **kwargs)

    asked.by_token = True
    return login_not_required(asked)


@_by_token
@unpersonal
def case_documents(request):
    """Hand out the documents of what the token may see: a page, in the order and with the members asked for."""
    try:
        # A list may be sent as one parameter or as several.
        asked = {name: ",".join(request.GET.getlist(name)) for name in _PARAMETERS}
        found = select(documents_for(request.actor, server_address(request)), asked)
    except QueryFault as fault:
        return _status(fault.message, fault.minor, 400)
    answer = _json({"CFDocuments": found.documents})
    answer["X-Total-Count"] = str(found.total)
    address = f"{server_address(request)}{request.path}"
    kept = [(name, asked[name]) for name in _PARAMETERS[2:] if asked[name]]
    answer["Link"] = ", ".join(
        f'<{address}?{urlencode([("limit", found.limit), ("offset", offset), *kept])}>; rel="{name}"'
        for name, offset in found.pages.items()
    )
    return answer


@_by_token
@unpersonal
def case_resource(request, resource: str, sourced_id: str):
    """Hand out one part of what the token may see."""
    if resource not in RESOURCES:
        return _unknown()
    identifier = sourced_id.lower()
    if not _UUID.fullmatch(identifier):
        return _status("識別子は、UUIDで送ってください。", "invalid_uuid", 400)
    try:
        return _json(part_for(request.actor, resource, identifier, server_address(request)))
    except NotVisible:
        return _unknown()


def _unknown() -> HttpResponse:
    return _status("この識別子のものはありません。", "unknownobject", 404)


def _status(said: str, minor: str, status: int, *, major: str = "failure") -> HttpResponse:
    """Return an answer without content, as CASE words it."""
    body = {"imsx_codeMajor": major, "imsx_severity": "error", "imsx_description": said}
    if minor:
        field = {"imsx_codeMinorFieldName": "TargetEndSystem", "imsx_codeMinorFieldValue": minor}
        body["imsx_codeMinor"] = {"imsx_codeMinorField": [field]}
    return JsonResponse(body, status=status, json_dumps_params={"ensure_ascii": False})


def _json(body) -> HttpResponse:
    return JsonResponse(body, json_dumps_params={"ensure_ascii": False})
