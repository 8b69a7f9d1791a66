"""All figures of one database, in a process of its own: the settings are read once, with DATABASE_URL set.

Usage: python -m bench.child DATABASE OUTPUT [--short]     (started by `python -m bench`)
"""

import argparse
import json
import logging
import sys
import tempfile
import time
import traceback
from pathlib import Path

import django


def main() -> int:
    """Measure everything and write {figures, failures} to OUTPUT; returns 0 even where a measure failed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("database")
    parser.add_argument("output", type=Path)
    parser.add_argument("--short", action="store_true")
    options = parser.parse_args()
    django.setup()
    # Refusals are part of asking every page as everybody; they are not news.
    logging.disable(logging.ERROR)
    from django.core.management import call_command
    from django.test import override_settings

    from bench import measures

    with (
        tempfile.TemporaryDirectory(prefix="skill-bench-static-") as static,
        tempfile.TemporaryDirectory(prefix="skill-bench-files-") as files,
        override_settings(STATIC_ROOT=static, FILES_DIR=files, ROOT_URLCONF="bench.urls"),
    ):
        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        figures, failures = [], {}
        bench = measures.Bench(options.database, short=options.short)
        for name, measure in measures.MEASURES.items():
            if measure in measures.ONCE and options.database != "sqlite":
                continue
            start = time.monotonic()
            try:
                figures += measure(bench)
            except Exception as fault:
                traceback.print_exc()
                failures[f"{name} on {options.database}"] = f"{type(fault).__name__}: {fault}".strip()
            print(
                f"{options.database}: {name}, {time.monotonic() - start:.1f} s",
                file=sys.stderr,
                flush=True,
            )
    options.output.write_text(
        json.dumps({"figures": [figure.__dict__ for figure in figures], "failures": failures})
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
