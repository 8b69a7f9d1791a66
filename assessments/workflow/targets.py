"""目標 written down with the 確定: what was asked for then must still be read in five years (design, 2)."""

from assessments.models import Sheet, Target
from assessments.targets import targets_of_sheet
from competency.models import Cell


def freeze_targets(*, sheet: Sheet, on) -> int:
    """Write the targets of a sheet that waits for its 確定, and return how many there are. Three queries at most.

    Call it in the transaction of the 確定, before the state moves: afterwards the database takes no more. The
    day `on` is the actor's. Targets of cells that are not in the year's matrix are left out.
    """
    found = targets_of_sheet(sheet, on)
    if not found:
        return 0
    cells = Cell.objects.filter(version_id=sheet.version_in_use_id, code__in=list(found))
    rows = [
        Target(
            municipality_id=sheet.municipality_id, sheet=sheet, cell_id=cell_id,
            step=found[code].step, reason=found[code].reason,
        )
        for cell_id, code in cells.values_list("pk", "code")
    ]  # fmt: skip
    Target.objects.bulk_create(rows)
    return len(rows)
