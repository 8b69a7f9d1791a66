"""The JSON interface: what is exported, read by other systems with a token, a page at a time (docs/adr/0038).

django-ninja reads the parameters and writes the OpenAPI document from the same declarations. Addresses, refusals and
headers are the product's own: no session, no cookie, and every answer is JSON.
"""

import copy
import functools
from typing import Any, Literal

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse, JsonResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_safe
from ninja import Field, NinjaAPI, Query, Schema
from ninja.errors import AuthenticationError, ValidationError
from ninja.security import HttpBearer

from access.client import address_of
from access.conditional import unpersonal
from access.refusals import Invalid, Refusal
from assessments import api_reads
from assessments.export_kind import Type, export_kinds
from assessments.workflow.tokens import hash_of
from lib.tenant import become
from organization.tenancy import municipality_of_token

MOST_ROWS = 5000
_RETRY_SECONDS = "60"
_UNKNOWN = (
    "トークンがないか、期限が切れているか、取り消されています。"
    "「Authorization: Bearer トークン」を付けて送るか、人事の担当に新しいトークンを頼んでください。"
)
_READ_ONLY = "このアドレスは、GETで読むことだけができます。"
_WRONG = {
    "year": "yearは、2026のように西暦の年度を数字で送ってください。",
    "limit": f"limitは、1から{MOST_ROWS:,}までの数字で送ってください。",
}


class TokenAuth(HttpBearer):
    """`Authorization: Bearer …` with a token that neither ended nor was revoked."""

    def __call__(self, request) -> Any:
        """Return the token or None; what was sent in its place is written nowhere."""
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        return self.authenticate(request, secret.strip()) if scheme.lower() == "bearer" else None

    def authenticate(self, request, token: str) -> Any:
        """Return the token, and put on the request whom it acts as."""
        if (municipality_id := municipality_of_token(hash_of(token))) is None:
            return None
        become(municipality_id)
        found = api_reads.usable_token(token, timezone.now())
        if found is not None:
            request.actor = api_reads.actor_of(
                found, timezone.localdate(), request_id=request.request_id, address=address_of(request)
            )
        return found


api = NinjaAPI(
    title="スキル履歴書",
    version="1",
    description="出力と同じ内容を、ほかのシステムがJSONで読みます。読むだけで、書き込みはできません。",
    auth=TokenAuth(),
    docs_url=None,
    openapi_url=None,
    urls_namespace="assessments",
)


class Problem(Schema):
    """Why there is no answer."""

    error: str = Field(description="何が起きたか、どうすればよいか")


class State(Schema):
    """One choice of the parameter `state`."""

    value: str
    label: str


class Kind(Schema):
    """One kind that the token may read."""

    name: str = Field(description="アドレスに使う名前")
    label: str
    help: str
    states: list[State]
    url: str


class Kinds(Schema):
    """What the token may read."""

    municipality_code: str = Field(description="団体コード")
    municipality: str = Field(description="団体名")
    department: str | None = Field(description="読める範囲の所属コード（下の所属を含む）。nullは全員")
    expires_at: str = Field(description="この日時から読めません")
    years: list[int] = Field(description="読める年度。新しい順")
    kinds: list[Kind]


class Column(Schema):
    """One column: the key in every row, and what it holds."""

    name: str
    type: Literal["text", "integer", "date", "datetime"]
    personal: bool = Field(description="その人だけの文字（氏名など）か")


class Rows(Schema):
    """One page of rows."""

    kind: str
    label: str
    year: int
    department: str | None
    state: str
    count: int = Field(description="すべてのページの行数")
    columns: list[Column]
    rows: list[dict[str, str | int | None]] = Field(
        description="1行が1つ。鍵はcolumnsのname。日付は2026-04-01、日時は2026-04-01T09:00:00+09:00"
    )
    next: str | None = Field(description="次のページを読むときにcursorとして送る文字。nullは終わり")


class Parameters(Schema):
    """What a page of rows is asked by."""

    year: int | None = Field(
        None, ge=1900, le=9998, description="年度（西暦）。ないときは、いちばん新しい年度"
    )
    department: str = Field(
        "", max_length=20, description="所属コード。下の所属を含む。ないときは、読める全員"
    )
    state: str = Field("", max_length=40, description="状態。ないときは、すべて")
    cursor: str = Field("", max_length=1000, description="前の答えのnext。ないときは、初めから")
    limit: int = Field(1000, ge=1, le=MOST_ROWS, description="1ページの行数")


_PROBLEMS = {401: Problem, 403: Problem, 404: Problem, 409: Problem, 422: Problem, 429: Problem, 503: Problem}


@api.get("/", response={200: Kinds, 401: Problem}, url_name="api_kinds", summary="読める内容の一覧")
def kinds(request):
    """Say what the token may read, of which years."""
    token, actor = request.auth, request.actor
    return _json(
        {
            "municipality_code": token.municipality.code,
            "municipality": token.municipality.name,
            "department": token.department.code if token.department else None,
            "expires_at": _text(token.expires_at),
            "years": api_reads.readable_years(actor),
            "kinds": [
                {
                    "name": name,
                    "label": kind.label,
                    "help": kind.help,
                    "states": [{"value": value, "label": label} for value, label in kind.states],
                    "url": request.build_absolute_uri(reverse("assessments:api_rows", args=[name])),
                }
                for name, kind in api_reads.readable_kinds(token, actor).items()
            ],
        }
    )


