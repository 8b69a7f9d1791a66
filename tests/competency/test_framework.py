"""The page of the matrix: everyone signed in reads it, nobody changes it."""

import re
import uuid
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from competency import framework_file, workflow
from competency.framework_file import parse
from competency.models import Cell, Framework, FrameworkVersion
from tests import builders

SHIPPED = Path(framework_file.__file__).parent / "data" / "lasdec-2012.yaml"
EVERYONE = ["honnin", "kakari", "kacho", "jinji", "henshu", "kansa", "sysadmin", "yoso"]


@pytest.fixture
def shipped(db):
    """Return LASDEC 2012, published."""
    version, _ = workflow.load_framework(
        parsed=parse(SHIPPED.read_text("utf-8")), by=None, now=timezone.now()
    )
    return workflow.publish(version=version, by=None, now=timezone.now())


@pytest.fixture
def reader(db, client):
    """Return a client signed in as a member of staff in a municipality with nothing else in it."""
    staff = builders.make_staff(builders.make_municipality())
    client.force_login(staff)
    client.staff = staff
    return client


def text_of(response):
    return response.content.decode()


def get(client, version=None):
    url = reverse("competency:version", args=[version.uuid]) if version else reverse("competency:framework")
    return client.get(url)


def test_the_whole_matrix_with_its_wording_and_source(reader, shipped):
    response = get(reader)
    assert response.status_code == 200
    html = text_of(response)
    assert html.count('class="tile plain"') == 17
    assert html.count('class="area"') == 11
    assert re.findall(r'scope="rowgroup" rowspan="(\d)"', html) == ["5", "4", "2"]
    for sentence in [
        text for _, _, mark in parse(SHIPPED.read_text("utf-8")).marks() for text in mark.wording
    ]:
        assert sentence in html
    assert "日本都市センター（2020）図表2-1-4" in html


def test_every_cell_leads_to_its_five_steps(reader, shipped):
    html = text_of(get(reader))
    links = re.findall(r'href="#(cell-[^"]+)"', html)
    assert len(links) == 17
    for link in links:
        assert html.count(f'<tr id="{link}">') == 1
    row = html.split('<tr id="cell-it-basics.1">')[1].split("</tr>")[0]
    assert re.findall(r'data-label="(\d)', row) == ["0", "1", "2", "3", "4"]


def test_a_cell_stands_in_the_column_of_its_stage(reader, shipped):
    row = next(part for part in text_of(get(reader)).split("<tr>") if ">庁内情報化<" in part)
    cells = re.findall(r"<td.*?</td>", row, re.DOTALL)
    assert ["なし" in cell for cell in cells] == [True, False, False]
    assert "業務分析" in cells[1]
    assert "企画立案" in cells[2]


@pytest.mark.parametrize("name", EVERYONE)
def test_everyone_signed_in_reads_it(client, world, name):
    client.force_login(getattr(world, name))
    assert get(client).status_code == 200
    assert get(client, world.version).status_code == 200


def test_the_stage_is_marked_as_uncertain_for_everyone(client, world):
    client.force_login(world.honnin)
    html = text_of(get(client))
    assert html.count("段階の位置は要確認") == 1
    assert "石井 大輔" not in html


def test_editors_see_who_confirms_the_stages(client, world):
    client.force_login(world.henshu)
    html = text_of(get(client))
    assert "石井 大輔" in html
    assert "全団体に共通" in html


def test_editors_of_an_own_copy_are_sent_to_their_draft(client, world):
    own, _ = workflow.load_framework(
        parsed=parse(SHIPPED.read_text("utf-8")), by=builders.actor_of(world.henshu), now=timezone.now()
    )
    workflow.publish(version=own, by=builders.actor_of(world.henshu), now=timezone.now())
    client.force_login(world.henshu)
    assert "下書きの版で" in text_of(get(client, own))


