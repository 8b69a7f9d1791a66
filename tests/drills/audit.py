"""The trail under attack by whoever owns the database: every kind of manipulation must be told by `verify`.

Each kind is done in SQL, past the triggers, in a transaction that is rolled back. The attacker knows the program and not
the keys: they may compute every hash but the keyed ones.
"""

import datetime
import tempfile
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from access.actor import Actor
from audit import anchors
from audit.chain import KeyRing, digest_of, link, signature
from audit.guards import GUARDS
from audit.models import ChainStart, Event, EventPayload, Seal, record
from audit.payloads import erase
from audit.retention import trim
from audit.sealing import seal
from audit.verification import breaches, chains, wall_breaches
from bench.bounds import Bound
from bench.results import Figure
from lib.guards import remove

FIGURES = {
    "audit.manipulations.missed": Bound(0, "kinds"),
    "audit.manipulations": Bound(40, "kinds", at_least=True),
}
DATABASES = ("sqlite", "postgres")
PAGE = "security"
CITY, OTHER = 901, 902
DAY = datetime.timedelta(days=1)
Attack = Callable[[], None]


class Trail:
    """Eight events of a city and three of another, sealed and anchored, and what an attacker does to them."""

    def __init__(self) -> None:
        self.now = timezone.now()
        self.subject = uuid.UUID(int=77)
        actor, other = _actor(1, CITY), _actor(2, OTHER)
        for number in range(8):
            sides = (
                {"before": {"name": f"前{number}"}, "after": {"name": f"後{number}"}} if number % 2 else {}
            )
            record(
                by=actor, action="staff.edit" if sides else "resume.view", now=self.now, data={"n": number},
                subject_uuid=self.subject if number == 7 else uuid.UUID(int=50 + number), **sides,
            )  # fmt: skip
        for number in range(3):
            record(by=other, action="resume.view", now=self.now, data={"n": number})
        seal(now=self.now)
        anchors.note(chains(), self.now)
        erase(staff_uuids=[self.subject], municipality_id=CITY, by=None, now=self.now)
        seal(now=self.now)
        anchors.note(chains(), self.now)
        self.seals = list(Seal.objects.of_chain(CITY))
        self.events = [seal.event_id for seal in self.seals]
        self.valued = list(EventPayload.objects.order_by("pk").values_list("pk", flat=True))

    def attacks(self) -> dict[str, Attack]:
        """Return every kind by its name."""
        return {
            **self._of_events(),
            **self._of_payloads(),
            **self._of_seals(),
            **self._of_anchors(),
            **_walls(),
        }

    def _of_events(self) -> dict[str, Attack]:
        third, fourth, last = self.events[2], self.events[3], self.events[-1]
        changed = {
            "at": self.now - DAY, "municipality_id": OTHER, "kind": "technical", "action": "sheet.view",
            "actor_uuid": uuid.UUID(int=99), "subject_uuid": None, "object_type": "x.y",
            "object_uuid": uuid.UUID(int=98), "data": {"n": 100}, "request_id": "other", "address": "192.0.2.9",
            "payload_digest": "0" * 64, "uuid": uuid.UUID(int=97), "mac": "", "action ": "resume.print",
        }  # fmt: skip
        found: dict[str, Attack] = {
            f"event {name.strip()} to {value}": _update(Event, third, name.strip(), value)
            for name, value in changed.items()
        }
        found |= {
            "first event deleted": lambda: _delete(Event, self.events[0]),
            "event in the middle deleted": lambda: _delete(Event, third),
            "last event deleted": lambda: _delete(Event, last),
            "event and its seal deleted": lambda: (_delete(Seal, third), _delete(Event, third)),
            "last event and its seal deleted": lambda: (_delete(Seal, last), _delete(Event, last)),
            "end of the chain cut off": lambda: self._cut(5),
            "whole chain deleted": lambda: self._cut(0),
            "two events change their contents": lambda: _swap(third, fourth, keep=("uuid",)),
            "two events change their places": lambda: _swap(third, fourth, keep=()),
            "event copied": lambda: _copy(third),
            "event made up without a signature": lambda: _copy(third, mac=""),
            "event signed with a guessed key": lambda: _forge(third),
            "event of another city put into the chain": lambda: _copy(
                Event.objects.filter(municipality_id=OTHER).latest("pk").pk, municipality_id=CITY
            ),
            "signature of another event": lambda: _update(
                Event, third, "mac", Event.objects.get(pk=self.events[0]).mac
            )(),
        }
        return found

    def _of_payloads(self) -> dict[str, Attack]:
        one, two = self.valued[:2]
        return {
            "value before changed": _update(EventPayload, one, "before", {"name": "別"}),
            "value after changed": _update(EventPayload, one, "after", {"name": "別"}),
            "salt changed": _update(EventPayload, one, "salt", "0" * 32),
            "values of another city": _update(EventPayload, one, "municipality_id", OTHER),
            "values deleted": lambda: _delete(EventPayload, one),
            "values of two events exchanged": lambda: _exchange(one, two),
            "values put where there were none": lambda: _give_values(self.events[0]),
            "erased values put back": lambda: _give_values(self.events[7]),
            "values and digest changed together": lambda: _redigest(one),
        }

    def _of_seals(self) -> dict[str, Attack]:
        third, fourth = self.seals[2], self.seals[3]
        return {
            "seal number changed": _update(Seal, third.pk, "number", 999),
            "seal hash changed": _update(Seal, third.pk, "mac", fourth.mac),
            "seal of another city": _update(Seal, third.pk, "municipality_id", 903),
            "seal deleted": lambda: _delete(Seal, third.pk),
            "two seals change their places": lambda: _exchange_seals(third, fourth),
            "seal under a guessed key": lambda: _reseal(third, self.seals[1].mac),
            "chain sealed anew under a guessed key": lambda: self._reseal_all(),
            "chain begun later by a made-up start": lambda: self._begin_at(3, "x:y"),
            "chain begun later by a start of our own form": lambda: self._begin_at(3, self.seals[2].mac),
            "beginning cut off without a start": lambda: self._cut_beginning(3),
            "erasure noted for a value that was deleted": lambda: self._fake_erasure(),
        }

    def _of_anchors(self) -> dict[str, Attack]:
        return {
            "anchors deleted": lambda: anchors.path().unlink(),
            "anchors emptied": lambda: anchors.path().write_text(""),
            "anchors made unreadable": lambda: anchors.path().write_text("{"),
            "state of an earlier day brought back": lambda: self._cut(len(self.seals) - 1),
        }

    def _cut(self, keep: int) -> None:
        for each in reversed(self.seals[keep:]):
            EventPayload.objects.filter(pk=each.event_id).delete()
            _delete(Seal, each.pk)
            _delete(Event, each.event_id)

    def _cut_beginning(self, count: int) -> None:
        for each in self.seals[:count]:
            EventPayload.objects.filter(pk=each.event_id).delete()
            _delete(Seal, each.pk)
            _delete(Event, each.event_id)

    def _begin_at(self, number: int, mac: str) -> None:
        self._cut_beginning(number)
        ChainStart.objects.create(
            municipality_id=CITY, number=number, previous=self.seals[number - 1].mac, mac=mac, at=self.now
        )

    def _reseal_all(self) -> None:
        key, previous = KeyRing(["guessed"]).signing, "0" * 64
        _update(Event, self.events[2], "action", "sheet.view")()
        for each in self.seals:
            mac = Event.objects.get(pk=each.event_id).mac
            previous = link(
                key, chain=CITY, number=each.number, previous=previous, event_id=each.event_id, event_mac=mac
            )
            Seal.objects.filter(pk=each.pk).update(mac=previous)

    def _fake_erasure(self) -> None:
        _delete(EventPayload, self.valued[0])
        event = _copy(self.events[2], action="audit.erase", data={"events": [self.valued[0]]})
        Event.objects.filter(pk=event.pk).update(mac=signature(KeyRing(["guessed"]).signing, event.content()))


