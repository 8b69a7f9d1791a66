"""The templates of 列の対応, /imports/templates/."""

import pytest

from access.refusals import Conflict
from audit.models import Event
from organization.models import HeaderMapping
from organization.workflow import TemplateValues, change_templates
from tests import builders as b
from tests.organization.files import NOW, checked
from tests.organization.rosters import roster

BACKEND = "organization.backends.StaffBackend"
URL = "/imports/templates/"


def template(municipality, name, *, kind="roster", columns=None):
    return HeaderMapping.objects.create(
        municipality=municipality, kind=kind, name=name, columns=columns or {"番号": "職員番号", "備考": ""}
    )


@pytest.fixture
def hr(client, world):
    world.payroll = template(world.city, "人事給与")
    world.rating = template(world.city, "評価")
    template(world.city, "")
    client.force_login(world.jinji, backend=BACKEND)
    return client


def table(*rows):
    """Return the form with these rows, in the order of the page."""
    order = list(HeaderMapping.objects.order_by("kind", "name").values_list("pk", flat=True))
    rows = sorted(rows, key=lambda row: order.index(row[0].pk))
    data = {"form-TOTAL_FORMS": len(rows), "form-INITIAL_FORMS": len(rows)}
    for n, (one, changes) in enumerate(rows):
        values = {"row": one.pk, "version": one.version, "name": one.name, **changes}
        data |= {f"form-{n}-{name}": value for name, value in values.items()}
    return data


def names(world):
    found = HeaderMapping.objects.filter(municipality=world.city, kind="roster")
    return set(found.values_list("name", flat=True))


def test_the_list_has_the_named_ones_of_ours_only(hr, world):
    template(world.other_city, "となりの給与")
    page = hr.get(URL)
    text = page.content.decode()
    assert {one.name for _, one in page.context["rows"]} == {"人事給与", "評価"}
    assert "となりの給与" not in text
    assert "職員番号（1列）" in text


def test_it_is_linked_from_the_imports_and_the_mapping(hr, world):
    batch = checked(world, content=roster("1,2", header="あ,い"))
    for page in ("/imports/", f"/imports/{batch.uuid}/map/"):
        assert f'href="{URL}"' in hr.get(page).content.decode()


def test_without_any_it_says_how_one_is_made(client, world):
    client.force_login(world.jinji, backend=BACKEND)
    assert "まだありません" in client.get(URL).content.decode()


def test_rename_and_delete_at_once(hr, world):
    data = table((world.payroll, {"name": "人事給与（新）"}), (world.rating, {"delete": "on"}))
    answer = hr.post(URL, data, follow=True)
    assert names(world) == {"", "人事給与（新）"}
    assert "1件の名前を変えました。1件を消しました。" in answer.content.decode()
    assert HeaderMapping.objects.get(name="人事給与（新）").version == 2
    for action in ("import_template.rename", "import_template.delete"):
        assert Event.objects.get(action=action).data == {"rows": 1, "kinds": ["roster"]}


def test_names_are_swapped(hr, world):
    data = table((world.payroll, {"name": "評価"}), (world.rating, {"name": "人事給与"}))
    assert hr.post(URL, data).status_code == 302
    assert HeaderMapping.objects.get(pk=world.payroll.pk).name == "評価"
    assert HeaderMapping.objects.get(pk=world.rating.pk).name == "人事給与"


def test_a_deleted_template_leaves_its_name_free(hr, world):
    data = table((world.payroll, {"delete": "on"}), (world.rating, {"name": "人事給与"}))
    assert hr.post(URL, data).status_code == 302
    assert names(world) == {"", "人事給与"}


def test_nothing_changed_writes_nothing(hr, world):
    assert hr.post(URL, table((world.payroll, {}), (world.rating, {}))).status_code == 302
    assert not Event.objects.filter(action__startswith="import_template").exists()


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"name": "  "}, "名前を入力してください"), ({"name": "評価"}, "同じ名前のひな形があります")],
)
def test_a_name_that_cannot_be_is_said_in_the_row(hr, world, changes, words):
    answer = hr.post(URL, table((world.payroll, changes), (world.rating, {})))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert names(world) == {"", "人事給与", "評価"}


def test_the_same_name_for_another_kind_is_fine(hr, world):
    template(world.city, "人事給与（新）", kind="ratings")
    other = HeaderMapping.objects.get(kind="ratings")
    data = table((other, {}), (world.payroll, {"name": "人事給与（新）"}), (world.rating, {}))
    assert hr.post(URL, data).status_code == 302
    assert HeaderMapping.objects.filter(name="人事給与（新）").count() == 2


def test_a_list_that_changed_meanwhile_is_409(hr, world):
    data = table((world.payroll, {"name": "別の名前"}), (world.rating, {}))
    HeaderMapping.objects.filter(pk=world.payroll.pk).update(version=2)
    stale = hr.post(URL, data)
    assert stale.status_code == 409
    assert 'value="人事給与"' in stale.content.decode()
    world.rating.delete()
    gone = hr.post(URL, data)
    assert gone.status_code == 409
    assert "変えられませんでした" in gone.content.decode()
    assert names(world) == {"", "人事給与"}


def test_a_name_taken_meanwhile_is_409_and_keeps_all(world):
    first, second = template(world.city, "甲"), template(world.city, "乙")
    template(world.city, "丙")
    rows = [TemplateValues(first, None, 1), TemplateValues(second, "丙", 1)]
    with pytest.raises(Conflict, match="もうあります"):
        change_templates(by=b.actor_of(world.jinji), rows=rows, now=NOW)
    assert names(world) == {"甲", "乙", "丙"}


def test_another_municipality_is_never_touched(hr, world):
    foreign = template(world.other_city, "外")
    assert hr.post(URL, table((foreign, {"name": "乗取"}))).status_code == 409
    with pytest.raises(Conflict):
        change_templates(by=b.actor_of(world.jinji), rows=[TemplateValues(foreign, None, 1)], now=NOW)
    foreign.refresh_from_db()
    assert foreign.name == "外"


def test_without_management_form_is_422(hr):
    assert hr.post(URL, {}).status_code == 422


def test_a_row_that_says_it_is_new_is_taken_as_the_template_it_is(hr, world):
    """A page that says it began with no row could leave one empty past every question; found by the drill of hostile forms."""
    data = table((world.payroll, {"name": "人事給与"}), (world.rating, {"name": "評価"}))
    data |= {"form-INITIAL_FORMS": "0"}
    assert hr.post(URL, data).status_code == 302
    assert names(world) == {"", "人事給与", "評価"}
    answer = hr.post(URL, data | {"form-0-name": ""})
    assert answer.status_code == 422
    assert names(world) == {"", "人事給与", "評価"}
