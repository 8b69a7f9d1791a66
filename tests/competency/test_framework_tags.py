"""Tags beside the matrix: every set in use on each cell, a legend, and one tag alone (P23)."""

import pytest
from django.urls import reverse

from competency.crosswalk_file import Line, Link
from competency.models import Crosswalk
from tests import builders as b
from tests.crosswalks import make_crosswalk, tags_file

PAGE = reverse("competency:framework")


@pytest.fixture
def two_sets(world):
    """Return two common sets of tags and a crosswalk, which is none."""
    make_crosswalk(tags_file())
    guard = Line("guard", "守る人", "備える", (Link("area", "security-policy"),))
    make_crosswalk(tags_file(guard, code="tags-y", name="別の種類", proposal=False))
    make_crosswalk(tags_file(guard, code="walk", name="対応するもの", kind="crosswalk"))
    return world


def shown(page):
    """Return the names of the tags by the code of the cell, for those that have any."""
    tiles = [tile for group in page.context["groups"] for tile in group.tiles]
    return {tile.cell.code: [tag.name for tag in tile.tags] for tile in tiles if tile.tags}


@pytest.mark.parametrize("who", ["honnin", "kacho", "henshu", "kansa"])
def test_each_cell_has_its_own_tags_and_those_of_its_area(sign_in, two_sets, who):
    page = sign_in(who).get(PAGE)
    assert shown(page) == {
        "security-policy.1": ["設計する人", "守る人"],
        "communication.1": ["設計する人", "伝える人"],
    }
    legend = [
        (one.name, one.proposal, [line.cells for line in one.lines]) for one in page.context["tags"].sets
    ]
    assert legend == [("人の種類", True, [2, 1]), ("別の種類", False, [1])]
    html = page.content.decode()
    assert "名前の出典：ある指針" in html
    assert '<span class="tag">守る人</span>' in html
    assert f'href="{reverse("competency:crosswalks")}"' in html
    assert "対応するもの" not in html


def test_one_tag_alone_by_a_link_that_needs_no_script(sign_in, two_sets):
    client = sign_in("honnin")
    page = client.get(PAGE, {"tag": "tags-y:guard"})
    assert shown(page) == {"security-policy.1": ["守る人"]}
    assert 'href="?tag=tags-y:guard#tags-h" aria-current="true"' in page.content.decode()
    version = client.get(reverse("competency:version", args=[two_sets.version.uuid]), {"tag": "tags-y:guard"})
    assert shown(version) == {"security-policy.1": ["守る人"]}


@pytest.mark.parametrize("wanted", ["", "x", "tags-y:", "<script>", "walk:guard"])
def test_what_is_no_tag_chooses_none(sign_in, two_sets, wanted):
    page = sign_in("honnin").get(PAGE, {"tag": wanted})
    assert page.context["tags"].chosen is None
    assert shown(page)["security-policy.1"] == ["設計する人", "守る人"]
    assert "<script>" not in page.content.decode().partition("<main")[2].partition("</main>")[0]


def test_a_municipalitys_own_stands_in_and_a_retired_one_is_gone(sign_in, two_sets):
    make_crosswalk(tags_file(Line("mine", "うちの人", "", (Link("cell", "internal-it.1"),))), two_sets.city)
    make_crosswalk(tags_file(code="tags-y"), two_sets.city, retired=True)
    make_crosswalk(tags_file(code="tags-z", name="よその種類"), two_sets.other_city)
    page = sign_in("honnin").get(PAGE)
    assert shown(page) == {"internal-it.1": ["うちの人"]}
    assert "よその種類" not in page.content.decode()
    client = sign_in("yoso")
    assert shown(client.get(PAGE))["security-policy.1"] == ["設計する人", "守る人", "設計する人"]


def test_a_change_is_seen_at_once_though_the_lines_are_kept(sign_in, world):
    row = make_crosswalk(tags_file(), world.city)
    client = sign_in("henshu")
    assert shown(client.get(PAGE))["communication.1"] == ["設計する人", "伝える人"]
    line = f"{reverse('competency:crosswalk_line', args=[row.uuid])}?code=second"
    client.post(line, {"version": "1", "name": "話す人", "note": "", "links": ["area:internal-it"]})
    assert shown(client.get(PAGE))["internal-it.2"] == ["話す人"]
    assert Crosswalk.objects.get(pk=row.pk).version == 2


def test_queries_do_not_grow_with_the_tags(sign_in, world, django_assert_max_num_queries):
    client = sign_in("henshu")
    counted = []
    for sets in range(3):
        lines = [Line(f"c{n}", f"人{n}", "", (Link("area", "internal-it"),)) for n in range(1 + sets * 20)]
        make_crosswalk(tags_file(*lines, code=f"set-{sets}"))
        client.get(PAGE)
        with django_assert_max_num_queries(15) as queries:
            client.get(PAGE)
        counted.append(len(queries))
    assert len(set(counted)) == 1


def test_without_a_version_there_are_no_tags(client, db):
    staff = b.make_staff(b.make_municipality())
    client.force_login(staff)
    make_crosswalk(tags_file())
    assert client.get(PAGE).status_code == 200