@api.get(
    "/{slug:export_kind}/", response={200: Rows, **_PROBLEMS}, url_name="api_rows", summary="1ページ分の行"
)
def rows(request, export_kind: str, parameters: Query[Parameters]):
    """Hand out a page of rows."""
    unknown = sorted(set(request.GET) - set(Parameters.model_fields))
    if unknown or any(len(request.GET.getlist(name)) > 1 for name in request.GET):
        # A misspelt filter would hand out everybody.
        raise Invalid(f"使える条件は、{'、'.join(Parameters.model_fields)}です。1つずつ送ってください。")
    asked = api_reads.Asked(kind=export_kind, **parameters.model_dump())
    page = api_reads.read_page(token=request.auth, actor=request.actor, asked=asked, now=timezone.now())
    columns = page.table.columns
    moments = [at for at, column in enumerate(columns) if column.type in (Type.DATE, Type.DATETIME)]
    for row in page.rows:
        for at in moments:
            row[at] = _text(row[at])
    names = page.table.header
    return _json(
        {
            "kind": export_kind,
            "label": page.kind.label,
            "year": page.wish.cycle.fiscal_year,
            "department": page.wish.department.code if page.wish.department else None,
            "state": page.wish.state,
            "count": page.count,
            "columns": [
                {"name": each.name, "type": each.type.value, "personal": each.personal} for each in columns
            ],
            "rows": [dict(zip(names, row, strict=True)) for row in page.rows],
            "next": page.next or None,
        }
    )


@login_not_required
@require_safe
@unpersonal
def api_schema(request):
    """Hand out the OpenAPI document, a path for every kind; it is the same for every municipality."""
    prefix = reverse("assessments:api_kinds")
    document = api.get_openapi_schema(path_prefix=prefix)
    # ninja keeps the converter of the address in the name of the parameter.
    general = next(document["paths"].pop(one) for one in list(document["paths"]) if "{" in one)
    for name, kind in export_kinds().items():
        operation = copy.deepcopy(general["get"])
        operation |= {
            "operationId": name.replace("-", "_"),
            "summary": kind.label,
            "description": kind.help,
            "parameters": [one for one in operation["parameters"] if one["in"] == "query"],
        }
        for one in operation["parameters"]:
            if one["name"] == "state":
                one["schema"]["enum"] = ["", *(value for value, _ in kind.states)]
        document["paths"][f"{prefix}{name}/"] = {"get": operation}
    return JsonResponse(document, json_dumps_params={"ensure_ascii": False})


def token_patterns() -> list[URLPattern]:
    """Return the addresses that a token opens, for the URLs of the app; each is asked by GET alone."""
    return [
        path(f"api/v1/{pattern.pattern._route}", _by_token(pattern.callback), name=pattern.name)
        for pattern in api.urls[0]
        if pattern.name != "api-root"
    ]


def _by_token(view):
    """Return the view, open without a sign-in for the middlewares: it asks for the token itself."""

    @functools.wraps(view)
    def asked(request, *args, **kwargs):
        if request.method != "GET":
            return JsonResponse({"error": _READ_ONLY}, status=405, headers={"Allow": "GET"})
        return view(request, *args, **kwargs)

    asked.by_token = True
    return login_not_required(asked)


@api.exception_handler(AuthenticationError)
def _unauthorised(request, fault: Exception) -> HttpResponse:
    return JsonResponse({"error": _UNKNOWN}, status=401, headers={"WWW-Authenticate": "Bearer"})


@api.exception_handler(ValidationError)
def _invalid(request, fault: ValidationError) -> HttpResponse:
    names = {str(part) for error in fault.errors for part in error["loc"]}
    message = next((text for name, text in _WRONG.items() if name in names), Invalid.default)
    return JsonResponse({"error": message}, status=Invalid.status)


@api.exception_handler(Refusal)
def _refused(request, refusal: Refusal) -> HttpResponse:
    headers = {"Retry-After": _RETRY_SECONDS} if refusal.status == 429 else {}
    return JsonResponse({"error": refusal.message}, status=refusal.status, headers=headers)


@api.exception_handler(Exception)
def _broken(request, fault: Exception) -> HttpResponse:
    """Leave everything else to the middlewares: ninja's own answer quotes the fault where DEBUG is on."""
    raise fault


def _json(body: dict[str, Any]) -> HttpResponse:
    return JsonResponse(body, json_dumps_params={"ensure_ascii": False})


def _text(moment: Any) -> str | None:
    """Return a date or a time as ISO 8601, times in Japan's; None stays."""
    if moment is None:
        return None
    if hasattr(moment, "hour"):
        return timezone.localtime(moment).isoformat(timespec="seconds")
    return moment.isoformat()
