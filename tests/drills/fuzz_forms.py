"""The forms of a page as a browser would send them, and the same forms nearly right. No drill itself."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from tests.drills.fuzz_values import encoded, text, upload

Pairs = list[tuple[str, str | tuple[str, bytes, str]]]
Files = Sequence[tuple[str, bytes]]
SIGN_OUT = "/logout/"
_NO_WORDS = ("submit", "image", "reset", "button")


@dataclass
class Control:
    """One control of a form; a checkbox or radio button is one of several with its name."""

    name: str
    kind: str
    value: str = ""
    options: list[str] = field(default_factory=list)
    checked: bool = False


@dataclass
class Form:
    """One form: where it leads, and its controls in the order of the page."""

    action: str
    method: str
    encoding: str
    controls: list[Control] = field(default_factory=list)


@dataclass(frozen=True)
class Page:
    """What a page offers to send: its forms, and the names that its links ask by."""

    forms: tuple[Form, ...] = ()
    names: tuple[str, ...] = ()


class _Reader(HTMLParser):
    """Collects forms, also controls outside of theirs (`form="…"`), and the names in the queries of links."""

    def __init__(self, address: str) -> None:
        super().__init__(convert_charrefs=True)
        self.address = address
        self.forms: list[Form] = []
        self.by_id: dict[str, Form] = {}
        self.apart: list[tuple[str, Control]] = []
        self.names: dict[str, None] = {}
        self._inside: Form | None = None
        self._select: Control | None = None
        self._area: Control | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        got = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = Form(
                urljoin(self.address, got.get("action") or self.address),
                got.get("method", "get").lower(),
                got.get("enctype", ""),
            )
            self.forms.append(self._inside)
            if "id" in got:
                self.by_id[got["id"]] = self._inside
        elif tag == "a":
            query = urlsplit(got.get("href", "")).query
            self.names.update(dict.fromkeys(name for name, _ in parse_qsl(query, keep_blank_values=True)))
        elif tag == "option" and self._select is not None:
            self._select.options.append(got.get("value", ""))
            if "selected" in got:
                self._select.value = got.get("value", "")
        elif tag in ("input", "select", "textarea", "button") and got.get("name"):
            kind = got.get("type", "text") if tag == "input" else tag
            kind = "submit" if tag == "button" else kind
            control = Control(got["name"], kind.lower(), got.get("value", ""), checked="checked" in got)
            if tag == "select":
                self._select = control
            elif tag == "textarea":
                self._area = control
            if "form" in got:
                self.apart.append((got["form"], control))
            elif self._inside is not None:
                self._inside.controls.append(control)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area.value += data


def read(html: str, address: str) -> Page:
    """Return what a page offers."""
    reader = _Reader(address)
    reader.feed(html)
    for name, control in reader.apart:
        if name in reader.by_id:
            reader.by_id[name].controls.append(control)
    for form in reader.forms:
        if form.method == "get":
            reader.names.update(dict.fromkeys(control.name for control in form.controls))
    # The button that signs out stands on every page and sends nothing.
    forms = tuple(form for form in reader.forms if urlsplit(form.action).path != SIGN_OUT)
    return Page(forms, tuple(reader.names))


def filled(form: Form, source: random.Random, files: Files) -> Pairs:
    """Return what somebody would send who fills in everything: one button, a choice of each list, words in each field."""
    pairs: Pairs = []
    buttons = [control for control in form.controls if control.kind in _NO_WORDS]
    radios: dict[str, list[Control]] = {}
    for control in form.controls:
        if control.kind == "radio":
            radios.setdefault(control.name, []).append(control)
        elif control.kind == "checkbox":
            if control.checked or source.random() < 0.4:
                pairs.append((control.name, control.value or "on"))
        elif control.kind == "file":
            pairs.append((control.name, upload(source, files)))
        elif control.kind == "select":
            there = [one for one in control.options if one]
            keep = control.value and source.random() < 0.6
            pairs.append((control.name, control.value if keep or not there else source.choice(there)))
        elif control.kind not in _NO_WORDS:
            pairs.append((control.name, control.value or _likely(control, source)))
    pairs += [(name, source.choice(choices).value) for name, choices in radios.items()]
    if buttons:
        button = source.choice(buttons)
        pairs.append((button.name, button.value))
    return pairs


def _likely(control: Control, source: random.Random) -> str:
    """Return what an empty field may have been meant for, by its name."""
    name = control.name.rpartition("-")[2].rpartition("_")[2]
    if control.kind == "hidden":
        return ""
    if name in ("on", "date", "start", "end", "from", "to", "by", "until", "day", "since"):
        return source.choice(("令和8年4月1日", "2026-04-01", "令和9年3月31日", "R7.6.1"))
    if control.kind == "number" or name in ("year", "hours", "count", "cost", "price", "days", "number"):
        return source.choice(("1", "2", "2026", "2027", "30"))
    if control.kind == "email" or name == "email":
        return "mihon@example.lg.jp"
    if name in ("code", "username"):
        return f"c{source.randrange(10_000)}"
    if control.kind == "password":
        return "あさのでんわ みなとまち 2026"
    return source.choice(
        ("見本の文", "転記の誤りのため", "", "2026-04-01", "1", f"名{source.randrange(10_000)}")
    )


def nearly(pairs: Pairs, source: random.Random, keys: Sequence[str], files: Files) -> Pairs:
    """Return the form with one to three things that no page of ours would send."""
    pairs = list(pairs)
    for _ in range(source.choice((1, 1, 2, 3))):
        at = source.randrange(len(pairs)) if pairs else 0
        change = source.randrange(12)
        if not pairs or change == 0:
            pairs.insert(at, (source.choice(pairs)[0] if pairs else "q", text(source, keys)))
        elif change == 1:
            pairs.pop(at)
        elif change == 2:
            pairs.append(pairs[at])
        elif change == 3:
            # One control's value under the name of another.
            pairs[at] = (pairs[at][0], source.choice(pairs)[1])
        elif change == 4:
            pairs.insert(at, (_renamed(pairs[at][0], source), pairs[at][1]))
        elif change == 5 and isinstance(pairs[at][1], str):
            pairs[at] = (pairs[at][0], _bent(pairs[at][1], source))
        elif isinstance(pairs[at][1], tuple):
            pairs[at] = (pairs[at][0], source.choice((upload(source, files), text(source, keys))))
        else:
            pairs[at] = (pairs[at][0], text(source, keys))
    return pairs


def _renamed(name: str, source: random.Random) -> str:
    """Return a name that looks like one of the form's: another row, another number, another id."""
    head, mark, tail = name.rpartition(source.choice("-_."))
    return source.choice(
        (f"{head}{mark}{text(source)[:40]}", f"{name}[]", f"{name}-0", name + "\0", tail, f"x{name}")
    )