def _draft_with_confirmed(count):
    version = builders.make_version(code="partly", publish=False)
    chosen = list(version.cells.order_by("rank").values_list("pk", flat=True)[:count])
    Cell.objects.filter(pk__in=chosen).update(placement_confirmed=True)
    return workflow.publish(version=version, by=None, now=timezone.now())


def test_confirmed_stages_lose_the_mark_one_by_one(reader):
    html = text_of(get(reader, _draft_with_confirmed(4)))
    assert "段階の位置は要確認" in html
    assert html.split("</table>")[0].count('<span class="tag check">要確認</span>') == 2


def test_a_matrix_with_all_stages_confirmed_has_no_mark(reader):
    assert "要確認" not in text_of(get(reader, _draft_with_confirmed(6)))


def test_a_version_without_wording_says_so(reader):
    version = builders.make_version(code="bare", publish=False)
    for cell in version.cells.all():
        cell.wordings.all().delete()
    html = text_of(get(reader, workflow.publish(version=version, by=None, now=timezone.now())))
    assert "説明がまだありません" in html
    assert 'href="#cell-' not in html


def test_without_any_published_version_the_page_says_so(reader):
    builders.make_version(publish=False)
    response = get(reader)
    assert response.status_code == 200
    assert "まだありません" in text_of(response)


def test_the_newest_published_version_comes_first_and_names_the_others(reader, shipped):
    newer = builders.make_version(name="2030")
    response = get(reader)
    assert response.context["version"] == newer
    assert str(shipped.uuid) in text_of(response)


def test_the_own_copy_comes_before_the_common_framework(client, world):
    own, _ = workflow.load_framework(
        parsed=parse(SHIPPED.read_text("utf-8")), by=builders.actor_of(world.henshu), now=timezone.now()
    )
    workflow.publish(version=own, by=builders.actor_of(world.henshu), now=timezone.now())
    builders.make_version(name="2030")
    client.force_login(world.honnin)
    assert get(client).context["version"] == own
    client.force_login(world.yoso)
    assert get(client).context["version"].name == "2030"


def test_a_retired_version_can_still_be_read(reader, shipped):
    FrameworkVersion.objects.filter(pk=shipped.pk).update(state=FrameworkVersion.State.RETIRED)
    assert "（使用終了）" in text_of(get(reader, shipped))


def test_draft_foreign_and_nonexistent_give_the_same_404(reader, world_of_another):
    draft = builders.make_version(code="draft", publish=False)
    answers = [
        reader.get(reverse("competency:version", args=[found]))
        for found in (draft.uuid, world_of_another.uuid, uuid.uuid4())
    ]
    assert [answer.status_code for answer in answers] == [404, 404, 404]


@pytest.fixture
def world_of_another(db):
    """Return a published version that belongs to another municipality."""
    other = builders.make_municipality(code="131016", name="ほかの市")
    version = builders.make_version(code="own-copy")
    Framework.objects.filter(pk=version.framework_id).update(municipality=other)
    return version


def test_a_bad_id_is_404_and_signed_out_goes_to_sign_in(client, reader, shipped):
    assert reader.get("/framework/12/").status_code == 404
    reader.logout()
    response = get(reader)
    assert response.status_code == 302
    assert response.url.startswith(reverse("organization:login"))


def test_nothing_can_be_posted(reader, shipped):
    assert reader.post(reverse("competency:framework")).status_code == 405
    assert reader.post(reverse("competency:version", args=[shipped.uuid])).status_code == 405


def test_queries_do_not_grow_with_the_matrix(reader, shipped):
    counts = []
    for version in (builders.make_version(code="small"), shipped):
        with CaptureQueriesContext(connection) as queries:
            get(reader, version)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 15


def test_codes_with_markup_are_shown_as_text(reader):
    version = builders.make_version(code="odd", publish=False)
    version.cells.filter(code="communication.1").update(task="<script>x</script>", label="<script>x</script>")
    html = text_of(get(reader, workflow.publish(version=version, by=None, now=timezone.now())))
    assert "<script>x" not in html
    assert "&lt;script&gt;x" in html
