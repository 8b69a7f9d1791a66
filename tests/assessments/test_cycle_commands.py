"""年度 by the operator: open_cycle and close_cycle."""

import datetime

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from assessments.models import Cycle, Sheet
from assessments.workflow.cycles import Plan, prepare_cycle
from audit.models import Event
from tests import builders as b

DAY = datetime.date(2027, 4, 1)
PLAN = Plan(DAY, DAY, datetime.date(2027, 12, 10), datetime.date(2028, 1, 28))


def command(name, *args, **options):
    call_command(name, *args, municipality=options.pop("municipality", "011002"), year=2027, **options)


def test_commands_open_and_close(world, capsys):
    with pytest.raises(CommandError, match="--submit-by"):
        command("open_cycle")
    command("open_cycle", submit_by=PLAN.submit_by, confirm_by=PLAN.confirm_by)
    cycle = Cycle.objects.get(fiscal_year=2027)
    assert (cycle.is_open, cycle.reference_date) == (True, DAY)
    assert "年度票 10 件" in capsys.readouterr().out
    with pytest.raises(CommandError, match="受付中"):
        command("open_cycle")
    with pytest.raises(CommandError, match="10 件"):
        command("close_cycle")
    command("close_cycle", accept_unfinished=True)
    cycle.refresh_from_db()
    assert cycle.state == "closed"
    with pytest.raises(CommandError, match="終了"):
        command("close_cycle")
    assert [e.actor_uuid for e in Event.objects.filter(action__startswith="cycle.")] == [None] * 4


def test_the_command_opens_what_is_prepared(world):
    prepare_cycle(
        municipality=world.city, fiscal_year=2027, framework_version=world.version, plan=PLAN,
        by=b.actor_of(world.jinji), now=timezone.now(),
    )  # fmt: skip
    command("open_cycle")
    assert Cycle.objects.get(fiscal_year=2027).is_open


def test_commands_say_what_is_missing(world):
    with pytest.raises(CommandError, match="--municipality"):
        command("close_cycle", municipality=None)
    with pytest.raises(CommandError, match="999999"):
        command("close_cycle", municipality="999999")
    with pytest.raises(CommandError, match="2027"):
        command("close_cycle")
    with pytest.raises(CommandError, match="公開された版"):
        command("open_cycle", framework="none", submit_by=PLAN.submit_by, confirm_by=PLAN.confirm_by)
    with pytest.raises(CommandError, match="暦にない"):
        call_command("open_cycle", "--year", "2027", "--municipality", "011002", "--submit-by", "2027/2/30")


def test_the_only_municipality_needs_no_code(db):
    city = b.make_municipality()
    staff = b.make_staff(city)
    b.make_posting(staff, b.make_department(city))
    b.make_version()
    command("open_cycle", municipality=None, submit_by=PLAN.submit_by, confirm_by=PLAN.confirm_by)
    assert Sheet.objects.count() == 1
