"""What people answered to their 確定, and the 再確認 that wait for an answer."""

from itertools import islice

from django.utils import timezone

from assessments.models import Reconfirmation, Reply, Sheet

# Of every eight the last is 確定 by others (bench.data.STATES); the 部長 at place 0 has nobody above.
ASKING = 7
REPLIED = 3


def write_replies(city) -> None:
    """Let the confirmed of every eighth place reply to a few cells of this year and ask to have the first seen again."""
    now = timezone.now()
    sheets = list(
        Sheet.objects.filter(
            cycle=city.cycle, state=Sheet.State.CONFIRMED, staff__in=city.people[ASKING::8]
        ).order_by("pk")
    )
    common = {"municipality": city.municipality}
    Reply.objects.bulk_create(
        [
            Reply(
                **common, revision_id=sheet.current_revision_id, cell=cell, at=now, again=number == 0,
                text="手順書を一人で作り直しました。もう一度見てください。",
            )
            for sheet in sheets
            for number, cell in enumerate(islice(city.cells, REPLIED))
        ],
        batch_size=2000,
    )  # fmt: skip
    Reconfirmation.objects.bulk_create(
        [
            Reconfirmation(**common, sheet=sheet, revision_id=sheet.current_revision_id, asked_at=now)
            for sheet in sheets
        ],
        batch_size=2000,
    )
