"""One drill on one database, in a process of its own: DATABASE_URL leads to an empty, migrated one.

Usage: python -m tests.drills.child NAME DATABASE OUTPUT [--short]     (started by `python -m tests.drills`)
"""

import argparse
import json
import sys
import tempfile
import traceback
from pathlib import Path

import django


def main() -> int:
    """Measure and write {figures, failure} to OUTPUT; returns 0 even where measuring failed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    parser.add_argument("database")
    parser.add_argument("output", type=Path)
    parser.add_argument("--short", action="store_true")
    options = parser.parse_args()
    django.setup()
    from django.test import override_settings
    from django.test.utils import setup_test_environment

    from tests.drills.declared import load, printed

    # Mail goes to django.core.mail.outbox, answers to the test client carry their context.
    setup_test_environment(debug=False)
    figures, failure = [], ""
    with (
        tempfile.TemporaryDirectory(prefix="skill-drill-") as folder,
        override_settings(
            STATIC_ROOT=f"{folder}/static",
            FILES_DIR=Path(folder) / "files",
            STORAGES={
                "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
                "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
            },
        ),
    ):
        try:
            drill, module = load(options.name)
            figures = printed(drill, module.measure, options.database.strip("-"), short=options.short)
        except Exception as fault:
            traceback.print_exc()
            failure = f"{type(fault).__name__}: {fault}".strip()
    options.output.write_text(
        json.dumps({"figures": [figure.__dict__ for figure in figures], "failure": failure})
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
