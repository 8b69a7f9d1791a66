"""load_crosswalk and dump_crosswalk: the common ones, again and again, without touching a municipality's own."""

import io
import json

import pytest
import yaml
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis.extra.django import TestCase as HypothesisTestCase

from audit.models import Event
from competency.crosswalk_file import dump, dumps
from competency.crosswalk_reads import stored_content
from competency.models import Crosswalk
from tests import builders as b
from tests.competency.test_crosswalk_file import crosswalks
from tests.crosswalks import DATA, NAMES, make_crosswalk, shipped_crosswalk, tags_file

pytestmark = pytest.mark.django_db


def load(*paths):
    said = io.StringIO()
    call_command("load_crosswalk", *map(str, paths), stdout=said)
    return said.getvalue()


def dumped(code):
    said = io.StringIO()
    call_command("dump_crosswalk", code, stdout=said)
    return said.getvalue()


@pytest.mark.parametrize("name", NAMES)
def test_shipped_files_load_once_and_come_out_as_they_went_in(name, tmp_path):
    path = DATA / f"{name}.yaml"
    code = shipped_crosswalk(name).code
    assert "読み込みました" in load(path)
    first = dumped(code)
    assert json.loads(first) == yaml.safe_load(path.read_text("utf-8"))
    again = tmp_path / "again.json"
    again.write_text(first, "utf-8")
    assert "変わりありません" in load(path, again)
    assert dumped(code) == first
    row = Crosswalk.objects.get()
    assert (row.version, row.municipality, row.is_proposal) == (1, None, True)
    assert Event.objects.filter(action="crosswalk.load").count() == 1


def test_a_changed_file_changes_the_common_one_and_no_municipalitys_own(tmp_path):
    path = tmp_path / "tags.json"
    path.write_text(dumps(tags_file()), "utf-8")
    load(path)
    city = b.make_municipality()
    mine = make_crosswalk(tags_file(name="うちの種類"), city)
    path.write_text(dumps(tags_file(name="新しい種類").without_line("second")), "utf-8")
    assert "読み込みました" in load(path)
    common = Crosswalk.objects.get(municipality=None)
    assert (common.version, stored_content(common)) == (
        2,
        tags_file(name="新しい種類").without_line("second"),
    )
    mine.refresh_from_db()
    assert (mine.version, stored_content(mine)) == (1, tags_file(name="うちの種類"))


def test_refused_before_anything_is_loaded(tmp_path):
    good, bad = tmp_path / "good.json", tmp_path / "bad.yaml"
    good.write_text(dumps(tags_file()), "utf-8")
    bad.write_text("code: A\nitems: 3", "utf-8")
    with pytest.raises(CommandError) as refusal:
        load(good, bad)
    assert "code「A」" in str(refusal.value)
    assert "items は行の一覧" in str(refusal.value)
    assert not Crosswalk.objects.exists()
    bad.write_bytes("名前".encode("cp932"))
    with pytest.raises(CommandError, match="UTF-8"):
        load(bad)
    with pytest.raises(CommandError, match="開けません"):
        load(tmp_path / "nowhere.yaml")
    with pytest.raises(CommandError, match="ありません"):
        dumped("nothing")
    load(good)
    good.write_text(dumps(tags_file(kind="crosswalk")), "utf-8")
    with pytest.raises(CommandError, match="種類"):
        load(good)


class AnyCrosswalk(HypothesisTestCase):
    """What the database holds is what the file said, whatever it said."""

    @given(crosswalks())
    @settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow], deadline=None)
    def test_stored_and_read_again(self, crosswalk):
        row = make_crosswalk(crosswalk)
        assert dump(stored_content(row)) == dump(crosswalk)
