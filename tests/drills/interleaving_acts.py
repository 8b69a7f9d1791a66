"""What the people of an interleaving do, each act a request or two to the real views. No drill itself.

Every act asks the model first whether it may come about, sends, and writes down what was answered: what must be refused
and was not, and what was turned away although nothing had changed since the page was shown.
"""

import copy
from dataclasses import dataclass

from django.urls import reverse

from assessments.sheet_form import EVIDENCE_LENGTH
from tests.drills.interleaving_model import Model, Sent, Value
from tests.drills.interleaving_pages import LineTab, Shown, WritingTab, fields_of
from tests.drills.interleaving_town import Town

# One of so many answers never arrives, and the page goes on as if nothing had been sent.
CUT = 0.08
TOO_LONG = "長" * (EVIDENCE_LENGTH + 1)


@dataclass(frozen=True)
class Got:
    """An answer."""

    status: int
    text: str
    json: dict


class Scene:
    """One sheet, the model of it, and every page that is open on it; `chance` decides what nobody else does."""

    def __init__(self, town: Town, chance):
        self.town, self.chance = town, chance
        self.model = Model(tuple(town.codes), year_open=True)
        self.tabs = {
            name: WritingTab(name, who) for name, who in (("A", "person"), ("B", "person"), ("H", "hr"))
        }
        self.lines = {
            name: LineTab(name, who)
            for name, who in (
                ("kakari", "kakari"), ("kacho", "kacho"), ("kacho 2", "kacho"), ("head_b", "head_b"), ("hr", "hr"),
            )
        }  # fmt: skip
        self.closing: tuple[dict[str, str], int] | None = None
        self.proxying: dict[str, str] | None = None
        self.correcting: tuple[dict[str, str], int] | None = None
        self.pressed: list[tuple[str, str, dict[str, str]]] = []
        self.trail: list[str] = []
        self.typed = 0

    def copied(self, chance) -> "Scene":
        """Return the same scene to go on from, with another chance."""
        town = self.town
        twin = copy.deepcopy(self, {id(town): town, id(self.chance): chance})
        twin.model.verdict = self.model.verdict
        return twin

    # --- sending

    def ask(
        self, who: str, view: str, body: dict[str, str] | None = None, *, json: bool = False, of="sheet"
    ) -> Got:
        """Send one request as somebody."""
        got = self.town.send(who, reverse(view, args=[getattr(self.town, of)]), body, json=json)
        self.trail.append(
            f"{who} {'POST' if body is not None else 'GET'} {view.partition(':')[2]} {got.status_code}"
        )
        if got.status_code >= 500:
            self.model.verdict.http500.append(self.said())
        is_json = got.headers["Content-Type"].startswith("application/json")
        return Got(got.status_code, got.content.decode(), got.json() if is_json else {})

    def said(self) -> str:
        """Return the last requests in words."""
        return " > ".join(self.trail[-6:])

    def judged(self, done: bool, *, legal: bool, fresh: bool, what: str) -> bool:
        """Write down an act that came about and may not, or was turned away without a reason; returns `done`."""
        if done:
            self.model.verdict.acknowledged += 1
        if done and not legal:
            self.model.verdict.illegal.append(f"{what}: {self.said()}")
        if not done and legal and fresh:
            self.model.verdict.refused.append(f"{what}: {self.said()}")
        return done

    def after(self, what: str) -> None:
        """Hold the database against the model."""
        self.model.compare(self.town.sheet_pk, f"{what}: {self.said()}")

    # --- filling in

    def open(self, tab: WritingTab) -> None:
        """Load the form anew."""
        got = self.ask(tab.who, "assessments:sheet_edit")
        if got.status == 200:
            tab.load(got.text, self.model.writes)
        self._fair(got.status == 200, self.model.may_write(own=tab.own), "open")

    def type(self, tab: WritingTab, *, everything: bool = False) -> None:
        """Change some cells in the controls; nothing is sent."""
        codes = self.model.codes
        for code in codes if everything else self.chance.sample(codes, self.chance.randint(1, 3)):
            self.typed += 1
            words = self.chance.choice([f"{tab.name}{self.typed}", f"{tab.name}{self.typed}", "同じ"])
            tab.controls[code] = (self.chance.randint(0, 4), words)
            if not everything and self.chance.random() < 0.04:
                tab.controls[code] = (2, TOO_LONG)

    def autosave(self, tab: WritingTab) -> None:
        """Let the script send what differs from what it takes for kept."""
        codes = [code for code in tab.controls if tab.controls[code] != tab.kept[code]]
        codes = [code for code in codes if code not in tab.undecided]
        if not codes:
            return
        sent = {code: Sent(tab.controls[code], tab.seen[code]) for code in codes}
        allowed = self.model.may_write(own=tab.own)
        unkept = self._unkept(tab, codes)
        body = _fields(tab, codes)
        got = self.ask(tab.who, "assessments:sheet_save", body, json=True)
        bases = got.json.get("bases", {})
        for code in bases:
            sent[code].acknowledged = True
        self.model.saved(sent, own=tab.own, allowed=allowed, what=f"autosave {tab.name}")
        self._fair(set(codes) - unkept <= set(bases), allowed, "autosave")
        if self._is_cut():
            for code in codes:
                tab.kept[code] = (-1, "")
            return
        for code, base in bases.items():
            self._shown(tab, code, base, sent[code].value)
            tab.kept[code] = sent[code].value
        for code, both in got.json.get("conflicts", {}).items():
            theirs = both["theirs"]
            self._shown(tab, code, both["base"], (theirs["step"], theirs["evidence"]))
            tab.undecided.add(code)

    def choose(self, tab: WritingTab) -> None:
        """Choose one of the two texts of a cell, as the script of the page does."""
        if not tab.undecided:
            return
        code = self.chance.choice(sorted(tab.undecided))
        tab.undecided.discard(code)
        if self.chance.random() < 0.5:
            tab.controls[code] = tab.kept[code] = tab.seen[code]
        else:
            tab.kept[code] = (-1, "")

    def save(self, tab: WritingTab, action: str = "save") -> bool:
        """Send the whole form, as without a script; a cell with two texts may come with a choice."""
        if not tab.controls:
            return False
        codes, body = list(tab.controls), _fields(tab, list(tab.controls)) | {"action": action}
        keep = ""
        for code in tab.undecided:
            body[f"undecided-{code}"] = "1"
        if tab.undecided and self.chance.random() < 0.6:
            keep = self.chance.choice(sorted(tab.undecided))
            whose = self.chance.choice(["mine", "theirs"])
            body["keep"] = f"{whose}:{keep}"
        sent = {code: Sent(tab.controls[code], tab.seen[code]) for code in codes}
        allowed, unkept = self.model.may_write(own=tab.own), self._unkept(tab, codes)
        changed = {code for code in codes if tab.controls[code] != tab.seen[code]}
        waits = tab.undecided - {keep}
        if keep and whose == "theirs":
            changed.discard(keep)
        got = self.ask(tab.who, "assessments:sheet_edit", body)
        is_form = got.status in (409, 422) and "data-save-url" in got.text
        # A page that comes back asks about these; all the others it calls kept.
        after = copy.deepcopy(tab)
        asked = after.load(got.text, self.model.writes) if is_form else set()
        asked |= {code for code in after.controls if len(after.controls[code][1]) > EVIDENCE_LENGTH}
        if got.status == 302 or is_form:
            for code in changed - asked:
                sent[code].acknowledged = True
        self.model.saved(sent, own=tab.own, allowed=allowed, what=f"save {tab.name}: {self.said()}")
        needs = {code for code in changed if code in unkept or code in waits}
        unready = action == "submit" and not self.model.complete
        self._fair(got.status == 302 or (is_form and bool(needs or unready)), allowed, "save")
        if self._is_cut():
            return False
        if is_form:
            for code in asked | changed:
                if after.seen[code] == self.model.value(code):
                    after.seen_writes[code] = self.model.writes.get(code, 0)
            self.tabs[tab.name] = after
        elif got.status == 302 and action == "save":
            self.open(tab)
        return got.status == 302

    def look(self, tab: WritingTab) -> None:
        """Open the page that shows everything before submitting."""
        got = self.ask(tab.who, "assessments:sheet_submit")
        if got.status == 200 and 'name="key"' in got.text:
            tab.check = self.page_of(got.text)
        self._fair(got.status == 200, self.model.may_write(own=tab.own), "look")

    def submit(self, tab: WritingTab) -> None:
        """Press 提出する on the page of before."""
        page, model = tab.check, self.model
        if page is None:
            return
        same = page.cells == model.cells
        legal = model.may_write(own=tab.own) and model.complete
        body = {"version": page.version, "key": page.key}
        got = self.ask(tab.who, "assessments:sheet_submit", body)
        if self.repeated(page):
            return
        done = self.judged(got.status == 302, legal=legal, fresh=page.moves == model.moves, what="submit")
        if done and not same:
            model.verdict.unseen.append(f"submitted what the page did not show: {self.said()}")
        if done:
            self.pressed.append((tab.who, "assessments:sheet_submit", body))
            model.submitted(own=tab.own)

    def read(self, tab: WritingTab) -> None:
        """Open the sheet to read it, for the button that takes a submission back."""
        got = self.ask("person", "assessments:sheet")
        if got.status == 200 and "version" in fields_of(got.text):
            tab.reading = self.page_of(got.text)

    def withdraw(self, tab: WritingTab) -> None:
        """Take the submission back."""
        page, model = tab.reading, self.model
        if page is None:
            return
        legal = model.year_open and model.state == "submitted"
        body = {"version": page.version, "key": page.key}
        got = self.ask("person", "assessments:sheet_withdraw", body)
        if self.repeated(page):
            return
        fresh = page.moves == model.moves
        if self.judged(got.status == 302, legal=legal, fresh=fresh, what="withdraw"):
            if page.revision != len(model.revisions):
                model.verdict.unseen.append(f"took back what the page did not show: {self.said()}")
            self.pressed.append(("person", "assessments:sheet_withdraw", body))
            model.own_words = True
            model.moved("drafting")

    def press_again(self) -> None:
        """Send a button once more whose answer got lost: nothing happens twice."""
        if self.pressed:
            self.ask(*self.chance.choice(self.pressed))

    def page_of(self, text: str) -> Shown:
        """Return what a page with a button carries and shows."""
        fields, model = fields_of(text), self.model
        return Shown(
            fields.get("version", ""), fields.get("key", ""), model.moves, model.state, len(model.revisions),
            model.written, dict(model.cells),
        )  # fmt: skip

    def repeated(self, page: Shown) -> bool:
        """Say whether the button of this page was pressed before, and taken."""
        return any(body.get("key") == page.key for _, _, body in self.pressed)

    def _unkept(self, tab: WritingTab, codes) -> set[str]:
        """Return the cells that need not be kept: written since they were shown, or too long."""
        return {
            code
            for code in codes
            if self.model.writes.get(code, 0) != tab.seen_writes[code]
            or len(tab.controls[code][1]) > EVIDENCE_LENGTH
        }

    def _shown(self, tab: WritingTab, code: str, base: str, value: Value) -> None:
        tab.bases[code], tab.seen[code] = base, value
        tab.seen_writes[code] = self.model.writes.get(code, 0)

    def _is_cut(self) -> bool:
        return self.chance.random() < CUT

    def _fair(self, served: bool, allowed: bool, what: str) -> None:
        if allowed and not served:
            self.model.verdict.refused.append(f"{what}: {self.said()}")


def _fields(tab: WritingTab, codes) -> dict[str, str]:
    body = {"matrix": tab.matrix}
    for code in codes:
        step, words = tab.controls[code]
        body[f"base-{code}"] = tab.bases[code]
        body[f"evidence-{code}"] = words
        if step is not None:
            body[f"step-{code}"] = str(step)
    return body
