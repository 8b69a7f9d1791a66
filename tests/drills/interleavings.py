"""Two tabs, autosave, submit, withdraw, send back, confirm, transfer, 代理入力 and the end of a year, in any order.

Each walk is a random order of acts through the real views, from one of several moments of a sheet's life, and is taken back;
after every act the database is held against what was acknowledged (interleaving_model.py). A year ends for good (ADR
0034): what opens again after it is the next one. Pairs of acts are also sent at the same moment (interleaving_pairs.py).
"""

import random
from collections.abc import Callable, Iterable

from bench.bounds import Bound
from bench.results import Figure
from tests.drills import interleaving_line as line
from tests.drills.interleaving_acts import Scene
from tests.drills.interleaving_model import WAITING, Model, Verdict
from tests.drills.interleaving_moments import MOMENTS, begun
from tests.drills.interleaving_pairs import taken_back, together
from tests.drills.interleaving_town import Town

FIGURES = {
    "interleavings.walked": Bound(10_000, "walks", at_least=True, short_limit=300),
    "interleavings.acknowledged": Bound(10_000, "acts", at_least=True, short_limit=250),
    "interleavings.lost": Bound(0, "answers"),
    "interleavings.unseen": Bound(0, "answers"),
    "interleavings.illegal": Bound(0, "acts"),
    "interleavings.refused": Bound(0, "acts"),
    "interleavings.together": Bound(600, "pairs", at_least=True, short_limit=10),
    "interleavings.disordered": Bound(0, "pairs"),
    "interleavings.http500": Bound(0, "answers"),
}
# On SQLite a small form is a test (test_interleavings.py).
SHORT_DATABASES = ("postgres",)
SECONDS = 7200
WALKS, SHORT_WALKS = 10_000, 300
PAIRS, SHORT_PAIRS = 680, 10
LONGEST = 6
# How often anything at all is tried, also what the page of the moment does not offer.
ODD = 0.15
SEED = 20_260_401


def _with_tab(act: Callable) -> Callable[[Scene], None]:
    def done(scene: Scene) -> None:
        # The person has two tabs; 人事 has one while a 代理入力 goes on, and now and then afterwards.
        names = "ABH" if scene.model.proxy or scene.chance.random() < 0.1 else "AB"
        act(scene, scene.tabs[scene.chance.choice(names)])

    return done


def _with_line(act: Callable) -> Callable[[Scene], None]:
    def done(scene: Scene) -> None:
        names = ["kakari", "kacho", "kacho 2", "hr"] if scene.model.place == "A" else ["head_b", "hr"]
        if scene.chance.random() < 0.1:
            names = list(scene.lines)
        act(scene, scene.lines[scene.chance.choice(names)])

    return done


def _typed_and_saved(scene: Scene, tab) -> None:
    scene.type(tab) if tab.controls else scene.open(tab)
    (scene.save if scene.chance.random() < 0.3 else scene.autosave)(tab)


def _looked_and_submitted(scene: Scene, tab) -> None:
    scene.look(tab)
    scene.submit(tab)


def _read_and_withdrew(scene: Scene, tab) -> None:
    scene.read(tab)
    scene.withdraw(tab)


def _read_and_confirmed(scene: Scene, tab) -> None:
    if tab.shown is None or scene.chance.random() < 0.5:
        line.read(scene, tab)
    line.confirm(scene, tab, "act")


def _writing(model: Model) -> bool:
    return model.editable


def _handed_in(model: Model) -> bool:
    return model.year_open and model.state in WAITING


def _takes_back(model: Model) -> bool:
    return model.year_open and model.state == "submitted"


def _confirmed_already(model: Model) -> bool:
    return model.state == "confirmed"


def _always(model: Model) -> bool:
    return True


