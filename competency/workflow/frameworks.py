"""Changes of a framework: loading a version from a file, and publishing it."""

from dataclasses import replace

from django.db import transaction
from django.db.models import F, Model, ProtectedError, Q

from access.actor import Actor
from access.refusals import Conflict
from audit.models import Event, record
from competency.differences import differences
from competency.digest import digest_of
from competency.exports import framework_file_of
from competency.framework_shape import FrameworkFile, Mark, Origin
from competency.lineage import reused
from competency.matrix import labels
from competency.models import (
    Area,
    Category,
    Cell,
    CellOrigin,
    Framework,
    FrameworkVersion,
    Stage,
    StepWording,
)

SHOWN_DIFFERENCES = 3


class PublishedDiffers(Conflict):
    """The file has other content than the published version of that name. `differences` are sentences."""

    def __init__(self, name: str, found: list[str]):
        self.differences = found
        more = f"（ほか{len(found) - SHOWN_DIFFERENCES}件）" if len(found) > SHOWN_DIFFERENCES else ""
        said = "。".join(found[:SHOWN_DIFFERENCES])
        super().__init__(
            f"版「{name}」は公開済みのため変えられません。{said}{more}。別の版の名前で読み込んでください。"
        )


@transaction.atomic
def load_framework(*, parsed: FrameworkFile, by: Actor | None, now) -> tuple[FrameworkVersion, bool]:
    """Store a parsed file and return (version, changed). Rows are matched by code, so it can be run again.

    `by` None is the operator: the framework is common to all municipalities. Otherwise it belongs to the
    actor's. A new version is made as a draft, a draft is brought to the file's content, a published or retired
    version with the same content is left alone. Raises PublishedDiffers where its content is another, and
    Conflict where something still refers to a row that the file no longer has.
    """
    framework, _ = Framework.objects.get_or_create(
        municipality_id=by.municipality_id if by else None, code=parsed.code, defaults={"name": parsed.name}
    )
    # One loader at a time per framework; the second then finds what the first has stored.
    framework = Framework.objects.select_for_update().get(pk=framework.pk)
    base = base_of(parsed, by)
    parsed = _with_origins(parsed, base)
    _check_origins(parsed, base)
    version = framework.versions.filter(name=parsed.version).select_related("framework").first()
    stored = framework_file_of(version) if version else None
    if version and stored == parsed:
        return version, False
    if version and version.state != FrameworkVersion.State.DRAFT:
        raise PublishedDiffers(version.name, differences(stored, parsed))
    if framework.name != parsed.name:
        _rename(framework, parsed.name)
    said = {
        "source": parsed.source, "note": parsed.note, "based_on": base, "updated_at": now,
        "base_code": parsed.based_on.code if parsed.based_on else "",
        "base_version": parsed.based_on.version if parsed.based_on else "",
    }  # fmt: skip
    if version is None:
        version = FrameworkVersion.objects.create(framework=framework, name=parsed.version, **said)
    else:
        FrameworkVersion.objects.filter(pk=version.pk).update(**said, version=F("version") + 1)
        version.refresh_from_db()
    _store_matrix(version, parsed)
    _check_codes(version)
    record(
        by=by,
        action="framework.load",
        now=now,
        kind=Event.Kind.TECHNICAL,
        target=version,
        data={"code": parsed.code, "version": parsed.version, "cells": sum(1 for _ in parsed.marks())},
    )
    return version, True


@transaction.atomic
def publish(*, version: FrameworkVersion, by: Actor | None, now) -> FrameworkVersion:
    """Make a draft the version that years can use; it never changes again. Returns the fresh row.

    Raises Conflict where it has no cell, or is no draft any more.
    """
    if not version.cells.exists():
        raise Conflict("項目が1つもない版は公開できません。")
    _check_codes(version)
    digest = digest_of(version)
    changed = FrameworkVersion.objects.filter(pk=version.pk, state=FrameworkVersion.State.DRAFT).update(
        state=FrameworkVersion.State.PUBLISHED, published_at=now, digest=digest, version=F("version") + 1
    )
    if not changed:
        raise Conflict("この版は下書きではないため、公開できません。")
    version.refresh_from_db()
    record(
        by=by,
        action="framework.publish",
        now=now,
        kind=Event.Kind.TECHNICAL,
        target=version,
        data={"digest": digest},
    )
    return version


def base_of(parsed: FrameworkFile, by: Actor | None) -> FrameworkVersion | None:
    """Return the version that a file says it came from; None where it says nothing, or nobody here knows it.

    The municipality's own goes before the common one; a draft is nobody's base.
    """
    if parsed.based_on is None:
        return None
    mine = Q(framework__municipality__isnull=True)
    if by is not None:
        mine |= Q(framework__municipality_id=by.municipality_id)
    found = FrameworkVersion.objects.filter(
        mine, framework__code=parsed.based_on.code, name=parsed.based_on.version
    ).exclude(state=FrameworkVersion.State.DRAFT)
    return found.order_by(F("framework__municipality").asc(nulls_last=True)).first()


def _with_origins(parsed: FrameworkFile, base: FrameworkVersion | None) -> FrameworkFile:
    """Return the file with origins as they are stored: a cell that the base does not have is new."""
    if parsed.based_on is None:
        return parsed
    known = set(base.cells.values_list("code", flat=True)) if base else None

    def told(mark: Mark) -> Mark:
        if mark.origins is None:
            return mark if known is None or mark.code in known else replace(mark, origins=())
        return replace(mark, origins=None) if mark.origins == (Origin(mark.code),) else mark

    return replace(
        parsed,
        categories=tuple(
            replace(
                category,
                areas=tuple(
                    replace(area, marks=tuple(told(mark) for mark in area.marks)) for area in category.areas
                ),
            )
            for category in parsed.categories
        ),
    )


