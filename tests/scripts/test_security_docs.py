"""The check of docs/security finds a claim that nothing stands behind, and nothing in what is right."""

import csv
import io
import subprocess
from collections import Counter

import pytest

from scripts.check import asvs, security
from scripts.check.files import ROOT

TEST = "tests/a/test_page.py::test_it_works"
TESTS = "def test_it_works():\n    pass\n\n\nclass TestMore:\n    def test_it(self):\n        pass\n\n\ndef helper():\n    pass\n"
DRILL = 'FIGURES = {\n    "authz.cells": 1,\n}\n'
GUIDE = f"""# 対策基準

| 項目 | 製品がすること | 試験 | 市がすること |
|---|---|---|---|
| 入口 | 断る | `{TEST}` | 鍵をかける |
| 部屋 | — | — | 鍵をかける |
| 検査 | 未対応。まだない | — | — |
"""
INDEX = "# 守り\n\n| 名前 | 下限 |\n|---|---|\n| `authz.cells` | 100 |\n"


def table(**changed: dict[str, str]) -> str:
    """Return a whole table of ASVS in which everything is met, with some lines changed; None leaves a line out."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(asvs.COLUMNS)
    for number, level in asvs.requirements().items():
        line = dict(
            zip(asvs.COLUMNS, [number, level, "要点", asvs.MET, "する", "app/page.py", TEST], strict=True)
        )
        change = changed.get(number.replace(".", "_"), {})
        if change is not None:
            writer.writerow({**line, **change}.values())
    return out.getvalue()


@pytest.fixture
def project(tmp_path):
    """Return a function that writes a sound project with some files changed, and asks the check about it."""
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)

    def ask(files: dict[str, str] | None = None, *, page: bool = True) -> list[str]:
        everything = {
            "app/page.py": "",
            "tests/a/test_page.py": TESTS,
            "tests/drills/authz.py": DRILL,
            "docs/security/README.md": INDEX,
            "docs/security/guidelines.md": GUIDE,
            asvs.TABLE: table(),
            asvs.HEAD: "# ASVS\n",
            **(files or {}),
        }
        for name, text in everything.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        if page:
            (tmp_path / asvs.PAGE).write_text(asvs.page(tmp_path), encoding="utf-8")
        security.tests_of.cache_clear()
        return list(security.problems(tmp_path))

    return ask


def test_what_is_right_is_right(project):
    assert project() == []


def test_a_project_without_the_folder_is_told(tmp_path):
    assert list(security.problems(tmp_path)) == ["docs/security is missing"]


def test_there_are_as_many_requirements_as_in_the_standard():
    assert Counter(asvs.requirements().values()) == {"1": 70, "2": 183}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("tests/a/test_page.py::test_gone", "no test tests/a/test_page.py::test_gone"),
        ("tests/a/test_gone.py::test_it_works", "no test tests/a/test_gone.py::test_it_works"),
        ("tests/a/test_page.py::TestMore::test_gone", "no test tests/a/test_page.py::TestMore::test_gone"),
        ("tests/a/test_page.py::helper", "no test tests/a/test_page.py::helper"),
        ("app/gone.py", "no file app/gone.py"),
        ("docs/gone/", "no file docs/gone/"),
    ],
)
def test_a_name_of_nothing_is_found(project, name, said):
    assert project({"docs/security/risks.md": f"# 危険\n\n文の中の `{name}`。\n"}) == [
        f"docs/security/risks.md:3: {said}"
    ]


@pytest.mark.parametrize(
    "name",
    [
        "tests/a/test_page.py::TestMore::test_it",
        "app/page.py",
        "docs/",
        "/audit/alarms/",
        "FILES_DIR/a.jsonl",
    ],
)
def test_a_name_of_something_is_right(project, name):
    assert project({"docs/security/risks.md": f"# 危険\n\n文の中の `{name}`。\n"}) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (f"| `{TEST}` |", "| — |", "5: says what the product does and names no test"),
        (f"| `{TEST}` |", "| 手で見た |", "5: says what the product does and names no test"),
        ("| 試験 |", "| 備考 |", "3: a table of 製品がすること without a column 試験"),
        ("| 断る |", "| 断る | 余り |", "5: 5 cells, 4 in the head of the table"),
    ],
)
def test_a_claim_of_the_product_without_a_test_is_found(project, old, new, said):
    assert project({"docs/security/guidelines.md": GUIDE.replace(old, new)}) == [
        f"docs/security/guidelines.md:{said}"
    ]


def test_a_figure_that_no_drill_measures_is_found(project):
    assert project({"docs/security/README.md": INDEX.replace("cells", "gone")}) == [
        "docs/security/README.md:5: no drill measures authz.gone"
    ]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (None, "V6.2.1 stands 0 times, not once"),
        ({"番号": "V6.2.2"}, "V6.2.2 stands 2 times, not once"),
        ({"番号": "V6.2.99"}, "V6.2.99: no requirement of level 1 or 2"),
        ({"水準": "2"}, "V6.2.1: is of level 1"),
        ({"判定": "だいたい"}, "V6.2.1: the verdict is one of 適合, 該当しない, 市がすること, 未対応"),
        ({"試験": ""}, "V6.2.1: is met, and names no test"),
        ({"場所": ""}, "V6.2.1: is met, and names no file"),
        ({"どう満たすか": " "}, "V6.2.1: says nothing"),
        ({"試験": "手で見た"}, "V6.2.1: 手で見た is not the name of a test"),
        ({"判定": "未対応", "試験": "", "どう満たすか": ""}, "V6.2.1: says nothing"),
    ],
)
def test_a_line_of_the_standard_that_answers_nothing_is_found(project, change, said):
    assert f"{asvs.TABLE}: {said}" in project({asvs.TABLE: table(V6_2_1=change)})


def test_a_test_of_the_standard_that_is_gone_is_found(project):
    found = project({asvs.TABLE: table(V6_2_1={"試験": TEST + "_no_more"})})
    # Once in the table, once in the page that is made from it.
    assert [line.rpartition(": ")[2] for line in found] == [f"no test {TEST}_no_more"] * 2


def test_a_line_that_is_met_by_others_needs_no_test(project):
    others = {"判定": asvs.CITY, "場所": "", "試験": ""}
    assert project({asvs.TABLE: table(V6_2_1=others)}) == []


def test_a_page_changed_by_hand_is_found(project):
    assert project({asvs.PAGE: "# ASVS\n"}, page=False) == [
        f"{asvs.PAGE} is not what the table says; run python -m scripts.check.asvs"
    ]


def test_a_table_of_other_columns_or_none_is_told(project):
    assert project({asvs.TABLE: "a,b\n1,2\n"}, page=False) == [
        f"{asvs.TABLE}: the columns are {', '.join(asvs.COLUMNS)}"
    ]
    assert asvs.TABLE in " ".join(project({asvs.TABLE: ""}, page=False))


def test_the_documents_of_this_project_stand():
    assert list(security.problems(ROOT)) == []
    for name in ("README", "threat-model", "asvs", "guidelines", "ipa", "residual-risks", "inventory"):
        assert (ROOT / "docs" / "security" / f"{name}.md").is_file(), name


def test_the_threats_are_many_and_each_has_its_columns():
    lines = (ROOT / "docs" / "security" / "threat-model.md").read_text(encoding="utf-8").splitlines()
    threats = [line for line in lines if line.startswith("| T")]
    assert len(threats) >= 60
    assert len({line.split("|")[1].strip() for line in threats}) == len(threats)
