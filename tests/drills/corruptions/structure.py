"""What takes away or empties what keeps rows right."""

from tests.drills.corruptions.plant import on_postgres, on_sqlite, plant, rewritten, without

_EMPTY = "CREATE TRIGGER guard_assessments_rating_update BEFORE UPDATE ON assessments_rating FOR EACH ROW "
_BODY = "CREATE OR REPLACE FUNCTION guard_assessments_rating_update() RETURNS trigger LANGUAGE plpgsql AS "
_CONDITION = '"step" >= 0 AND "step" <= 4'

PLANTS = (
    # --- triggers
    on_sqlite("trigger dropped", "base.guards", "DROP TRIGGER guard_assessments_rating_update"),
    on_postgres(
        "trigger dropped", "base.guards", "DROP TRIGGER guard_assessments_rating_update ON assessments_rating"
    ),
    on_sqlite(
        "trigger emptied", "base.guards", "DROP TRIGGER guard_assessments_rating_update",
        _EMPTY + "WHEN 1 = 0 BEGIN SELECT RAISE(ABORT, 'no'); END",
    ),
    on_postgres("trigger emptied", "base.guards", _BODY + "$$ BEGIN RETURN NEW; END $$"),
    on_sqlite(
        "trigger moved to another table", "base.guards", "DROP TRIGGER guard_assessments_rating_update",
        (_EMPTY + "WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'assessments_rating is immutable'); END").replace(
            "ON assessments_rating ", "ON assessments_draft "
        ),
    ),
    on_postgres(
        "trigger moved to another table", "base.guards",
        "DROP TRIGGER guard_assessments_rating_update ON assessments_rating",
        (_EMPTY + "EXECUTE FUNCTION guard_assessments_rating_update()").replace(
            "ON assessments_rating ", "ON assessments_draft "
        ),
    ),
    on_postgres(
        "trigger switched off", "base.guards",
        "ALTER TABLE assessments_rating DISABLE TRIGGER guard_assessments_rating_update",
    ),
    on_postgres(
        "trigger for copies alone", "base.guards",
        "ALTER TABLE assessments_rating ENABLE REPLICA TRIGGER guard_assessments_rating_update",
    ),
    on_postgres(
        "trigger narrowed to one column", "base.guards",
        "DROP TRIGGER guard_assessments_rating_update ON assessments_rating",
        _EMPTY.replace("UPDATE ON", "UPDATE OF review ON") + "EXECUTE FUNCTION guard_assessments_rating_update()",
    ),
    on_postgres(
        "trigger against TRUNCATE dropped", "base.guards",
        "DROP TRIGGER guard_assessments_rating_delete_truncate ON assessments_rating",
    ),
    on_sqlite(
        "foreign trigger", "base.triggers",
        "CREATE TRIGGER helper AFTER UPDATE ON assessments_draft BEGIN UPDATE assessments_draft SET "
        "review = 1; END",
    ),
    on_postgres(
        "foreign trigger", "base.triggers",
        "CREATE TRIGGER helper BEFORE UPDATE ON assessments_draft FOR EACH ROW "
        "EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    ),
    on_postgres(
        "rule that swallows writes", "base.triggers",
        "CREATE RULE quiet AS ON DELETE TO assessments_draft DO INSTEAD NOTHING",
    ),
    # --- conditions
    on_sqlite(
        "condition dropped", "base.conditions",
        rewritten("assessments_rating", f'CONSTRAINT "rating_step" CHECK (({_CONDITION}))', 'CHECK ("id" > 0)'),
    ),
    on_postgres("condition dropped", "base.conditions", without("assessments_rating", "rating_step")),
    on_sqlite(
        "condition emptied", "base.conditions",
        rewritten("assessments_rating", f"({_CONDITION})", "(1 = 1)"),
    ),
    on_postgres(
        "condition emptied", "base.conditions", without("assessments_rating", "rating_step"),
        "ALTER TABLE assessments_rating ADD CONSTRAINT rating_step CHECK (true)",
    ),
    on_sqlite(
        "condition widened", "base.conditions",
        rewritten("assessments_rating", _CONDITION, _CONDITION.replace("4", "9")),
    ),
    on_postgres(
        "condition widened", "base.conditions", without("assessments_rating", "rating_step"),
        "ALTER TABLE assessments_rating ADD CONSTRAINT rating_step CHECK (step >= 0 AND step <= 9)",
    ),
    on_postgres(
        "condition not asked of old rows", "base.conditions", without("assessments_rating", "rating_step"),
        "ALTER TABLE assessments_rating ADD CONSTRAINT rating_step CHECK (step >= 0 AND step <= 4) NOT VALID",
    ),
    # --- unique
    plant("unique index dropped", "base.uniques", "DROP INDEX posting_one_open_main"),
    plant(
        "unique index narrowed", "base.uniques", "DROP INDEX posting_one_open_main",
        "CREATE UNIQUE INDEX posting_one_open_main ON organization_posting (staff_id) "
        "WHERE kind = 'main' AND \"end\" IS NULL AND position = ''",
    ),
    plant(
        "unique index no longer unique", "base.uniques", "DROP INDEX grant_once",
        "CREATE INDEX grant_once ON organization_grant (staff_id, role) WHERE withdrawn_at IS NULL",
    ),
    on_postgres("unique constraint dropped", "base.uniques", without("assessments_sheet", "sheet_once")),
    on_sqlite(
        "unique constraint dropped", "base.uniques",
        "ALTER TABLE assessments_sheet RENAME TO sheet_as_it_was",
        "CREATE TABLE assessments_sheet AS SELECT * FROM sheet_as_it_was",
    ),
    # --- foreign keys
    on_sqlite(
        "foreign key dropped", "base.references", "ALTER TABLE assessments_rating RENAME TO rating_as_it_was",
        "CREATE TABLE assessments_rating AS SELECT * FROM rating_as_it_was",
    ),
    on_postgres(
        "foreign key dropped", "base.references",
        "DO $$ BEGIN EXECUTE (SELECT format('ALTER TABLE assessments_rating DROP CONSTRAINT %I', conname) "
        "FROM pg_constraint WHERE contype = 'f' AND conrelid = 'assessments_rating'::regclass "
        "AND confrelid = 'assessments_revision'::regclass AND cardinality(conkey) = 1); END $$",
    ),
    on_postgres(
        "foreign keys switched off", "base.references",
        "ALTER TABLE assessments_rating DISABLE TRIGGER ALL",
    ),
    # --- indexes
    plant("index dropped", "base.indexes", "DROP INDEX rating_report"),
    on_postgres(
        "index left half built", "base.indexes",
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'rating_report'::regclass",
    ),
    on_postgres(
        "index without a row of its table", "base.storage",
        "CREATE EXTENSION amcheck",
        "UPDATE pg_index SET indisready = false, indisvalid = false WHERE indexrelid = "
        "'rating_report'::regclass",
        "UPDATE assessments_rating SET step = (step + 1) % 4 WHERE revision_id = {revision}",
        "UPDATE pg_index SET indisready = true, indisvalid = true WHERE indexrelid = "
        "'rating_report'::regclass",
    ),
    on_sqlite(
        "value that the engine's own examination refuses", "base.storage",
        "UPDATE organization_posting SET \"end\" = '1990-04-01' WHERE id = {posting}",
        "PRAGMA ignore_check_constraints = OFF",
    ),
    # --- tables and columns
    plant("table gone", "base.columns", "DROP TABLE organization_spentassertion"),
    plant(
        "column gone", "base.columns",
        "ALTER TABLE organization_municipality RENAME COLUMN contact TO phone",
    ),
    on_postgres(
        "column that may be empty", "base.columns",
        "ALTER TABLE assessments_rating ALTER COLUMN step DROP NOT NULL",
    ),
    # --- the rest
    plant(
        "migration forgotten", "base.migrations",
        "DELETE FROM django_migrations WHERE app = 'gaps' AND name LIKE '0001%'",
    ),
    plant(
        "migration of a later release", "base.migrations",
        "INSERT INTO django_migrations (app, name, applied) VALUES ('gaps', '9999_of_tomorrow', "
        "CURRENT_TIMESTAMP)",
    ),
    on_sqlite(
        "sequence behind", "base.sequences",
        "UPDATE sqlite_sequence SET seq = 1 WHERE name = 'assessments_sheet'",
    ),
    on_postgres(
        "sequence behind", "base.sequences",
        "ALTER SEQUENCE assessments_sheet_id_seq RESTART WITH 1",
    ),
    on_postgres("wall switched off", "base.wall", "ALTER TABLE assessments_sheet DISABLE ROW LEVEL SECURITY"),
    on_postgres(
        "wall widened", "base.wall", "DROP POLICY wall_own ON assessments_sheet",
        "CREATE POLICY wall_own ON assessments_sheet USING (true)",
    ),
    on_postgres("door taken away", "base.wall", "DROP FUNCTION skill_municipality_of_username(text)"),
    on_postgres(
        "tie of two columns dropped", "base.wall",
        without("assessments_sheet", "wall_assessments_sheet_staff_id"),
    ),
)  # fmt: skip
