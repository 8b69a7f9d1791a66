"""The mutants are there, can be put in place, and one that nobody notices is said."""

import ast

import pytest

from access import table
from access.actor import Role
from gaps import policies
from scripts.check.files import ROOT
from scripts.mutants import record, running
from scripts.mutants.choosing import WALK, files_for
from scripts.mutants.equivalent import EQUIVALENT
from scripts.mutants.making import all_mutants, found, of_file
from tests.drills import mutants as drill


def test_every_mutant_still_applies_and_every_exception_is_still_found():
    mutants = all_mutants()
    assert len(mutants) >= 100
    assert len({mutant.key for mutant in mutants}) == len(mutants)
    assert {mutant.key for mutant in found()} >= set(EQUIVALENT)
    for mutant in mutants:
        source = (ROOT / mutant.file).read_text()
        changed = mutant.applied(source)
        assert changed != source, mutant.key
        ast.parse(changed)
    files = {mutant.file for mutant in mutants}
    assert {
        "access/table.py",
        "organization/scope.py",
        "gaps/policies.py",
        "assessments/models/sheet.py",
    } <= files


def test_what_is_not_there_any_more_is_said():
    mutant = all_mutants()[0]
    with pytest.raises(ValueError, match="not there any more"):
        mutant.applied("x" * 100_000)


def test_each_rule_weakens():
    source = (
        "def may(day, q):\n    if day > 1:\n        raise Forbidden\n"
        "    q.filter(start__lte=day, city=1)\n    record(day)\n    return day and q\n"
    )
    rules = ("compare", "drop", "suffix", "either", "guard", "yes", "trail")
    new = {(mutant.rule, mutant.new) for mutant in of_file("x.py", source, ".*", rules)}
    assert ("compare", "(day >= 1)") in new
    assert ("drop", "q.filter(start__lte=day)") in new
    assert ("suffix", "start__lt=day") in new
    assert ("either", "((day) or (q))") in new
    assert ("guard", "False") in new
    assert ("yes", "True") in new
    assert ("trail", "pass") in new


def test_a_mutant_changes_the_child_and_not_the_parent():
    mutant = next(one for one in all_mutants() if "gaps/policies.py may_see_overview yes" in one.key)
    nobody = type("Nobody", (), {"roles": frozenset()})()

    def child():
        running.put_in_place(mutant)
        return policies.may_see_overview(nobody), ""

    assert running.in_a_child(child) == (True, "")
    assert policies.may_see_overview(nobody) is False


def test_a_row_of_the_table_is_widened_in_the_child():
    mutant = next(one for one in all_mutants() if one.rule == "added" and one.function == "P05")

    def child():
        running.put_in_place(mutant)
        return table.reach("P05", Role.LINE) is table.Reach.ALL, ""

    assert running.in_a_child(child) == (True, "")
    assert table.reach("P05", Role.LINE) is None


def test_a_survivor_falls_short():
    verdicts = [running.Verdict("a", True, "", 1.0), running.Verdict("b", False, "3 tests passed", 1.0)]
    share, count, left = drill.figures(record.Slice(verdicts, 0, 0))
    assert (share.value, share.behind, count.value, left.value) == (50, "b", 2, 0)
    assert not drill.FIGURES["authz.mutants"].keeps(share.value)
    assert drill.figures(record.Slice([], 0, 0))[0].value == 0


def test_what_was_not_tried_falls_short():
    *_, left = drill.figures(record.Slice([], 100, 3))
    assert not drill.FIGURES["authz.mutants.left"].keeps(left.value)


def test_what_was_caught_is_not_tried_again_while_its_file_stays(tmp_path, monkeypatch):
    mutants = all_mutants()[:3]
    tried = []

    def try_all(wanted, *, rounds, until, tell):
        verdicts = [running.Verdict(one.key, one != mutants[-1], "", 1.0) for one in wanted]
        tried.append([one.key for one in verdicts])
        for verdict in verdicts:
            tell(verdict)
        return verdicts

    monkeypatch.setattr(record, "try_all", try_all)
    path = tmp_path / "var" / "mutants.json"
    keys = [one.key for one in mutants]
    slices = [record.go_on(mutants, record.Record(path), until=0, rounds=1) for _ in range(2)]
    assert [(one.before, one.left) for one in slices] == [(0, 0), (2, 0)]
    # The last one survived, and is tried again.
    assert tried == [keys, keys[-1:]]
    monkeypatch.setattr(record, "_digest", lambda mutant: "another source")
    assert not any(record.Record(path).has(one) for one in mutants)


def test_the_walk_of_all_urls_is_asked_last_but_one():
    rounds = files_for(next(one for one in all_mutants() if one.file == "gaps/policies.py"), ROOT)
    assert rounds[0][0] == "tests/gaps/test_policies.py"
    assert [WALK] in rounds
