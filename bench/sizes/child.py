"""One size on one database, in a process of its own: the settings are read once, with DATABASE_URL set.

Usage: python -m bench.sizes.child SIZE OUTPUT     (started by `python -m bench.sizes`)
"""

import json
import logging
import sys
import tempfile
from pathlib import Path

import django


def main() -> int:
    """Measure everything of a size and write [name, value, behind] to OUTPUT as it comes."""
    size, output = sys.argv[1], Path(sys.argv[2])
    django.setup()
    logging.disable(logging.ERROR)
    from django.core.management import call_command
    from django.test import override_settings

    from bench.sizes.bounds import SIZES
    from bench.sizes.measures import measured

    def say(sentence: str) -> None:
        print(f"{size}: {sentence}", file=sys.stderr, flush=True)

    found: list[tuple[str, float, str]] = []
    with (
        tempfile.TemporaryDirectory(prefix="skill-bench-static-") as static,
        override_settings(STATIC_ROOT=static, ROOT_URLCONF="bench.urls"),
    ):
        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        for one in measured(SIZES[size], say):
            found.append(one)
            say(f"{one[0]} {one[1]:.3f} ({one[2]})")
            output.write_text(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
