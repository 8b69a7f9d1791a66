"""The drill of the killed server goes red for what is lost, done twice, done by halves or answered 500."""

import uuid

import pytest
from django.db import OperationalError, transaction

from assessments.views import sheets as views
from assessments.workflow import sheets as workflow
from config import errors
from tests.drills import crash, crowd, person
from tests.drills.in_process import every, make_person
from tests.drills.ledger import judge

ACTS = 60


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr(person, "FIRST_RETRY", 0)
    monkeypatch.setattr(person, "LAST_RETRY", 0)


def work(one, acts=ACTS):
    one.open()
    for _ in range(acts):
        one.act()
    return one


@pytest.mark.django_db
def test_a_person_whose_answers_are_cut_off_loses_nothing():
    one = work(make_person(cut=every(3)))
    verdict = judge([one])
    assert one.submissions
    assert one.entries
    assert one.choices, "typed on while the answer was lost, the person chose between two texts of their own"
    assert verdict.acknowledged > ACTS
    assert (verdict.lost, verdict.duplicates, verdict.half) == ([], [], [])
    assert one._seen.broken > 10


@pytest.mark.django_db
def test_a_server_that_says_saved_before_it_is_saved_is_found(monkeypatch):
    """The planted fault: what was acknowledged is rolled back."""
    honest = views.save_drafts

    def early(**given):
        with transaction.atomic():
            kept = honest(**given)
            transaction.set_rollback(given["sheet"].version % 3 == 0)
        return kept

    monkeypatch.setattr(views, "save_drafts", early)
    one = make_person()
    one.open()
    for code in list(one._bases)[:4]:
        one.save([code])
    assert judge([one]).lost


@pytest.mark.django_db
def test_a_submission_that_was_acknowledged_and_is_gone_is_found(monkeypatch):
    one = make_person()
    one.open()
    honest = views.submit

    def early(**given):
        with transaction.atomic():
            done = honest(**given)
            transaction.set_rollback(True)
        return done

    monkeypatch.setattr(views, "submit", early)
    one.submit()
    assert [text for text in judge([one]).lost if "acknowledged submission" in text]


@pytest.mark.django_db
def test_a_page_without_a_key_of_its_own_makes_duplicates():
    """The planted fault: each try is another click."""
    one = make_person(cut=every(2), key_of=lambda key: str(uuid.uuid4()))
    for _ in range(4):
        one.add()
    assert judge([one]).duplicates


@pytest.mark.django_db(transaction=True)
def test_a_submission_that_stops_in_the_middle_is_found(monkeypatch):
    """The planted fault: no transaction around it, and the process is gone before the sheet says 提出."""
    one = make_person()
    one.open()

    def gone(**given):
        raise OperationalError

    monkeypatch.setattr(views, "submit", workflow.submit.__wrapped__)
    monkeypatch.setattr(workflow, "freeze_evidence", gone)
    monkeypatch.setattr(workflow, "locked", without_lock)
    one._stopped = lambda: True
    one.submit()
    assert judge([one]).half


def without_lock(sheet, **columns):
    return workflow.fresh(sheet, **columns)


@pytest.mark.django_db(transaction=True)
def test_a_save_that_stops_in_the_middle_is_found(monkeypatch):
    one = make_person()
    one.open()
    one.save(list(one._bases))
    two = list(one._bases)[:2]

    def one_by_one(*given):
        workflow.Draft.objects.filter(sheet=given[0], cell__code=two[0]).update(
            evidence=given[3][two[0]].evidence, step=given[3][two[0]].step
        )
        raise OperationalError

    monkeypatch.setattr(workflow, "_write", one_by_one)
    monkeypatch.setattr(workflow, "locked", without_lock)
    monkeypatch.setattr(views, "save_drafts", workflow.save_drafts.__wrapped__)
    one._stopped = lambda: True
    one.save(two)
    assert judge([one]).half


@pytest.mark.django_db
def test_answers_500_are_counted_and_so_is_a_503_that_does_not_say_when(monkeypatch):
    one = make_person()
    one.open()
    one._stopped = lambda: True

    def away(**given):
        raise OperationalError

    monkeypatch.setattr(views, "save_drafts", away)
    one.save(list(one._bases)[:1])
    assert one._seen.statuses[503] == 1
    assert one._seen.answers_500 == 0
    monkeypatch.setattr(errors, "RETRY_SECONDS", "")
    one.save(list(one._bases)[:1])
    assert one._seen.answers_500 == 1
    monkeypatch.setattr(errors, "DATABASE_ERRORS", ())
    one.save(list(one._bases)[:1])
    assert one._seen.statuses[500] == 1
    assert one._seen.answers_500 == 2


@pytest.mark.django_db
def test_whoever_is_turned_away_is_counted():
    one = make_person()
    one._send.client.logout()
    one.go_on()
    assert one.refusals


def test_a_server_that_never_comes_back_is_found(monkeypatch):
    nobody = crowd.Crowd([], 1)
    assert crowd.recovered(nobody, 0.0, within=0) == float("inf")
    assert crash.FIGURES["drill.recovery.app"].fails(float("inf"), short=True)


def test_what_was_acknowledged_is_counted_while_people_type():
    """From another thread than theirs: nothing that they change may be walked through."""
    quiet = crowd.Crowd([], 1)

    class Growing(dict):
        def values(self):
            raise RuntimeError("dictionary changed size during iteration")

    one = person.Person(
        "職員001", "", "7f1a4f1c-7d5b-4d3e-9a55-0d4d0b3a8f10", lambda *given: None, quiet.seen
    )
    one.cells = Growing()
    quiet.people.append(one)
    quiet.seen.acknowledged(0.0)
    assert quiet.acknowledged == 1
