"""What was said after 確定 about one sheet: 返事 by cell, and the 再確認 (P12). Takes no request."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from access.actor import Actor
from assessments.hearing import heard
from assessments.models import Reconfirmation, Reply, Revision, Sheet


@dataclass(frozen=True)
class Exchange:
    """The replies of a sheet by cell, the oldest first, those of corrected revisions too; and its 再確認, if any."""

    replies: Mapping[int, Sequence[Reply]] = field(default_factory=dict)
    reconfirmation: Reconfirmation | None = None

    @property
    def asked(self) -> list[int]:
        """Return the ids of the cells whose 再確認 is asked for; a list."""
        return [cell_id for cell_id, replies in self.replies.items() if any(one.again for one in replies)]

    def answered(self, revision_id: int | None) -> set[int]:
        """Return the ids of the cells that have a reply to this revision: they take no other."""
        return {
            cell_id
            for cell_id, replies in self.replies.items()
            if any(one.revision_id == revision_id for one in replies)
        }


def exchange_of(sheet: Sheet, reader: Actor | None = None) -> Exchange:
    """Return what was said after the 確定 of a sheet: all of it to the person, to a `reader` what they may hear.

    A new line hears what was said since the person came to it, as of comments (hearing.py), what a 再確認 asks that is
    theirs to answer, and what they answered themselves. One query, none before 確定.
    """
    if sheet.state != Sheet.State.CONFIRMED:
        return Exchange()
    replies = Reply.objects.filter(revision__sheet=sheet).order_by("at", "pk")
    if reader is not None:
        replies = heard(
            replies, actor=reader, staff_id=sheet.staff_id, author="revision__sheet__staff", at="at"
        )
    replies = replies.select_related(
        "revision__sheet__reconfirmation__referred_by", "revision__sheet__reconfirmation__decided_by"
    )
    found: dict[int, list[Reply]] = defaultdict(list)
    asked: Reconfirmation | None = None
    for one in replies:
        known = getattr(one.revision.sheet, "reconfirmation", None) if one.again else None
        hears = reader is None or one.heard  # type: ignore[attr-defined]  # annotated by `heard`
        if hears or (known is not None and known.state == Reconfirmation.State.ASKED):
            found[one.cell_id].append(one)
            asked = known or asked
        elif known is not None and reader is not None:
            asked = _own_part(known, reader) or asked
    return Exchange(dict(found), asked)


def _own_part(known: Reconfirmation, reader: Actor) -> Reconfirmation | None:
    """Return a 再確認 from before the reader's time as far as the reader answered it themselves, None where they did not."""
    if known.referred_by_id != reader.staff_id:
        known.referral, known.referred_at = "", None
    if reader.staff_id in (known.referred_by_id, known.decided_by_id):
        return known
    return None


def is_answerable(sheet: Sheet) -> bool:
    """Say whether the person may reply to the 確定: somebody made it, and in this product.

    No query for a sheet of `sheet_for`, one for any other.
    """
    if sheet.state != Sheet.State.CONFIRMED or sheet.without_confirmer:
        return False
    imported = getattr(sheet, "imported", None)
    if imported is None:
        imported = Revision.objects.filter(sheet=sheet, kind=Revision.Kind.IMPORT).exists()
    return not imported
