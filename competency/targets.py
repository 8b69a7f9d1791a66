"""目標: the steps that a person's duties and 職位 ask for, and how far somebody is from one. Pure.

A target says what the work asks for. It is no judgement of the person, and nothing here adds targets up.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

# What having a duty asks for in each of its cells (issue 3: 主 3, 副 2), and what the role is called.
ROLES = {"main": (3, "主担当"), "deputy": (2, "副担当")}
# Names of duties in a reason end here, so that a reason with a 職位 fits its column.
_NAMES_LENGTH = 100
MINUS, PLUS, EVEN = "−", "＋", "±"


@dataclass(frozen=True)
class Target:
    """The step asked for in one cell, and why, in words."""

    step: int
    reason: str


@dataclass(frozen=True)
class DutyShare:
    """One duty that a person has: its name, "main" or "deputy", and the cells it asks for, by code."""

    name: str
    role: str
    cell_codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Gap:
    """A target beside the step that somebody has; None where there is no step yet."""

    target: Target
    step: int | None = None

    @property
    def distance(self) -> int | None:
        """Return how many steps above the target (below: negative), None without a step."""
        return None if self.step is None else self.step - self.target.step

    @property
    def signed(self) -> str:
        """Return the distance with its sign, 「−1」「±0」「＋1」; empty without a step."""
        if self.distance is None:
            return ""
        sign = PLUS if self.distance > 0 else MINUS if self.distance < 0 else EVEN
        return f"{sign}{abs(self.distance)}"

    @property
    def text(self) -> str:
        """Return the step with the distance, 「2（−1）」; empty without a step."""
        return "" if self.step is None else f"{self.step}（{self.signed}）"

    @property
    def words(self) -> str:
        """Return the distance as it is read out; empty without a step."""
        if self.distance is None:
            return ""
        if not self.distance:
            return "目標どおり"
        return f"目標より{abs(self.distance)}段階{'上' if self.distance > 0 else '下'}"

    @property
    def css(self) -> str:
        """Return the class of its look: "minus2", "minus1", "zero", "plus"; empty without a step."""
        if self.distance is None:
            return ""
        if self.distance < 0:
            return "minus1" if self.distance == -1 else "minus2"
        return "plus" if self.distance else "zero"


def targets_of(
    profile: Mapping[str, int], shares: Iterable[DutyShare], *, position: str = ""
) -> dict[str, Target]:
    """Return the target of each cell by code: the larger of what the duties and the 職位 ask for (design, 2).

    `profile` are the steps of the 期待像 of the 職位 called `position`; a step of 0 is no target. The reason names
    the larger of both, and both where they are equal. Cells without a target are left out.
    """
    asked: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for share in shares:
        for code in share.cell_codes:
            asked[code][share.role].add(share.name)
    found = {}
    for code in sorted({*asked, *profile}):
        by_duty, reasons = 0, []
        roles = asked.get(code, {})
        for role, (step, label) in ROLES.items():
            if role in roles and step > by_duty:
                by_duty, reasons = step, [f"{label}：{_names(roles[role])}"]
        by_position = profile.get(code, 0)
        if by_position > by_duty:
            reasons = []
        if by_position and by_position >= by_duty:
            reasons.append(f"職位：{position}" if position else "職位")
        if reasons:
            found[code] = Target(max(by_duty, by_position), "、".join(reasons))
    return found


def _names(names: set[str]) -> str:
    """Return the names of duties in one line; the first of them and how many more where they would be too long."""
    ordered = sorted(names)
    line = "・".join(ordered)
    return line if len(line) <= _NAMES_LENGTH else f"{ordered[0]}ほか{len(ordered) - 1}件"
