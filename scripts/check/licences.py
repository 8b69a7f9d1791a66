"""Every distribution installed from the locks has a licence that a municipality may use without asking.

The list holds what was read and agreed to. A new one is added here, or the dependency is not taken.
"""

import re
from collections.abc import Iterator
from email.message import Message
from importlib import metadata
from pathlib import Path
from typing import cast

from scripts.check.locks import pins

# SPDX names, and the older wordings that distributions still carry.
ALLOWED = {
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MIT-CMU",
    "MPL-2.0",
    "PSF-2.0",
    "Unlicense",
    "Zlib",
}
_WORDINGS = {
    "apache license 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "apache 2.0": "Apache-2.0",
    "bsd": "BSD-3-Clause",
    "bsd license": "BSD-3-Clause",
    "isc license (iscl)": "ISC",
    "mit license": "MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "python software foundation license": "PSF-2.0",
}
# Licences that bind whoever passes a changed library on, read one by one: we import these unchanged.
READ = {
    "axe-playwright-python": "MIT by its LICENSE file; states none in its metadata",
    "frozendict": "LGPL-3.0; needed by pyld, imported as a library, unchanged",
    "ldap3": "LGPL-3.0; the extra [ldap], imported as a library, unchanged",
    "psycopg2-binary": "LGPL with exceptions; imported as a library, unchanged",
    "pyphen": "GPL, LGPL or MPL 1.1 at choice; needed by WeasyPrint, imported as a library, unchanged",
    "text-unidecode": "Artistic-1.0 or GPL; needed by the browser tests only, not part of the product",
}


def problems(root: Path) -> Iterator[str]:
    """Yield one sentence per locked and installed distribution with another licence, or none that can be read."""
    for name in sorted(pins(root / "requirements" / "dev.txt")):
        if name in READ:
            continue
        try:
            found = licence_names(cast(Message, metadata.distribution(name).metadata))
        except metadata.PackageNotFoundError:
            # Locked for other systems alone.
            continue
        unknown = sorted(found - ALLOWED)
        if not found:
            yield f"{name}: no licence stated; read it, then add it to scripts/check/licences.py"
        elif unknown:
            yield f"{name}: {', '.join(unknown)} is not on the list of scripts/check/licences.py"


def licence_names(about: Message) -> set[str]:
    """Return the licences that a distribution names: its SPDX expression, else its classifiers, else its free text."""
    expression = about.get("License-Expression")
    if expression:
        return {part for part in re.split(r"\s+(?:AND|OR|WITH)\s+|[()]", expression) if part}
    stated = [
        line.rsplit(" :: ", 1)[1]
        for line in about.get_all("Classifier") or []
        if line.startswith("License :: ") and not line.endswith(":: OSI Approved")
    ]
    if not stated and about.get("License"):
        stated = [str(about.get("License")).strip().splitlines()[0]]
    return {_WORDINGS.get(name.lower(), name) for name in stated}
