"""Two requests at the same moment, a thread and a connection each. No drill itself.

What comes of them must be what comes of one after the other, in either order: both orders are tried before, and taken
back. Each thread stops for a moment before a statement that chance picks, so that the other one comes in between.
"""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle, islice

from django.db import connection, transaction
from django.test import Client

from assessments.models import Confirmation, Cycle, Draft, Leftover, Proxy, Rating, Revision, Sheet
from organization.models import Posting
from tests.drills import interleaving_line as line
from tests.drills import interleaving_moments as moments
from tests.drills.interleaving_acts import Scene
from tests.drills.interleaving_town import Town

# Statements of a request before one of which it stops, and for how long.
STATEMENTS, PAUSE = 40, 0.05
Act = Callable[[Scene], object]


@dataclass(frozen=True)
class Request:
    """A request as it was about to be sent."""

    who: str
    path: str
    body: dict[str, str]
    json: bool


@dataclass
class Found:
    """What the pairs came to: how many, those that fit no order, and the answers that were errors of the server."""

    pairs: int = 0
    disordered: list[str] = field(default_factory=list)
    http500: list[str] = field(default_factory=list)


class _About(Exception):
    """Carries the request out of the act that was about to send it."""

    def __init__(self, request: Request):
        super().__init__()
        self.request = request