# Each act, how often it is done, and when it is likely; out of place it is tried now and then.
ACTS: tuple[tuple[Callable[[Scene], None], int, Callable[[Model], bool]], ...] = (
    (_with_tab(Scene.open), 1, _writing),
    (_with_tab(_typed_and_saved), 10, _writing),
    (_with_tab(lambda scene, tab: scene.autosave(tab)), 2, _writing),
    (_with_tab(lambda scene, tab: scene.save(tab)), 2, _writing),
    (_with_tab(lambda scene, tab: scene.save(tab, "submit") and scene.look(tab)), 1, _writing),
    (_with_tab(Scene.choose), 4, lambda model: model.editable and bool(model.cells)),
    (_with_tab(Scene.look), 1, lambda model: model.editable and model.complete),
    (_with_tab(Scene.submit), 2, lambda model: model.editable and model.complete),
    (_with_tab(_looked_and_submitted), 2, lambda model: model.editable and model.complete),
    (_with_tab(Scene.withdraw), 2, _takes_back),
    (_with_tab(_read_and_withdrew), 1, _takes_back),
    (Scene.press_again, 1, lambda model: bool(model.revisions)),
    (_with_line(line.read), 1, _handed_in),
    (_with_line(lambda scene, tab: line.confirm(scene, tab, "save")), 4, _handed_in),
    (_with_line(_read_and_confirmed), 4, _handed_in),
    (_with_line(line.send_back), 2, _handed_in),
    (line.look_to_correct, 1, _confirmed_already),
    (line.correct, 3, _confirmed_already),
    (line.transfer, 1, _always),
    (line.look_to_close, 1, _writing),
    (line.decide, 1, _always),
    (line.close, 1, _always),
    (line.open_next_year, 1, lambda model: not model.next_year and not model.year_open),
    (line.begin_proxy, 2, lambda model: model.editable and not model.proxy and not model.own_words),
    (line.look_to_end_proxy, 1, lambda model: model.proxy),
    (line.end_proxy, 1, lambda model: model.proxy),
)


def _next_act(model: Model, chance) -> Callable[[Scene], None]:
    odd = chance.random() < ODD
    return chance.choice([act for act, often, likely in ACTS for _ in range(often if likely(model) else odd)])


def walk(start: Scene, chance) -> Verdict:
    """Walk once from a scene in the order that chance has it, and take everything back; returns the scene's verdict."""
    with taken_back():
        scene = start.copied(chance)
        for _ in range(chance.randint(2, LONGEST)):
            act = _next_act(scene.model, chance)
            before = len(scene.trail)
            act(scene)
            if len(scene.trail) > before:
                scene.after("after")
        if scene.model.next_year and not scene.town.of_next_year():
            scene.model.verdict.lost.append(f"not everybody has a sheet of the next year: {scene.said()}")
    return start.model.verdict


def walked(walks: int, seed: int = SEED) -> tuple[int, Verdict]:
    """Walk so many times, as often from each moment; returns how many were walked and what was found."""
    verdict, done = Verdict(), 0
    with taken_back():
        town = Town()
        fresh = begun(town, random.Random(seed))
        for number, moment in enumerate(MOMENTS):
            with taken_back():
                town.sign_in()
                start = fresh.copied(random.Random(seed + number))
                start.model.verdict = verdict
                moment(start)
                for one in range(number, walks, len(MOMENTS)):
                    walk(start, random.Random(seed * 1000 + one))
                    done += 1
    return done, verdict


def measure(*, short: bool) -> Iterable[Figure]:
    """Yield what all walks and all pairs found."""
    done, verdict = walked(SHORT_WALKS if short else WALKS)
    found = together(SHORT_PAIRS if short else PAIRS, SEED)
    yield Figure("interleavings.walked", done)
    yield Figure("interleavings.acknowledged", verdict.acknowledged)
    yield Figure("interleavings.together", found.pairs)
    wrong = {name: getattr(verdict, name) for name in ("lost", "unseen", "illegal", "refused")}
    wrong |= {"disordered": found.disordered, "http500": verdict.http500 + found.http500}
    for name, texts in wrong.items():
        yield Figure(f"interleavings.{name}", len(texts), " | ".join(texts[:4]))
