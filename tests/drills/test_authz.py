"""A sample of the whole matrix in every run, and the drill goes red for a wrong answer and for an unlisted URL."""

import random
import sys

import pytest

from access.routes import ROUTES
from tests.drills import authz
from tests.drills.authz import Kept, cells_of, unlisted, wrong_cells
from tests.drills.authz_city import build


@pytest.mark.django_db
def test_a_sample_of_the_matrix_and_a_planted_fault(monkeypatch):
    city = build()
    cells = list(cells_of(city))
    assert len(cells) > 100_000
    asked = random.Random(26).sample(cells, 60)
    assert wrong_cells(city, asked) == []
    # The auditor is let into the accounts as if システム管理: the oracle is asked before, the product after.
    ours = [one for one in cells if one.who == "A/none" and one.ask.route == "organization:account_new"]
    assert wrong_cells(city, ours) == []
    monkeypatch.setattr(sys.modules["organization.views.accounts"], "may", lambda *_, **__: True)
    assert len(wrong_cells(city, ours)) == 2


@pytest.mark.django_db
def test_slices_ask_every_cell_once_and_keep_what_was_wrong(tmp_path, monkeypatch):
    """Three slices of a walk that is stopped twice are the whole walk; another tree begins anew."""
    asked, cells, path = [], list(range(7)), tmp_path / "authz.json"
    clock = iter(range(100))
    monkeypatch.setattr(authz, "SLICE", 3)
    monkeypatch.setattr(authz.time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(authz, "wrong_cells", lambda _, part: asked.extend(part) or [f"w{part[0]}"])
    for until, left in ((1, 4), (3, 1), (9, 0), (9, 0)):
        kept = Kept(path, len(cells), "tree")
        authz.go_on(kept, None, cells, until=until)
        assert len(cells) - kept.asked == left
    assert asked == cells
    assert Kept(path, len(cells), "tree").wrong == ["w0", "w3", "w6"]
    assert Kept(path, len(cells), "other").asked == Kept(path, 8, "tree").asked == 0


def test_an_unlisted_url_is_named():
    assert unlisted() == []
    assert unlisted({"new:page": None, **ROUTES}) == ["new:page"]
