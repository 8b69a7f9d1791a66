"""What was caught before is not tried again with the same source, so that a long run may be done in slices (var/mutants.json)."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from scripts.check.files import ROOT
from scripts.mutants.making import Mutant
from scripts.mutants.running import Tell, Verdict, try_all

KEPT = ROOT / "var" / "mutants.json"


class Record:
    """The mutants that a test noticed, each with a digest of the file that it weakens."""

    def __init__(self, path: Path = KEPT, *, anew: bool = False) -> None:
        self.path = path
        self.caught: dict[str, str] = {} if anew or not path.exists() else json.loads(path.read_text())

    def has(self, mutant: Mutant) -> bool:
        """Say whether it was caught in the source as it is now."""
        return self.caught.get(mutant.key) == _digest(mutant)

    def add(self, mutant: Mutant) -> None:
        """Keep that it was caught."""
        self.caught[mutant.key] = _digest(mutant)
        self.path.parent.mkdir(exist_ok=True)
        self.path.write_text(json.dumps(self.caught, indent=0, ensure_ascii=False))


@dataclass(frozen=True)
class Slice:
    """What one run came to: the verdicts of those it tried, how many were caught before, how many it did not come to."""

    verdicts: list[Verdict]
    before: int
    left: int


def go_on(
    mutants: Iterable[Mutant], record: Record, *, until: float, rounds: int, tell: Tell = lambda _: None
) -> Slice:
    """Try those that were not caught before, as many as can be begun before `until` (time.monotonic)."""
    mutants = list(mutants)
    wanted = {mutant.key: mutant for mutant in mutants if not record.has(mutant)}

    def keep(verdict: Verdict) -> None:
        tell(verdict)
        if verdict.caught:
            record.add(wanted[verdict.key])

    verdicts = try_all(wanted.values(), rounds=rounds, until=until, tell=keep) if wanted else []
    return Slice(verdicts, len(mutants) - len(wanted), len(wanted) - len(verdicts))


def _digest(mutant: Mutant) -> str:
    return hashlib.sha256((ROOT / mutant.file).read_bytes()).hexdigest()[:16]
