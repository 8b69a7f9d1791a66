"""A file that says what its cells came from: loaded, written out again, refused where it leads nowhere."""

import io
from dataclasses import replace

import pytest
from django.core.management import call_command
from django.utils import timezone

from access.refusals import Conflict
from competency import workflow
from competency.exports import framework_file_of
from competency.framework_file import Base, Origin, dumps, parse
from tests import builders as b
from tests.revised import everything, marks_of, revise, split_one

pytestmark = pytest.mark.django_db


def test_origins_have_to_lead_somewhere(world):
    file = framework_file_of(world.version)
    stray = marks_of(file, lambda _, marks: tuple(replace(m, origins=(Origin("nowhere.1"),)) for m in marks))
    for given in (
        replace(stray, based_on=Base("lasdec", "2012"), version="2026"),
        replace(stray, version="2026"),
    ):
        with pytest.raises(Conflict) as refusal:
            workflow.load_framework(parsed=given, by=b.actor_of(world.henshu), now=timezone.now())
        assert "internal-it.1" in refusal.value.message


def test_a_base_that_nobody_here_knows_is_kept_by_name(world):
    file = replace(framework_file_of(world.version), version="2026", based_on=Base("tonari", "2024"))
    made, _ = workflow.load_framework(parsed=file, by=b.actor_of(world.henshu), now=timezone.now())
    assert made.based_on is None
    assert framework_file_of(made) == file


@pytest.mark.parametrize("change", [everything, split_one])
def test_a_revision_is_dumped_and_loaded_as_it_is(world, change):
    made = revise(world.version, change, by=world.henshu, publish_it=False)
    file = framework_file_of(made)
    assert parse(dumps(file)) == file
    again, changed = workflow.load_framework(
        parsed=parse(dumps(file)), by=b.actor_of(world.henshu), now=timezone.now()
    )
    assert (again.pk, changed) == (made.pk, False)


@pytest.mark.parametrize("form", ["json", "yaml", "case"])
def test_the_commands_write_and_read_every_form(world, tmp_path, form):
    file = tmp_path / "framework.txt"
    out = io.StringIO()
    call_command("dump_framework", "lasdec", form=form, stdout=out)
    file.write_text(out.getvalue(), "utf-8")
    told = io.StringIO()
    call_command("load_framework", str(file), stdout=told)
    assert "変わりありません" in told.getvalue()
