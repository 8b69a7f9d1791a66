"""対応表とタグ on the screen: read by everyone (P23), made the municipality's own by 体系の編集 (P24)."""

import uuid
from urllib.parse import quote

import pytest
from django.urls import reverse
from django.utils import timezone

from access.refusals import Conflict, Forbidden, NotVisible
from audit.models import Event
from competency.crosswalk_file import Line, Link
from competency.crosswalk_reads import stored_content
from competency.models import Crosswalk
from competency.workflow import StaleCrosswalk, retire_crosswalk, save_crosswalk
from tests import builders as b
from tests.crosswalks import make_crosswalk, tags_file

LIST, NEW = reverse("competency:crosswalks"), reverse("competency:crosswalk_new")
EVERYONE = ["honnin", "kakari", "kacho", "jinji", "henshu", "kansa", "sysadmin"]


@pytest.fixture
def common(world):
    """Return a common set of tags; its second line names a 項目 that no version has."""
    return make_crosswalk(tags_file())


def url(row, name="crosswalk"):
    return reverse(f"competency:{name}", args=[row.uuid])


def text(page):
    return page.content.decode()


def own(world):
    return Crosswalk.objects.get(municipality=world.city)


def head(version=1, **changes):
    return {
        "version": version,
        "name": "人の種類",
        "year": "2024",
        "source": "ある指針",
        "note": "",
    } | changes


def line(version=1, **changes):
    sent = {"version": version, "name": "設計する人", "note": "考える"}
    return sent | {"links": ["area:security-policy", "cell:communication.1"]} | changes


@pytest.mark.parametrize("who", EVERYONE)
def test_everyone_reads_and_only_editors_change(sign_in, world, common, who):
    client = sign_in(who)
    assert "人の種類" in text(client.get(LIST))
    page = client.get(url(common))
    assert page.status_code == 200
    assert ("編集する" in text(page)) == (who == "henshu")
    for name in ("crosswalk_edit", "crosswalk_line"):
        expected = 200 if who == "henshu" else 403
        assert client.get(url(common, name)).status_code == expected
        if who != "henshu":
            assert client.post(url(common, name), head()).status_code == 403
    assert client.get(NEW).status_code == (200 if who == "henshu" else 403)
    assert not Crosswalk.objects.filter(municipality=world.city).exists()


def test_lines_meet_areas_and_what_is_missing_is_listed(sign_in, common):
    page = sign_in("honnin").get(url(common))
    table = page.context["table"]
    assert [area.code for area in table.areas] == [
        "security-policy", "internal-it", "system-operations", "communication",
    ]  # fmt: skip
    first, second = table.rows
    assert [slot.whole for slot in first.slots] == [True, False, False, False]
    assert first.slots[3].cells == ("コミュニケーション",)
    assert [slot.whole for slot in second.slots] == [False, False, False, True]
    assert table.lonely_areas == ("庁内情報化", "システムの運用管理")
    assert table.lonely_lines == ()
    assert table.strange == ("伝える人：gone.1",)
    assert "いまの版にない項目" in text(page)
    assert "案</span>" in text(page)


def test_a_line_of_nothing_but_strange_codes_has_no_area(sign_in, world):
    row = make_crosswalk(tags_file(Line("a", "だれか", "", (Link("area", "gone"),)), Line("b", "ほか")))
    table = sign_in("honnin").get(url(row)).context["table"]
    assert table.lonely_lines == ("だれか", "ほか")
    assert len(table.lonely_areas) == 4


def test_an_editors_change_of_a_common_one_makes_the_municipalitys_own(sign_in, world, common):
    client = sign_in("henshu")
    answer = client.post(url(common, "crosswalk_edit"), head(name="うちの種類"))
    mine = own(world)
    assert (answer.status_code, answer["Location"]) == (302, url(mine))
    assert (mine.code, mine.name, mine.is_proposal, mine.version) == (common.code, "うちの種類", False, 1)
    assert stored_content(mine).lines == tags_file().lines
    common.refresh_from_db()
    assert (common.name, common.version, stored_content(common)) == ("人の種類", 1, tags_file())
    # The own one stands in for the common one here, and nowhere else.
    assert [row.pk for row in client.get(LIST).context["rows"] if row.code == common.code] == [mine.pk]
    assert client.get(url(common))["Location"] == url(mine)
    assert client.get(url(common, "crosswalk_edit"))["Location"] == url(mine, "crosswalk_edit")
    theirs = Crosswalk.objects.in_use_of(world.other_city.pk)
    assert common in theirs
    assert mine not in theirs
    assert Event.objects.get(action="crosswalk.change").object_uuid == mine.uuid


