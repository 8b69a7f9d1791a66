"""Crosswalks and tags as files on the screen: out, to a neighbour, shown, and in all or nothing (P23, P24)."""

import json

import pytest
import yaml
from django.urls import reverse

from audit.models import Event
from competency.crosswalk_file import Line, Link, dump, dumps
from competency.crosswalk_reads import stored_content
from competency.models import Crosswalk
from tests.competency.importing import apply, problems, told, upload
from tests.crosswalks import make_crosswalk, tags_file
from tests.hostile import CELLS

IMPORT = reverse("competency:crosswalk_import")


def file_of(row):
    return reverse("competency:crosswalk_file", args=[row.uuid])


@pytest.fixture
def common(world):
    return make_crosswalk(tags_file())


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_what_goes_out_comes_in_as_nothing_new(sign_in, common, form):
    client = sign_in("henshu")
    answer = client.get(file_of(common), {"format": form})
    assert answer.status_code == 200
    assert answer["Content-Disposition"] == f'attachment; filename="tags-x.{form}"'
    assert yaml.safe_load(answer.content) == dump(tags_file())
    page = upload(client, IMPORT, answer.content, name=f"x.{form}")
    assert page.context["plan"].is_empty
    assert page.context["plan"].same == 2
    assert page.context["signed"] == ""


def test_everyone_takes_it_out_and_only_editors_bring_it_in(sign_in, common):
    for who in ("honnin", "kacho", "jinji", "kansa", "sysadmin"):
        client = sign_in(who)
        assert client.get(file_of(common)).status_code == 200
        assert client.get(IMPORT).status_code == 403
        assert upload(client, IMPORT, dumps(tags_file(name="x"))).status_code == 403
    assert client.get(file_of(common), {"format": "xlsx"}).status_code == 422


def test_a_neighbours_file_is_shown_and_then_the_municipalitys_own(sign_in, world, common):
    client = sign_in("henshu")
    file = (
        tags_file(name="となりの種類", proposal=False)
        .without_line("second")
        .with_line(Line("third", "守る人", "", (Link("area", "internal-it"), Link("area", "elsewhere"))))
        .with_line(Line("index", "設計する人", "考える", (Link("area", "security-policy", "中心"),)))
    )
    page = upload(client, IMPORT, dumps(file), name="となり.json")
    assert page.status_code == 200
    assert told(page) == {
        "加わる行": [("third", ("庁内情報化、elsewhere",))],
        "変わる行": [
            (
                "index",
                ("外れる：項目「コミュニケーション」", "セキュリティポリシーの説明：なし → 中心"),
            )
        ],
        "なくなる行": [("second", ())],
    }
    assert page.context["plan"].notes == ("名前：人の種類 → となりの種類", "対応：案 → 確かめたもの")
    assert not Crosswalk.objects.filter(municipality=world.city).exists()
    assert [apply(client, IMPORT, page).status_code for _ in range(2)] == [302, 302]
    mine = Crosswalk.objects.get(municipality=world.city)
    assert (stored_content(mine), mine.version) == (file, 1)
    assert stored_content(common) == tags_file()
    assert Event.objects.filter(action="crosswalk.import").count() == 1
    # And out again it is the file that came in.
    assert yaml.safe_load(client.get(file_of(mine)).content) == dump(file)


def test_a_new_one_is_added(sign_in, world):
    client = sign_in("henshu")
    page = upload(client, IMPORT, dumps(tags_file(code="new")))
    assert "新しい対応表かタグ「人の種類」" in page.context["plan"].notes[0]
    apply(client, IMPORT, page)
    assert Crosswalk.objects.get(code="new").municipality == world.city


def test_what_others_changed_in_between_is_shown_with_409(sign_in, world, common):
    client = sign_in("henshu")
    page = upload(client, IMPORT, dumps(tags_file(name="わたしの")))
    mine = make_crosswalk(tags_file(name="ほかの人の"), world.city)
    answer = apply(client, IMPORT, page)
    assert answer.status_code == 409
    assert answer.context["plan"].notes == ("名前：ほかの人の → わたしの",)
    mine.refresh_from_db()
    assert mine.name == "ほかの人の"
    assert apply(client, IMPORT, answer).status_code == 302
    mine.refresh_from_db()
    assert mine.name == "わたしの"


def test_a_bad_file_is_refused_whole_with_every_fault(sign_in, world, common):
    client = sign_in("henshu")
    bad = dump(tags_file()) | {"colour": "red", "items": [{"code": "a", "name": "x"}, {"code": "a"}]}
    page = upload(client, IMPORT, json.dumps(bad))
    assert page.status_code == 422
    assert len(problems(page)[1]) == 3
    assert upload(client, IMPORT, b"\x82\xa0").status_code == 422
    assert upload(client, IMPORT, b"").status_code == 422
    other_kind = upload(client, IMPORT, dumps(tags_file(kind="crosswalk")))
    assert "種類（タグか対応表か）の違うもの" in problems(other_kind)[1][0]
    assert client.post(IMPORT, {"plan": "made up"}).status_code == 422
    assert not Crosswalk.objects.filter(municipality=world.city).exists()


@pytest.mark.parametrize("hostile", CELLS)
def test_hostile_text_is_refused_or_shown_as_text(sign_in, world, hostile):
    client = sign_in("henshu")
    data = dump(tags_file()) | {"name": hostile, "items": [{"code": "a", "name": hostile, "note": hostile}]}
    page = upload(client, IMPORT, json.dumps(data))
    assert page.status_code in (200, 422)
    if page.status_code == 200:
        assert apply(client, IMPORT, page).status_code == 302
        row = Crosswalk.objects.get(municipality=world.city)
        for address in ("crosswalk", "crosswalk_edit"):
            assert client.get(reverse(f"competency:{address}", args=[row.uuid])).status_code == 200
        shown = client.get(reverse("competency:framework")).content.decode()
        assert "<script>alert" not in shown
