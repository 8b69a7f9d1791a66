import uuid

from django.db import migrations, models
from django.db.models import Func, Max, Min

from lib.quiet import AddIndexQuietly, FillAndKeepUnique

BATCH = 20_000


def name_events(apps, schema_editor):
    """Give each event of an earlier release its own number in URLs, batch by batch: what is done stays done."""
    connection = schema_editor.connection
    events = apps.get_model("audit", "Event").objects.using(connection.alias)
    ends = events.filter(uuid__isnull=True).aggregate(first=Min("pk"), last=Max("pk"))
    if ends["first"] is None:
        return
    for start in range(ends["first"], ends["last"] + 1, BATCH):
        batch = events.filter(pk__gte=start, pk__lt=start + BATCH, uuid__isnull=True)
        if connection.vendor == "postgresql":
            batch.update(uuid=Func(function="gen_random_uuid", output_field=models.UUIDField()))
            continue
        rows = list(batch.only("pk"))
        for event in rows:
            event.uuid = uuid.uuid4()
        events.bulk_update(rows, ["uuid"], batch_size=400)


class Migration(migrations.Migration):
    # The trail of a large installation takes minutes: nobody is kept from writing meanwhile (docs/adr/0079).
    atomic = False

    dependencies = [
        ('audit', '0002_signed_trail'),
    ]

    operations = [
        migrations.RunPython(name_events, migrations.RunPython.noop),
        AddIndexQuietly(
            model_name='event',
            index=models.Index(fields=['actor_uuid', '-at'], name='event_actor_at'),
        ),
        FillAndKeepUnique(
            model_name='event',
            name='uuid',
            field=models.UUIDField(default=uuid.uuid4, editable=False, unique=True),
        ),
    ]
