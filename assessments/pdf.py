"""A page as PDF/UA by WeasyPrint, where it is installed (docs/adr/0028). Takes HTML, asks nothing of the network."""

import ctypes
import functools
import importlib.util
import sys
import threading
from typing import Any

from django.contrib.staticfiles import finders
from django.core.exceptions import ImproperlyConfigured

STYLE = "css/pdf.css"
VARIANT = "pdf/ua-1"
# Pango and what else is shared is not made for threads.
_ONE = threading.Lock()


# What WeasyPrint opens of the system; asked for by name, for importing it costs a second and half of a worker's memory.
_LIBRARIES = (
    "libgobject-2.0.so.0",
    "libpango-1.0.so.0",
    "libpangoft2-1.0.so.0",
    "libharfbuzz.so.0",
    "libharfbuzz-subset.so.0",
    "libfontconfig.so.1",
)


@functools.cache
def available() -> bool:
    """Say whether PDF can be made here: WeasyPrint is installed and finds the libraries of the system."""
    try:
        if sys.platform == "linux":
            for name in _LIBRARIES:
                ctypes.CDLL(name)
            return importlib.util.find_spec("weasyprint") is not None
        importlib.import_module("weasyprint")
    except (ImportError, OSError):
        return False
    return True


def pdf_of(html: str) -> bytes:
    """Return a whole page of ours as tagged PDF. Raises what `available` swallows where it cannot be made."""
    from weasyprint import HTML

    with _ONE:
        style, fonts = _style()
        page = HTML(string=html, base_url=None, url_fetcher=_no_address())
        return page.write_pdf(stylesheets=[style], font_config=fonts, pdf_variant=VARIANT)


@functools.cache
def _style() -> tuple[Any, Any]:
    """Return the sheet of paper and the fonts, read once a process."""
    from weasyprint import CSS
    from weasyprint.text.fonts import FontConfiguration

    path = finders.find(STYLE)
    if not path:
        raise ImproperlyConfigured(f"{STYLE} is not among the static files.")
    fonts = FontConfiguration()
    return CSS(filename=path, font_config=fonts, url_fetcher=_no_address()), fonts


def _no_address():
    """Return a fetcher that opens nothing: the page is whole, and whatever somebody wrote into it stays text."""
    from weasyprint.urls import URLFetcher

    class NoAddress(URLFetcher):
        """Refuses every address: http, file and all others."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            """Open nothing."""
            raise ValueError("A page for PDF names no address.")

    return NoAddress()
