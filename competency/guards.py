"""A published version never changes: the database refuses it on either engine (design, 4)."""

from lib.guards import Guard

_TABLES = ("category", "area", "stage", "cell")
_NOT_DRAFT = "EXISTS (SELECT 1 FROM competency_frameworkversion v WHERE v.id = {row}.version_id AND v.state <> 'draft')"
_OF_CELL_NOT_DRAFT = (
    "EXISTS (SELECT 1 FROM competency_cell c JOIN competency_frameworkversion v ON v.id = c.version_id"
    " WHERE c.id = {row}.cell_id AND v.state <> 'draft')"
)
_ROWS = {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}


def _content(table: str, condition: str) -> list[Guard]:
    return [
        Guard(
            name=f"guard_competency_{table}_{event.lower()}",
            table=f"competency_{table}",
            event=event,
            when=" OR ".join(condition.format(row=row) for row in rows),
            message="a published framework version cannot be changed",
        )
        for event, rows in _ROWS.items()
    ]


GUARDS = (
    *(guard for table in _TABLES for guard in _content(table, _NOT_DRAFT)),
    *_content("stepwording", _OF_CELL_NOT_DRAFT),
    *_content("cellorigin", _OF_CELL_NOT_DRAFT),
    Guard(
        name="guard_competency_frameworkversion_update",
        table="competency_frameworkversion",
        event="UPDATE",
        when="OLD.state <> 'draft' AND (NEW.state = 'draft' OR NEW.framework_id <> OLD.framework_id"
        " OR NEW.name <> OLD.name OR NEW.source <> OLD.source OR NEW.published_at <> OLD.published_at"
        " OR COALESCE(NEW.based_on_id, 0) <> COALESCE(OLD.based_on_id, 0)"
        " OR NEW.base_code <> OLD.base_code OR NEW.base_version <> OLD.base_version OR NEW.note <> OLD.note"
        " OR NEW.digest <> OLD.digest"
        " OR NEW.uuid <> OLD.uuid OR (OLD.state = 'retired' AND NEW.state <> 'retired'))",
        message="a published framework version cannot be changed",
    ),
    Guard(
        name="guard_competency_frameworkversion_delete",
        table="competency_frameworkversion",
        event="DELETE",
        when="OLD.state <> 'draft'",
        message="a published framework version cannot be deleted",
    ),
)
