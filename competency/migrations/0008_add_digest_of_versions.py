"""Published versions keep a digest of what they say; those that are out already get it from what they say today."""

import hashlib
import json

from django.db import migrations, models

# As competency/digest.py at the time of this migration.
_PARTS = (
    ("Category", "version", ("code", "uuid", "name", "rank", "alias", "source")),
    ("Stage", "version", ("code", "uuid", "name", "rank")),
    ("Area", "version", ("code", "uuid", "category__code", "name", "rank", "source")),
    (
        "Cell",
        "version",
        (
            "code",
            "uuid",
            "area__code",
            "stage__code",
            "task",
            "label",
            "example",
            "source",
            "rank",
            "in_use",
            "placement_confirmed",
        ),
    ),
    ("StepWording", "cell__version", ("cell__code", "step", "text")),
    ("CellOrigin", "cell__version", ("cell__code", "code", "rule")),
)


def write_digests(apps, schema_editor):
    """Write the digest of every version that is no draft and has none."""
    versions = apps.get_model("competency", "FrameworkVersion")._base_manager.using(schema_editor.connection.alias)
    for key in versions.exclude(state="draft").filter(digest="").values_list("pk", flat=True):
        names = ("uuid", "name", "source", "based_on__uuid", "base_code", "base_version", "note")
        said = [list(versions.values_list(*names).get(pk=key))]
        for name, way, columns in _PARTS:
            rows = apps.get_model("competency", name)._base_manager.using(schema_editor.connection.alias)
            found = rows.filter(**{way: key}).order_by().values_list(*columns)
            said += [list(row) for row in sorted(found, key=repr)]
        text = json.dumps(said, default=str, ensure_ascii=False, separators=(",", ":"))
        versions.filter(pk=key).update(digest=hashlib.sha256(text.encode()).hexdigest())


class Migration(migrations.Migration):
    dependencies = [("competency", "0007_add_reference_surveys")]

    operations = [
        migrations.AddField(
            model_name="frameworkversion",
            name="digest",
            field=models.CharField(blank=True, editable=False, max_length=64, verbose_name="公開したときの内容の要約"),
        ),
        migrations.RunPython(write_digests, migrations.RunPython.noop, elidable=False),
    ]
