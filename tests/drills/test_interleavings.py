"""The drill of the interleavings goes red for what is lost, overwritten unseen, out of order or done twice."""

import random
from dataclasses import replace

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessments import sheet_form
from assessments.merge import Outcome, merge
from assessments.views import confirming
from assessments.views import sheets as sheet_views
from assessments.workflow import closing, confirmation
from assessments.workflow import sheets as workflow
from organization.models import Staff
from tests.drills import interleaving_line as line
from tests.drills import interleaving_moments as moments
from tests.drills import interleaving_pairs as pairs
from tests.drills import interleavings as drill
from tests.drills.interleaving_town import Town

pytestmark = pytest.mark.django_db
SEED = 3


@pytest.fixture
def scene():
    """Return the scene of a sheet open in two tabs, of which the answers always arrive."""
    made = moments.begun(Town(), random.Random(SEED))
    made._is_cut = lambda: False
    return made


def typed(scene, name, code, value):
    tab = scene.tabs[name]
    tab.controls[code] = value
    return tab


class TestWalks:
    # No shrinking of what is slow: a walk that is wrong is found by the drill, and explained by its last requests.
    @settings(max_examples=12, suppress_health_check=list(HealthCheck))
    @given(chance=st.randoms(use_true_random=False), moment=st.sampled_from(moments.MOMENTS))
    def test_any_order_keeps_what_was_acknowledged(self, chance, moment):
        with pairs.taken_back():
            start = moments.begun(Town(), random.Random(SEED))
            moment(start)
            assert drill.walk(start, chance).wrong == []

    def test_each_moment_is_reached_as_it_is_meant(self):
        states = []
        for moment in moments.MOMENTS:
            with pairs.taken_back():
                start = moments.begun(Town(), random.Random(SEED))
                moment(start)
                states.append(start.model.state)
                assert start.model.verdict.wrong == []
        wanted = "not_started drafting submitted first_confirmed confirmed sent_back drafting submitted submitted drafting"
        assert states == wanted.split()

    def test_whoever_is_signed_out_in_the_middle_stops_the_run(self, scene):
        # Answers to nobody would be judged as if somebody had been turned away.
        scene.town.clients["hr"].logout()
        with pytest.raises(AssertionError, match="hr is no longer signed in"):
            line.transfer(scene)
        scene.town.sign_in()
        line.transfer(scene)
        assert scene.model.place == "B"

    def test_a_short_run_says_what_it_did(self):
        done, verdict = drill.walked(20)
        assert done == 20
        assert verdict.acknowledged > 20
        assert verdict.wrong == []


class TestPlantedFaults:
    """Each fault is met by the acts that it concerns; that chance meets them is what the number of walks is for."""

    def collide(self, scene):
        code = scene.model.codes[0]
        scene.autosave(typed(scene, "A", code, (2, "先")))
        scene.autosave(typed(scene, "B", code, (1, "後")))
        scene.after("both saved")
        return scene.model.verdict

    def test_nothing_is_wrong_where_two_tabs_collide(self, scene):
        assert self.collide(scene).wrong == []
        assert scene.tabs["B"].undecided

    def test_a_merge_in_which_the_last_writer_wins(self, scene, monkeypatch):
        def last_wins(base, posted, stored):
            outcome = merge(base, posted, stored)
            return Outcome.SAVE if outcome is Outcome.CONFLICT else outcome

        monkeypatch.setattr(workflow, "merge", last_wins)
        assert self.collide(scene).unseen

    def test_a_conflict_that_is_told_and_overwritten_all_the_same(self, scene, monkeypatch):
        honest = workflow._write

        def write(sheet, cells, rows, wanted, marked, now):
            first = scene.model.codes[0]
            wanted.setdefault(first, workflow.Value(1, "後"))
            honest(sheet, cells, rows, wanted, marked, now)

        scene.autosave(typed(scene, "A", scene.model.codes[0], (2, "先")))
        monkeypatch.setattr(workflow, "_write", write)
        scene.autosave(typed(scene, "B", scene.model.codes[0], (1, "後")))
        scene.after("both saved")
        assert scene.model.verdict.lost

    def test_a_page_that_comes_back_with_a_new_base_and_the_old_text(self, scene, monkeypatch):
        """What the drill found: a text too long on an old page, shortened, replaced what another tab had saved."""
        monkeypatch.setattr(sheet_views, "colliding", lambda reading, stored: set())
        code = scene.model.codes[0]
        scene.autosave(typed(scene, "A", code, (2, "先")))
        scene.save(typed(scene, "B", code, (1, "長" * (sheet_form.EVIDENCE_LENGTH + 1))))
        assert scene.tabs["B"].seen[code] == (None, "")
        scene.save(typed(scene, "B", code, (1, "短")))
        assert scene.model.verdict.unseen

    def test_a_submission_that_asks_for_no_version(self, scene, monkeypatch):
        moments.written(scene)
        scene.autosave(typed(scene, "B", scene.model.codes[0], scene.tabs["B"].seen[scene.model.codes[0]]))
        scene.open(scene.tabs["B"])
        scene.autosave(typed(scene, "B", scene.model.codes[0], (0, "別の根拠")))
        any_version(monkeypatch, workflow)
        scene.submit(scene.tabs["A"])
        assert scene.model.verdict.unseen

    def test_a_confirmation_that_asks_for_no_version(self, scene, monkeypatch):
        moments.submitted(scene)
        scene.withdraw(scene.tabs["B"])
        scene.look(scene.tabs["A"])
        scene.submit(scene.tabs["A"])
        monkeypatch.setattr(confirmation, "_expect", lambda sheet, version: None)
        line.confirm(scene, scene.lines["kakari"], "act")
        assert scene.model.verdict.unseen

    def test_a_confirmer_who_overwrites_what_the_other_tab_saved(self, scene, monkeypatch):
        moments.first_confirmed(scene)
        line.confirm(scene, scene.lines["kacho"], "save")
        honest = confirmation._keep

        def keep(sheet, level, entries, by, now):
            rows = confirmation.Confirmation.objects.filter(revision=sheet.current_revision_id, level=level)
            versions = dict(rows.values_list("cell", "version"))
            newest = [replace(one, version=versions.get(one.cell_id, 0)) for one in entries]
            return honest(sheet, level, newest, by, now)

        monkeypatch.setattr(confirmation, "_keep", keep)
        line.confirm(scene, scene.lines["kacho 2"], "act")
        assert scene.model.verdict.unseen

    def test_a_line_of_before_that_confirms_after_the_transfer(self, scene, monkeypatch):
        moments.submitted(scene)
        line.transfer(scene)
        before = scene.model.verdict
        line.confirm(scene, scene.lines["kakari"], "act")
        assert before.wrong == []
        with_line_of_a(scene, monkeypatch)
        line.confirm(scene, scene.lines["kakari"], "act")
        assert scene.model.verdict.illegal

    def test_a_year_that_ends_undecided(self, scene, monkeypatch):
        moments.written(scene)
        scene.closing = ({"version": "1", "unfinished": "1"}, -1)
        line.close(scene)
        assert scene.model.verdict.illegal == []
        nothing = workflow.Sheet.objects.none().annotate(decided=closing.F("position"))
        monkeypatch.setattr(closing, "decided_sheets", lambda cycle: nothing)
        line.close(scene)
        assert scene.model.verdict.illegal

    def test_an_answer_500(self, scene, monkeypatch):
        def broken(**given):
            raise RuntimeError

        monkeypatch.setattr(sheet_views, "save_drafts", broken)
        scene.autosave(typed(scene, "A", scene.model.codes[0], (2, "先")))
        assert scene.model.verdict.http500
        assert scene.model.verdict.refused


