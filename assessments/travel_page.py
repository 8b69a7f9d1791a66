"""The pages of records that travel, laid out. Takes no request."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone

from assessments.models import Entry, SigningKey, TrustedIssuer
from assessments.travel.multikey import NoKey, fingerprint
from assessments.travel.reading import Record
from assessments.workflow.signing_keys import signs
from competency.models import Step
from lib import fiscal
from lib.dates import format_range, format_wareki


@dataclass(frozen=True)
class Group:
    """The entries of one kind that would come in: (name, days)."""

    label: str
    lines: list[tuple[str, str]]


@dataclass(frozen=True)
class Year:
    """The levels of one year: (cell, step in words)."""

    label: str
    framework: str
    confirmed: str
    levels: list[tuple[str, str]]


@dataclass(frozen=True)
class Preview:
    """What of a record would come in."""

    fingerprint: str
    issued: str
    valid_until: str
    groups: list[Group]
    count: int
    skipped: int
    years: list[Year]
    level_count: int


def preview(record: Record, entries: Sequence[dict[str, Any]]) -> Preview:
    """Return the preview of a record of which these entries are new."""
    groups = []
    for kind in (Entry.Kind.EXPERIENCE, Entry.Kind.CERTIFICATION, Entry.Kind.TRAINING, Entry.Kind.CAREER):
        lines = [(one["title"], _days(one)) for one in entries if one["kind"] == kind]
        if lines:
            groups.append(Group("所属の履歴" if kind == Entry.Kind.CAREER else str(kind.label), lines))
    years: dict[int, Year] = {}
    for level in record.levels:
        year = years.setdefault(
            level.fiscal_year,
            Year(fiscal.label(level.fiscal_year), level.framework, format_wareki(level.confirmed_on), []),
        )
        year.levels.append((level.name, f"{level.step} {Step(level.step).label}"))
    return Preview(
        fingerprint=fingerprint(record.key),
        issued=format_wareki(timezone.localdate(record.issued)),
        valid_until=format_wareki(timezone.localdate(record.valid_until)),
        groups=groups,
        count=len(entries),
        skipped=len(record.entries) - len(entries),
        years=[years[year] for year in sorted(years, reverse=True)],
        level_count=len(record.levels),
    )


def steps(*, shown: bool) -> list[dict[str, str]]:
    """Return the three steps of taking a record in, for partials/_steps.html."""
    return [
        {
            "label": "ファイルを選ぶ",
            "url": reverse("assessments:record_import") if shown else "",
            "state": "done" if shown else "current",
            "words": "済み" if shown else "いまここ",
        },
        {
            "label": "中身を確かめる",
            "url": "",
            "state": "current" if shown else "",
            "words": "いまここ" if shown else "まだ",
        },
        {"label": "取り込む", "url": "", "state": "", "words": "まだ"},
    ]


@dataclass(frozen=True)
class Key:
    """A key with its fingerprint and days."""

    key: str
    fingerprint: str
    start: str
    end: str
    signs: bool


def own_keys(municipality_id: int) -> list[Key]:
    """Return a municipality's own keys, the one in use first; a list. One query."""
    keys = SigningKey.objects.filter(municipality=municipality_id).order_by("-created_at", "-pk")
    return [
        Key(
            one.public_key,
            _fingerprint(one.public_key),
            _date(one.created_at),
            _date(one.retired_at),
            one.retired_at is None and signs(one),
        )
        for one in keys
    ]


def trusted(municipality_id: int) -> tuple[list[tuple[TrustedIssuer, str]], list[tuple[TrustedIssuer, str]]]:
    """Return the issuers that are trusted, and those that once were, each with its fingerprint. One query."""
    found = [
        (one, _fingerprint(one.public_key))
        for one in TrustedIssuer.objects.filter(municipality=municipality_id)
        .select_related("added_by")
        .order_by("name", "-added_at")
    ]
    return [one for one in found if not one[0].withdrawn_at], [one for one in found if one[0].withdrawn_at]


def _fingerprint(key: str) -> str:
    try:
        return fingerprint(key)
    except NoKey:
        return "読めない鍵"


def _date(at) -> str:
    return format_wareki(timezone.localdate(at)) if at else ""


def _days(entry: dict[str, Any]) -> str:
    start, end = entry.get("start"), entry.get("end")
    if start and end == start:
        return format_wareki(start)
    if entry["kind"] == Entry.Kind.CERTIFICATION and start:
        return f"{format_wareki(start)} 合格"
    return format_range(start, end) if start else "時期は未記入"
