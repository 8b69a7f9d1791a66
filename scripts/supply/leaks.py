"""Keys and passwords among the files in git: what detect-secrets finds, less what was looked at and written down.

`.secrets.baseline` at the root says how to look and what was found harmless (`"is_secret": false`), by file, kind and hash;
docs/security/supply.md says why. A new one: `python -m scripts.supply.leaks`, look at it, then
`detect-secrets scan --baseline .secrets.baseline` and `detect-secrets audit .secrets.baseline`.
"""

import contextlib
import json
import sys
from pathlib import Path
from typing import Any

from detect_secrets.core.secrets_collection import SecretsCollection
from detect_secrets.settings import transient_settings

from scripts.check.files import ROOT, project_files

BASELINE = ".secrets.baseline"
Key = tuple[str, str, str]


def findings(root: Path) -> list[str]:
    """Return a sentence for every secret that nobody has looked at, and for every one looked at that is gone."""
    document: dict[str, Any] = json.loads((root / BASELINE).read_text(encoding="utf-8"))
    found = scan(root, document)
    reviewed = {
        (file, one["type"], one["hashed_secret"]): one
        for file, secrets in document["results"].items()
        for one in secrets
    }
    said = []
    for key, line in sorted(found.items()):
        if key not in reviewed:
            said.append(f"{key[0]}:{line}: {key[1]}, not looked at")
        elif reviewed[key].get("is_secret") is not False:
            said.append(f"{key[0]}:{line}: {key[1]}, looked at and not found harmless")
    return said + [
        f"{key[0]}: {key[1]} is in {BASELINE} and no longer there"
        for key in sorted(set(reviewed) - set(found))
    ]


def scan(root: Path, settings: dict[str, Any]) -> dict[Key, int]:
    """Return (file, kind, hash of the secret) → line of all that a look with these settings finds."""
    names = [str(path.relative_to(root)) for path in project_files(root)]
    filters = [
        {**one, "path": one["path"].replace("file://", f"file://{ROOT}/")} for one in settings["filters_used"]
    ]
    # Names from the root, as the filters and the baseline write them.
    with (
        contextlib.chdir(root),
        transient_settings({"plugins_used": settings["plugins_used"], "filters_used": filters}),
    ):
        collection = SecretsCollection()
        collection.scan_files(*(name for name in names if name != BASELINE))
        return {(file, secret.type, secret.secret_hash): secret.line_number for file, secret in collection}


def main() -> int:
    """Say what was found; returns the exit code."""
    said = findings(ROOT)
    for sentence in said:
        print(sentence)
    print(f"secrets: {len(said)} findings")
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main())
