"""What a request must be answered, worked out from the table and the conditions column: the oracle of the drill `authz`.

Nothing of a view is read here. `ask` is one cell of the matrix; `statuses` says which answers are right. Where somebody may
not even know that the thing is there, the answer must be the one for nothing at all (`as_nothing`).
"""

import datetime
from dataclasses import dataclass

from access.routes import OPEN, ROUTES, SIGNED_IN, TOKEN
from access.table import RULES
from tests.access import oracle
from tests.access.oracle import Life, Place

OPENED = frozenset({200, 302, 303, 409, 422})
REFUSED = frozenset({403, 404})
PERSONAL = ("staff", "sheet", "entry", "file", "foreign_record", "training")
PLACED = ("department", "cell", "measure", "scenario")
OWNED = ("job", "saved_export", "passkey")
EDITABLE, WAITING = ("not_started", "drafting", "sent_back", "proxy"), ("submitted", "first_confirmed")


@dataclass(frozen=True)
class Ask:
    """One viewer, one URL, one method, and whose the thing is (`owner` a person, `place` a department)."""

    viewer: Life
    route: str
    method: str
    day: datetime.date
    owner: Life | None = None
    place: Place | None = None
    state: str = ""
    closed: bool = False
    # What a confirmer asks for: the 一次確認 ("first", P09) or the 確定 ("final", P10).
    level: str = "final"


def words_of(ask: Ask, row: str) -> list[str]:
    """Return what the table says to each role of the viewer."""
    mine = ask.viewer.roles(ask.day)
    return [str(far) for role, far in RULES[row].reach.items() if str(role) in mine]


def row_of(ask: Ask) -> str | None:
    """Return the row that guards the request, None for a method that is not offered."""
    return {"GET": ROUTES[ask.route].get, "POST": ROUTES[ask.route].post}.get(ask.method)


def allowed(ask: Ask, row: str) -> bool:
    """Say whether the table opens this."""
    kind = ROUTES[ask.route].target
    if row in (OPEN, SIGNED_IN):
        return True
    words = words_of(ask, row)
    if kind in OWNED:
        return ask.owner is ask.viewer
    if kind == "event":
        return _reads_events(ask)
    own, places, city = False, set(), ask.viewer.city
    if kind in PERSONAL and ask.owner is not None:
        own, places, city = ask.owner is ask.viewer, ask.owner.places(ask.day), ask.owner.city
    elif kind in PLACED and ask.place is not None:
        own, places = kind != "measure" and ask.place in ask.viewer.places(ask.day), {ask.place}
    elif kind not in PLACED:
        return bool(words)
    if row == "P16" and "counts" in words:
        return True
    return any(oracle.reaches(word, ask.viewer, ask.day, own=own, places=places, city=city) for word in words)


def seen(ask: Ask) -> bool:
    """Say whether the viewer may know that the thing is there."""
    kind = ROUTES[ask.route].target
    if kind in OWNED:
        return ask.owner is ask.viewer
    if kind == "event":
        return _reads_events(ask)
    if kind == "staff" and ask.owner is not None:
        return oracle.sees_card(ask.viewer, ask.owner, ask.day)
    if kind == "sheet" and ask.owner is not None:
        state = "confirmed" if ask.state == "corrected" else ask.state
        return oracle.sees_sheet(ask.viewer, ask.owner, ask.day, closed=ask.closed, state=state)
    if kind in PERSONAL and ask.owner is not None:
        return oracle.sees_record(ask.viewer, ask.owner, ask.day)
    if kind in PLACED and ask.place is not None:
        return oracle.sees_department(ask.viewer, ask.viewer.city, ask.place, ask.day)
    return True


def _reads_events(ask: Ask) -> bool:
    """P27: the drill's event is about a person; システム管理 reads technical ones alone."""
    return bool({"H", "A"} & set(ask.viewer.roles(ask.day)))


