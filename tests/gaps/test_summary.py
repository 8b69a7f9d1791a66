"""The page for 議会 and the 部長: what it says, to whom, and that it names nobody (P16)."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.models import Cycle
from competency.reference import published
from gaps.coverage import department_coverage
from gaps.models import FourWayOverride, Measure
from gaps.policies import Sight
from gaps.summary_page import matrix
from organization.models import Posting
from tests import builders as b
from tests.gaps.duties import duty
from tests.gaps.records import PLANNING, POLICY, TALKING, confirmed, need


def url(department, query=""):
    return reverse("gaps:summary", args=[department.uuid]) + query


def main(page):
    return page.content.decode().split("<main")[1].split("</main>")[0]


def measure(world, code, kind="train", *, department=None, cost=None, state="planned", closed=None):
    return Measure.objects.create(
        municipality=world.city, department=department or world.ka, cycle=world.cycle, kind=kind, text="する",
        cell=next(cell for cell in world.cells if cell.code == code), cost=cost, state=state, owner=world.kakari,
        decided_status="none", decided_holders=0, created_at=timezone.now(), updated_at=timezone.now(),
        closed_at=closed,
    )  # fmt: skip


@pytest.fixture
def decided(section):
    duty(section.ka, 2026, [POLICY], [section.kakari])
    now = timezone.now()
    measure(section, POLICY, cost=120000)
    measure(section, PLANNING, "expert", department=section.kiban, cost=3000000)
    measure(section, PLANNING, state="done", closed=now)
    measure(section, PLANNING, "outsource", state="stopped", closed=now, cost=9)
    measure(section, POLICY, "none", state="done", closed=now - datetime.timedelta(days=800), cost=9)
    measure(section, POLICY, "none", department=section.jinjika, cost=9)
    FourWayOverride.objects.create(
        municipality=section.city, department=section.ka, cycle=section.cycle, skill=10, answer="both_short",
        reason="理由は出さない", author=section.kacho, updated_at=now,
    )  # fmt: skip
    return section


def test_it_works(sign_in, decided):
    page = sign_in("kacho").get(url(decided.ka))
    assert page.status_code == 200
    measures = page.context["measures"]
    assert measures.kinds == (("育成", 2, "120,000"), ("外部の専門人材", 1, "3,000,000"))
    assert (measures.total, measures.cost, measures.priced) == (3, "3,120,000", 2)
    assert (measures.gaps, measures.undecided) == (4, 2)
    skills = {line.number: line for line in page.context["skills"]}
    assert (skills[10].word, skills[10].overridden) == ("両方不足", True)
    assert (skills[4].word, skills[4].overridden) == ("両方不足", False)
    text = main(page)
    for words in ("3,120,000円", "平均7.7人", "日本都市センター（2020）", "集計", "必要な5項目のうち"):
        assert words in text, words


def test_it_names_nobody_and_tells_no_reason(sign_in, decided):
    confirmed(decided.honnin, decided.cycle, {PLANNING: 2})
    b.make_leave(decided.dourei)
    text = main(sign_in("kacho").get(url(decided.ka)))
    for name in ("髙橋", "𠮷田", "小林", "山﨑", "石井", "松本"):
        assert name not in text
    assert "理由は出さない" not in text
    assert "休職・育休の1人は数えていません。" in text


def test_the_map_refuses_names():
    with pytest.raises(ValueError, match="names nobody"):
        matrix(department_coverage("課", 2026, [], [], needs=None), Sight.NAMES)


def test_a_small_department_keeps_its_numbers_unless_asked(sign_in, decided):
    need(decided.kakari_dept, decided.cycle, {POLICY: 2, TALKING: 1})
    client = sign_in("kacho")
    page = client.get(url(decided.kakari_dept))
    tiles = {tile.code: tile for group in page.context["matrix"] for tile in group.tiles}
    assert (tiles[POLICY].word, tiles[POLICY].count, tiles[POLICY].of) == ("一人依存", "", "")
    assert "人数を出していません" in main(page)
    assert "5人未満" in page.context["compared"]
    page = client.get(url(decided.kakari_dept, "?counts=1"))
    tiles = {tile.code: tile for group in page.context["matrix"] for tile in group.tiles}
    assert (tiles[POLICY].count, tiles[TALKING].count) == ("1", "2")
    assert "3人" in page.context["compared"]


def test_one_person_alone_is_said(sign_in, section):
    Posting.objects.filter(department=section.jinjika).exclude(staff=section.jinji).delete()
    need(section.jinjika, section.cycle, {POLICY: 1})
    confirmed(section.jinji, section.cycle, {POLICY: 3})
    text = main(sign_in("jinji").get(url(section.jinjika)))
    assert "この所属は1人体制です。" in text
    assert "対応方針は、まだ決めていません。" in text


@pytest.mark.parametrize("who", ["kakari", "bucho", "jinji"])
def test_the_line_and_hr_open_it(sign_in, world, who):
    assert sign_in(who).get(url(world.kakari_dept)).status_code == 200


@pytest.mark.parametrize("who", ["honnin", "kansa", "henshu"])
def test_others_are_sent_to_the_report(sign_in, world, who):
    answer = sign_in(who).get(url(world.kakari_dept))
    assert answer["Location"] == reverse("gaps:department", args=[world.kakari_dept.uuid])


def test_strangers_and_a_year_not_begun(sign_in, world):
    assert sign_in("betsuka").get(url(world.ka)).status_code == 404
    client = sign_in("kacho")
    assert client.post(url(world.ka)).status_code == 405
    Cycle.objects.filter(pk=world.cycle.pk).update(state="prepared", opened_at=None)
    assert client.get(url(world.ka)).status_code == 302


def test_a_town_has_nobody_to_be_compared_with(sign_in, world):
    world.city.kind = "town"
    world.city.save(update_fields=["kind"])
    assert "市区のみの統計のため、比べる団体がありません。" in main(sign_in("kacho").get(url(world.ka)))


def test_as_many_queries_for_few_as_for_many(sign_in, decided, django_assert_max_num_queries):
    client = sign_in("kacho")
    published(decided.city.pk)  # what stands in a survey is read once a process
    counted = []
    for more in (2, 40):
        for number in range(more):
            staff = b.make_staff(decided.city, f"職員 {more}-{number}")
            b.make_posting(staff, decided.kiban)
            confirmed(staff, decided.cycle, {POLICY: number % 5})
            duty(decided.kiban, 2026, [POLICY], [staff])
            measure(decided, POLICY, cost=1)
        with django_assert_max_num_queries(15) as queries:
            client.get(url(decided.ka))
        counted.append(len(queries))
    assert counted[0] == counted[1]
