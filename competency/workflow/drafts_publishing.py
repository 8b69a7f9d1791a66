"""A draft is published as it was shown, and a version is taken out of use (P24)."""

import uuid

from django.db import transaction
from django.db.models import F

from access.actor import Actor
from access.refusals import Conflict
from audit.models import Event, issue_receipt, receipt_for, record
from competency import uses
from competency.models import FrameworkVersion
from competency.workflow.drafts_base import BadValue, check_editor
from competency.workflow.frameworks import publish

MOVED = "要約を表示したあとで、下書きが変わりました。公開していません。新しい要約を確かめてください。"


class DraftMoved(Conflict):
    """The draft is another than the summary showed."""

    def __init__(self) -> None:
        super().__init__(MOVED)


@transaction.atomic
def publish_draft(
    *, version: FrameworkVersion, seen: int, note: str, by: Actor, now, key: uuid.UUID
) -> FrameworkVersion:
    """Publish a draft as the summary of its version `seen` showed it, with what is said of the change; return it.

    The same key twice publishes once. Raises NotVisible, Forbidden, DraftMoved, BadValue without a note where the
    draft came from another version, and Conflict where it is no draft or something stands empty.
    """
    check_editor(version, by)
    if receipt_for(by=by, action="framework.publish", key=key, target=version):
        return FrameworkVersion.objects.select_related("framework").get(pk=version.pk)
    if version.base_code and not note:
        raise BadValue("note", "何を変えたかを、1文でよいので書いてください。職員と人事が読みます。")
    mine = FrameworkVersion.objects.filter(pk=version.pk, state=FrameworkVersion.State.DRAFT)
    if not mine.exists():
        raise Conflict("この版は下書きではないため、公開できません。")
    if not mine.filter(version=seen).update(note=note, updated_at=now, version=F("version") + 1):
        raise DraftMoved
    stops = empty_parts(version)
    if stops:
        raise Conflict("".join(stops))
    published = publish(version=version, by=by, now=now)
    issue_receipt(by=by, action="framework.publish", key=key, target=version, now=now)
    return published


@transaction.atomic
def retire_version(*, version: FrameworkVersion, lock: int, by: Actor, now) -> FrameworkVersion:
    """End the use of a published version of the municipality; it stays readable. Returns the fresh row.

    Raises NotVisible, Forbidden, and Conflict where a year that is not over uses it, where it is not published, or
    where its `version` is not `lock` any more.
    """
    check_editor(version, by)
    # No year is moved to it in between.
    FrameworkVersion.objects.select_for_update().filter(pk=version.pk).first()
    years = uses.years(by.municipality_id, version)
    if years:
        raise Conflict(
            f"{'、'.join(years)}がこの版を使っているため、使用を終えられません。先に、年度を別の版に移してください。"
        )
    mine = FrameworkVersion.objects.filter(
        pk=version.pk, state=FrameworkVersion.State.PUBLISHED, version=lock
    )
    if not mine.update(state=FrameworkVersion.State.RETIRED, retired_at=now, version=F("version") + 1):
        raise Conflict("この版は、ほかの画面で先に変わりました。画面を開き直してください。")
    record(by=by, action="framework.retire", now=now, kind=Event.Kind.TECHNICAL, target=version)
    version.refresh_from_db()
    return version


def empty_parts(version: FrameworkVersion) -> list[str]:
    """Return a sentence for everything that keeps a draft from being published; []: nothing does."""
    return told_empty(
        list(version.categories.filter(areas__isnull=True).values_list("name", flat=True)),
        list(version.areas.filter(cells__isnull=True).values_list("name", flat=True)),
        any_used=version.cells.filter(in_use=True).exists(),
    )


def told_empty(categories: list[str], areas: list[str], *, any_used: bool) -> list[str]:
    """Return a sentence for each 分類 without 区分, each 区分 without 項目, and where no 項目 is used; a list."""
    found = [f"分類「{name}」に区分がありません。" for name in categories]
    found += [f"区分「{name}」に項目がありません。" for name in areas]
    return found if any_used else [*found, "年度票で使う項目が1つもありません。"]
