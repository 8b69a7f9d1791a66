"""Adding an entry: the person, 人事 on behalf, nobody else; once per key; everything typed is kept."""

import datetime
import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.models import Certification, Entry, Experience
from audit.models import Event
from competency.models import FrameworkVersion
from tests import builders as b


def url(staff, kind="experience"):
    return reverse("assessments:entry_new", args=[staff.uuid, kind])


def sent(**data):
    return {"key": str(uuid.uuid4()), "title": "住民記録の更改", "category": "renewal", **data}


KINDS = [
    ("experience", {"category": "audit"}),
    ("certification", {"qualification": "other"}),
    ("training", {"form": "ojt"}),
    ("career", {}),
    ("handover", {}),
]


@pytest.mark.parametrize(("kind", "more"), KINDS)
def test_every_kind_from_its_own_page(world, sign_in, kind, more):
    client = sign_in("honnin")
    page = client.get(url(world.honnin, kind))
    assert page.status_code == 200
    assert f"<h1>{Entry.Kind(kind).label}を足す</h1>" in page.content.decode()
    form = page.context["form"]
    assert form["key"].value()
    answer = client.post(url(world.honnin, kind), sent(**more))
    entry = Entry.objects.get()
    assert (entry.kind, entry.title, entry.staff) == (kind, "住民記録の更改", world.honnin)
    assert answer.status_code == 302
    assert (
        answer["Location"] == f"{reverse('assessments:resume', args=[world.honnin.uuid])}#entry-{entry.uuid}"
    )


def test_the_cells_stand_by_category_in_the_words_of_the_newest_year(world, sign_in):
    newer = b.make_version(code="newer", name="2027", publish=False)
    newer.cells.filter(code="security-policy.1").update(task="新しい言い方")
    FrameworkVersion.objects.filter(pk=newer.pk).update(state="published", published_at=timezone.now())
    b.make_cycle(world.city, newer, fiscal_year=2027)
    page = sign_in("honnin").get(url(world.honnin)).content.decode()
    assert "<summary>概念化能力（3項目）</summary>" in page
    assert "セキュリティポリシー｜新しい言い方" in page
    assert "策定管理" not in page


def test_without_a_year_the_newest_version(world, sign_in):
    page = sign_in("yoso").get(url(world.yoso)).content.decode()
    assert "策定管理" in page
    type(world.foreign_sheet).objects.filter(pk=world.foreign_sheet.pk).delete()
    type(world.foreign_cycle).objects.filter(pk=world.foreign_cycle.pk).delete()
    assert "策定管理" in sign_in("yoso").get(url(world.yoso)).content.decode()


def test_filled_in_by_the_address(world, sign_in):
    page = sign_in("honnin").get(url(world.honnin) + "?title=監査の受検&cell=internal-it.1&cell=nowhere")
    form = page.context["form"]
    assert form["title"].value() == "監査の受検"
    assert [group.ticked for group in form.cell_choices] == [1, 0, 0]
    assert "概念化能力（3項目、1つに印）" in page.content.decode()


def test_a_name_of_the_register_chooses_its_row(world, sign_in):
    row = b.make_qualification()
    client = sign_in("honnin")
    form = client.get(url(world.honnin, "certification") + f"?title={row.name}").context["form"]
    assert form["qualification"].value() == str(row.uuid)
    form = client.get(url(world.honnin, "certification") + "?title=技術士").context["form"]
    assert (form["qualification"].value(), form["title"].value()) == ("other", "技術士")


def test_the_proposed_end_of_a_registration_is_told(world, sign_in):
    row = b.make_qualification("SC", "支援士試験", registration_title="支援士", renewal_years=3)
    today = timezone.localdate()
    answer = sign_in("honnin").post(
        url(world.honnin, "certification"),
        {"key": str(uuid.uuid4()), "qualification": str(row.uuid), "registered_on": f"{today:%Y-%m-%d}"},
        follow=True,
    )
    assert "更新期限は" in answer.content.decode()
    assert Certification.objects.get().renew_by > today + datetime.timedelta(days=365 * 3 - 3)


def test_wrong_is_told_beside_the_field_and_everything_is_kept(world, sign_in):
    answer = sign_in("honnin").post(
        url(world.honnin), sent(start="令和8年2月30日", text="あ" * 2001, cells=["internal-it.1"])
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "暦にない日付" in page
    assert "2000字までです。いまは2001字" in page
    assert "あ" * 2001 in page
    assert 'value="令和8年2月30日"' in page
    assert answer.context["form"].cell_choices[0].ticked == 1
    assert not Entry.objects.exists()


def test_html_is_shown_as_text(world, sign_in):
    client = sign_in("honnin")
    page = client.post(url(world.honnin), sent(title="<b>太字</b>"), follow=True).content.decode()
    assert "<b>太字</b>" not in page
    assert "&lt;b&gt;太字&lt;/b&gt;" in page


def test_a_double_click_adds_once(world, sign_in):
    client, form = sign_in("honnin"), sent()
    first, second = (client.post(url(world.honnin), form) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert Experience.objects.count() == Event.objects.filter(action="entry.add").count() == 1


@pytest.mark.parametrize("key", ["", "x"])
def test_without_a_key(world, sign_in, key):
    assert sign_in("honnin").post(url(world.honnin), sent(key=key)).status_code == 422
    assert not Entry.objects.exists()


def test_on_behalf(world, sign_in):
    client = sign_in("jinji")
    assert "山﨑 美咲さんに代わって" in client.get(url(world.honnin)).content.decode()
    client.post(url(world.honnin), sent())
    entry = Entry.objects.get()
    assert (entry.staff, entry.created_by) == (world.honnin, world.jinji)


@pytest.mark.parametrize("method", ["get", "post"])
def test_who_may_see_and_may_not_keep(world, sign_in, method):
    for name in ("kakari", "kacho", "bucho"):
        assert getattr(sign_in(name), method)(url(world.honnin), sent()).status_code == 403
    for name in ("dourei", "betsuka", "kansa"):
        assert getattr(sign_in(name), method)(url(world.honnin), sent()).status_code == 404
    assert getattr(sign_in("jinji"), method)(url(world.yoso), sent()).status_code == 404
    assert not Entry.objects.exists()


def test_no_such_kind(world, sign_in):
    assert sign_in("honnin").get(url(world.honnin, "secret")).status_code == 404


@pytest.mark.parametrize(("kind", "more"), KINDS)
def test_queries(world, sign_in, django_assert_max_num_queries, kind, more):
    client = sign_in("jinji")
    for number in range(30):
        b.make_qualification(f"Q{number}", f"試験{number}")
    with django_assert_max_num_queries(12):
        client.get(url(world.honnin, kind))