def _check_origins(parsed: FrameworkFile, base: FrameworkVersion | None) -> None:
    """Refuse origins that lead nowhere, all of them at once: ratings would be lost on the way without a word."""
    if parsed.based_on is None:
        wrong = [mark.code for *_, mark in parsed.marks() if mark.origins is not None]
        if wrong:
            raise Conflict(
                f"based_on がないのに、origins が書かれている項目があります（{'、'.join(wrong)}）。"
            )
    elif base is not None:
        known = set(base.cells.values_list("code", flat=True))
        wrong = [
            f"{mark.code} の origins の {origin.code}"
            for *_, mark in parsed.marks()
            for origin in mark.origins or ()
            if origin.code not in known
        ]
        if wrong:
            raise Conflict(f"もとの版にない項目が書かれています（{'、'.join(wrong)}）。")


def _check_codes(version: FrameworkVersion) -> None:
    """Refuse a version in which a code of its base stands for something else: records would be read as records of it."""
    if version.based_on_id is None:
        return
    base = set(Cell.objects.filter(version=version.based_on_id).values_list("code", flat=True))
    sources: dict[str, list[str]] = {
        code: [] for code in Cell.objects.filter(version=version).values_list("code", flat=True)
    }
    rows = CellOrigin.objects.filter(cell__version=version).order_by("code")
    for code, origin in rows.values_list("cell__code", "code"):
        sources[code].append(origin)
    wrong = reused(base, sources)
    if wrong:
        raise Conflict(
            f"もとの版で別の意味だった項目コードが使われています（{'、'.join(wrong)}）。"
            "分けた項目、まとめた項目、新しい項目には、新しい項目コードを付けてください。"
        )


def _rename(framework: Framework, name: str) -> None:
    """Give a framework the file's name, unless versions are out under the old one."""
    if framework.versions.exclude(state=FrameworkVersion.State.DRAFT).exists():
        raise Conflict(
            f"体系「{framework.code}」は「{framework.name}」という名前で公開されています。"
            f"ファイルの name（{name}）を合わせてください。"
        )
    framework.name = name
    framework.save(update_fields=["name"])


def _store_matrix(version: FrameworkVersion, parsed: FrameworkFile) -> None:
    """Bring the rows of a draft to the file's content: made, changed or removed by code."""
    stages = {
        name: _put(version, Stage, f"stage-{rank}", name=name, rank=rank)
        for rank, name in enumerate(parsed.stages)
    }
    categories = {
        category.code: _put(
            version,
            Category,
            category.code,
            name=category.name,
            alias=category.alias,
            source=category.source,
            rank=rank,
        )
        for rank, category in enumerate(parsed.categories)
    }
    areas = {
        area.code: _put(
            version,
            Area,
            area.code,
            name=area.name,
            category=categories[category.code],
            source=area.source,
            rank=rank,
        )
        for rank, (category, area) in enumerate(
            (category, area) for category in parsed.categories for area in category.areas
        )
    }
    called = labels(
        (mark.code, mark.task, area.code, area.name, mark.stage) for _, area, mark in parsed.marks()
    )
    cells = {}
    for rank, (_, area, mark) in enumerate(parsed.marks()):
        cells[mark.code] = _put(
            version,
            Cell,
            mark.code,
            area=areas[area.code],
            stage=stages[mark.stage],
            task=mark.task,
            label=called[mark.code],
            example=mark.example,
            source=mark.source,
            rank=rank,
            in_use=mark.in_use,
            placement_confirmed=mark.placement_confirmed,
        )
    _store_origins(version, parsed, cells)
    # Wordings are known by their cell and step alone, so they are written anew.
    StepWording.objects.filter(cell__version=version).delete()
    StepWording.objects.bulk_create(
        StepWording(cell=cells[mark.code], step=step, text=text)
        for _, _, mark in parsed.marks()
        for step, text in enumerate(mark.wording)
    )
    try:
        for model, kept in ((Cell, cells), (Area, areas), (Category, categories)):
            model.objects.filter(version=version).exclude(code__in=kept).delete()
    except ProtectedError as refusal:
        names = "、".join(sorted({str(row) for row in refusal.protected_objects})[:SHOWN_DIFFERENCES])
        raise Conflict(f"ファイルにない行が、まだ使われているため消せません（{names}）。") from refusal


def _store_origins(version: FrameworkVersion, parsed: FrameworkFile, cells: dict[str, Cell]) -> None:
    """Write anew what each cell came from; without a base nothing came from anywhere."""
    CellOrigin.objects.filter(cell__version=version).delete()
    if parsed.based_on is None:
        return
    CellOrigin.objects.bulk_create(
        CellOrigin(cell=cells[mark.code], code=origin.code, rule=origin.rule)
        for _, _, mark in parsed.marks()
        for origin in ((Origin(mark.code),) if mark.origins is None else mark.origins)
    )


def _put(version: FrameworkVersion, model: type[Model], code: str, **values) -> Model:
    row, _ = model.objects.update_or_create(version=version, code=code, defaults=values)
    return row
