"""Reading the person's 返事: words and a mark per cell. Takes the posted mapping alone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from access.refusals import Invalid
from assessments.models import Sheet
from assessments.own_page import OwnPage, OwnRow
from assessments.reply_reads import Exchange, is_answerable
from assessments.workflow.replies import TEXT_LENGTH, Words
from lib.text import clean

NO_WORDS = "再確認を頼む理由を書いてください。"
NOTHING_ASKED = "コメントのない項目です。再確認を頼むときは、印を付けてください。"


@dataclass(frozen=True)
class Reading:
    """What was sent: texts and marks by cell code, the words that can be kept, and sentences by cell code.

    `late` says that a cell takes no reply any more: another tab was first.
    """

    texts: Mapping[str, str] = field(default_factory=dict)
    marked: frozenset[str] = frozenset()
    words: tuple[Words, ...] = ()
    problems: Mapping[str, str] = field(default_factory=dict)
    late: bool = False


@dataclass(frozen=True)
class ReplyRow:
    """One cell of the form. `is_open` says that it still takes a reply."""

    own: OwnRow
    is_open: bool
    text: str = ""
    marked: bool = False
    problem: str = ""

    @property
    def invites(self) -> bool:
        """Say whether there is something to reply to: a comment, another step, or what was sent already."""
        return bool(self.own.comments or self.own.differs or self.own.replies or self.text or self.marked)


def reply_rows(
    page: OwnPage, exchange: Exchange, revision_id: int | None, reading: Reading
) -> list[ReplyRow]:
    """Return the cells in the order of the matrix, with what was sent and not kept; a list."""
    answered = exchange.answered(revision_id)
    return [
        ReplyRow(
            own=row,
            is_open=row.cell.pk not in answered and bool(row.comments or exchange.reconfirmation is None),
            text=reading.texts.get(row.cell.code, ""),
            marked=row.cell.code in reading.marked,
            problem=reading.problems.get(row.cell.code, ""),
        )
        for row in page.rows
    ]


def takes_replies(sheet: Sheet, page: OwnPage, exchange: Exchange) -> bool:
    """Say whether the person may still say anything to their 確定."""
    rows = reply_rows(page, exchange, sheet.current_revision_id, Reading())
    return is_answerable(sheet) and any(row.is_open for row in rows)


def read(posted: Mapping[str, str], rows: Iterable[ReplyRow]) -> Reading:
    """Return what the form says; a cell without words and without a mark is left alone.

    Raises Invalid for a cell of another version, which no form of ours sends.
    """
    rows = list(rows)
    known = {row.own.cell.code for row in rows}
    if any(name.startswith("text-") and name.removeprefix("text-") not in known for name in posted):
        raise Invalid
    texts: dict[str, str] = {}
    marked: set[str] = set()
    words: list[Words] = []
    problems: dict[str, str] = {}
    late = False
    for row in rows:
        code, own = row.own.cell.code, row.own
        text, again = clean(posted.get(f"text-{code}", "")), posted.get(f"again-{code}") == "on"
        if not text and not again:
            continue
        texts[code] = text
        marked |= {code} if again else set()
        if not row.is_open:
            late = True
        elif len(text) > TEXT_LENGTH:
            problems[code] = f"{TEXT_LENGTH}文字までで書いてください（いま{len(text)}文字）。"
        elif not text:
            problems[code] = NO_WORDS
        elif not again and not own.comments:
            problems[code] = NOTHING_ASKED
        else:
            words.append(Words(own.cell.pk, text, again))
    return Reading(texts, frozenset(marked), tuple(words), problems, late)
