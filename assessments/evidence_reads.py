"""What ratings rest on: a person's standing entries by cell, and what was frozen with a revision. Takes no request."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import F, Q
from django.urls import reverse

from assessments.entry_reads import Resting
from assessments.models import Entry, EntryCell, RatingEvidence, Training
from competency.models import Step
from lib import fiscal


@dataclass(frozen=True)
class Ref:
    """One entry as it stands beside a rating. `stands` is false where it was removed since."""

    uuid: uuid.UUID
    title: str
    kind: str
    stands: bool = True


def place_of(staff_uuid: uuid.UUID, entry_uuid: uuid.UUID) -> str:
    """Return the address of an entry on the résumé, where it stands as `id="entry-<uuid>"`."""
    return f"{reverse('assessments:resume', args=[staff_uuid])}#entry-{entry_uuid}"


def counts_as_evidence(prefix: str = "") -> Q:
    """Return the condition for an entry that a rating may rest on; `prefix` leads from the row asked to the entry.

    What was removed and a 研修 that is not finished shows nothing (ADR 0025).
    """
    plain = [kind for kind in Entry.EVIDENCE if kind != Entry.Kind.TRAINING]
    return Q(**{f"{prefix}removed_at__isnull": True}) & (
        Q(**{f"{prefix}kind__in": plain})
        | Q(
            **{
                f"{prefix}kind": Entry.Kind.TRAINING,
                f"{prefix}training__state": Training.State.FINISHED,
            }
        )
    )


def showing(staff_id: int) -> dict[str, list[Ref]]:
    """Return somebody's entries that a rating may rest on, by the code of the cell they show. One query."""
    rows = (
        EntryCell.objects.filter(counts_as_evidence("entry__"), entry__staff=staff_id)
        .order_by(F("entry__start").desc(nulls_first=True), "-entry_id")
        .values_list("cell_code", "entry__uuid", "entry__title", "entry__kind")
    )
    found: dict[str, list[Ref]] = defaultdict(list)
    for code, key, title, kind in rows:
        found[code].append(Ref(key, title, kind))
    return dict(found)


def frozen_with(revision_id: int | None) -> dict[int, list[Ref]]:
    """Return what the ratings of a revision rest on, by cell id, titles as at submission. One query."""
    rows = (
        RatingEvidence.objects.filter(revision=revision_id)
        .order_by("pk")
        .values_list("cell_id", "entry__uuid", "title", "entry__kind", "entry__removed_at")
    )
    found: dict[int, list[Ref]] = defaultdict(list)
    for cell_id, key, title, kind, removed in rows:
        found[cell_id].append(Ref(key, title, kind, removed is None))
    return dict(found)


def titles(refs: Sequence[Ref], most: int = 3) -> str:
    """Return the titles of entries in one line, 「A」「B」ほか2件; empty for none."""
    rest = len(refs) - most
    return "".join(f"「{ref.title}」" for ref in refs[:most]) + (f"ほか{rest}件" if rest > 0 else "")


def rating_lines(ratings: Iterable[Resting], names: Mapping[str, str]) -> list[str]:
    """Return the ratings that rest on an entry in words; a list.

    `names` are the full names of cells by code (entry_reads.cell_names).
    """
    return [
        f"{fiscal.short_label(one.fiscal_year)}年度　{names.get(one.cell_code, one.cell_code)}："
        f"{one.step} {Step(one.step).label}"
        for one in ratings
    ]
