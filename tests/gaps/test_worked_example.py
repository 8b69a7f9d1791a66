"""docs/manual/example.md, worked by hand, against what the screens say: the tables of the page are the expected values."""

import re
from collections import Counter
from pathlib import Path

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from assessments.models import Cycle
from competency.models import DepartmentDuty, Duty, DutyAssignment, DutyDemand, DutyPlan, FrameworkVersion
from gaps.coverage import Status
from organization.models import Staff
from organization.models.position import LineRole
from tests import builders as b
from tests.gaps.records import confirmed, need, rule
from tests.surveys import make_shipped

PAGE = Path(__file__).parents[2] / "docs" / "manual" / "example.md"
NAMES = {
    "髙橋": "髙橋 誠一", "𠮷田": "𠮷田 由紀子", "渡邉": "渡邉 健", "佐藤": "佐藤 亮太", "山﨑": "山﨑 美咲",
    "小林": "小林 直樹", "中村": "中村 陽菜", "伊藤": "伊藤 修",
}  # fmt: skip
YEAR = 2026


def tables(heading):
    """Return the tables below a heading of the page, each a list of rows by column head."""
    part = PAGE.read_text(encoding="utf-8").split(f"## {heading}", 1)[1].split("\n## ", 1)[0]
    found, head = [], None
    for line in part.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else None
        if cells is None:
            head = None
        elif head is None:
            head = cells
            found.append([])
        elif set(cells[0]) != {"-"}:
            found[-1].append(dict(zip(head, cells, strict=True)))
    return found


def quotes(heading):
    """Return the sentences that a part of the page quotes from a screen."""
    part = PAGE.read_text(encoding="utf-8").split(f"## {heading}", 1)[1].split("\n## ", 1)[0]
    return [line.removeprefix("> ") for line in part.splitlines() if line.startswith("> ")]


STEPS = tables("8人の到達度")[0]
COVERAGE = tables("充足状況")[0]


@pytest.fixture
def eight(db):
    """Return the eight people of the page in their 課, with this year's records and needs; 髙橋 leads it."""
    call_command("load_framework", "competency/data/lasdec-2012.yaml", verbosity=0)
    make_shipped()
    city = b.make_municipality()
    place = b.make_department(city, "デジタル推進課")
    cycle = b.make_cycle(city, FrameworkVersion.objects.get(), fiscal_year=YEAR, state=Cycle.State.OPEN)
    people = {}
    for short, name in NAMES.items():
        staff = b.make_staff(city, name)
        b.make_posting(staff, place, line_role=LineRole.HEAD if short == "髙橋" else LineRole.NONE)
        people[short] = staff
        confirmed(staff, cycle, {row["項目コード"]: int(row[short]) for row in STEPS})
    Staff.objects.filter(pk=people["伊藤"].pk).update(employment=Staff.Employment.FISCAL_YEAR)
    rule(place, cycle, fiscal_year_staff=True)
    need(place, cycle, {row["項目コード"]: int(row["必要"]) for row in COVERAGE})
    return people, place, cycle


@pytest.fixture
def kacho(client, eight):
    people, _, _ = eight
    client.force_login(people["髙橋"], backend="organization.backends.StaffBackend")
    return client


def test_the_page_has_every_cell_of_the_matrix_once(eight):
    _, _, cycle = eight
    codes = list(cycle.framework_version.cells.order_by("rank").values_list("code", flat=True))
    assert [row["項目コード"] for row in STEPS] == codes
    assert [row["項目コード"] for row in COVERAGE] == codes


def test_the_coverage_of_each_cell(kacho, eight):
    _, place, _ = eight
    page = kacho.get(reverse("gaps:department", args=[place.uuid]))
    tiles = {tile.code: tile for group in page.context["matrix"] for tile in group.tiles}
    for row in COVERAGE:
        tile = tiles[row["項目コード"]]
        names = "".join(tile.names) or tile.lead
        assert tile.word == row["状態"], row
        assert tile.count == row["できる"], row
        if row["状態"] not in ("不在", "対象外"):
            assert tile.of == f"／ {row['必要']}人", row
            assert set(names.split("、")) == set(row["できる人"].split("、")), row


def test_the_sentence_and_the_four_figures(kacho, eight):
    _, place, _ = eight
    page = kacho.get(reverse("gaps:department", args=[place.uuid]))
    assert [page.context["answer"]] == quotes("充足状況")
    told = {figure.label: (figure.value, figure.unit, figure.hint) for figure in page.context["figures"]}
    states = Counter(row["状態"] for row in COVERAGE)
    assert told["確定率"][:2] == ("8", "／ 8人")
    assert told["充足"][:2] == (str(states["充足"]), "／ 16項目")
    assert told["不足"] == (str(states["不足"]), "項目", "あと1人ずつで充足")
    assert told["一人依存・不在"] == ("6", "項目", "一人依存 5、不在 1")
    assert (states["一人依存"], states["不在"]) == (5, 1)
    assert Status.SINGLE.label == "一人依存"


@pytest.fixture
def duties(eight):
    """Write the duties and 事務分掌 of the page."""
    people, place, _ = eight
    plan = DutyPlan.objects.create(
        municipality=place.municipality, department=place, fiscal_year=YEAR, updated_at=timezone.now()
    )
    for number, row in enumerate(tables("職員数とスキルの確保（4区分）")[0]):
        duty = Duty.objects.create(municipality=place.municipality, code=f"own-{number}", name=row["業務"])
        DutyDemand.objects.bulk_create(
            DutyDemand(duty=duty, cell_code=code, holders=1) for code in row["項目コード"].split("、")
        )
        done = DepartmentDuty.objects.create(municipality=place.municipality, plan=plan, duty=duty)
        for head, role in (("主担当", "main"), ("副担当", "deputy")):
            for short in row[head].split("、"):
                if short != "なし":
                    DutyAssignment.objects.create(
                        municipality=place.municipality, department_duty=done, staff=people[short], role=role
                    )
    return plan


def test_the_four_way_answer_of_each_skill(kacho, eight, duties):
    _, place, _ = eight
    page = kacho.get(reverse("gaps:four_way", args=[place.uuid]))
    assert page.status_code == 200
    told = {str(row.skill.number): row for row in page.context["rows"]}
    expected = tables("職員数とスキルの確保（4区分）")[1]
    assert [row["番号"] for row in expected] == list(told)
    for row in expected:
        shown = told[row["番号"]]
        assert shown.answer.sentence == row["判定"], row
        numbers = re.findall(r"a=(\d+)、n=(\d+)、h=(\d+)", row["項目ごとの a、n、h"])
        judged = [line for line in shown.explanation if "対象外" not in line]
        for (a, n, h), line in zip(numbers, judged, strict=False):
            for figure in (a, n, h):
                assert f"{figure}人" in line, (row, line)


def test_the_outcome_of_three_places_of_training(kacho, eight):
    _, place, _ = eight
    page = kacho.get(reverse("gaps:training", args=[place.uuid]), {"places": "3"})
    assert page.status_code == 200
    part = PAGE.read_text(encoding="utf-8").split("## 研修枠の割り振り", 1)[1]
    none, single, short = re.search(r"結果は、不在(\d+)、一人依存(\d+)、不足(\d+)", part).groups()
    rows = {
        row.name: dict(zip(("充足", "不足", "一人依存", "不在"), row.values, strict=True))
        for row in page.context["chart"].rows
    }
    after = list(rows.values())[-1]
    assert (after["不在"], after["一人依存"], after["不足"]) == (int(none), int(single), int(short))
    assert len(page.context["lines"]) == 3
