"""What the person's page posts, built from what is stored, as a browser would."""

from assessments.merge import Stored
from assessments.workflow.sheets import stored_drafts


def posted(sheet, *, loaded=None, **changes):
    """Return the whole form as loaded now (or from `loaded`), with changes by rank: c0=3 or c0=(3, "evidence")."""
    kept = stored_drafts(sheet) if loaded is None else loaded
    fields = {}
    for cell in sheet.cycle.framework_version.cells.order_by("rank"):
        stored = kept.get(cell.code, Stored())
        step, evidence = stored.value.step, stored.value.evidence
        change = changes.get(f"c{cell.rank}")
        if change is not None:
            step, evidence = change if isinstance(change, tuple) else (change, evidence)
        fields[f"base-{cell.code}"] = stored.token
        fields[f"evidence-{cell.code}"] = evidence
        if step is not None:
            fields[f"step-{cell.code}"] = str(step)
    return fields


def only(fields, *codes):
    """Return the fields of some cells, as the script sends them."""
    return {name: value for name, value in fields.items() if any(name.endswith(f"-{code}") for code in codes)}


def all_steps(sheet, step, evidence="根拠の文"):
    """Return the changes that give every cell a step."""
    return {f"c{cell.rank}": (step, evidence) for cell in sheet.cycle.framework_version.cells.all()}
