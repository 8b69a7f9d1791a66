"""Last 年度's record goes on: ticked rows are copied with new months, what is over gets its end."""

import datetime
import uuid

import pytest
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from assessments.copy_page import NOTHING_CHOSEN, candidates
from assessments.models import Entry
from lib import fiscal
from tests import builders as b

THIS = fiscal.fiscal_year(timezone.localdate())
APRIL = fiscal.first_day(THIS)
LAST_APRIL = fiscal.first_day(THIS - 1)
MARCH = fiscal.last_day(THIS - 1)


def url(staff):
    return reverse("assessments:entries_copy", args=[staff.uuid])


def form_of(page, **changes):
    """Return what the page would send, with changes by title: {"保守": {"copy": "on"}}."""
    formset = page.context["formset"]
    data = {
        "key": str(page.context["key"]),
        "rows-TOTAL_FORMS": len(formset.forms),
        "rows-INITIAL_FORMS": len(formset.forms),
    }
    for row in formset.forms:
        values = {name: row[name].value() for name in ("entry", "version", "start")}
        values |= changes.get(row.found.shown.entry.title, {})
        data |= {f"{row.prefix}-{name}": value for name, value in values.items()}
    return data


@pytest.fixture
def record(world):
    """Return last year's record of 山﨑さん: 保守 goes on, 更改 ended in March, 監査研修 was in June."""
    return {
        "保守": b.make_experience(
            world.honnin,
            "保守",
            start=LAST_APRIL,
            cells=["internal-it.1"],
            category="operation",
            result="無事故",
        ),
        "更改": b.make_experience(world.honnin, "更改", start=LAST_APRIL, end=MARCH, role="主担当"),
        "監査研修": b.make_training(
            world.honnin, "監査研修", start=LAST_APRIL.replace(month=6), provider="J-LIS"
        ),
    }


def test_what_is_offered(world, record):
    b.make_experience(world.honnin, "昔", start=datetime.date(2010, 4, 1), end=datetime.date(2011, 3, 31))
    b.make_experience(world.honnin, "今年度", start=APRIL)
    b.make_experience(world.honnin, "時期なし")
    b.make_experience(world.honnin, "取消し", start=LAST_APRIL, removed_at=timezone.now())
    b.make_training(world.honnin, "申込み中", start=LAST_APRIL, state="applied")
    b.make_training(world.honnin, "昔の研修", start=datetime.date(2010, 4, 1))
    b.make_certification(world.honnin, "資格", start=LAST_APRIL)
    b.make_experience(world.dourei, "ほかの人", start=LAST_APRIL)
    b.make_experience(world.honnin, "写した", start=LAST_APRIL, end=MARCH)
    b.make_experience(world.honnin, "写した", start=APRIL)
    found = {one.shown.entry.title: one.goes_on for one in candidates(world.honnin.pk, timezone.localdate())}
    assert found == {"保守": True, "更改": False, "監査研修": False}


def test_ticked_rows_are_copied_and_ended_ones_end(world, sign_in, record):
    client = sign_in("honnin")
    page = client.get(url(world.honnin))
    assert page.status_code == 200
    end = f"{THIS}-04"
    answer = client.post(
        url(world.honnin),
        form_of(page, 更改={"copy": "on", "end": end}, 監査研修={"copy": "on"}, 保守={"ended": f"{THIS}-03"}),
        follow=True,
    )
    assert "2件を写しました、1件に終わりを入れました。" in answer.content.decode()
    assert Entry.objects.get(pk=record["保守"].pk).end == MARCH
    copy = Entry.objects.get(title="更改", start=APRIL)
    assert (copy.end, copy.experience.role, copy.version) == (datetime.date(THIS, 4, 30), "主担当", 1)
    assert Entry.objects.get(title="監査研修", start=APRIL).training.provider == "J-LIS"
    assert Entry.objects.count() == 5


def test_cells_go_along_and_last_years_result_stays_with_it(world, sign_in, record):
    client = sign_in("honnin")
    client.post(url(world.honnin), form_of(client.get(url(world.honnin)), 保守={"copy": "on"}))
    copy = Entry.objects.get(title="保守", start=APRIL)
    assert [cell.cell_code for cell in copy.cells.all()] == ["internal-it.1"]
    assert (copy.experience.category, copy.experience.result) == ("operation", "")


def test_sent_twice_is_once(world, sign_in, record):
    client = sign_in("honnin")
    data = form_of(client.get(url(world.honnin)), 更改={"copy": "on"})
    assert client.post(url(world.honnin), data).status_code == 302
    # The second click finds its row offered no more; it is answered like the first.
    assert client.post(url(world.honnin), data).status_code == 302
    assert Entry.objects.filter(title="更改").count() == 2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, NOTHING_CHOSEN),
        ({"更改": {"copy": "on", "start": ""}}, "はじめの年月を入れてください"),
        ({"更改": {"copy": "on", "start": "2099-04"}}, "まだ来ていない年月です"),
        ({"更改": {"copy": "on", "start": f"{THIS}-04", "end": f"{THIS}-03"}}, "前になっています"),
        ({"更改": {"end": f"{THIS}-04"}}, "写すときは印も付けてください"),
        ({"更改": {"copy": "on", "start": "いつか"}}, "読めない"),
        ({"保守": {"ended": "2000-01"}}, "はじめより前になっています"),
        ({"更改": {"ended": f"{THIS}-03"}}, "選べる記録が変わりました"),
        ({"更改": {"entry": str(uuid.uuid4()), "copy": "on"}}, "選べる記録が変わりました"),
    ],
)
def test_what_is_refused_and_kept(world, sign_in, record, changes, words):
    client = sign_in("honnin")
    answer = client.post(url(world.honnin), form_of(client.get(url(world.honnin)), **changes))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert Entry.objects.count() == 3
    assert Entry.objects.get(pk=record["保守"].pk).end is None


def test_changed_in_another_tab(world, sign_in, record):
    client = sign_in("honnin")
    data = form_of(client.get(url(world.honnin)), 更改={"copy": "on"}, 保守={"ended": f"{THIS}-03"})
    Entry.objects.filter(pk=record["保守"].pk).update(version=2)
    answer = client.post(url(world.honnin), data)
    assert answer.status_code == 409
    assert Entry.objects.count() == 3
    again = form_of(answer, 更改={"copy": "on"}, 保守={"ended": f"{THIS}-03"})
    assert client.post(url(world.honnin), again).status_code == 302
    assert Entry.objects.get(pk=record["保守"].pk).end == MARCH


def test_nothing_to_copy(world, sign_in):
    assert "写せる記録はありません" in sign_in("honnin").get(url(world.honnin)).content.decode()


def test_on_behalf_and_nobody_else(world, sign_in, record):
    client = sign_in("jinji")
    page = client.get(url(world.honnin))
    assert "山﨑 美咲さんに代わって" in page.content.decode()
    client.post(url(world.honnin), form_of(page, 更改={"copy": "on"}))
    assert Entry.objects.get(title="更改", start=APRIL).created_by == world.jinji
    for name, status in [("kacho", 403), ("dourei", 404)]:
        assert sign_in(name).get(url(world.honnin)).status_code == status
        assert sign_in(name).post(url(world.honnin)).status_code == status


@pytest.mark.parametrize("count", [1, 40])
def test_queries(world, sign_in, django_assert_max_num_queries, count):
    for number in range(count):
        b.make_experience(world.honnin, f"仕事{number}", start=LAST_APRIL, cells=["internal-it.1"])
    client = sign_in("jinji")
    with django_assert_max_num_queries(10), override_settings(DEBUG=False):
        client.get(url(world.honnin))
