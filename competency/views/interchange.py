"""One version as a file, for whoever may see it (P23)."""

import json
from typing import Any

import yaml
from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from access.refusals import Invalid
from competency import lookups
from competency.exports import framework_file_of
from competency.framework_shape import dump, dumps
from competency.interchange_reads import case_of, ctdl_of

_TYPES = {
    "json": ("json", "application/json"),
    "yaml": ("yaml", "application/yaml"),
    "case": ("case.json", "application/json"),
    "ctdl": ("ctdl.jsonld", "application/ld+json"),
}


@require_safe
def version_export(request, uuid):
    """Hand out a published or retired version: our shape as JSON or YAML, a CASE package, or CTDL-ASN."""
    version = lookups.version_for(request, uuid)
    form = request.GET.get("format", "json")
    if form not in _TYPES:
        raise Invalid(f"形式は、{'、'.join(_TYPES)}から選んでください。")
    if form == "json":
        text = dumps(framework_file_of(version))
    elif form == "yaml":
        text = yaml.safe_dump(
            dump(framework_file_of(version)), allow_unicode=True, sort_keys=False, width=110
        )
    elif form == "case":
        text = _json(case_of(version, lookups.server_address(request)))
    else:
        text = _json(ctdl_of(version, lookups.server_address(request)))
    ending, kind = _TYPES[form]
    answer = HttpResponse(text, content_type=f"{kind}; charset=utf-8")
    name = f"体系_{version.framework.code}_{version.name}.{ending}"
    answer["Content-Disposition"] = content_disposition_header(True, name)
    return answer


def _json(data: dict[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"
