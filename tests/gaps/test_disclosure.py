"""What is disclosed to whom: no name, and no number of people that gives away a small unit."""

import itertools
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaps.coverage import Person, Rule, Status, department_coverage, status
from gaps.disclosure import area_mark, banded, banded_answer, banded_status, shown, tile
from gaps.policies import SMALL, Sight

AREA = SimpleNamespace(code="policy", name="セキュリティポリシー")
CELL = SimpleNamespace(code="policy.1", task="策定管理", label="策定管理", full_name="x｜策定管理", area=AREA)
NAMES = ["髙橋 誠一", "𠮷田 由紀子", "佐藤 亮太", "山﨑 美咲", "小林 恵", "中村 颯太", "伊藤 裕子", "渡邉 健"]


def report_of(levels, needed, *, own=(), rule=Rule(), external=0, fiscal=(), leave=()):  # noqa: B008
    """A report of one cell; `levels` are confirmed steps, None for nobody's."""
    people = [
        Person(
            id=number,
            name=name,
            short=name.split(" ")[0],
            year=None if level is None else 2026,
            steps={} if level is None else {CELL.code: level},
            self_year=2026 if number in own else None,
            self_steps={CELL.code: 3} if number in own else {},
            is_fiscal_year=number in fiscal,
            on_leave=number in leave,
        )
        for number, (name, level) in enumerate(zip(NAMES, levels, strict=False))
    ]
    needs = None if needed is None else {CELL.code: needed}
    return department_coverage(
        "課", 2026, [CELL], people, needs=needs, external={CELL.code: external}, rule=rule
    )


def text_of(printed):
    return " ".join(
        [
            printed.word,
            printed.word_note,
            printed.count,
            printed.of,
            printed.lead,
            *printed.names,
            printed.tail,
            *printed.apart,
        ]
    )


def tile_of(report, sight):
    return tile(report.cells[0], report, sight)


def test_the_line_sees_who():
    single = tile_of(report_of([3, 2, 2, 0, None], 2, own=[3]), Sight.NAMES)
    assert (single.css, single.word, single.count, single.of) == ("single", "一人依存", "1", "／ 2人")
    assert (single.names, single.tail, single.pips) == (("髙橋",), "だけ", (True, False))
    assert single.apart == ("自己のみ 山﨑",)
    none = tile_of(report_of([2, 1, None], 1), Sight.NAMES)
    assert (none.word + none.word_note, none.lead, none.names) == ("不在（未評価1人）", "あと一歩", ("髙橋",))
    everyone = tile_of(report_of([3, 4], 2), Sight.NAMES)
    assert (everyone.lead, everyone.names, everyone.word) == ("全員", (), "充足")


def test_long_lists_of_names_are_cut():
    printed = tile_of(report_of([3] * 7 + [0], 3), Sight.NAMES)
    assert (len(printed.names), printed.tail) == (6, "ほか1人")
    assert "".join(printed.names) == "髙橋、𠮷田、佐藤、山﨑、小林、中村"


def test_who_does_not_count_stands_apart():
    report = report_of([3, 3, 3, 0], 3, fiscal=[1], leave=[2], external=2)
    assert tile_of(report, Sight.NAMES).apart == ("会計年度任用 𠮷田", "休職・育休 佐藤", "委託常駐 2人")
    counted = report_of([3, 0], 1, external=1, rule=Rule(external=True))
    assert tile_of(counted, Sight.NAMES).apart == ("委託常駐 1人（数に含む）",)
    alone = report_of([0, 0], 1, external=1, rule=Rule(external=True))
    assert (tile_of(alone, Sight.NAMES).word, tile_of(alone, Sight.NAMES).names) == ("一人依存", ())


def test_states_that_are_not_judged():
    assert tile_of(report_of([3], None), Sight.NAMES).css == "plain"
    assert tile_of(report_of([3], None), Sight.NAMES).word == "必要人数が未設定"
    out = tile_of(report_of([3, 3], 0), Sight.NAMES)
    assert (out.word, out.count, out.of, out.names) == ("対象外", "2", "人", ())


LEVELS = st.lists(st.none() | st.integers(0, 4), max_size=8)


