"""A migration since the newest release locks no table that was there before for longer than a moment (docs/adr/0079)."""

import pytest
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader

from lib.quiet import AddIndexQuietly, FillAndKeepUnique
from tests.upgrades.releases import releases

# What PostgreSQL does under a lock that lasts as long as the table is large.
LOUD = (migrations.AddIndex, migrations.AddConstraint, migrations.AlterField, migrations.AlterUniqueTogether)
# A new column alone takes a moment; its index and its key do not.
ASKED_OF_EVERY_ROW = ("unique", "db_index", "is_relation")
QUIET = (AddIndexQuietly, FillAndKeepUnique)
# (app, migration, model) of a table that is small in every installation, and why. None yet.
SMALL: dict[tuple[str, str, str], str] = {}


def loud(loader, before):
    """Return the operations of migrations beyond `before` (newest by app) that lock a table which was there already."""
    found = []
    for (app, name), migration in sorted(loader.disk_migrations.items()):
        if app not in before or name <= before[app]:
            continue
        new = _made_since(loader, app, before[app])
        for operation in migration.operations:
            if not _asks_every_row(operation):
                continue
            model = getattr(operation, "model_name", getattr(operation, "name", "")).lower()
            quietly = isinstance(operation, QUIET) and not migration.atomic
            if model not in new and not quietly and (app, name, model) not in SMALL:
                found.append(f"{app} {name}: {operation.describe()}")
    return found


def _asks_every_row(operation):
    if isinstance(operation, migrations.AddField):
        return any(getattr(operation.field, name, False) for name in ASKED_OF_EVERY_ROW)
    return isinstance(operation, LOUD)


def _made_since(loader, app, last):
    return {
        operation.name_lower
        for (label, name), migration in loader.disk_migrations.items()
        if label == app and name > last
        for operation in migration.operations
        if isinstance(operation, migrations.CreateModel)
    }


@pytest.fixture(scope="module")
def loader():
    return MigrationLoader(None, ignore_no_migrations=True)


def test_no_table_of_the_newest_release_is_locked_for_long(loader):
    assert loud(loader, releases()[-1].migrations) == []


@pytest.mark.parametrize(
    "operation",
    [
        migrations.AddIndex("event", models.Index(fields=["action"], name="loud")),
        migrations.AddConstraint("event", models.UniqueConstraint(fields=["action"], name="loud")),
        migrations.AlterField("event", "action", models.CharField(max_length=9, unique=True)),
        migrations.AddField("event", "loud", models.CharField(max_length=9, db_index=True, default="")),
        migrations.AddField("event", "loud", models.ForeignKey("audit.Event", models.PROTECT, null=True)),
        # In a transaction the quiet one is as loud.
        AddIndexQuietly("event", models.Index(fields=["action"], name="loud")),
    ],
)
def test_one_that_does_is_found(loader, operation):
    migration = type("Migration", (migrations.Migration,), {"operations": [operation]})("0099_loud", "audit")
    beside = MigrationLoader(None, ignore_no_migrations=True)
    beside.disk_migrations[("audit", "0099_loud")] = migration
    assert len(loud(beside, releases()[-1].migrations)) == 1
