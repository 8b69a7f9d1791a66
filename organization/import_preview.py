"""What a checked file looks like between upload and apply: packed into the batch, unpacked for the screen."""

import json
import zlib
from dataclasses import dataclass, field

from lib.tabular import Problem
from organization.roster import Change, Outcome, Suspicion


@dataclass
class Preview:
    """The answer to one file. `problems` makes it a refusal; everything else is then incomplete.

    `header` are the names of the file's columns, `unused` those that stand for none of ours.
    """

    outcomes: list[Outcome] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    suspicions: list[Suspicion] = field(default_factory=list)
    new_positions: dict[str, int] = field(default_factory=dict)
    header: list[str] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)

    def reasons(self) -> dict[int, list[str]]:
        """Return {line: why to look at it again}, of the lines that have a reason."""
        found: dict[int, list[str]] = {}
        for suspicion in self.suspicions:
            for line in suspicion.lines:
                found.setdefault(line, []).append(suspicion.message)
        return found


def pack(preview: Preview) -> bytes:
    """Return the preview as compressed JSON."""
    data = {
        "outcomes": [
            [o.line, o.number, o.name, list(o.kinds), [[c.label, c.old, c.new] for c in o.changes]]
            for o in preview.outcomes
        ],
        "problems": [[p.line, p.column, p.value, p.message] for p in preview.problems],
        "warnings": [[p.line, p.column, p.value, p.message] for p in preview.warnings],
        "suspicions": [[s.message, list(s.lines)] for s in preview.suspicions],
        "new_positions": preview.new_positions,
        "header": preview.header,
        "unused": preview.unused,
    }
    return zlib.compress(json.dumps(data, ensure_ascii=False).encode())


def unpack(packed: bytes | None) -> Preview:
    """Return the preview; an empty one where it is not kept any more."""
    if packed is None:
        return Preview()
    data = json.loads(zlib.decompress(bytes(packed)))
    return Preview(
        outcomes=[
            Outcome(line, number, name, tuple(kinds), tuple(Change(*change) for change in changes))
            for line, number, name, kinds, changes in data["outcomes"]
        ],
        problems=[Problem(*problem) for problem in data["problems"]],
        warnings=[Problem(*problem) for problem in data["warnings"]],
        suspicions=[_suspicion(told) for told in data["suspicions"]],
        new_positions=data["new_positions"],
        header=data["header"],
        unused=data["unused"],
    )


def _suspicion(told: str | list) -> Suspicion:
    """Return one reason; a file that was checked before reasons had lines kept the sentence alone."""
    return Suspicion(told) if isinstance(told, str) else Suspicion(told[0], tuple(told[1]))
