"""What the tests of the conditions column share: browsers by role, every address, and all that an answer holds."""

import io
import zipfile
from collections.abc import Iterator

from django.test import Client
from pypdf import PdfReader

from access.routes import ROUTES, TOKEN
from organization.models import Staff
from tests.routes import address

BACKEND = "organization.backends.StaffBackend"


def browser(staff: Staff) -> Client:
    """Return a browser in which somebody is signed in."""
    client = Client()
    client.force_login(staff, backend=BACKEND)
    return client


def whole(response) -> bytes:
    """Return the bytes of an answer, sent at once or piece by piece; whoever reads to the end closes its file."""
    return b"".join(response.streaming_content) if response.streaming else response.content


def words(content: bytes) -> str:
    """Return what can be read in bytes: the texts of a PDF, all that a ZIP or a workbook packs, else the text itself."""
    if content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            return "\n".join(name + words(packed.read(name)) for name in packed.namelist())
    if content.startswith(b"%PDF"):
        pages = PdfReader(io.BytesIO(content)).pages
        return "\n".join(page.extract_text() for page in pages).replace("\n", "")
    return content.decode("utf-8", errors="replace")


def everything(targets, only=None) -> Iterator[tuple[str, str]]:
    """Yield (name, address) of everything that can be read, with ours of each kind of target."""
    for name, route in sorted(ROUTES.items()):
        if route.get not in (None, TOKEN) and (only is None or route.target in only):
            yield name, address(name, targets.get(route.target, (None, None))[0])
