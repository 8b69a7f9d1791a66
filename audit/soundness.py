"""What must hold of the trail, as `verify` asks it."""

from collections.abc import Iterator

from django.conf import settings
from django.db.models import Exists, OuterRef

from audit import verification
from audit.models import Alarm, ChainStart, Event, EventPayload, Receipt, Seal
from lib.soundness import Checks, Scope, said_of

CHECKS = Checks()


def _chains(scope: Scope) -> list[int]:
    return verification.chains() if scope.municipality is None else [scope.municipality]


@CHECKS.add("audit.chain", "操作の記録は、署名も封も書いたときのまま", "trail")
def chains(scope: Scope) -> Iterator[str]:
    """Ask for every signature, every seal and every value of each chain (docs/adr/0048)."""
    for chain in _chains(scope):
        yield from verification.chain_breaches(chain)


@CHECKS.add("audit.anchors", "封は、データベースの外の控えと合う", "trail", outside=True)
def anchored(scope: Scope) -> Iterator[str]:
    """Compare the chains with the notes beside the database."""
    for chain in _chains(scope):
        yield from verification.anchor_breaches(chain)


@CHECKS.add("audit.stray", "封と前後の値には、操作の記録がある", "trail", whole=True)
def stray(scope: Scope) -> Iterator[str]:
    """Ask for seals and values whose event is gone, also in chains that nobody has any more."""
    there = Event.objects.filter(pk=OuterRef("pk"))
    yield from said_of(Seal.objects.exclude(Exists(there)), "封の操作の記録がありません。")
    yield from said_of(EventPayload.objects.exclude(Exists(there)), "前後の値の操作の記録がありません。")


@CHECKS.add("audit.municipality", "操作の記録と受付は、ある団体のもの", "rows", whole=True)
def of_a_municipality(scope: Scope) -> Iterator[str]:
    """The trail has no foreign keys: ask for rows of a municipality that there is not."""
    from django.apps import apps

    known = apps.get_model(settings.AUTH_USER_MODEL)._meta.get_field("municipality").related_model.objects
    for model in (Event, Receipt, Alarm, EventPayload, ChainStart):
        rows = model._base_manager.filter(municipality_id__isnull=False).exclude(municipality_id=0)
        yield from said_of(rows.exclude(municipality_id__in=known.values("pk")), "団体がありません。")
