"""締切の延長 on its page; which date then counts is in test_deadlines.py."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from access.refusals import Conflict, Forbidden, Invalid, NotVisible
from assessments.models import Cycle, Extension
from assessments.workflow.participants import Longer, end_extension, extend
from audit.models import Event
from tests import builders as b

BACKEND = "organization.backends.StaffBackend"
NOW = timezone.now()
LATE, LATER = datetime.date(2027, 1, 20), datetime.date(2027, 2, 26)


@pytest.fixture
def hr(client, world):
    client.force_login(world.jinji, backend=BACKEND)
    return client


def url(cycle):
    return reverse("assessments:cycle_extensions", args=[cycle.uuid])


def form(place, **changes):
    return {
        "department": str(place.uuid), "submit_by": "R9.1.20", "confirm_by": "R9.2.26", "reason": "繁忙期のため",
        "version": "0", **changes,
    }  # fmt: skip


def extended(world, department, **changes):
    common = {"cycle": world.cycle, "version": 0, "by": b.actor_of(world.jinji), "now": NOW}
    longer = changes.pop("longer", Longer(LATE, LATER, "繁忙期のため"))
    return extend(**common | changes, department=department, longer=longer)


def test_a_department_is_extended_changed_and_brought_back(hr, world):
    assert hr.post(url(world.cycle), form(world.ka)).status_code == 302
    one = Extension.objects.get()
    assert (one.submit_by, one.confirm_by, one.reason) == (LATE, LATER, "繁忙期のため")
    page = hr.get(url(world.cycle)).content.decode()
    assert "1つの所属の締切を延ばしています" in page
    assert "2027年1月20日" in page
    change = f"{url(world.cycle)}?change={one.uuid}"
    assert "デジタル推進課の締切を変える" in hr.get(change).content.decode()
    assert hr.post(change, form(world.ka, submit_by="R9.1.22", version="1")).status_code == 302
    one.refresh_from_db()
    assert (one.submit_by.day, one.version) == (22, 2)
    stale = hr.post(change, form(world.ka, reason="あとから書いた理由", version="1"))
    assert stale.status_code == 409
    assert "あとから書いた理由" in stale.content.decode()
    remove = reverse("assessments:extension_remove", args=[one.uuid])
    assert hr.get(remove).status_code == 405
    assert hr.post(remove).status_code == 302
    assert not Extension.objects.exists()
    assert set(Event.objects.values_list("action", flat=True)) >= {"cycle.extend", "cycle.end_extension"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"submit_by": "R8.12.10"}, "より前にはできません"),
        ({"submit_by": "R8.12.11", "confirm_by": "R9.1.29"}, "年度の締切と同じです"),
        ({"submit_by": "R9.3.1"}, "提出の締切と同じ日か"),
        ({"reason": ""}, "理由を入力"),
        ({"department": ""}, "所属を選んで"),
        ({"submit_by": "13月1日"}, "令和8年4月1日"),
    ],
)
def test_what_cannot_be_extended_is_said_beside_the_field(hr, world, changes, said):
    response = hr.post(url(world.cycle), form(world.ka, **changes))
    assert response.status_code == 422
    assert said in response.content.decode()
    assert not Extension.objects.exists()


def test_the_workflow_refuses(world):
    one = extended(world, world.ka)
    for longer in (
        Longer(LATE, LATE - datetime.timedelta(1), "理由"),
        Longer(world.cycle.starts_on, LATER, "理由"),
    ):
        with pytest.raises(Invalid):
            extended(world, world.bu, longer=longer)
    with pytest.raises(Invalid):
        extended(world, world.bu, longer=Longer(LATE, LATER, ""))
    with pytest.raises(Conflict):
        extended(world, world.ka)
    with pytest.raises(NotVisible):
        extended(world, world.foreign_department)
    with pytest.raises(NotVisible):
        extended(world, world.foreign_department, cycle=world.foreign_cycle)
    with pytest.raises(Forbidden):
        extended(world, world.bu, by=b.actor_of(world.kacho))
    Cycle.objects.filter(pk=world.cycle.pk).update(state="closed", closed_at=NOW)
    world.cycle.refresh_from_db()
    one.refresh_from_db()
    with pytest.raises(Conflict):
        extended(world, world.bu)
    with pytest.raises(Conflict):
        end_extension(
            extension=Extension.objects.select_related("cycle").get(), by=b.actor_of(world.jinji), now=NOW
        )


def test_nothing_of_another_municipality_is_found(hr, world):
    other = Extension.objects.create(
        municipality=world.other_city, cycle=world.foreign_cycle, department=world.foreign_department,
        submit_by=LATE, confirm_by=LATER, created_at=NOW,
    )  # fmt: skip
    for change in (str(other.uuid), "x"):
        assert hr.get(f"{url(world.cycle)}?change={change}").status_code == 404
    assert hr.post(reverse("assessments:extension_remove", args=[other.uuid])).status_code == 404
    assert hr.post(url(world.cycle), form(world.foreign_department)).status_code == 422


@pytest.mark.parametrize("places", [1, 12])
def test_the_page_costs_the_same_at_any_size(hr, world, django_assert_max_num_queries, places):
    for number in range(places):
        extended(world, b.make_department(world.city, f"課 {number}", code=f"9{number:03}"))
    with django_assert_max_num_queries(12):
        page = hr.get(url(world.cycle)).content.decode()
    assert f"{places}つの所属" in page


def test_the_overview_leads_to_the_extensions(hr, world):
    overview = reverse("gaps:overview")
    assert "延長した所属があります" not in hr.get(overview).content.decode()
    extended(world, world.ka)
    assert url(world.cycle) in hr.get(overview).content.decode()