def missed(trail: Trail) -> tuple[int, list[str]]:
    """Do every kind, each taken back; return how many there are and the names of those that nobody would notice."""
    unnoticed = []
    attacks = trail.attacks()
    for name, attack in attacks.items():
        kept = anchors.path().read_text()
        with _taken_back():
            remove(connection, [guard for guard in GUARDS if not name.startswith("wall")])
            attack()
            told = [sentence for chain in {CITY, OTHER, 903} for sentence in breaches(chain)]
            told += list(wall_breaches()) if name.startswith("wall") else []
            if not told:
                unnoticed.append(name)
        anchors.path().write_text(kept)
    return len(attacks), unnoticed


def measure(*, short: bool) -> Iterable[Figure]:
    """Do every kind to a trail of its own, and first of all find it whole."""
    with tempfile.TemporaryDirectory() as folder:
        settings.FILES_DIR = folder
        trail = Trail()
        whole = [sentence for chain in chains() for sentence in (*breaches(chain), *wall_breaches())]
        if whole:
            raise AssertionError(f"breaches in an untouched trail: {whole[:3]}")
        count, unnoticed = missed(trail)
        later = timezone.now() + 5 * 366 * DAY
        trim(CITY, years=3, now=later)
    yield Figure("audit.manipulations.missed", len(unnoticed), "; ".join(unnoticed))
    yield Figure("audit.manipulations", count)


