"""Asking the trail whether it is what was written: every signature, every seal, every anchor, every trigger."""

import json
from collections.abc import Iterator

from django.db import connection
from django.db.models import Count, Value
from django.db.models.functions import StrIndex, Substr

from audit import anchors
from audit.chain import START, KeyRing, digest_of, linked_rightly, signed_rightly
from audit.guards import GUARDS
from audit.models import ChainStart, Event, EventPayload, Seal
from audit.payloads import erased_events
from audit.recording import key_ring
from audit.sealing import OVERLAP, rightly_begun
from lib.batches import batched
from lib.guards import altered, missing

BATCH = 1000


def chains() -> list[int]:
    """Return every chain that anything belongs to; 0 is that of the operator."""
    found = {number or 0 for number in Event.objects.values_list("municipality_id", flat=True).distinct()}
    found |= set(Seal.objects.values_list("municipality_id", flat=True).distinct())
    found |= set(ChainStart.objects.values_list("municipality_id", flat=True).distinct())
    return sorted(found)


def breaches(chain: int) -> Iterator[str]:
    """Yield one sentence for each thing in a chain that is not as it was written or noted. Reads each event once."""
    yield from chain_breaches(chain)
    yield from anchor_breaches(chain)


def chain_breaches(chain: int) -> Iterator[str]:
    """Yield what is wrong in the database itself: signatures, seals, values, and what no seal holds."""
    ring = key_ring()
    number, previous = 0, START
    for start in ChainStart.objects.filter(municipality_id=chain).order_by("number"):
        if rightly_begun(ring, start) is not True:
            yield f"記録の始まり{start.number}の署名が合いません。"
        number, previous = start.number, start.previous
    yield from _below_start(chain, number)
    walk = _Walk(ring, chain, number, previous)
    for seals in batched(
        Seal.objects.of_chain(chain).filter(number__gt=number).iterator(chunk_size=BATCH), BATCH
    ):
        yield from walk.through(seals)
    yield from _unsealed(ring, chain)


def keys_in_use() -> dict[str, int]:
    """Return how many events each key has signed, by the key's name. One query over the whole trail."""
    named = Event.objects.exclude(mac="").annotate(
        signed_with=Substr("mac", 1, StrIndex("mac", Value(":")) - 1)
    )
    counted = named.values("signed_with").annotate(events=Count("pk")).order_by("signed_with")
    return dict(counted.values_list("signed_with", "events"))


def wall_breaches() -> Iterator[str]:
    """Yield one sentence for each trigger that guards the trail and is not there, or not as we made it."""
    gone = missing(connection, GUARDS)
    for name in gone:
        yield f"書き換えを止めるしかけ{name}がありません。"
    for name in altered(connection, [guard for guard in GUARDS if guard.name not in gone]):
        yield f"書き換えを止めるしかけ{name}が変えられています。"


