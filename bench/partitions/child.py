"""Plain tables and partitions in one database of PostgreSQL, in a process of its own: DATABASE_URL is read once.

Usage: python -m bench.partitions.child OUTPUT PEOPLE MUNICIPALITIES YEARS ROUNDS     (started by `python -m bench.partitions`)
"""

import json
import logging
import sys
import time
from pathlib import Path
from typing import Any

import django

SEED = 2026


def main() -> int:
    """Fill, measure, and write what was found to OUTPUT as it comes; returns 0."""
    output = Path(sys.argv[1])
    people, municipalities, years, rounds = map(int, sys.argv[2:])
    django.setup()
    logging.disable(logging.ERROR)
    from django.core.management import call_command
    from django.utils import timezone

    from bench.data import load_lasdec
    from bench.partitions import measures
    from bench.partitions.questions import questions
    from bench.partitions.tables import build
    from config.generating import generate

    began = time.monotonic()

    def say(sentence: str) -> None:
        print(f"{time.monotonic() - began:.0f} s: {sentence}", file=sys.stderr, flush=True)

    call_command("migrate", verbosity=0)
    load_lasdec()
    say(f"{people:,} people are generated")
    generate(municipalities=municipalities, staff=people, years=2, seed=SEED)
    say(f"{years} years are written, plain and in partitions")
    asked = build(years)
    measures.settle(say)
    found: dict[str, Any] = {"years": asked.all, "sizes": measures.sizes(asked), "times": []}

    def keep(times: list[measures.Timed]) -> None:
        for one in times:
            say(
                f"{one.what} {one.side} {one.ms:.2f} ms ({one.least:.2f} to {one.most:.2f}), {one.pages} pages, {one.said}"
            )
            found["times"].append(one.as_json())
        output.write_text(json.dumps(found))

    for question in questions(asked, timezone.localdate()):
        keep(measures.reading(question, rounds))
    keep(measures.submitting(asked, rounds))
    few = max(1, rounds // 3)
    keep(measures.forgetting(asked, few))
    keep(measures.cleaning(asked, few))
    return 0


if __name__ == "__main__":
    sys.exit(main())
