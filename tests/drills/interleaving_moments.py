"""The moments of a sheet's life from which a walk or a pair begins, each reached through the views. No drill itself."""

from collections.abc import Callable

from tests.drills import interleaving_line as line
from tests.drills.interleaving_acts import Scene
from tests.drills.interleaving_town import Town


def begun(town: Town, chance) -> Scene:
    """Return the scene of a new sheet that is open in both tabs."""
    scene = Scene(town, chance)
    for name in "AB":
        scene.open(scene.tabs[name])
    return scene


def fresh(scene: Scene) -> None:
    """Leave the sheet as it is: open in two tabs, nothing written."""


def written(scene: Scene) -> None:
    """Fill everything in; the other tab still shows the empty form. Both have looked at all of it."""
    scene.type(scene.tabs["A"], everything=True)
    scene.autosave(scene.tabs["A"])
    scene.look(scene.tabs["A"])
    scene.look(scene.tabs["B"])


def submitted(scene: Scene) -> None:
    """Submit; everybody has the sheet open."""
    written(scene)
    scene.submit(scene.tabs["A"])
    scene.read(scene.tabs["B"])
    for tab in scene.lines.values():
        line.read(scene, tab)


def first_confirmed(scene: Scene) -> None:
    """Make the 一次確認; the 所属長 has the sheet open twice."""
    submitted(scene)
    line.confirm(scene, scene.lines["kakari"], "act")
    for name in ("kacho", "kacho 2", "hr"):
        line.read(scene, scene.lines[name])


def confirmed(scene: Scene) -> None:
    """Make the 確定."""
    first_confirmed(scene)
    line.confirm(scene, scene.lines["kacho"], "act")
    line.look_to_correct(scene)


def sent_back(scene: Scene) -> None:
    """Give the sheet back."""
    submitted(scene)
    line.send_back(scene, scene.lines["kacho"])
    scene.open(scene.tabs["B"])


def on_behalf(scene: Scene) -> None:
    """Let 人事 fill everything in; they are about to submit."""
    line.begin_proxy(scene)
    scene.open(scene.tabs["H"])
    scene.type(scene.tabs["H"], everything=True)
    scene.autosave(scene.tabs["H"])
    scene.look(scene.tabs["H"])
    line.look_to_end_proxy(scene)


def moved_away(scene: Scene) -> None:
    """Submit, and move to 課 B, where nobody makes a 一次確認."""
    submitted(scene)
    line.transfer(scene)
    line.read(scene, scene.lines["head_b"])


def listed(moment: Callable[[Scene], None]) -> Callable[[Scene], None]:
    """Return the moment with the list of what is left open."""

    def reached(scene: Scene) -> None:
        moment(scene)
        line.look_to_close(scene)

    return reached


def about_to_end(moment: Callable[[Scene], None]) -> Callable[[Scene], None]:
    """Return the moment with everything decided about what is left: one click ends the year."""

    def reached(scene: Scene) -> None:
        moment(scene)
        line.look_to_close(scene)
        line.decide(scene)

    return reached


MOMENTS = (
    fresh, written, submitted, first_confirmed, confirmed, sent_back, on_behalf, moved_away, about_to_end(submitted),
    about_to_end(written),
)  # fmt: skip