def any_version(monkeypatch, module):
    """Let a submission count as made on the newest page."""
    honest = sheet_views.submit

    def submit(**given):
        newest = module.Sheet.objects.values_list("version", flat=True).get(pk=given["sheet"].pk)
        return honest(**given | {"version": newest})

    monkeypatch.setattr(sheet_views, "submit", submit)


def with_line_of_a(scene, monkeypatch):
    """Let the line of before the transfer decide who sees and who confirms."""
    kakari = Staff.objects.get(name="kakari")
    old = confirming.Line(first=(kakari.pk,), final=(), to_hr=False)
    sheets = workflow.Sheet.objects.select_related(
        "cycle__framework_version", "staff", "department", "current_revision"
    )
    monkeypatch.setattr(confirming, "sheet_for", lambda actor, uuid: sheets.get(uuid=uuid))
    monkeypatch.setattr(confirming, "line_for", lambda sheet, today: old)
    monkeypatch.setattr(confirmation, "line_for", lambda sheet, today: old)


@pytest.mark.django_db(transaction=True)
class TestPairs:
    def pair(self, moment, *acts):
        found, chance = pairs.Found(), random.Random(SEED)
        scene = moments.begun(Town(), chance)
        moment(scene)
        requests = [pairs.about_to(scene, act) for act in acts]
        pairs.send_pair(found, scene.town, requests, chance)
        assert scene.model.verdict.wrong == []
        return found

    def test_every_pair_sends_two_requests(self):
        for moment, *acts in pairs.PAIRS:
            with pairs.taken_back():
                scene = moments.begun(Town(), random.Random(SEED))
                moment(scene)
                assert all(pairs.about_to(scene, act) for act in acts), (moment, acts)
                assert scene.model.verdict.wrong == []

    @pytest.mark.skipif(
        connection.vendor == "sqlite", reason="in memory a second writer is refused, not made to wait"
    )
    def test_what_fits_one_order_or_the_other_is_right(self):
        assert self.pair(moments.written, pairs.SUBMIT_A, pairs.SAVE_B).disordered == []

    def test_what_fits_neither_order_is_found(self, monkeypatch):
        """The planted fault: at once, both are told that it is done, and nothing is."""
        monkeypatch.setattr(pairs, "at_once", lambda town, requests, chance: [(302, True), (302, True)])
        found = self.pair(moments.written, pairs.SUBMIT_A, pairs.SUBMIT_B)
        assert found.disordered
        assert found.http500 == []

    def test_an_answer_500_is_counted(self, monkeypatch):
        monkeypatch.setattr(pairs, "at_once", lambda town, requests, chance: [(500, False), (302, True)])
        assert self.pair(moments.written, pairs.SUBMIT_A, pairs.SUBMIT_B).http500


def test_figures_that_fall_short_are_red():
    for name in ("lost", "unseen", "illegal", "refused", "disordered", "http500"):
        assert drill.FIGURES[f"interleavings.{name}"].fails(1, short=True)
    assert drill.FIGURES["interleavings.walked"].fails(299, short=True)
