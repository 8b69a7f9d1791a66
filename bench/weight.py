"""What a page weighs on the wire, gzipped: its HTML and every file that it makes a browser load."""

import gzip
import re
from collections.abc import Iterable
from dataclasses import dataclass
from posixpath import dirname, join, normpath

from bench.browser import Browser

# Level 6 is what proxies use; the product leaves pages to them (a page with a token must not be compressed carelessly).
LEVEL = 6
_TAG = re.compile(rb"<(?:link|script|img|source|use)\b[^>]*>", re.IGNORECASE)
_ADDRESS = re.compile(rb"\b(?:href|src)=[\"']?([^\"'\s>#]+)", re.IGNORECASE)
_IN_CSS = re.compile(rb"url\(\s*[\"']?([^\"')]+)|@import\s+[\"']([^\"']+)")
_IN_SCRIPT = re.compile(rb"(?:\bfrom|\bimport)\s*\(?\s*[\"']([^\"']+)[\"']")


@dataclass(frozen=True)
class Weight:
    """Bytes of one page: itself, and its files by address."""

    name: str
    html: int
    files: dict[str, int]

    @property
    def first(self) -> int:
        """Return the bytes of a first view, with nothing kept from before."""
        return self.html + sum(self.files.values())

    def later(self, kept: Iterable[str]) -> int:
        """Return the bytes of a view by a browser that keeps these files: their names carry a hash, so it may."""
        kept = set(kept)
        return self.html + sum(size for address, size in self.files.items() if address not in kept)


class Scales:
    """Weighs pages; a file is asked for once, however many pages name it."""

    def __init__(self) -> None:
        self._files: dict[str, tuple[int, list[str]]] = {}

    def weigh(self, browser: Browser, name: str, path: str) -> Weight | None:
        """Return the weight of a page, None where the address does not answer with a page.

        Raises AssertionError where a file that the page names is not there.
        """
        answer = browser.get(path)
        if answer.status != 200 or not answer.is_html:
            return None
        files: dict[str, int] = {}
        waiting = [
            address[1].decode()
            for tag in _TAG.findall(answer.body)
            for address in [_ADDRESS.search(tag)]
            if address
        ]
        while waiting:
            address = waiting.pop()
            if address not in files and address.startswith("/static/"):
                files[address], inner = self._file(browser, address)
                waiting += inner
        return Weight(name, len(gzip.compress(answer.body, LEVEL)), files)

    def _file(self, browser: Browser, address: str) -> tuple[int, list[str]]:
        """Return the bytes of a file as the product itself sends it, compressed ahead of time, and what it names."""
        if address not in self._files:
            plain = browser.get(address)
            assert plain.status == 200, f"{address} answers {plain.status}"
            packed = browser.get(address, HTTP_ACCEPT_ENCODING="gzip")
            inner = [normpath(join(dirname(address), name)) for name in _named_in(address, plain.body)]
            self._files[address] = (len(packed.body), inner)
        return self._files[address]


def _named_in(address: str, body: bytes) -> list[str]:
    if address.endswith(".css"):
        found = [a or b for a, b in _IN_CSS.findall(body)]
    elif address.endswith(".js"):
        found = _IN_SCRIPT.findall(body)
    else:
        found = []
    return [name.decode() for name in found if not name.startswith((b"data:", b"#"))]