class _Walk:
    """One pass along a chain: what each seal must follow, and whether signed events have been met."""

    def __init__(self, ring: KeyRing, chain: int, number: int, previous: str) -> None:
        self.ring, self.chain, self.number, self.previous = ring, chain, number, previous
        self.signed_met = number > 0
        self.erased = erased_events(chain or None)

    def through(self, seals) -> Iterator[str]:
        """Yield what is wrong with a batch of seals in their order and with the events they seal."""
        ids = [seal.event_id for seal in seals]
        events = Event.objects.in_bulk(ids)
        payloads = EventPayload.objects.in_bulk(ids)
        for seal in seals:
            if seal.number != self.number + 1:
                yield f"封{self.number + 1}から{seal.number - 1}までがありません。"
            yield from self._one(seal, events.get(seal.event_id), payloads.get(seal.event_id))
            self.number, self.previous = seal.number, seal.mac

    def _one(self, seal: Seal, event: Event | None, payload: EventPayload | None) -> Iterator[str]:
        if event is None:
            yield f"封{seal.number}の操作の記録{seal.event_id}がありません。"
            return
        right = linked_rightly(
            self.ring, seal.mac, chain=self.chain, number=seal.number, previous=self.previous,
            event_id=seal.event_id, event_mac=event.mac,
        )  # fmt: skip
        if right is None:
            yield f"封{seal.number}の鍵が分かりません。AUDIT_KEYSに前の鍵を加えてください。"
        elif not right:
            yield f"封{seal.number}が、前の封か操作の記録{seal.event_id}と合いません。"
        if event.chain != self.chain:
            yield f"操作の記録{event.pk}が、ほかの団体のものに変えられています。"
        yield from self._signature(event)
        yield from self._values(event, payload)

    def _signature(self, event: Event) -> Iterator[str]:
        if not event.mac:
            if self.signed_met:
                yield f"操作の記録{event.pk}の署名がありません。"
            return
        self.signed_met = True
        right = signed_rightly(self.ring, event.content(), event.mac)
        if right is None:
            yield f"操作の記録{event.pk}の鍵が分かりません。AUDIT_KEYSに前の鍵を加えてください。"
        elif not right:
            yield f"操作の記録{event.pk}が書き換えられています。"

    def _values(self, event: Event, payload: EventPayload | None) -> Iterator[str]:
        if payload is None:
            if event.payload_digest and event.pk not in self.erased:
                yield f"操作の記録{event.pk}の前後の値が、消去の記録なしになくなっています。"
            return
        if not event.payload_digest:
            yield f"操作の記録{event.pk}に、書いた時にはなかった前後の値があります。"
        elif event.pk in self.erased:
            yield f"操作の記録{event.pk}に、消去したはずの前後の値があります。"
        elif digest_of(payload.values(), payload.salt) != event.payload_digest:
            yield f"操作の記録{event.pk}の前後の値が書き換えられています。"
        if payload.municipality_id != event.municipality_id:
            yield f"操作の記録{event.pk}の前後の値が、ほかの団体のものに変えられています。"


def _below_start(chain: int, number: int) -> Iterator[str]:
    left = Seal.objects.of_chain(chain).filter(number__lte=number).count()
    if left:
        yield f"記録の始まりより前の封が{left}件あります。"


def _unsealed(ring: KeyRing, chain: int) -> Iterator[str]:
    """Look at what no seal holds: it must be signed, and no sealing may have passed it by."""
    last = Seal.objects.filter(municipality_id=chain).order_by("-event_id").first()
    for event in Event.objects.unsealed().filter(municipality_id=chain or None).order_by("pk").iterator():
        if event.mac and signed_rightly(ring, event.content(), event.mac) is not True:
            yield f"操作の記録{event.pk}が書き換えられています。"
        elif not event.mac and last is not None:
            yield f"操作の記録{event.pk}の署名がありません。"
        elif last is not None and _passed_by(event, last):
            yield f"操作の記録{event.pk}に封がありません。"


def _passed_by(event: Event, last: Seal) -> bool:
    """Say whether a later event has its seal for so long; by number, for a clock that was set back says nothing of order."""
    return event.pk < last.event_id and event.at + OVERLAP < last.at


def anchor_breaches(chain: int) -> Iterator[str]:
    """Compare the chain with what was noted of it outside the database.

    The notes are read first: what is noted was sealed before, also while somebody seals.
    """
    if not Seal.objects.filter(municipality_id=chain).exists() and not anchors.path().exists():
        return
    try:
        noted = anchors.of_chain(chain)
    except (ValueError, json.JSONDecodeError):
        yield "封の控えのファイルが読めません。"
        return
    if noted is None:
        yield "封の控えのファイルがありません。"
        return
    if not noted and Seal.objects.filter(municipality_id=chain).exists():
        yield "封の控えが1つもありません。"
    wanted = {anchor.number: anchor.mac for anchor in noted}
    there: dict[int, str] = {}
    for numbers in batched(sorted(wanted), 500):
        there |= dict(
            Seal.objects.filter(municipality_id=chain, number__in=numbers).values_list("number", "mac")
        )
    # Asked last: what is trimmed meanwhile lies before the start of afterwards.
    start = max(ChainStart.objects.filter(municipality_id=chain).values_list("number", flat=True), default=0)
    for number in sorted(wanted):
        if number > start and there.get(number) != wanted[number]:
            yield f"封{number}が、控えと合いません。終わりが切り取られたか、前の状態に戻されています。"
