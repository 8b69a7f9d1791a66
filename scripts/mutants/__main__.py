"""Tries deliberate weakenings of what decides who may do what; says which ones no test noticed, and exits 1 for any.

Usage: python -m scripts.mutants [WORD…] [--list] [--minutes N] [--rounds N] [--again]
WORD keeps the mutants whose name holds it, or another one. What was caught before is not tried again by a later call
with the same source (var/mutants.json), so that a long run may be done in slices; --again forgets it.
"""

import argparse
import sys
import time

from scripts.mutants.making import all_mutants
from scripts.mutants.record import Record, go_on
from scripts.mutants.running import Verdict


def main() -> int:
    """Return 0 where every mutant asked for was caught, 1 for survivors, 2 where the time was over before the last."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--minutes", type=float, default=600)
    parser.add_argument(
        "--rounds", type=int, default=2, help="4 asks the walk of all URLs and the whole app too"
    )
    options = parser.parse_args()
    mutants = [
        one for one in all_mutants() if not options.words or any(word in one.key for word in options.words)
    ]
    if options.list:
        print("\n".join(mutant.key for mutant in mutants))
        return 0

    def tell(verdict: Verdict) -> None:
        word = "caught  " if verdict.caught else "SURVIVED"
        print(f"{word} {verdict.seconds:5.1f} s  {verdict.key}  <- {verdict.said}", flush=True)

    done = go_on(
        mutants,
        Record(anew=options.again),
        rounds=options.rounds,
        until=time.monotonic() + 60 * options.minutes,
        tell=tell,
    )
    survived = [verdict for verdict in done.verdicts if not verdict.caught]
    print(f"{len(mutants)} mutants: {len(survived)} survived, {done.left} not tried, the others caught")
    return 1 if survived else 2 if done.left else 0


if __name__ == "__main__":
    sys.exit(main())
