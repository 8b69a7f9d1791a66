"""The pages of an interleaving as a browser holds them: what they show, what they carry, what was typed. No drill itself."""

import html
import re
from dataclasses import dataclass, field

from assessments.sheet_form import EVIDENCE_LENGTH
from tests.drills.interleaving_model import OPEN, Value

_INPUT = re.compile(r"<input[^>]*>")
_NAME, _VALUE = re.compile(r' name="([^"]*)"'), re.compile(r' value="([^"]*)"')
_ROW = re.compile(r'data-cell="([^"]+)"')
_TEXT = re.compile(r"<textarea[^>]*>(.*?)</textarea>", re.DOTALL)
_THEIRS = re.compile(
    r'data-theirs-step="([^"]*)".*?data-theirs-evidence>(.*?)</span>.*?name="undecided-', re.DOTALL
)
# What stands beside the controls of a confirmer where something else is kept.
_KEPT = re.compile(r"保存してある内容：([0-4]) [^「<]*(?:「(.*?)」)?</p>", re.DOTALL)
_LINE_ROW = re.compile(r'name="version-([^"]+)" value="([0-9]+)"')


@dataclass
class WritingTab:
    """The form of a sheet in one tab: the bases it carries, the values it has shown as kept, what stands in its controls."""

    name: str
    who: str
    bases: dict[str, str] = field(default_factory=dict)
    matrix: str = ""
    seen: dict[str, Value] = field(default_factory=dict)
    # How often a cell had been written when it was shown: a value may have come back meanwhile.
    seen_writes: dict[str, int] = field(default_factory=dict)
    controls: dict[str, Value] = field(default_factory=dict)
    # What the script takes for kept: it sends a cell that differs from it.
    kept: dict[str, Value] = field(default_factory=dict)
    undecided: set[str] = field(default_factory=set)
    check: "Shown | None" = None
    reading: "Shown | None" = None

    @property
    def own(self) -> bool:
        """Say whether it is the person's, not one of 人事 on their behalf."""
        return self.who == "person"

    def load(self, page: str, writes: dict[str, int]) -> set[str]:
        """Take a page as the server sent it; return the cells that it asks to choose for.

        Where it sends a text back that cannot be kept, what is kept stands nowhere on it: what was shown before counts.
        """
        self.matrix = fields_of(page)["matrix"]
        self.undecided = set()
        starts = [(found.group(1), found.start()) for found in _ROW.finditer(page)]
        ends = [start for _, start in starts[1:]] + [page.index("<template data-conflict-template")]
        for (code, start), end in zip(starts, ends, strict=True):
            row = page[start:end]
            self.bases[code] = hidden(row, f"base-{code}")
            self.controls[code] = (_checked(row, f"step-{code}"), _text(row))
            theirs = _THEIRS.search(row)
            if len(self.controls[code][1]) > EVIDENCE_LENGTH and not theirs:
                continue
            self.seen[code] = self.controls[code]
            if theirs:
                step, words = theirs.groups()
                self.seen[code] = (int(step) if step else None, html.unescape(words))
                self.undecided.add(code)
            self.kept[code] = self.seen[code]
            self.seen_writes[code] = writes.get(code, 0)
        return set(self.undecided)


@dataclass
class Shown:
    """A page with a button: the hidden fields, how far the sheet was, which revision and which answers it showed."""

    version: str
    key: str
    moves: int
    state: str
    revision: int
    written: int
    cells: dict[str, Value] = field(default_factory=dict)


@dataclass
class LineTab:
    """The page of a confirmer in one tab."""

    name: str
    who: str
    shown: Shown | None = None
    level: str = ""
    versions: dict[str, str] = field(default_factory=dict)
    seen: dict[str, Value] = field(default_factory=dict)

    def load(self, page: str, shown: Shown) -> None:
        """Take a page as the server sent it."""
        self.shown = shown
        self.level = fields_of(page).get("level", "")
        self.versions, self.seen = {}, {}
        starts = [(found.group(1), found.group(2), found.start()) for found in _LINE_ROW.finditer(page)]
        before = page.find('id="confirm-form"')
        for code, version, at in starts:
            # The keys stand before the version of their row, the comment after it.
            step, comment = _checked(page[before:at], f"step-{code}"), _text(page[at:])
            self.versions[code] = version
            self.seen[code] = (step, comment) if version != "0" else OPEN
            if kept := _KEPT.search(page, before, at):
                self.seen[code] = (int(kept.group(1)), html.unescape(kept.group(2) or ""))
            before = at


def fields_of(page: str) -> dict[str, str]:
    """Return the hidden fields of a page by name; of several by one name the last."""
    found = {}
    for tag in _INPUT.findall(page):
        if 'type="hidden"' in tag and (name := _NAME.search(tag)):
            value = _VALUE.search(tag)
            found[name.group(1)] = html.unescape(value.group(1)) if value else ""
    return found


def hidden(page: str, name: str) -> str:
    """Return one hidden field. KeyError where the page has none."""
    return fields_of(page)[name]


def _checked(row: str, name: str) -> int | None:
    for tag in _INPUT.findall(row):
        if f' name="{name}"' in tag and " checked" in tag:
            return int(_VALUE.search(tag).group(1))
    return None


def _text(row: str) -> str:
    found = _TEXT.search(row)
    return html.unescape(found.group(1)).removeprefix("\n") if found else ""
