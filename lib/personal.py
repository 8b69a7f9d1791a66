"""Which table holds what about whom: the words of the personal data inventory. Knows no model; the lists are in each app.

The inventory is what 開示, 消去 and the report of a leak work from, so that none of them can forget a field
(docs/adr/0054). A field says how it is treated, a table whose it is and how long it is kept.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Keep(StrEnum):
    """保存期間の区分. NOBODY names nobody and is never part of a deletion."""

    SHEET = "sheet"
    ENTRY = "entry"
    STAFF = "staff"
    WISH = "wish"
    WORK = "work"
    FILE = "file"
    SIGNIN = "signin"
    AUDIT = "audit"
    NOBODY = "nobody"


class Treat(StrEnum):
    """How one field is treated: in a disclosure, and when its row stays after the person is gone."""

    PLAIN = "plain"  # a fact of the row
    WORDS = "words"  # what somebody wrote, or a name: blanked where the row stays
    OTHER = "other"  # names another person: marked 第三者
    OPINION = "opinion"  # an assessment or a note for the desk: marked 評価・人事管理
    SECRET = "secret"  # a hash or a key: named, its value never handed out # noqa: S105


# What 人事 has to look at before handing out; a mark is no decision (個人情報の保護に関する法律 78条).
MARKS = {
    Treat.OTHER: "第三者",
    Treat.OPINION: "評価・人事管理",
    Treat.SECRET: "認証の情報",
}
REASONS = {
    Treat.OTHER: "本人のほかの人を特定できる内容です。その人の権利を害するおそれがないか確かめてください。",
    Treat.OPINION: "評価や人事管理の内容です。適正な事務に支障があるか確かめてください。",
    Treat.SECRET: "本人になりすますために使えるので、値は出しません。あることだけを示します。",
}


class Gone(StrEnum):
    """What becomes of a row when its person is erased."""

    ROW = "row"  # deleted
    BLANK = "blank"  # its words are emptied, the row stays as others build on it
    STAYS = "stays"  # holds nothing that names anybody


@dataclass(frozen=True)
class Field:
    """One column: its name and how it is treated."""

    name: str
    treat: Treat


@dataclass(frozen=True)
class Table:
    """One table of the product.

    `people` are the ways from a row to the person it is about, as the ORM spells them; a way that ends at a uuid
    (audit) is compared with the person's uuid. A reference to a person that is not among them (the author of a
    comment) is a second person: it shows the stub after an erasure. `since` is the column from which the period
    is counted, a 年度, a date or a moment; without one it is counted from the day the person left. `file` is the
    dotted path of a function that returns where the file of a row lies, by the row's uuid.
    """

    model: str
    what: str
    keep: Keep
    gone: Gone
    people: tuple[str, ...]
    since: str
    file: str
    fields: tuple[Field, ...]

    def treated(self, *how: Treat) -> Iterator[str]:
        """Yield the names of the fields that are treated so."""
        return (field.name for field in self.fields if field.treat in how)

    def treat_of(self, name: str) -> Treat:
        """Return how a field is treated. KeyError for none."""
        return {field.name: field.treat for field in self.fields}[name]


def table(
    model: str,
    what: str,
    keep: Keep = Keep.NOBODY,
    *,
    people: str = "",
    gone: Gone | None = None,
    since: str = "",
    file: str = "",
    plain: str = "",
    words: str = "",
    other: str = "",
    opinion: str = "",
    hidden: str = "",
) -> Table:
    """Return one line of an inventory; fields are given as words with blanks between, and each row goes unless said."""
    treated = (
        (Treat.PLAIN, plain),
        (Treat.WORDS, words),
        (Treat.OTHER, other),
        (Treat.OPINION, opinion),
        (Treat.SECRET, hidden),
    )
    return Table(
        model=model,
        what=what,
        keep=keep,
        gone=gone or (Gone.STAYS if keep is Keep.NOBODY else Gone.ROW),
        people=tuple(people.split()),
        since=since,
        file=file,
        fields=tuple(Field(name, how) for how, names in treated for name in names.split()),
    )
