"""The form of 事務分掌, read strictly and printed as rows. It knows the board and no request."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from competency.assignments import DEPUTY, MAIN, ROLES, Board, DutyLine, Person, Shares

NONE_WORD = "―"
OPTIONS = (("", NONE_WORD), (MAIN, ROLES[MAIN]), (DEPUTY, ROLES[DEPUTY]))
# The form has a control for every duty and person; with more, the request would be refused as too large.
MOST_FIELDS = 3000
# Up to so many people every duty stands open; above, one opens the duty one wants.
OPEN_FOR = 8

_GONE = (
    "この所属にいま在籍していない職員か、この所属の業務ではなくなった業務の担当が入っていました。"
    "いまの職員と業務を出しています。確かめて、もう一度保存してください。"
)
_BAD = "主担当、副担当、―のどれかを選んでください。"


@dataclass(frozen=True)
class Field:
    """One person in one duty: the control, and after a conflict what is stored."""

    id: str
    name: str
    person: Person
    options: tuple[tuple[str, str, bool], ...]
    error: str = ""
    stored: str = ""


@dataclass(frozen=True)
class Row:
    """One duty with a control for every person, in words for its closed state."""

    duty: DutyLine
    mains: str
    deputies: str
    fields: tuple[Field, ...]
    left: tuple[Field, ...]
    is_open: bool
    differs: bool


@dataclass
class Sent:
    """What a form sent: shares, the version it was made from, and what is wrong by the name of the control."""

    version: int
    shares: dict[tuple[int, int], str]
    errors: dict[str, str] = field(default_factory=dict)
    gone: bool = False

    @property
    def is_valid(self) -> bool:
        """Say whether everything can be saved as it was sent."""
        return not self.errors and not self.gone


def field_name(duty: DutyLine, person: Person) -> str:
    """Return the name of a control; public ids, so that nothing else can be posted by counting."""
    return f"share-{duty.uuid.hex}-{person.uuid.hex}"


def read(data: Mapping[str, str], board: Board, version: int) -> Sent:
    """Return what was sent. What the form did not hold stays as it is stored; unknown controls are noted."""
    sent = Sent(version, dict(board.shares))
    known = set()
    left = {person.id for person in board.left}
    for duty in board.duties:
        for person in (*board.people, *board.left):
            name = field_name(duty, person)
            known.add(name)
            pair = (duty.id, person.id)
            role = data.get(name)
            if role is None:
                continue
            allowed = {"", board.shares.get(pair, "")} if person.id in left else {"", *ROLES}
            if role not in allowed:
                sent.errors[name] = f"{duty.name}・{person.name}：{_BAD}"
            elif role:
                sent.shares[pair] = role
            else:
                sent.shares.pop(pair, None)
    sent.gone = any(name.startswith("share-") and value and name not in known for name, value in data.items())
    return sent


def rows(
    board: Board, shares: Shares, *, sent: Sent | None = None, against: Shares | None = None
) -> list[Row]:
    """Return the rows of the form with `shares` chosen; `against` marks what is stored and differs."""
    errors = sent.errors if sent else {}
    everybody = (*board.people, *board.left)
    lines = []
    for duty in board.duties:
        fields = tuple(_field(duty, person, shares, errors, against) for person in board.people)
        left = tuple(
            _field(duty, person, shares, errors, against, left=board.shares.get((duty.id, person.id), ""))
            for person in board.left
            if (duty.id, person.id) in board.shares
        )
        troubled = any(each.error or each.stored for each in (*fields, *left))
        lines.append(
            Row(
                duty,
                *(_having(duty, everybody, shares, role) for role in (MAIN, DEPUTY)),
                fields,
                left,
                is_open=troubled or len(board.people) <= OPEN_FOR,
                differs=any(each.stored for each in (*fields, *left)),
            )
        )
    return lines


def problems(sent: Sent) -> list[dict[str, str]]:
    """Return what is wrong for the summary at the top, each with the control to go to."""
    found = [{"target": f"id_{name}", "text": text} for name, text in sent.errors.items()]
    return found + ([{"target": "", "text": _GONE}] if sent.gone else [])


def gone_sentence(sent: Sent) -> str:
    """Return what to say of duties and people that are not there any more, "" where all are."""
    return _GONE if sent.gone else ""


def is_too_large(board: Board) -> bool:
    """Say whether the form would hold more controls than a request may."""
    return len(board.duties) * len(board.people) > MOST_FIELDS


def _field(
    duty: DutyLine, person: Person, shares: Shares, errors, against: Shares | None, left: str | None = None
) -> Field:
    name = field_name(duty, person)
    pair = (duty.id, person.id)
    chosen = shares.get(pair, "")
    options = OPTIONS if left is None else (("", "外す"), (left, f"{ROLES[left]}のまま残す"))
    stored = ""
    if against is not None and against.get(pair, "") != chosen:
        stored = ROLES.get(against.get(pair, ""), "担当なし")
    return Field(
        id=f"id_{name}",
        name=name,
        person=person,
        options=tuple((value, word, value == chosen) for value, word in options),
        error=errors.get(name, ""),
        stored=stored,
    )


def _having(duty: DutyLine, people, shares: Shares, role: str) -> str:
    return "、".join(person.name for person in people if shares.get((duty.id, person.id)) == role)
