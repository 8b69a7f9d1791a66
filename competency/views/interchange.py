"""One version as a file, for whoever may see it (P23)."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from access.conditional import unpersonal
from access.refusals import Invalid
from competency import lookups
from competency.interchange_reads import text_of

_TYPES = {
    "json": ("json", "application/json"),
    "yaml": ("yaml", "application/yaml"),
    "case": ("case.json", "application/json"),
    "ctdl": ("ctdl.jsonld", "application/ld+json"),
}


@require_safe
@unpersonal
def version_export(request, uuid):
    """Hand out a published or retired version: our shape as JSON or YAML, a CASE package, or CTDL-ASN."""
    version = lookups.version_for(request, uuid)
    form = request.GET.get("format", "json")
    if form not in _TYPES:
        raise Invalid(f"形式は、{'、'.join(_TYPES)}から選んでください。")
    text = text_of(version, form, lookups.server_address(request))
    ending, kind = _TYPES[form]
    answer = HttpResponse(text, content_type=f"{kind}; charset=utf-8")
    name = f"体系_{version.framework.code}_{version.name}.{ending}"
    answer["Content-Disposition"] = content_disposition_header(True, name)
    return answer