@contextmanager
def taken_back() -> Iterator[None]:
    """Take back whatever is written meanwhile."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


# --- the pairs: from which moment, what is opened before, and the two acts


def _typed(name: str, send: Callable) -> Act:
    def act(scene: Scene) -> None:
        scene.type(scene.tabs[name], everything=True)
        send(scene, scene.tabs[name])

    return act


def _of(name: str, act: Callable) -> Act:
    return lambda scene: act(scene, scene.tabs[name])


def _by(name: str, action: str) -> Act:
    return lambda scene: line.confirm(scene, scene.lines[name], action)


def _back_by(name: str) -> Act:
    return lambda scene: line.send_back(scene, scene.lines[name])


SAVE_A, SAVE_B, SAVE_H = (_typed(name, Scene.autosave) for name in "ABH")
FORM_B = _typed("B", Scene.save)
SUBMIT_A, SUBMIT_B, SUBMIT_H = (_of(name, Scene.submit) for name in "ABH")
WITHDRAW = _of("B", Scene.withdraw)

# What else the end of a year may meet, beside the moment at which it is possible.
_BESIDE_THE_END: tuple[tuple[Act, Callable[[Scene], None]], ...] = (
    (SAVE_A, moments.written), (SAVE_H, moments.on_behalf), (line.begin_proxy, moments.fresh), (WITHDRAW, moments.submitted),
    (_by("kakari", "act"), moments.submitted), (_by("kakari", "save"), moments.submitted),
    (_back_by("kacho"), moments.submitted), (line.correct, moments.confirmed),
)  # fmt: skip
# Those that were wrong once come first: a short run asks these.
PAIRS: tuple[tuple[Callable[[Scene], None], Act, Act], ...] = (
    (moments.about_to_end(moments.written), SUBMIT_A, line.close),
    (moments.fresh, line.begin_proxy, SAVE_A),
    (moments.on_behalf, SAVE_H, line.end_proxy),
    (moments.about_to_end(moments.on_behalf), SUBMIT_H, line.close),
    (moments.written, SAVE_A, FORM_B),
    (moments.written, SUBMIT_A, SAVE_B),
    (moments.submitted, WITHDRAW, _by("kakari", "act")),
    (moments.about_to_end(moments.first_confirmed), _by("kacho", "act"), line.close),
    (moments.about_to_end(moments.written), line.decide_otherwise, line.close),
    (moments.first_confirmed, _by("kacho", "save"), _by("kacho 2", "save")),
    (moments.fresh, SAVE_A, SAVE_B),
    (moments.written, SUBMIT_A, FORM_B),
    (moments.written, SUBMIT_A, SUBMIT_B),
    (moments.written, SUBMIT_A, line.transfer),
    (moments.on_behalf, SAVE_H, SAVE_A),
    (moments.on_behalf, SUBMIT_H, SAVE_A),
    (moments.on_behalf, SUBMIT_H, line.end_proxy),
    (moments.submitted, WITHDRAW, _by("kakari", "save")),
    (moments.submitted, WITHDRAW, _back_by("kacho")),
    (moments.submitted, _by("kakari", "act"), _back_by("kacho")),
    (moments.first_confirmed, _by("kacho", "act"), _by("kacho 2", "act")),
    (moments.first_confirmed, _by("kacho", "act"), _back_by("hr")),
    (moments.confirmed, line.correct, line.correct),
    (moments.listed(moments.submitted), WITHDRAW, line.decide),
    *((moments.about_to_end(moment), act, line.close) for act, moment in _BESIDE_THE_END),
)


def together(pairs: int, seed: int) -> Found:
    """Send so many pairs, each on a sheet of its own."""
    found = Found()
    for number, (moment, *acts) in enumerate(islice(cycle(PAIRS), pairs)):
        chance = random.Random(seed + number)
        scene = moments.begun(Town(f"{number + 100_000}"), chance)
        moment(scene)
        before = scene.said()
        requests = [request for request in (about_to(scene, act) for act in acts) if request]
        if len(requests) < len(acts):
            raise RuntimeError(f"an act of pair {number} sends nothing: {before}")
        send_pair(found, scene.town, requests, chance)
        found.pairs += 1
        # What comes of it fits no order, or a moment before was wrong already.
        found.disordered += scene.model.verdict.wrong
    return found


def send_pair(found: Found, town: Town, requests: list[Request], chance) -> None:
    """Try both orders, then send both at once, and write down what fits neither."""
    possible = []
    for order in ((0, 1), (1, 0)):
        with taken_back():
            told = {}
            for index in order:
                told[index] = _acknowledged(_client_of(town, requests[index]), requests[index])[1]
            possible.append((told[0], told[1], fingerprint(town)))
    answers = at_once(town, requests, chance)
    said = (
        f"{' beside '.join(f'{one.who} {one.path}' for one in requests)}: {[status for status, _ in answers]}"
    )
    found.http500 += [said for status, _ in answers if status >= 500]
    came = (answers[0][1], answers[1][1], fingerprint(town))
    if came not in possible:
        what = [
            part
            for part, *others in zip(came[2], *(one[2] for one in possible), strict=True)
            if part not in others
        ]
        found.disordered.append(f"{said}, {came[:2]} of {[one[:2] for one in possible]} {what}")


def about_to(scene: Scene, act: Act) -> Request | None:
    """Return what an act is about to send, without sending it; pages that it opens before are opened."""
    send = scene.town.send

    def stop(who, path, body, *, json):
        if body is None:
            return send(who, path, body, json=json)
        raise _About(Request(who, path, dict(body), json))

    scene.town.send = stop  # type: ignore[method-assign]
    try:
        act(scene)
    except _About as about:
        return about.request
    finally:
        del scene.town.send
    return None


def at_once(town: Town, requests: list[Request], chance) -> list[tuple[int, object]]:
    """Send all of them at the same moment; returns the status of each and what it acknowledged."""
    barrier, answers = threading.Barrier(len(requests)), [(0, None)] * len(requests)
    pauses = [chance.randrange(STATEMENTS) for _ in requests]
    clients = [_client_of(town, request) for request in requests]

    def run(index: int) -> None:
        number = 0

        def pause(execute, sql, params, many, context):
            nonlocal number
            number += 1
            if number == pauses[index]:
                time.sleep(PAUSE)
            return execute(sql, params, many, context)

        try:
            with connection.execute_wrapper(pause):
                barrier.wait()
                answers[index] = _acknowledged(clients[index], requests[index])
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(requests))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def fingerprint(town: Town) -> tuple:
    """Return everything that a request of ours may change, without times and keys."""
    sheet = Sheet.objects.filter(pk=town.sheet_pk)
    revisions = Revision.objects.filter(sheet=town.sheet_pk)
    cells = ("cell__code", "step")
    return (
        sheet.values_list("state", "current_revision__number").get(),
        Cycle.objects.values_list("state", flat=True).get(uuid=town.cycle),
        sorted(Draft.objects.filter(sheet=town.sheet_pk).values_list(*cells, "evidence")),
        sorted(revisions.values_list("number", "kind", "reason", "submitted_by__name")),
        sorted(
            Rating.objects.filter(revision__in=revisions).values_list("revision__number", *cells, "evidence")
        ),
        sorted(
            Confirmation.objects.filter(revision__in=revisions).values_list(
                "revision__number", "level", *cells, "comment"
            )
        ),
        sorted(
            (opened_by, closed_at is None, number)
            for opened_by, closed_at, number in Proxy.objects.filter(sheet=town.sheet_pk).values_list(
                "opened_by__name", "closed_at", "revision__number"
            )
        ),
        list(Leftover.objects.filter(sheet=town.sheet_pk).values_list("decision", flat=True)),
        sorted(
            map(
                str,
                Posting.objects.filter(staff__uuid=town.person).values_list(
                    "department__name", "start", "end"
                ),
            )
        ),
    )


def _client_of(town: Town, request: Request) -> Client:
    """Return a browser of its own with the cookies of who sends it: two tabs of one person are two connections."""
    client = Client(raise_request_exception=False)
    client.cookies.update(town.clients[request.who].cookies)
    client.cookies.pop("messages", None)
    return client


def _acknowledged(client: Client, request: Request) -> tuple[int, object]:
    headers = {"Accept": "application/json" if request.json else "text/html"}
    got = client.post(request.path, request.body, headers=headers)
    if request.json and got.status_code < 500:
        return got.status_code, sorted(got.json().get("bases", {}))
    return got.status_code, got.status_code == 302