@given(LEVELS, st.none() | st.integers(0, 9), st.sampled_from([Sight.COUNTS, Sight.WORDS, Sight.BANDS]))
def test_without_the_right_nobody_is_named(levels, needed, sight):
    report = report_of(levels, needed, own=[0, 1], fiscal=[2], leave=[3])
    printed = text_of(tile_of(report, sight))
    assert not any(name.split(" ")[0] in printed for name in NAMES)


@given(LEVELS, st.none() | st.integers(0, 9))
def test_words_alone_hold_no_digit(levels, needed):
    report = report_of(levels, needed, own=[0, 1], leave=[3])
    printed = text_of(tile_of(report, Sight.WORDS)).replace("1人体制", "")
    assert not any(char.isdigit() for char in printed)
    told = shown(report.cells[0], Sight.WORDS)
    assert (told.needed, told.count, told.self_only, told.nearest) == (None, None, None, None)


@pytest.mark.parametrize(
    ("count", "band"),
    [
        (0, "5人未満"),
        (4, "5人未満"),
        (5, "5〜9人"),
        (9, "5〜9人"),
        (10, "10〜19人"),
        (50, "50人以上"),
        (700, "50人以上"),
    ],
)
def test_bands(count, band):
    assert banded(count) == band


@given(st.integers(0, 80), st.integers(0, 80))
def test_a_banded_status_is_the_same_for_the_whole_band(needed, count):
    same = [other for other in range(120) if banded(other) == banded(count)]
    assert len({banded_status(needed, other) for other in same}) == 1
    told = banded_status(needed, count)
    if told is not None:
        assert told is status(needed, count)
    if count < SMALL and needed:
        assert told is None


@given(st.lists(st.integers(0, 12), min_size=1, max_size=3), st.integers(0, 12))
def test_no_small_count_follows_from_the_unit_above_and_its_neighbours(children, direct):
    """Whatever bands an auditor sees of a unit and of all below it, a small count has more than one solution."""
    seen = (banded(sum(children) + direct), [banded(child) for child in children])
    for place, child in enumerate(children):
        if child >= SMALL:
            continue
        possible = set()
        for others in itertools.product(range(13), repeat=len(children)):
            for rest in range(13):
                if (banded(sum(others) + rest), [banded(other) for other in others]) == seen:
                    possible.add(others[place])
                    if len(possible) > 1:
                        break
            if len(possible) > 1:
                break
        assert len(possible) > 1


def test_files_hold_what_the_screen_does():
    report = report_of([3, 2, 2, 0, None], 2, own=[3])
    line = shown(report.cells[0], Sight.NAMES)
    assert (line.needed, line.count, line.self_only, line.nearest, line.status) == (2, 1, 1, 2, "一人依存")
    hidden = shown(report.cells[0], Sight.BANDS)
    assert (hidden.needed, hidden.count, hidden.status) == (2, "5人未満", "")
    many = shown(report_of([3] * 8, 2).cells[0], Sight.BANDS)
    assert (many.count, many.status) == ("5～9人", "充足")  # the wave of CP932
    assert many.count.encode("cp932").decode("cp932") == many.count


def test_the_field_of_the_tree():
    def mark(levels, needed, sight):
        report = report_of(levels, needed)
        return area_mark(report.areas()[0], report.cells, sight)

    assert mark([3, 3], 2, Sight.NAMES).text == "1／1"
    assert mark([3, 0], 2, Sight.WORDS).word == "一人依存"
    assert mark([3, 0], None, Sight.NAMES).text == "未設定"
    assert mark([3, 0], 0, Sight.NAMES).word == "対象外"
    assert mark([None, None], 1, Sight.NAMES).word == "未評価"
    assert mark([3, 0], 2, Sight.BANDS).text == "非表示"
    assert mark([3] * 8, 2, Sight.BANDS).text == "1／1"


def test_the_answer_for_editors_and_auditors_counts_only_the_many():
    assert "1項目は、できる人が5人以上いて足りています" in banded_answer(report_of([3] * 8, 2))
    assert "0項目は、できる人が5人以上いて" in banded_answer(report_of([3, 3], 2))
    assert banded_answer(report_of([3, 3], 0)) == "必要人数が未設定か、どの項目も対象外です。"
    assert banded_status(None, 9) is Status.UNSET