def test_saving_a_proposal_unchanged_says_that_somebody_has_looked_and_twice_is_once(sign_in, world, common):
    client = sign_in("henshu")
    assert [client.post(url(common, "crosswalk_edit"), head()).status_code for _ in range(2)] == [302, 302]
    assert (own(world).is_proposal, own(world).version) == (False, 1)
    assert Event.objects.filter(action="crosswalk.change").count() == 1


def test_of_two_who_change_what_it_is_the_second_sees_both(sign_in, world, common):
    client = sign_in("henshu")
    client.post(url(common, "crosswalk_edit"), head(name="先の名前"))
    answer = client.post(url(common, "crosswalk_edit"), head(name="あとの名前"))
    assert answer.status_code == 409
    assert answer.context["conflict"] == [{"label": "名前", "mine": "あとの名前", "theirs": "先の名前"}]
    assert 'value="あとの名前"' in text(answer)
    assert own(world).name == "先の名前"
    # The form that came back is about the own one as it is now: sending it again decides.
    again = head(answer.context["form"]["version"].value(), name="あとの名前")
    assert client.post(url(own(world), "crosswalk_edit"), again).status_code == 302
    assert (own(world).name, own(world).version) == ("あとの名前", 2)


def test_a_line_is_changed_and_keeps_what_the_version_does_not_have(sign_in, world, common):
    client = sign_in("henshu")
    address = f"{url(common, 'crosswalk_line')}?code=second"
    page = client.get(address)
    assert page.context["strange"] == ["gone.1"]
    sent = line(name="話す人", note="ことばで\r\n伝える", links=["area:internal-it", "cell:internal-it.1"])
    assert client.post(address, sent).status_code == 302
    assert stored_content(own(world)).line("second") == Line(
        "second", "話す人", "ことばで 伝える",
        (Link("area", "internal-it"), Link("cell", "gone.1"), Link("cell", "internal-it.1")),
    )  # fmt: skip


def test_the_note_of_a_link_that_stays_stays(sign_in, world):
    row = make_crosswalk(
        tags_file(Line("a", "甲", "", (Link("area", "internal-it", "おもに企画"),))), world.city
    )
    sign_in("henshu").post(
        f"{url(row, 'crosswalk_line')}?code=a", line(links=["area:communication", "area:internal-it"])
    )
    assert stored_content(own(world)).line("a").links == (
        Link("area", "internal-it", "おもに企画"), Link("area", "communication"),
    )  # fmt: skip


def test_of_two_who_change_a_line_the_second_sees_both(sign_in, world, common):
    client = sign_in("henshu")
    address = f"{url(common, 'crosswalk_line')}?code=index"
    client.post(address, line(note="先"))
    answer = client.post(address, line(note="あと", links=["area:internal-it"]))
    assert answer.status_code == 409
    assert answer.context["conflict"] == [
        {"label": "説明", "mine": "あと", "theirs": "先"},
        {
            "label": "対応する区分と項目",
            "mine": "庁内情報化",
            "theirs": "セキュリティポリシー、項目「コミュニケーション」",
        },
    ]
    assert stored_content(own(world)).line("index").note == "先"
    again = line(answer.context["form"]["version"].value(), note="あと")
    assert client.post(answer.context["action"], again).status_code == 302
    assert stored_content(own(world)).line("index").note == "あと"


