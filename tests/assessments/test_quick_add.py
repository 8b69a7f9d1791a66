"""Quick add: one line from anywhere, for oneself, detail later."""

import datetime
import uuid

import pytest
from django.urls import reverse

from assessments.models import Certification, Entry
from tests import builders as b

URL = "/resume/add/"


def sent(**data):
    return {"key": str(uuid.uuid4()), "kind": "experience", "title": "機器の更改", **data}


def test_one_line_is_enough(world, sign_in):
    client = sign_in("honnin")
    answer = client.post(URL, sent(), follow=True)
    entry = Entry.objects.get()
    assert (entry.staff, entry.kind, entry.title, entry.start) == (
        world.honnin,
        "experience",
        "機器の更改",
        None,
    )
    page = answer.content.decode()
    assert "「機器の更改」を記録しました" in page
    assert "続けてもう1件" in page
    assert f'href="{reverse("assessments:entry", args=[entry.uuid])}">詳しく書く</a>' in page
    # The next line is of the same kind, and another click.
    form = answer.context["form"]
    assert form["kind"].value() == "experience"
    assert not form["title"].value()


@pytest.mark.parametrize("kind", ["experience", "certification", "training", "handover"])
def test_every_kind_with_a_month_and_a_cell(world, sign_in, kind):
    sign_in("honnin").post(URL, sent(kind=kind, when="R7.6", cell="internal-it.1"))
    entry = Entry.objects.get()
    assert entry.kind == kind
    assert entry.start == (None if kind == "handover" else datetime.date(2025, 6, 1))
    assert [cell.cell_code for cell in entry.cells.all()] == ["internal-it.1"]


@pytest.mark.parametrize("title", ["応用情報技術者試験", "AP"])
def test_a_name_or_code_of_the_register_is_its_row(world, sign_in, title):
    row = b.make_qualification()
    sign_in("honnin").post(URL, sent(kind="certification", title=title))
    found = Certification.objects.get()
    assert (found.qualification, found.title) == (row, row.name)


def test_the_same_checks_as_on_the_long_page(world, sign_in):
    b.make_qualification(valid_from=datetime.date(2009, 4, 19))
    client = sign_in("honnin")
    answer = client.post(URL, sent(kind="certification", title="AP", when="H20.4"))
    assert answer.status_code == 422
    assert "平成21年4月からの試験です" in answer.content.decode()
    assert client.post(URL, sent(when="2099-01")).status_code == 422
    assert client.post(URL, sent(title="")).status_code == 422
    assert client.post(URL, sent(kind="career")).status_code == 422
    assert client.post(URL, sent(title="あ" * 121)).status_code == 422
    assert not Entry.objects.exists()


def test_filled_in_by_the_address(world, sign_in):
    page = sign_in("honnin").get(URL + "?kind=training&title=監査の基礎&cell=internal-it.1")
    form = page.context["form"]
    assert [form[name].value() for name in ("kind", "title", "cell")] == [
        "training",
        "監査の基礎",
        "internal-it.1",
    ]
    assert sign_in("honnin").get(URL + "?kind=nothing&cell=nothing").status_code == 200


def test_a_double_click_adds_once(world, sign_in):
    client, form = sign_in("honnin"), sent()
    assert client.post(URL, form)["Location"] == client.post(URL, form)["Location"]
    assert Entry.objects.count() == 1


def test_another_persons_entry_is_not_named(world, sign_in):
    other = b.make_experience(world.honnin, "ほかの人の記録")
    for name in ("dourei", "kacho", "jinji"):
        page = sign_in(name).get(f"{URL}?saved={other.uuid}")
        assert "ほかの人の記録" not in page.content.decode()
    assert sign_in("honnin").get(f"{URL}?saved=x").status_code == 200


def test_reached_from_every_page(world, sign_in):
    for address in ("/", "/sheet/", "/resume/", "/departments/"):
        assert 'href="/resume/add/"' in sign_in("honnin").get(address, follow=True).content.decode()


def test_not_signed_in(client, db):
    assert client.get(URL).status_code == 302
    assert 'href="/resume/add/"' not in client.get("/login/").content.decode()


@pytest.mark.parametrize("saved", [0, 20])
def test_queries(world, sign_in, django_assert_max_num_queries, saved):
    for number in range(saved):
        entry = b.make_experience(world.kacho, f"仕事{number}")
    client = sign_in("kacho")
    with django_assert_max_num_queries(10):
        client.get(f"{URL}?saved={entry.uuid if saved else ''}")
