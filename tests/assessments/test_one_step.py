"""A year that is confirmed in one step: 確定 alone, and the words that follow from it."""

import datetime
import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from access.refusals import Conflict
from assessments.line import line_for, waiting_for
from assessments.line_rule import FIRST, HEAD, Lead, Leads, final_only
from assessments.models import Cycle, Sheet
from assessments.workflow.confirmation import confirm_first
from assessments.workflow.cycles import Plan, change_plan
from lib.paths import child_path
from tests import builders as b
from tests.assessments.sheets import confirm, in_state, show

BACKEND = "organization.backends.StaffBackend"
TODAY = timezone.localdate()
CHIEF, HEAD_OF, PERSON = 1, 2, 3


@pytest.fixture
def one(world):
    """Return the world with a submitted sheet in a year of one step."""
    Cycle.objects.filter(pk=world.cycle.pk).update(steps="one")
    in_state(world.sheet, Sheet.State.SUBMITTED)
    world.sheet = Sheet.objects.select_related("cycle", "staff").get(pk=world.sheet.pk)
    return world


def acts(staff):
    return waiting_for(b.actor_of(staff)).acts


def test_the_rule_leaves_out_the_first_step_alone():
    path = child_path("", 1)
    line = Leads([Lead(CHIEF, path, FIRST), Lead(HEAD_OF, path, HEAD)]).line_of(PERSON, path)
    assert (line.first, line.final) == ((CHIEF,), (HEAD_OF,))
    assert (final_only(line).first, final_only(line).final) == ((), (HEAD_OF,))


def test_a_submitted_sheet_waits_for_the_head_at_once(one):
    assert (line_for(one.sheet, TODAY).first, line_for(one.sheet, TODAY).final) == ((), (one.kacho.pk,))
    assert acts(one.kakari) == {}
    assert acts(one.kacho) == {one.sheet.pk: "final"}


def test_a_year_with_a_reference_date_for_confirmers_has_one_step_too(one):
    Cycle.objects.filter(pk=one.cycle.pk).update(confirmer_date=TODAY - datetime.timedelta(days=1))
    one.sheet = Sheet.objects.select_related("cycle", "staff").get(pk=one.sheet.pk)
    assert line_for(one.sheet, TODAY).first == ()
    assert acts(one.kakari) == {}
    assert acts(one.kacho) == {one.sheet.pk: "final"}


def test_the_first_confirmation_is_refused_with_why(one):
    actor = b.actor_of(one.kakari)
    with pytest.raises(Conflict, match="確定だけ"):
        confirm_first(sheet=one.sheet, version=1, key=str(uuid.uuid4()), by=actor, now=timezone.now())


def test_the_head_confirms(client, one):
    client.force_login(one.kacho, backend=BACKEND)
    assert confirm(client, one.sheet, level="final", action="final").status_code == 302
    one.sheet.refresh_from_db()
    assert one.sheet.state == Sheet.State.CONFIRMED


def test_the_person_reads_of_one_step_alone(client, one):
    client.force_login(one.honnin, backend=BACKEND)
    for page in (show(client, one.sheet), client.get(reverse("assessments:home"))):
        assert "一次確認" not in page.content.decode()
    assert "所属長の確定を待っています" in show(client, one.sheet).content.decode()
    Sheet.objects.filter(pk=one.sheet.pk).update(state="drafting", submitted_at=None, current_revision=None)
    page = client.get(reverse("assessments:sheet_submit", args=[one.sheet.uuid])).content.decode()
    assert "一次確認" not in page


def test_the_steps_stay_once_a_year_is_open(world):
    plan = Plan(
        *(getattr(world.cycle, name) for name in ("reference_date", "starts_on", "submit_by", "confirm_by")),
        steps="one",
    )
    with pytest.raises(Conflict, match="確認の段階"):
        change_plan(cycle=world.cycle, plan=plan, version=1, by=b.actor_of(world.jinji), now=timezone.now())
