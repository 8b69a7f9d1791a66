"""異動希望: the person writes it, 人事 reads it, and nobody else ever does (P32, P32e)."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from access.refusals import Conflict, Invalid
from assessments.models import TransferWish
from assessments.workflow.statements import save_wish
from audit.models import Event
from lib.fiscal import fiscal_year
from organization.models import Posting
from tests import builders as b
from tests.assessments.sheets import show, submitted

SECRET = "福祉の窓口へ移りたい"
YEAR = fiscal_year(timezone.localdate())


def url(staff):
    return reverse("assessments:wish", args=[staff.uuid])


def text(response):
    return response.content.decode()


def save(client, staff, version=0, **changes):
    form = {"version": version, "year": YEAR, "wish": "move", "place": SECRET, "reason": ""} | changes
    return client.post(url(staff), form)


def wished(staff, year=YEAR, **texts):
    return TransferWish.objects.create(
        municipality=staff.municipality, staff=staff, fiscal_year=year, updated_at=timezone.now(),
        **({"wish": "move", "place": SECRET} | texts),
    )  # fmt: skip


def test_written_and_changed_once_a_year(world, sign_in):
    client = sign_in("honnin")
    assert "上司には見えません" in text(client.get(url(world.honnin)))
    assert save(client, world.honnin).status_code == 302
    assert save(client, world.honnin, 1, wish="stay", reason="<b>いまの仕事</b>").status_code == 302
    row = TransferWish.objects.get()
    assert (row.fiscal_year, row.wish, row.version) == (YEAR, "stay", 2)
    assert "&lt;b&gt;いまの仕事&lt;/b&gt;" in text(client.get(url(world.honnin)))
    events = Event.objects.filter(action="wish.change")
    assert [event.data for event in events] == [{"fiscal_year": YEAR}] * 2


def test_a_wish_is_asked_for_and_too_long_is_kept_on_the_page(world, sign_in):
    client = sign_in("honnin")
    response = save(client, world.honnin, wish="")
    assert response.status_code == 422
    assert "希望を選んでください" in text(response)
    response = save(client, world.honnin, place="長" * 401)
    assert response.status_code == 422
    assert "長" * 401 in text(response)
    assert save(client, world.honnin, wish="no-such").status_code == 422
    assert not TransferWish.objects.exists()


def test_two_tabs(world, sign_in):
    client = sign_in("honnin")
    save(client, world.honnin, place="先の希望")
    response = save(client, world.honnin, place="後の希望")
    assert response.status_code == 409
    assert "先の希望" in text(response)
    assert "後の希望</textarea>" in text(response)
    assert save(client, world.honnin, 1, place="後の希望").status_code == 302


def test_earlier_years_are_listed_and_cannot_be_changed(world, sign_in):
    wished(world.honnin, YEAR - 1, place="去年の希望")
    client = sign_in("honnin")
    page = text(client.get(url(world.honnin)))
    assert "これまでの異動希望" in page
    assert "去年の希望" in page
    response = save(client, world.honnin, 1, year=YEAR - 1, place="書き換え")
    assert response.status_code == 409
    assert "年度が変わりました" in text(response)
    assert "書き換え</textarea>" in text(response)
    assert TransferWish.objects.get().place == "去年の希望"


def test_the_workflow_refuses_what_no_form_sends(world):
    common = {"place": "", "reason": "", "version": 0, "by": b.actor_of(world.honnin), "now": timezone.now()}
    with pytest.raises(Invalid):
        save_wish(year=YEAR, wish="x", **common)
    with pytest.raises(Conflict):
        save_wish(year=YEAR + 1, wish="move", **common)


def test_hr_reads_and_that_is_logged_and_writes_nothing(world, sign_in):
    wished(world.honnin)
    wished(world.honnin, YEAR - 1, place="去年の希望")
    client = sign_in("jinji")
    page = text(client.get(url(world.honnin)))
    assert SECRET in page
    assert "去年の希望" in page
    assert "保存する" not in page
    event = Event.objects.get(action="wish.view")
    assert (event.subject_uuid, event.data) == (world.honnin.uuid, {"role": "H"})
    assert save(client, world.honnin, 1).status_code == 403
    assert save(client, world.jinji).status_code == 302


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("kakari", 403),
        ("kacho", 403),
        ("bucho", 403),
        ("dourei", 404),
        ("kansa", 404),
        ("sysadmin", 404),
        ("yoso", 404),
    ],
)
def test_the_line_and_the_auditor_never_see_it(world, sign_in, name, status):
    client = sign_in(name)
    before = client.get(url(world.honnin))
    wished(world.honnin)
    after = client.get(url(world.honnin))
    assert before.status_code == after.status_code == status
    assert SECRET not in text(after)
    assert save(client, world.honnin).status_code == status
    assert not Event.objects.filter(action="wish.view").exists()


@pytest.mark.parametrize(("name", "links"), [("honnin", 1), ("jinji", 1), ("kacho", 0)])
def test_the_résumé_leads_there_for_whom_it_opens(world, sign_in, name, links):
    page = text(sign_in(name).get(reverse("assessments:resume", args=[world.honnin.uuid])))
    assert page.count(f'href="{url(world.honnin)}"') == links


@pytest.mark.parametrize("name", ["honnin", "kacho", "jinji"])
def test_it_is_in_no_other_page_and_in_no_file(world, sign_in, name):
    wished(world.honnin, reason=SECRET)
    submitted(world.sheet)
    client = sign_in(name)
    pages = [show(client, world.sheet), client.get(reverse("assessments:resume", args=[world.honnin.uuid]))]
    if name != "honnin":
        pages.append(client.get(reverse("organization:person", args=[world.honnin.uuid])))
    for kind in ["records", "records-wide", "certifications", "trainings"]:
        form = {"cycle": world.cycle.uuid, "format": "csv", "reason": "確かめる"}
        response = client.post(reverse("assessments:export", args=[kind]), form)
        assert response.status_code == 200, text(response)
        pages.append(response)
    for page in pages:
        body = b"".join(page.streaming_content) if page.streaming else page.content
        assert SECRET.encode() not in body


def test_who_was_transferred_shows_it_to_no_new_superior(world, sign_in):
    wished(world.honnin)
    today = timezone.localdate()
    Posting.objects.filter(staff=world.honnin).update(end=today)
    b.make_posting(world.honnin, world.jinjika, start=today - datetime.timedelta(days=0))
    assert sign_in("kakari").get(url(world.honnin)).status_code == 404
    assert sign_in("honnin").get(url(world.honnin)).status_code == 200


def test_queries(world, sign_in, django_assert_max_num_queries):
    for year in range(2015, YEAR + 1):
        wished(world.honnin, year)
    client = sign_in("jinji")
    with django_assert_max_num_queries(9):
        client.get(url(world.honnin))