def test_a_line_that_somebody_took_out_is_kept_on_the_screen(sign_in, world):
    row = make_crosswalk(tags_file(), world.city)
    client = sign_in("henshu")
    address = f"{url(row, 'crosswalk_line')}?code=index"
    assert client.post(address, {"act": "remove", "version": "1"}).status_code == 302
    assert [one.code for one in stored_content(row).lines] == ["second"]
    answer = client.post(address, line(note="書いた文"))
    assert answer.status_code == 409
    assert "書いた文" in text(answer)
    assert "ほかの人が外しました" in text(answer)
    assert client.post(address, line(answer.context["form"]["version"].value())).status_code == 302
    assert stored_content(row).line("index").name == "設計する人"
    assert client.get(f"{url(row, 'crosswalk_line')}?code=never").status_code == 404
    assert client.post(address, {"act": "remove", "version": "1"}).status_code == 409


@pytest.mark.parametrize("code", ["<b>", "a" * 61, "A", "%00", "a b"])
def test_a_code_that_no_file_could_hold_is_nowhere(sign_in, world, common, code):
    client = sign_in("henshu")
    address = url(common, "crosswalk_line")
    assert client.get(address, {"code": code}).status_code == 404
    assert client.post(f"{address}?code={quote(code)}", line()).status_code == 404
    assert not Crosswalk.objects.filter(municipality=world.city).exists()


def test_a_line_that_is_gone_is_not_taken_out_twice(sign_in, world, common):
    client = sign_in("henshu")
    for sent in ({"code": "never"}, {"key": str(uuid.uuid4())}):
        address = f"{url(common, 'crosswalk_line')}?code={sent.get('code', '')}"
        answer = client.post(address, {"act": "remove", "version": "1"} | sent)
        assert answer["Location"] == url(common, "crosswalk_edit")
    assert not Crosswalk.objects.filter(municipality=world.city).exists()


def test_a_line_is_added_once_by_two_clicks(sign_in, world, common):
    client = sign_in("henshu")
    address = url(common, "crosswalk_line")
    key = client.get(address).context["key"]
    sent = line(name="新しい人", key=str(key))
    assert [client.post(address, sent).status_code for _ in range(2)] == [302, 302]
    assert [one.name for one in stored_content(own(world)).lines] == ["設計する人", "伝える人", "新しい人"]
    assert own(world).version == 1
    assert client.post(address, line(key="x")).status_code == 422


def test_lines_move_by_buttons_that_need_no_script(sign_in, world):
    row = make_crosswalk(tags_file(), world.city)
    client = sign_in("henshu")
    edit = url(row, "crosswalk_edit")
    page = text(client.get(edit))
    assert 'value="up:second" aria-label="「伝える人」を上へ"' in page
    answer = client.post(edit, {"act": "up:second", "version": "1"})
    assert answer["Location"] == f"{edit}#line-second"
    assert [one.code for one in stored_content(row).lines] == ["second", "index"]
    stale = client.post(edit, {"act": "down:second", "version": "1"})
    assert stale.status_code == 409
    assert [one.code for one in stored_content(row).lines] == ["second", "index"]
    for bad in ({"act": "up:nobody"}, {"act": "aside:second"}, {"version": "x"}):
        sent = {"act": "up:second", "version": "2"} | bad
        assert client.post(edit, sent).status_code == 422
    # Up from the top is nothing, and no second version.
    assert client.post(edit, {"act": "up:second", "version": "2"}).status_code == 302
    assert own(world).version == 2


def test_one_is_made_once_and_faults_are_said_beside_their_fields(sign_in, world):
    client = sign_in("henshu")
    key = str(client.get(NEW).context["key"])
    bad = client.post(NEW, head(0, key=key, year="いつか", source="", kind="tags"))
    assert bad.status_code == 422
    assert set(bad.context["form"].errors) == {"year", "source"}
    assert "人の種類" in text(bad)
    assert client.post(NEW, head(0, key=key, kind="list")).status_code == 422
    sent = head(0, key=key, kind="crosswalk")
    first, second = (client.post(NEW, sent) for _ in range(2))
    assert first["Location"] == second["Location"] == url(own(world), "crosswalk_edit")
    assert (own(world).kind, own(world).version, own(world).is_proposal) == ("crosswalk", 1, False)
    assert client.post(NEW, head(0, kind="tags")).status_code == 422


