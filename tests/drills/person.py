"""One person at their sheet, as the page and its script do it (static/js/sheet/autosave.js). No drill itself.

Saves the cells that changed and sends them again until something answers; goes on typing meanwhile; submits by
the page's own key and version, again with the same ones where the answer was lost; takes a submission back; adds lines
to the record by a key. Everything that was sent is written down, and whether the screen said that it is saved.
"""

import random
import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from django.urls import reverse

from tests.drills.browser import Answer, Seen, Send

# The page waits two seconds at first and a minute at last; in a drill of a minute people are quicker.
FIRST_RETRY, LAST_RETRY = 0.2, 1.6
_BASE = re.compile(r'name="base-([^"]+)" value="([^"]*)"')


class RefusedError(Exception):
    """Somebody who did nothing wrong was turned away; the text is the status and the act."""


@dataclass
class Sent:
    """One value of one cell that left the page."""

    serial: int
    step: int
    acknowledged: bool = False


@dataclass
class Clicked:
    """One click with a key of its own: a submission with what it held, or an entry with its title."""

    key: str
    values: dict[str, tuple[int, str]] = field(default_factory=dict)
    title: str = ""
    acknowledged: bool = False


class Person:
    """One account in one browser; `act` does one thing, `open` comes first."""

    def __init__(
        self,
        name: str,
        staff_uuid: str,
        sheet_uuid: str,
        send: Send,
        seen: Seen,
        *,
        stopped: Callable[[], bool] = lambda: False,
        key_of: Callable[[str], str] = lambda key: key,
    ):
        self.name, self.staff_uuid, self.sheet_uuid = name, staff_uuid, sheet_uuid
        self.cells: dict[str, list[Sent]] = {}
        # What one request carried: its cells with the serial of each.
        self.requests: list[dict[str, int]] = []
        self.submissions: list[Clicked] = []
        self.entries: list[Clicked] = []
        # What the screen says of the sheet; None while nobody knows.
        self.submitted: bool | None = False
        self.choices = 0
        self.refusals: list[str] = []
        self._send, self._seen, self._stopped, self._key_of = send, seen, stopped, key_of
        self._bases: dict[str, str] = {}
        self._token = self._matrix = ""
        self._serial = 0
        self._random = random.Random(name)
        self._sheet, self._edit, self._save, self._submit, self._withdraw = (
            reverse(f"assessments:{view}", args=[sheet_uuid])
            for view in ("sheet", "sheet_edit", "sheet_save", "sheet_submit", "sheet_withdraw")
        )

    @property
    def acknowledged(self) -> int:
        """Return how many answers the screen has shown as saved."""
        return (
            sum(one.acknowledged for values in self.cells.values() for one in values)
            + sum(len(one.values) for one in self.submissions if one.acknowledged)
            + sum(one.acknowledged for one in self.entries)
        )

    def evidence_of(self, serial: int) -> str:
        """Return the words that one request writes into each of its cells."""
        return f"{self.name} {serial}番目の根拠"

    def go_on(self, first: Callable[[], None] | None = None) -> None:
        """Open the sheet and act until the drill is over; what turns the person away is written down and ends it."""
        try:
            (first or self.open)()
            while not self._stopped():
                self.act()
        except RefusedError as refusal:
            self.refusals.append(str(refusal))

    def open(self) -> None:
        """Open the form, and keep what it carries."""
        answer = self._until(lambda: self._send("GET", self._edit), "open", 200)
        if answer is None:
            return
        self._token = _field(answer.text, "csrfmiddlewaretoken")
        self._matrix = _field(answer.text, "matrix")
        self._bases = dict(_BASE.findall(answer.text))

    def act(self) -> None:
        """Do one thing as people do, some more often than others."""
        codes = list(self._bases)
        chance = self._random.random()
        if self.submitted is None or not codes:
            self._look_again()
        elif self.submitted and chance < 0.8:
            self.withdraw()
        elif self.submitted or chance < 0.15:
            self.add()
        elif chance < 0.27 and not self._stopped():
            self.submit()
        else:
            self.save(self._random.sample(codes, self._random.randint(1, 4)))

    def save(self, codes: Iterable[str]) -> None:
        """Type into some cells and let the script save them."""
        codes = list(codes)
        serial, wait = self._typed(codes), FIRST_RETRY
        while True:
            began = time.monotonic()
            body = {f"base-{code}": self._bases[code] for code in codes} | self._controls(codes)
            answer = self._send("POST", self._save, self._form(body), json=True)
            if _answered(answer):
                if not (left := self._take(answer, codes, serial, began)):
                    return
                # Both texts are on the screen now, the other one being our own of before: this one it is.
                codes, self.choices = left, self.choices + 1
                continue
            if self._stopped():
                return
            time.sleep(wait)
            wait = min(wait * 2, LAST_RETRY)
            if self._random.random() < 0.25:
                serial = self._typed(codes)

    def submit(self) -> None:
        """Send the whole form, look at everything once more, submit."""
        codes = list(self._bases)
        serial = self._typed([code for code in codes if code not in self.cells])
        body = {f"base-{code}": self._bases[code] for code in codes} | self._controls(codes)
        began = time.monotonic()
        answer = self._until(
            lambda: self._send("POST", self._edit, self._form(body | {"action": "submit"})), "check", 302
        )
        if answer is None:
            return
        self._acknowledge([code for code in codes if self.cells[code][-1].serial == serial], serial, began)
        page = self._until(lambda: self._send("GET", self._submit), "look", 200)
        if page is None:
            return
        values = {
            code: (self.cells[code][-1].step, self.evidence_of(self.cells[code][-1].serial)) for code in codes
        }
        click = Clicked(_field(page.text, "key"), values)
        self.submissions.append(click)
        if self._click(self._submit, page.text, click, to_submitted=True):
            self.submitted = True

    def withdraw(self) -> None:
        """Take the submission back and open the form again."""
        page = self._until(lambda: self._send("GET", self._sheet), "read", 200)
        if page is None:
            return
        if self._click(self._withdraw, page.text, Clicked(_field(page.text, "key")), to_submitted=False):
            self.submitted = False
            self.open()

    def add(self) -> None:
        """Add one line to the record."""
        address = reverse("assessments:quick_add")
        page = self._until(lambda: self._send("GET", address), "add", 200)
        if page is None:
            return
        self._token = _field(page.text, "csrfmiddlewaretoken")
        click = Clicked(_field(page.text, "key"), title=f"{self.name} {len(self.entries) + 1}件目")
        self.entries.append(click)
        began = time.monotonic()
        body = {"kind": "handover", "title": click.title}
        answer = self._until(
            lambda: self._send("POST", address, self._form(body | {"key": self._key_of(click.key)})),
            "record",
            302,
        )
        if answer is not None:
            click.acknowledged = True
            self._seen.acknowledged(began)

    def _look_again(self) -> None:
        """Ask the server where the sheet stands, as whoever opens it again does."""
        answer = self._until(lambda: self._send("GET", self._sheet), "look again", 200, 302)
        if answer is not None:
            self.submitted = answer.status == 200
            if not self.submitted:
                self.open()

    def _click(self, address: str, page: str, click: Clicked, *, to_submitted: bool) -> bool:
        """Press a button that has a key and a version, and again with the same where the answer is lost."""
        token, version = _field(page, "csrfmiddlewaretoken"), _field(page, "version")
        self.submitted = None
        began = time.monotonic()

        def press() -> Answer | None:
            body = {"csrfmiddlewaretoken": token, "version": version, "key": self._key_of(click.key)}
            return self._send("POST", address, body)

        if self._until(press, "submit" if to_submitted else "withdraw", 302) is None:
            return False
        click.acknowledged = True
        self._seen.acknowledged(began)
        return True

    def _until(self, send: Callable[[], Answer | None], what: str, *right: int) -> Answer | None:
        """Send until something answers; None when the drill ends first. RefusedError for an answer that turns away."""
        wait = FIRST_RETRY
        while True:
            answer = send()
            if answer is not None and _answered(answer):
                if answer.status not in right:
                    raise RefusedError(f"{answer.status} {what}")
                return answer
            if self._stopped():
                return None
            time.sleep(wait)
            wait = min(wait * 2, LAST_RETRY)

    def _typed(self, codes: Iterable[str]) -> int:
        """Put a new step and new words into the controls of these cells."""
        self._serial += 1
        for code in codes:
            self.cells.setdefault(code, []).append(Sent(self._serial, self._random.randint(0, 4)))
        self.requests.append(dict.fromkeys(codes, self._serial))
        return self._serial

    def _take(self, answer: Answer, codes: list[str], serial: int, began: float) -> list[str]:
        """Take what the server answered to the script; returns the cells that wait for a choice."""
        import json

        told = json.loads(answer.text) if answer.text.startswith("{") else {}
        if answer.status not in (200, 409) or "bases" not in told:
            raise RefusedError(f"{answer.status} save")
        self._bases |= told["bases"]
        self._acknowledge([code for code in codes if code in told["bases"]], serial, began)
        conflicts = told.get("conflicts", {})
        self._bases |= {code: both["base"] for code, both in conflicts.items()}
        return list(conflicts)

    def _acknowledge(self, codes: Iterable[str], serial: int, began: float) -> None:
        for code in codes:
            for one in self.cells[code]:
                one.acknowledged = one.acknowledged or one.serial == serial
            self._seen.acknowledged(began)

    def _controls(self, codes: Iterable[str]) -> dict[str, str]:
        body = {}
        for code in codes:
            newest = self.cells[code][-1]
            body[f"step-{code}"] = str(newest.step)
            body[f"evidence-{code}"] = self.evidence_of(newest.serial)
        return body

    def _form(self, body: Mapping[str, str]) -> dict[str, str]:
        return {"csrfmiddlewaretoken": self._token, "matrix": self._matrix, **body}


def _answered(answer: Answer | None) -> bool:
    """Say whether the page takes this for an answer: anything else it tries again."""
    return answer is not None and answer.status < 500 and answer.status != 429


def _field(page: str, name: str) -> str:
    """Return the value of a hidden field of a form, of the last one by that name."""
    for tag in reversed(re.findall(r"<input[^>]*>", page)):
        if f'name="{name}"' in tag and (found := re.search(r'value="([^"]*)"', tag)):
            return found.group(1)
    raise RefusedError(f"a page without {name}")
