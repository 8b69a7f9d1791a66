"""What must hold of frameworks, their versions and what refers to them by code, as `verify` asks it."""

import json
from collections.abc import Iterator

from django.db.models import Exists, F, OuterRef, Q

from audit.models import Event
from competency.digest import digest_of
from competency.models import (
    Area,
    Cell,
    CellOrigin,
    DepartmentDuty,
    FrameworkVersion,
    ReferenceSurvey,
    VersionComment,
)
from lib.soundness import CHUNK, Checks, Scope, in_order, said_of, say

CHECKS = Checks()
_OF_VERSION = "framework__municipality"
_DRAFT = FrameworkVersion.State.DRAFT


def _out(scope: Scope):
    """Return the queryset of versions that are no drafts: a municipality's own and the common ones."""
    rows = FrameworkVersion.objects.exclude(state=_DRAFT)
    if scope.municipality is None:
        return rows
    return rows.filter(Q(**{f"{_OF_VERSION}__isnull": True}) | Q(**{_OF_VERSION: scope.municipality}))


@CHECKS.add("framework.digest", "公開した版の内容は、公開したときのまま", "state")
def digests(scope: Scope) -> Iterator[str]:
    """Put together what each published version says, and compare with what was written down when it was published."""
    for version in _out(scope).order_by("pk"):
        if version.digest != digest_of(version):
            yield say(FrameworkVersion, version.pk, "公開した版の内容が、公開したときと違います。")
    published = Event.objects.filter(action="framework.publish", data__has_key="digest")
    told = dict(published.order_by("pk").values_list("object_uuid", "data__digest"))
    for pk, key, digest in _out(scope).order_by("pk").values_list("pk", "uuid", "digest"):
        if key in told and told[key] != digest:
            yield say(FrameworkVersion, pk, "公開した版の要約が、操作の記録と違います。")


@CHECKS.add("framework.states", "公開した版には項目があり、使用を終えた版にはその日時がある", "state")
def states(scope: Scope) -> Iterator[str]:
    """Ask for versions that no year can use, and for those that ended at no time."""
    cells = Cell.objects.filter(version=OuterRef("pk"), in_use=True)
    yield from said_of(_out(scope).filter(~Exists(cells)), "公開した版に、年度票で使う項目がありません。")
    retired = Q(state=FrameworkVersion.State.RETIRED)
    rows = scope.of(FrameworkVersion, _OF_VERSION)
    yield from said_of(rows.filter(retired, retired_at__isnull=True), "使用を終えた日時がありません。")
    yield from said_of(
        rows.filter(~retired, retired_at__isnull=False), "使用を終えていないのに、その日時があります。"
    )


@CHECKS.add("framework.parts", "項目・区分・分類・段階は、同じ版のもの", "rows")
def parts(scope: Scope) -> Iterator[str]:
    """Ask for cells whose area or stage, and areas whose category, is another version's."""
    cells = scope.of(Cell, "version__framework__municipality")
    yield from said_of(cells.exclude(area__version=F("version")), "区分が、ほかの版のものです。")
    yield from said_of(cells.exclude(stage__version=F("version")), "段階が、ほかの版のものです。")
    areas = scope.of(Area, "version__framework__municipality")
    yield from said_of(areas.exclude(category__version=F("version")), "分類が、ほかの版のものです。")


@CHECKS.add("framework.origins", "項目のもとは、もとの版にある", "rows")
def origins(scope: Scope) -> Iterator[str]:
    """Ask for origins that lead nowhere: ratings would be lost on the way."""
    based = scope.of(CellOrigin, "cell__version__framework__municipality").filter(
        cell__version__based_on__isnull=False
    )
    there = Cell.objects.filter(version=OuterRef("cell__version__based_on"), code=OuterRef("code"))
    yield from said_of(based.exclude(Exists(there)), "もとの版にない項目です。")


@CHECKS.add("framework.bases", "もとの版をたどると、最初の版に着く", "state")
def bases(scope: Scope) -> Iterator[str]:
    """Ask for versions that came from themselves, and for those that came from a draft."""
    based_on = dict(FrameworkVersion.objects.values_list("pk", "based_on_id"))
    for pk in scope.of(FrameworkVersion, _OF_VERSION).order_by("pk").values_list("pk", flat=True):
        seen: set[int] = set()
        at = based_on.get(pk)
        while at is not None and at not in seen and at != pk:
            seen.add(at)
            at = based_on.get(at)
        if at == pk:
            yield say(FrameworkVersion, pk, "もとの版をたどると、自分に戻ります。")
    from_draft = scope.of(FrameworkVersion, _OF_VERSION).filter(based_on__state=_DRAFT)
    yield from said_of(from_draft, "もとの版が下書きです。")


@CHECKS.add("duties.departments", "独自の業務は、その所属だけが持つ", "rows")
def duties(scope: Scope) -> Iterator[str]:
    """Ask for a department's own duty among what another one of elsewhere does."""
    rows = scope.of(DepartmentDuty).filter(duty__department__isnull=False)
    yield from said_of(rows.exclude(duty__department=F("plan__department")), "ほかの所属の独自の業務です。")


@CHECKS.add("surveys.content", "調査と統計の内容は、読める", "state")
def surveys(scope: Scope) -> Iterator[str]:
    """Read what stands behind the columns."""
    rows = scope.of(ReferenceSurvey).order_by("pk").values_list("pk", "content")
    for pk, content in rows.iterator(chunk_size=CHUNK):
        try:
            read = json.loads(content)
        except ValueError:
            read = None
        if not isinstance(read, dict):
            yield say(ReferenceSurvey, pk, "内容を読めません。")


@CHECKS.add("framework.times", "版の日時は、前後が正しい", "times")
def times(scope: Scope) -> Iterator[str]:
    """Ask for what ended before it began."""
    yield from in_order(scope, FrameworkVersion, "published_at", "retired_at", way=_OF_VERSION)
    yield from in_order(scope, VersionComment, "at", "settled_at")