def as_nothing(ask: Ask) -> bool:
    """Say whether the answer must be the one for nothing at all."""
    row = row_of(ask)
    return row not in (None, TOKEN) and not seen(ask) and not allowed(ask, str(row))


def statuses(ask: Ask) -> frozenset[int]:
    """Return the answers that are right for somebody who is signed in."""
    row = row_of(ask)
    if row is None:
        return frozenset({405})
    if row == TOKEN:
        return frozenset({401})
    if ROUTES[ask.route].target == "sheet":
        return _of_sheet(ask)
    if row in ("P25", "P26", "P29") and ask.method == "POST" and ask.owner is ask.viewer:
        # Not to oneself: one's own password is changed at its own page. An unfinished form is said first.
        return REFUSED | {422}
    if allowed(ask, row):
        return OPENED
    if not words_of(ask, row) and ROUTES[ask.route].target is None:
        return frozenset({403})
    return REFUSED


def _of_sheet(ask: Ask) -> frozenset[int]:
    """The states of a sheet (P05 to P11, P14): exact answers to forms that are filled in rightly."""
    if not seen(ask):
        return frozenset({404})
    own = ask.owner is ask.viewer
    hr = "H" in ask.viewer.roles(ask.day)
    fills = own or (hr and ask.state == "proxy")
    writable = ask.state in EDITABLE and not ask.closed
    settled = ask.state in ("confirmed", "corrected")
    route, post = ask.route.removeprefix("assessments:"), ask.method == "POST"
    no = frozenset({403})
    if route == "sheet":
        return frozenset({302 if own and writable else 200})
    if route in ("sheet_edit", "sheet_save", "sheet_submit", "sheet_evidence"):
        if not fills:
            return no
        if route == "sheet_evidence":
            return OPENED
        if not post:
            return frozenset({200 if writable else 302})
        done = {"sheet_edit": {302}, "sheet_save": {200}, "sheet_submit": {302, 422}}[route]
        return frozenset(done if writable else {409})
    if route == "sheet_withdraw":
        if not own:
            return no
        return frozenset({302} if ask.state == "submitted" and not ask.closed else {409})
    if route in ("sheet_confirm", "sheet_send_back"):
        # P09 and P10 say 本務: who leads by a 兼務 alone is no confirmer. P08 says scope: they may send back.
        held = [post for post in ask.owner.posts if post.holds(ask.day)]
        asked = {post.place for post in held if post.kind == "main" or route == "sheet_send_back"}
        leads = (
            ("first", "head")
            if route == "sheet_send_back"
            else ("first",)
            if ask.level == "first"
            else ("head",)
        )
        leading = any(
            oracle.below(place, root) for place in asked for root in ask.viewer.places(ask.day, *leads)
        )
        if own or not (leading or (hr and ask.level == "final")):
            return no
        # Whether somebody nearer has the last word is the line's question: 409 says so (P09, P10).
        return frozenset({302, 409} if ask.state in WAITING and not ask.closed else {409})
    if route == "sheet_correct":
        if own or not hr:
            return no
        return frozenset({409} if not settled else {422} if post else {200})
    if route == "sheet_reply":
        # P12: the person, after 確定. A form without words is said to be one.
        if not own:
            return no
        return frozenset({409} if not settled else {422} if post else {200})
    if route == "sheet_reconfirm":
        # Nobody here has asked for a 再確認: whoever might answer one reads that.
        held = [post for post in ask.owner.posts if post.holds(ask.day) and post.kind == "main"]
        leads = any(
            oracle.below(post.place, root) for post in held for root in ask.viewer.places(ask.day, "head")
        )
        return no if own or not (leads or hr) else frozenset({409})
    if route == "sheet_proxy":
        if not hr or (own and post):
            return no
        return frozenset({302, 409} if post else {200})
    if route in ("proxy_consent", "badge"):
        return OPENED | {404} if own else no
    raise KeyError(ask.route)