def _bent(value: str, source: random.Random) -> str:
    """Return a value with one sign changed, taken away or put in."""
    at = source.randrange(len(value) + 1)
    return value[:at] + source.choice(("", "\0", "9", "-", "あ", "\ud800", ":", value)) + value[at + 1 :]


def sent(form: Form, pairs: Pairs, source: random.Random) -> tuple[str, bytes, str]:
    """Return (address, body, content type) as the form is sent; a form that only asks puts all into the address."""
    if form.method == "get":
        query = "&".join(
            f"{urlencode({name: ''}, errors='replace')}{encoded(source, value)}"
            for name, value in pairs
            if isinstance(value, str) and len(value) < 6000
        )
        return f"{urlsplit(form.action).path}?{query}", b"", ""
    if "multipart" in form.encoding or any(isinstance(value, tuple) for _, value in pairs):
        return form.action, *multipart(pairs)
    pieces = [
        f"{urlencode({name: ''}, errors='replace')}{encoded(source, value)}"
        for name, value in pairs
        if isinstance(value, str)
    ]
    return form.action, "&".join(pieces).encode(), "application/x-www-form-urlencoded"


def multipart(pairs: Pairs, boundary: str = "Grenze1234") -> tuple[bytes, str]:
    """Return (body, content type) of a form with files, written without the care of a library."""
    lines = []
    for name, value in pairs:
        head, content = f'form-data; name="{name}"', value
        more = ""
        if isinstance(value, tuple):
            file, content, kind = value
            head += f'; filename="{file}"'
            more = f"Content-Type: {kind}\r\n"
        told = f"--{boundary}\r\nContent-Disposition: {head}\r\n{more}\r\n".encode("utf-8", "surrogatepass")
        raw = content if isinstance(content, bytes) else str(content).encode("utf-8", "surrogatepass")
        lines.append(told + raw + b"\r\n")
    return b"".join(lines) + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"
