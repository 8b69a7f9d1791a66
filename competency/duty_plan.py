"""What a file of duties does to the catalogue of a municipality. Pure; knows no database."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from competency.data_import import Change, Group, Preview, numbers_changed
from competency.duty_file import FileDuty
from competency.duty_table import GROUP_WORDS, SUITED_WORDS


@dataclass(frozen=True)
class DutyPlan:
    """Duties by what becomes of them. `left` are those that the file no longer names, where it is the whole catalogue."""

    new: tuple[FileDuty, ...]
    changed: tuple[tuple[FileDuty, FileDuty], ...]
    restored: tuple[FileDuty, ...]
    left: tuple[FileDuty, ...]
    same: int
    moved: bool

    @property
    def is_empty(self) -> bool:
        """Say whether the catalogue says all of it already."""
        return not (self.new or self.changed or self.restored or self.left or self.moved)


def plan_duties(
    before: Sequence[FileDuty], retired: Collection[str], after: Sequence[FileDuty], *, whole: bool
) -> DutyPlan:
    """Compare by code. `before` are all duties in their order, those taken out of the catalogue among them.

    `retired` are the codes of these. With `whole` what the file leaves out is taken out, and its order counts.
    """
    there = {duty.code: duty for duty in before}
    named = {duty.code for duty in after}
    new = tuple(duty for duty in after if duty.code not in there)
    changed = tuple(
        (there[duty.code], duty) for duty in after if duty.code in there and there[duty.code] != duty
    )
    touched = {duty.code for _, duty in changed}
    restored = tuple(duty for duty in after if duty.code in retired and duty.code not in touched)
    left = tuple(duty for duty in before if whole and duty.code not in named and duty.code not in retired)
    return DutyPlan(
        new,
        changed,
        restored,
        left,
        len(after) - len(new) - len(changed) - len(restored),
        moved=whole
        and [duty.code for duty in before if duty.code in named]
        != [duty.code for duty in after if duty.code in there],
    )


def preview(plan: DutyPlan, cells: Mapping[str, str]) -> Preview:
    """Return the plan for the screen; `cells` are the names of cells by code."""
    return Preview(
        groups=(
            Group("新しい業務", tuple(Change(one.code, one.name, _asked(one, cells)) for one in plan.new)),
            Group(
                "変わる業務",
                tuple(
                    Change(after.code, after.name, tuple(_parts(before, after, cells)))
                    for before, after in plan.changed
                ),
                "共通の業務は、この団体の業務として直します。所属が選んでいる業務も、そのまま新しい内容になります。",
            ),
            Group(
                "使わなくなる業務",
                tuple(Change(one.code, one.name) for one in plan.left),
                "新しく選べなくなります。すでに選んでいる所属では、外すまで残ります。",
                warns=True,
            ),
            Group("もう一度使う業務", tuple(Change(one.code, one.name) for one in plan.restored)),
        ),
        same=plan.same,
        notes=("業務の並び順が変わります。",) if plan.moved else (),
    )


def _asked(duty: FileDuty, cells: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(numbers_changed({}, duty.cells, cells, "人"))


def _parts(before: FileDuty, after: FileDuty, cells: Mapping[str, str]):
    words = [
        ("業務", before.name, after.name),
        ("種類", GROUP_WORDS[before.group], GROUP_WORDS[after.group]),
        ("担い手の目安", SUITED_WORDS[before.suited], SUITED_WORDS[after.suited]),
        ("業務の例", before.examples, after.examples),
        ("出典", before.source, after.source),
    ]
    yield from (
        f"{label}：{was or 'なし'} → {becomes or 'なし'}" for label, was, becomes in words if was != becomes
    )
    yield from numbers_changed(before.cells, after.cells, cells, "人")
