"""What a department's tallies are counted from: any change of it is noted down by the database (docs/adr/0073)."""

from lib.guards import Notice

_CHANGE = "gaps_tallychange"
_INTO = f"INSERT INTO {_CHANGE} (municipality_id, department_id)"


def _main_places(row: str, person: str) -> str:
    """Return the statement for every department in which a person has, had or will have their 本務."""
    places = "SELECT DISTINCT p.municipality_id, p.department_id FROM organization_posting p"
    return f"{_INTO} {places} WHERE p.staff_id = {row}.{person} AND p.kind = 'main'"


def _of_person(table: str, event: str, when: str, person: str = "staff_id") -> Notice:
    return Notice(
        name=f"guard_gaps_{table.partition('_')[2]}_{event.lower()}",
        table=table,
        event=event,
        when=when,
        statement=_main_places("OLD" if event == "DELETE" else "NEW", person),
        into=_CHANGE,
    )


def _of_posting(event: str, *rows: str) -> Notice:
    return Notice(
        name=f"guard_gaps_posting_{event.lower()}",
        table="organization_posting",
        event=event,
        when=" OR ".join(f"{row}.kind = 'main'" for row in rows),
        statement=f"{_INTO} {' UNION '.join(f'SELECT {row}.municipality_id, {row}.department_id' for row in rows)}",
        into=_CHANGE,
    )


GUARDS = (
    _of_posting("INSERT", "NEW"),
    _of_posting("UPDATE", "OLD", "NEW"),
    _of_posting("DELETE", "OLD"),
    *(_of_person("organization_leave", event, "1 = 1") for event in ("INSERT", "UPDATE", "DELETE")),
    # Signing in writes the row as well.
    _of_person(
        "organization_staff",
        "UPDATE",
        "OLD.employment <> NEW.employment"
        " OR COALESCE(CAST(OLD.left_on AS TEXT), '') <> COALESCE(CAST(NEW.left_on AS TEXT), '')",
        "id",
    ),
    # What is not confirmed counts nowhere in a tally.
    _of_person("assessments_sheet", "INSERT", "NEW.state = 'confirmed'"),
    _of_person(
        "assessments_sheet",
        "UPDATE",
        "(OLD.state = 'confirmed' OR NEW.state = 'confirmed') AND (OLD.state <> NEW.state"
        " OR COALESCE(OLD.current_revision_id, 0) <> COALESCE(NEW.current_revision_id, 0)"
        " OR OLD.fiscal_year <> NEW.fiscal_year)",
    ),
    _of_person("assessments_sheet", "DELETE", "OLD.state = 'confirmed'"),
)
