"""提出と確認の進み by department: sums up the tree, and how many bars a page takes."""

import datetime

from gaps.progress import MOST_BARS, Progress
from gaps.reports import Unit


def unit(number: int, path: str, name: str) -> Unit:
    return Unit(number, None, path, name, path, 0, datetime.date(2020, 4, 1), None)


BU, KA, KAKARI = "00000001", "0000000100000002", "000000010000000200000003"
TREE = [unit(1, BU, "政策経営部"), unit(2, KA, "デジタル推進課"), unit(3, KAKARI, "情報政策係")]


def test_department_counts_what_is_below_it():
    progress = Progress((2, 1, 0, 1), {KA: (1, 0, 0, 0), KAKARI: (1, 1, 0, 1)})
    assert progress.below(BU) == (2, 1, 0, 1)
    assert progress.below(KAKARI) == (1, 1, 0, 1)


def test_bars_go_down_to_the_ka_in_the_order_of_the_tree():
    progress = Progress((2, 1, 0, 1), {KA: (1, 0, 0, 0), KAKARI: (1, 1, 0, 1)})
    assert [row.name for row in progress.chart(TREE).rows] == ["全庁", "政策経営部", "　デジタル推進課"]


def test_departments_without_a_sheet_have_no_bar():
    progress = Progress((1, 0, 0, 0), {BU: (1, 0, 0, 0)})
    assert [row.name for row in progress.chart(TREE).rows] == ["全庁", "政策経営部"]


def test_a_large_city_shows_its_top_departments_alone():
    many = [unit(n, f"{BU}{n:08d}", f"第{n}課") for n in range(2, MOST_BARS + 3)]
    progress = Progress((len(many), 0, 0, 0), {each.path: (1, 0, 0, 0) for each in many})
    assert [row.name for row in progress.chart([TREE[0], *many]).rows] == ["全庁", "政策経営部"]
