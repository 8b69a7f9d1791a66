"""Reading and comparing 業務経験, 資格 and 研修 of past years; nothing here asks a database."""

import datetime
from decimal import Decimal

import pytest

from assessments.entry_values import CertificationValues, ExperienceValues, TrainingValues
from assessments.past_entries import COLUMNS, Person, parse_entries, plan_entries, word_of
from lib.tabular import read_table
from organization.headers import guess
from tests.assessments.past import TODAY, csv

CELLS = {word_of("policy.1"): "policy.1", word_of("業務改革"): "plain.1"}
REGISTER = {word_of("応用情報技術者試験"): 5}


def parsed(kind, header, *rows):
    table = read_table(csv(header, *rows), "kako.csv")
    mapping = guess(table.header, COLUMNS[kind], {})
    return parse_entries(table, mapping, kind, cells=CELLS, register=REGISTER, today=TODAY)


def one(kind, header, *row):
    found = parsed(kind, header, row)
    assert found.problems == []
    return found.lines[0].values


def test_a_work_is_read():
    header = [
        "職員番号",
        "業務名",
        "開始年月",
        "終了年月",
        "区分",
        "役割",
        "規模",
        "結果",
        "内容",
        "項目コード",
    ]
    row = (
        "0001",
        "基幹系の更改",
        "令和5年4月",
        "R6.3",
        "更改",
        "主担当",
        "12台",
        "期限内",
        "切替え",
        "policy.1、業務改革",
    )
    assert one("experience", header, *row) == ExperienceValues(
        title="基幹系の更改", start=datetime.date(2023, 4, 1), end=datetime.date(2024, 3, 31), text="切替え",
        cells=("plain.1", "policy.1"), category="renewal", role="主担当", size="12台", result="期限内",
    )  # fmt: skip


def test_a_certificate_is_read_and_tied_to_the_register():
    header = ["職員番号", "資格名", "取得日", "登録日", "登録番号", "更新期限"]
    assert one(
        "certification", header, "0001", "応用情報技術者試験", "2020/6/1", "2020-10-1", "AP-1", "2027-09-30"
    ) == CertificationValues(
        title="応用情報技術者試験", start=datetime.date(2020, 6, 1), registered_on=datetime.date(2020, 10, 1),
        registration_number="AP-1", renew_by=datetime.date(2027, 9, 30), qualification_id=5,
    )  # fmt: skip
    assert one("certification", header[:2], "0001", "市の独自検定").qualification_id is None


def test_a_training_is_read():
    header = ["職員番号", "研修名", "受講日", "主催", "形", "時間数", "費用"]
    row = ("0001", "業務改革", "2023/6/1", "研修所", "eラーニング", "1.5時間", "¥12,000")
    assert one("training", header, *row) == TrainingValues(
        title="業務改革", start=datetime.date(2023, 6, 1), provider="研修所", form="elearning",
        hours=Decimal("1.5"), fee=12000,
    )  # fmt: skip


def test_an_unused_line_of_the_workbook_is_no_problem():
    found = parsed("training", ["職員番号", "氏名", "名称"], ["0001", "見本 花子", ""])
    assert found.problems == []
    plan = plan_entries(found.lines, {"0001": Person(1, "見本 花子")}, columns={})
    assert (plan.counts(), plan.entries) == ({"empty": 1}, [])


@pytest.mark.parametrize(
    ("kind", "fields", "words"),
    [
        ("experience", {"はじめ": "2024-04-01"}, "名称がありません"),
        ("experience", {"名称": "あ" * 121}, "120字まで"),
        ("experience", {"名称": "更改", "はじめ": "いつか"}, ""),
        ("experience", {"名称": "更改", "終わり": "2024-04-01"}, "はじめも入れて"),
        ("experience", {"名称": "更改", "はじめ": "2024-05-01", "終わり": "2024-04-01"}, "はじめより前"),
        ("experience", {"名称": "更改", "区分": "ナゾ"}, "次のどれか"),
        ("experience", {"名称": "更改", "示す項目": "ナゾの項目"}, "体系にないか"),
        ("experience", {"名称": "更改", "職員番号": "０１"}, "全角の数字"),
        ("experience", {"名称": "更改", "職員番号": ""}, "職員番号がありません"),
        ("certification", {"名称": "検定", "登録番号": "A1"}, "登録日も入れて"),
        ("certification", {"名称": "検定", "合格日": "2027-01-01"}, "まだ来ていない日"),
        ("certification", {"名称": "検定", "登録日": "2024-04-01", "更新期限": "2024-03-01"}, "登録日より前"),
        ("training", {"名称": "研修", "時間数": "たくさん"}, "数字にして"),
        ("training", {"名称": "研修", "時間数": "NaN"}, "数字にして"),
        ("training", {"名称": "研修", "費用": "-5"}, "0以上の数字"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_line(kind, fields, words):
    values = {"職員番号": "0001", "氏名": "見本 花子"} | fields
    found = parsed(kind, list(values), list(values.values()))
    assert [problem.line for problem in found.problems] == [2]
    assert words in found.problems[0].message
    assert found.lines == []


def planned(*rows, entries=()):
    found = parsed("experience", ["職員番号", "名称", "はじめ", "役割"], *rows)
    return plan_entries(found.lines, {"0001": Person(1, "見本 花子", tuple(entries))}, columns={})


def test_what_is_there_stays_equal_or_is_a_problem():
    there = ExperienceValues(title="更改", start=datetime.date(2024, 4, 1), role="主担当")
    assert planned(["0001", "更改", "2024-04-01", "主担当"], entries=[there]).counts() == {"unchanged": 1}
    assert (
        "内容が違います"
        in planned(["0001", "更改", "2024-04-01", "副担当"], entries=[there]).problems[0].message
    )
    plan = planned(["0001", "更改", "2025-04-01", "主担当"], entries=[there])
    assert plan.counts() == {"new": 1}
    assert plan.outcomes[0].changes[0].new == "更改（令和7年4月1日）"


def test_twice_the_same_and_nobody_known_are_problems():
    plan = planned(
        ["0001", "更改", "2024-04-01", ""], ["0001", "更改", "2024-04-01", "x"], ["0009", "更改", "", ""]
    )
    assert [problem.line for problem in plan.problems] == [3, 4]
    assert "2行目と同じ" in plan.problems[0].message
    assert "名簿にない" in plan.problems[1].message