@pytest.mark.parametrize(
    "bad",
    [{"links": ["area:nowhere"]}, {"links": ["x"]}, {"name": " "}, {"note": "長" * 201}, {"version": ""}],
)
def test_a_bad_line_comes_back_with_what_was_typed(sign_in, world, common, bad):
    answer = sign_in("henshu").post(
        f"{url(common, 'crosswalk_line')}?code=index", line(note="自分の言葉") | bad
    )
    assert answer.status_code == 422
    assert "まだ保存していません" in text(answer)
    assert not Crosswalk.objects.filter(municipality=world.city).exists()


def test_one_is_taken_out_of_use_and_back(sign_in, world, common):
    client = sign_in("henshu")
    edit = url(common, "crosswalk_edit")
    assert client.post(edit, {"act": "retire", "version": "1"}).status_code == 302
    mine = own(world)
    assert (mine.retired, mine.is_proposal, stored_content(mine)) == (True, True, tags_file())
    assert mine not in Crosswalk.objects.in_use_of(world.city.pk)
    assert common not in Crosswalk.objects.in_use_of(world.city.pk)
    assert common in Crosswalk.objects.in_use_of(world.other_city.pk)
    assert client.post(url(mine, "crosswalk_edit"), {"act": "restore", "version": "7"}).status_code == 409
    assert client.post(url(mine, "crosswalk_edit"), {"act": "restore", "version": "1"}).status_code == 302
    assert own(world) in Crosswalk.objects.in_use_of(world.city.pk)


def test_another_municipalitys_is_nowhere(sign_in, world):
    theirs = make_crosswalk(tags_file(name="よその種類"), world.other_city)
    client = sign_in("henshu")
    assert "よその種類" not in text(client.get(LIST))
    assert "よその種類" not in text(client.get(reverse("competency:framework")))
    for name in ("crosswalk", "crosswalk_edit", "crosswalk_line", "crosswalk_file"):
        missing = client.get(reverse(f"competency:{name}", args=[uuid.uuid4()]))
        found = client.get(url(theirs, name))
        assert (found.status_code, found.content) == (404, missing.content)
    assert client.post(url(theirs, "crosswalk_edit"), head()).status_code == 404
    actor = b.actor_of(world.henshu)
    wanted, now = tags_file(name="x"), timezone.now()
    with pytest.raises(NotVisible):
        save_crosswalk(crosswalk=theirs, wanted=wanted, version=1, by=actor, now=now)
    with pytest.raises(NotVisible):
        retire_crosswalk(crosswalk=theirs, retired=True, version=1, by=actor, now=now)
    assert stored_content(theirs).name == "よその種類"


def test_the_workflow_asks_for_itself(world, common):
    now, wanted = timezone.now(), tags_file(name="x")
    with pytest.raises(Forbidden):
        save_crosswalk(crosswalk=common, wanted=wanted, version=1, by=b.actor_of(world.jinji), now=now)
    editor = b.actor_of(world.henshu)
    with pytest.raises(StaleCrosswalk):
        save_crosswalk(crosswalk=common, wanted=wanted, version=3, by=editor, now=now)
    with pytest.raises(StaleCrosswalk):
        save_crosswalk(crosswalk=None, wanted=wanted, version=0, by=editor, now=now)
    with pytest.raises(Conflict):
        save_crosswalk(crosswalk=common, wanted=tags_file(kind="crosswalk"), version=1, by=editor, now=now)
    assert not Crosswalk.objects.filter(municipality=world.city).exists()


def test_queries_do_not_grow_with_the_lines(sign_in, world, django_assert_max_num_queries):
    client = sign_in("henshu")
    counted = []
    for code, size in (("few", 2), ("many", 50)):
        some = [Line(f"c{n}", f"行{n}", "", (Link("area", "internal-it"),)) for n in range(size)]
        row = make_crosswalk(tags_file(*some, code=code), world.city)
        for address in (url(row), url(row, "crosswalk_edit"), f"{url(row, 'crosswalk_line')}?code=c1"):
            with django_assert_max_num_queries(15) as queries:
                assert client.get(address).status_code == 200
            counted.append(len(queries))
    assert counted[:3] == counted[3:]