def _actor(number: int, municipality_id: int) -> Actor:
    return Actor(
        staff_id=number, staff_uuid=uuid.UUID(int=number), municipality_id=municipality_id,
        today=timezone.localdate(), request_id="abcdef012345", address="192.0.2.1",
    )  # fmt: skip


@contextmanager
def _taken_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _walls() -> dict[str, Attack]:
    """Return the kinds that weaken what refuses changes."""

    def sql(sqlite: str, postgres: str) -> Attack:
        return lambda: connection.cursor().execute(sqlite if connection.vendor == "sqlite" else postgres)

    body = "CREATE TRIGGER guard_audit_event_update BEFORE UPDATE ON audit_event FOR EACH ROW WHEN 1 = 0 "
    hollow = (
        "CREATE OR REPLACE FUNCTION guard_audit_event_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    )
    return {
        "wall of updates dropped": sql(
            "DROP TRIGGER guard_audit_event_update", "DROP TRIGGER guard_audit_event_update ON audit_event"
        ),
        "wall of deletions dropped": sql(
            "DROP TRIGGER guard_audit_event_delete",
            "ALTER TABLE audit_event DISABLE TRIGGER guard_audit_event_delete",
        ),
        "wall of seals dropped": sql(
            "DROP TRIGGER guard_audit_seal_update", "DROP TRIGGER guard_audit_seal_update ON audit_seal"
        ),
        "wall hollowed out": lambda: (
            remove(connection, [guard for guard in GUARDS if guard.name == "guard_audit_event_update"])
            if connection.vendor == "sqlite"
            else None,
            sql(f"{body} BEGIN SELECT RAISE(ABORT, 'no'); END", f"{hollow} RETURN NEW; END $$")(),
        ),
    }


def _update(model, pk: int, field: str, value) -> Attack:
    return lambda: model.objects.filter(pk=pk).update(**{field: value})


def _delete(model, pk: int) -> None:
    if model is Event:
        EventPayload.objects.filter(pk=pk).delete()
    model.objects.filter(pk=pk).delete()


def _swap(one: int, two: int, *, keep: tuple[str, ...]) -> None:
    first, second = Event.objects.get(pk=one), Event.objects.get(pk=two)
    names = [
        field.attname for field in Event._meta.concrete_fields if field.attname not in ("id", "uuid", *keep)
    ]
    for target, source in ((one, second), (two, first)):
        Event.objects.filter(pk=target).update(**{name: getattr(source, name) for name in names})


def _copy(pk: int, **changes) -> Event:
    event = Event.objects.get(pk=pk)
    event.pk, event.uuid, event.payload_digest = None, uuid.uuid4(), ""
    for name, value in changes.items():
        setattr(event, name, value)
    event.save(force_insert=True)
    return event


def _forge(pk: int) -> None:
    event = _copy(pk, action="sheet.view")
    Event.objects.filter(pk=event.pk).update(mac=signature(KeyRing(["guessed"]).signing, event.content()))


def _exchange(one: int, two: int) -> None:
    first, second = EventPayload.objects.get(pk=one), EventPayload.objects.get(pk=two)
    for target, source in ((one, second), (two, first)):
        EventPayload.objects.filter(pk=target).update(
            before=source.before, after=source.after, salt=source.salt
        )


def _give_values(pk: int) -> None:
    EventPayload.objects.create(
        event_id=pk, municipality_id=CITY, before=None, after={"name": "別"}, salt="0"
    )


def _redigest(pk: int) -> None:
    payload = EventPayload.objects.get(pk=pk)
    payload.after = {"name": "別"}
    EventPayload.objects.filter(pk=pk).update(after=payload.after)
    Event.objects.filter(pk=pk).update(payload_digest=digest_of(payload.values(), payload.salt))


def _exchange_seals(one: Seal, two: Seal) -> None:
    Seal.objects.filter(pk=one.pk).update(number=999)
    Seal.objects.filter(pk=two.pk).update(number=one.number)
    Seal.objects.filter(pk=one.pk).update(number=two.number)


def _reseal(each: Seal, previous: str) -> None:
    key = KeyRing(["guessed"]).signing
    mac = link(key, chain=CITY, number=each.number, previous=previous, event_id=each.event_id, event_mac="x")
    Seal.objects.filter(pk=each.pk).update(mac=mac)
