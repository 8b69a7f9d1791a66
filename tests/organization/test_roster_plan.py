"""The planner of rosters: what each line means against what is there."""

import pytest

from organization.roster import Kind, plan_roster
from tests.organization.rosters import TODAY, applied, day, known, line

HANAKO = {"name": "木村 花子", "position": "主事"}


def plan(lines, state=None, **kwargs):
    return plan_roster(lines, state or known(), today=TODAY, **kwargs)


def grown(*files):
    """Return what is known after these files one after another; none may have a problem."""
    state = known()
    for lines in files:
        made = plan(lines, state)
        assert made.problems == []
        state = applied(state, made)
    return state


def kinds(made):
    return [outcome.kinds for outcome in made.outcomes]


def messages(made):
    return [problem.message for problem in made.problems]


def changes(made, at=0):
    return {change.label: (change.old, change.new) for change in made.outcomes[at].changes}


def test_somebody_new():
    made = plan([line(**HANAKO)])
    assert kinds(made) == [(Kind.NEW,)]
    person = made.after["0001"]
    assert (person.name, person.postings[0].department, person.postings[0].line_role) == (
        "木村 花子", "010100", "none",
    )  # fmt: skip


def test_line_role_comes_from_the_table_unless_the_file_says():
    made = plan(
        [
            line(**HANAKO | {"position": "課長"}),
            line("0002", name="田中 一", position="課長", line_role="none"),
        ]
    )
    assert made.after["0001"].postings[0].line_role == "head"
    assert made.after["0002"].postings[0].line_role == "none"


def test_transfer_ends_the_former_posting_that_day():
    state = grown([line(**HANAKO)])
    made = plan([line(start="R8.4.1", department="020200", position="主事")], state)
    assert kinds(made) == [(Kind.TRANSFER,)]
    old, new = made.after["0001"].postings
    assert (old.end, new.start, new.end) == (day("2026/4/1"), day("2026/4/1"), None)
    assert changes(made)["所属"] == ("デジタル推進課", "税務課")


def test_promotion_in_the_same_department():
    made = plan([line(start="2026/4/1", position="係長")], grown([line(**HANAKO)]))
    assert kinds(made) == [(Kind.PROMOTION,)]
    assert changes(made)["職位"] == ("主事", "係長")
    assert changes(made)["確認者区分"] == ("なし", "係長級")


def test_a_role_given_by_hand_stays_until_the_position_changes():
    state = grown([line(**HANAKO, line_role="first")])
    same = plan([line(position="主事")], state)
    assert kinds(same) == [(Kind.UNCHANGED,)]
    moved = plan([line(start="2026/4/1", position="課長")], state)
    assert moved.after["0001"].postings[-1].line_role == "head"


def test_another_day_alone_is_no_news():
    made = plan([line(start="2026/4/1", **HANAKO)], grown([line(**HANAKO)]))
    assert kinds(made) == [(Kind.UNCHANGED,)]
    assert made.writes == []


def test_second_posting():
    lines = [line(**HANAKO), line(kind="兼務", department="020200", name="木村 花子", at=3)]
    made = plan(lines)
    assert kinds(made) == [(Kind.NEW,), (Kind.ADDED,)]
    assert made.problems == []
    assert plan(lines, applied(known(), made)).counts() == {Kind.UNCHANGED: 2}


def test_blank_cells_keep_what_is_there():
    state = grown([line(**HANAKO, kana="キムラ ハナコ", email="h@mihon.example", employment="fiscal_year")])
    made = plan([line(department="", start="2026/4/1")], state)
    assert kinds(made) == [(Kind.UNCHANGED,)]


def test_blank_department_keeps_it_on_promotion():
    made = plan([line(department="", start="2026/4/1", position="係長")], grown([line(**HANAKO)]))
    assert made.after["0001"].postings[-1].department == "010100"


def test_new_name_keeps_the_former_family_name():
    made = plan([line(name="山﨑 花子")], grown([line(**HANAKO)]))
    assert kinds(made) == [(Kind.RENAMED,)]
    assert made.after["0001"].former_name == "木村"
    given_in_file = plan([line(name="山﨑 花子", former_name="木村・旧")], grown([line(**HANAKO)]))
    assert given_in_file.after["0001"].former_name == "木村・旧"
    corrected = plan([line(name="木村 華子")], grown([line(**HANAKO)]))
    assert corrected.after["0001"].former_name == ""


def test_another_kind_of_space_in_a_name_is_no_news():
    made = plan([line(name="木村　花子")], grown([line(**HANAKO)]))
    assert kinds(made) == [(Kind.UNCHANGED,)]


def test_leave_and_return():
    state = grown([line(**HANAKO)], [line(kind="育休", start="2025/9/1")])
    assert state.people["0001"].leaves[0].end is None
    made = plan([line(kind="復職", start="2026/4/1")], state)
    assert kinds(made) == [(Kind.RETURN,)]
    assert made.after["0001"].leaves[0].end == day("2026/4/1")
    after = applied(state, made)
    assert kinds(plan([line(kind="復職", start="2026/4/1")], after)) == [(Kind.UNCHANGED,)]


def test_leave_with_its_last_day():
    state = grown([line(**HANAKO)], [line(kind="育休", start="2025/9/1", last="2026/8/31")])
    assert state.people["0001"].leaves[0].end == day("2026/9/1")
    longer = plan([line(kind="育休", start="2025/9/1", last="2026/12/31")], state)
    assert kinds(longer) == [(Kind.CORRECTED,)]


def test_return_without_leave_changes_nothing():
    assert kinds(plan([line(kind="復職", start="2026/4/1")], grown([line(**HANAKO)]))) == [(Kind.UNCHANGED,)]


def test_resignation_ends_everything_that_day():
    state = grown(
        [line(**HANAKO), line(kind="兼務", department="020200", at=3)], [line(kind="休職", start="2025/9/1")]
    )
    made = plan([line(kind="退職", start="2026/4/1")], state)
    assert kinds(made) == [(Kind.LEFT,)]
    person = made.after["0001"]
    assert person.left_on == day("2026/4/1")
    assert {row.end for row in [*person.postings, *person.leaves]} == {day("2026/4/1")}


def test_resigned_and_reappointed_the_same_day():
    state = grown([line(**HANAKO, employment="regular")])
    lines = [
        line(kind="退職", start="2026/4/1"),
        line(start="2026/4/1", employment="reappointed", position="主事", at=3),
    ]
    made = plan(lines, state)
    assert (made.problems, kinds(made)) == ([], [(Kind.LEFT,), (Kind.REHIRED, Kind.CORRECTED)])
    person = made.after["0001"]
    assert (person.left_on, person.employment, len(person.postings)) == (None, "reappointed", 2)
    assert plan(lines, applied(state, made)).counts() == {Kind.UNCHANGED: 2}


def test_resignation_before_a_known_transfer_is_a_problem():
    state = grown([line(**HANAKO)], [line(start="2026/10/1", department="020200")])
    assert "退職日より後" in messages(plan([line(kind="退職", start="2026/7/1")], state))[0]


def test_an_older_file_does_not_undo_a_newer_one():
    old, new = [line(**HANAKO)], [line(start="2026/4/1", department="020200", position="係長")]
    state = grown(old, new)
    assert plan(old, state).counts() == {Kind.UNCHANGED: 1}
    state = grown(old, [line(kind="退職", start="2026/4/1")])
    assert plan(old, state).counts() == {Kind.UNCHANGED: 1}


def test_a_posting_of_the_past_ends_where_the_next_began():
    state = grown([line(**HANAKO)])
    made = plan([line(start="2020/4/1", department="020200")], state)
    assert made.after["0001"].postings[-1].end == day("2024/4/1")


def test_a_whole_history_in_one_file():
    lines = [
        line(start="2024/4/1", department="020200", name="木村 花子", at=2),
        line(start="2020/4/1", last="2022/3/31", name="木村 花子", at=3),
        line(start="2022/4/1", last="2024/3/31", name="木村 花子", position="係長", at=4),
    ]
    made = plan(lines)
    assert made.problems == []
    assert [p.start.year for p in made.after["0001"].postings] == [2020, 2022, 2024]
    assert plan(lines, applied(known(), made)).counts() == {Kind.UNCHANGED: 3}


def test_correction_of_the_same_day():
    made = plan([line(department="020200")], grown([line(**HANAKO)]))
    assert kinds(made) == [(Kind.CORRECTED,)]
    assert [p.department for p in made.after["0001"].postings] == ["020200"]


@pytest.mark.parametrize(
    ("lines", "column", "words"),
    [
        ([line(**HANAKO, department="999999")], "所属コード", "組織にない"),
        ([line(**HANAKO, department="10100")], "所属コード", "010100 の頭の0"),
        ([line(**HANAKO, department="090000")], "所属コード", "からありません"),
        ([line(**HANAKO), line(**HANAKO, at=3)], "職員番号", "2行目と職員番号が同じ"),
        ([line(**HANAKO), line(**HANAKO, start="2025/4/1", at=3)], "職員番号", "期間が重なります"),
        ([line(**HANAKO), line(name="別人 太郎", kind="兼務", department="020200", at=3)], "氏名", "氏名が違います"),
        ([line()], "氏名", "氏名を入れる"),
        ([line(**HANAKO, kind="兼務")], "発令種別", "本務の行がありません"),
        ([line(**HANAKO, kind="退職")], "発令種別", "本務の行がありません"),
        ([line(**HANAKO, department="")], "所属コード", "所属コードがありません"),
        (
            [line(**HANAKO), line(kind="休職", start="2025/4/1", at=3), line(kind="育休", start="2025/5/1", at=4)],
            "職員番号",
            "期間が重なります",
        ),
    ],
)  # fmt: skip
def test_problems(lines, column, words):
    made = plan(lines)
    assert [problem.column for problem in made.problems] == [column]
    assert words in made.problems[0].message
    assert made.problems[0].line is not None


def test_overlap_with_what_is_there_is_a_problem():
    state = grown([line(**HANAKO)], [line(start="2026/4/1", department="020200")])
    made = plan([line(start="2023/4/1", last="2026/6/30", department="010000")], state)
    assert "本務の発令が重なります" in messages(made)[0]


def test_a_number_that_lost_its_zeros_is_a_problem():
    made = plan([line("1", **HANAKO)], grown([line(**HANAKO)]))
    assert "0001 と、頭の0だけが違います" in messages(made)[0]


def test_after_leaving_only_a_main_posting_brings_somebody_back():
    state = grown([line(**HANAKO)], [line(kind="退職", start="2025/4/1")])
    assert (
        "退職しています"
        in messages(plan([line(kind="兼務", start="2026/4/1", department="020200")], state))[0]
    )
    assert "退職しています" in messages(plan([line(kind="休職", start="2026/4/1")], state))[0]
    back = plan([line(start="2026/4/1", position="主事")], state)
    assert kinds(back) == [(Kind.REHIRED,)]
    assert back.after["0001"].left_on is None


def test_an_end_after_leaving_is_cut_unless_the_file_brings_the_person_back():
    state = grown([line(**HANAKO)], [line(kind="退職", start="2025/4/1")])
    temporary = line(start="2023/4/1", last="2025/9/30", department="020200", kind="兼務")
    made = plan([temporary], state)
    assert made.after["0001"].postings[-1].end == day("2025/4/1")
    back = line(start="2026/4/1", position="主事", at=3)
    assert "退職日より後の終了日" in messages(plan([temporary, back], state))[0]


def test_a_correction_into_a_closed_department_is_a_problem():
    state = grown([line(**HANAKO)])
    assert "からありません" in messages(plan([line(department="090000")], state))[0]


def test_resignation_before_a_posting_that_the_file_names_again_keeps_the_person():
    state = grown([line(**HANAKO)], [line(start="2026/10/1", department="020200", position="主事")])
    lines = [line(kind="退職", start="2026/7/1"), line(start="2026/10/1", department="020200", at=3)]
    made = plan(lines, state)
    assert kinds(made)[0] == (Kind.LEFT,)
    assert made.after["0001"].left_on is None
    assert made.after["0001"].postings[0].end == day("2026/7/1")


def test_leave_and_return_on_one_day_contradict():
    state = grown([line(**HANAKO)], [line(kind="休職", start="2025/9/1")])
    assert "同じ日に復職" in messages(plan([line(kind="復職", start="2025/9/1")], state))[0]
    both = [line(kind="休職", start="2025/10/1"), line(kind="復職", start="2025/10/1", at=3)]
    assert "期間が重なります" in messages(plan(both, grown([line(**HANAKO)])))[0]


def test_days_that_are_odd_are_pointed_out():
    early = plan([line(start="2015/4/1", **HANAKO)])
    assert (early.problems, "より前の発令" in early.warnings[0].message) == ([], True)
    late = plan([line(start="2027/6/1", **HANAKO)])
    assert "1年より先" in late.warnings[0].message


def test_unknown_position_is_made_and_listed():
    made = plan([line(name="木村 花子", position="主幹"), line("0002", name="田中 一", position="主幹")])
    assert made.new_positions == {"主幹": 2}


def test_another_department_name_is_pointed_out():
    made = plan([line(**HANAKO, department_name="デジタル課")])
    assert made.problems == []
    assert "「デジタル推進課」" in made.warnings[0].message


def test_full_roster_lists_the_absent_and_leaves_them():
    state = grown([line(**HANAKO), line("0002", name="田中 一"), line("0003", name="森 三")])
    state = applied(state, plan([line("0003", kind="退職", start="2025/4/1")], state))
    part = plan([line(**HANAKO)], state)
    assert kinds(part) == [(Kind.UNCHANGED,)]
    full = plan([line(**HANAKO)], state, full=True)
    assert [(o.number, o.line, o.kinds) for o in full.outcomes[1:]] == [("0002", None, (Kind.CANDIDATE,))]
    assert full.writes == []


def test_fingerprint_tells_plans_apart():
    state = grown([line(**HANAKO)])
    one = plan([line(start="2026/4/1", department="020200")], state)
    same = plan([line(start="2026/4/1", department="020200")], state)
    other = plan([line(start="2026/4/2", department="020200")], state)
    assert one.fingerprint() == same.fingerprint() != other.fingerprint()


def test_an_empty_cell_empties_only_where_that_was_chosen():
    state = grown([line(**HANAKO, kana="キムラ ハナコ", former_name="森", email="h@example.lg.jp")])
    assert kinds(plan([line()], state)) == [(Kind.UNCHANGED,)]
    made = plan([line(cleared=frozenset({"former_name", "email"}))], state)
    assert kinds(made) == [(Kind.CORRECTED,)]
    assert changes(made) == {"旧姓": ("森", ""), "メール": ("h@example.lg.jp", "")}
    assert (made.after["0001"].kana, made.after["0001"].former_name) == ("キムラ ハナコ", "")
    assert kinds(plan([line(cleared=frozenset({"former_name", "email"}))], applied(state, made))) == [
        (Kind.UNCHANGED,)
    ]


def test_a_value_on_another_line_goes_before_an_empty_cell():
    state = grown([line(**HANAKO, email="h@example.lg.jp")])
    cleared = frozenset({"email"})
    made = plan(
        [line(cleared=cleared), line(kind="兼務", department="020200", email="h@example.lg.jp")], state
    )
    assert "メール" not in changes(made)


def test_the_family_name_is_not_kept_where_an_empty_cell_shall_overwrite():
    state = grown([line(**HANAKO)])
    again = line(name="髙橋 花子", cleared=frozenset({"former_name"}))
    made = plan([again], state)
    assert changes(made) == {"氏名": ("木村 花子", "髙橋 花子")}
    assert kinds(plan([again], applied(state, made))) == [(Kind.UNCHANGED,)]


@pytest.mark.parametrize("going", [[], [line(kind="退職", start="R8.4.1", department="")]])
def test_somebody_new_with_the_name_of_somebody_who_goes_is_pointed_out(going):
    state = grown([line(**HANAKO)])
    made = plan([*going, line("0777", start="R8.4.1", at=3, name="木村　花子")], state)
    assert made.problems == []
    assert [(found.line, found.column) for found in made.warnings] == [(3, "職員番号")]
    assert "0001" in made.warnings[0].message


def test_a_namesake_who_stays_is_no_news():
    state = grown([line(**HANAKO)])
    assert plan([line(), line("0777", start="R8.4.1", name="木村 花子")], state).warnings == []


@pytest.mark.parametrize(
    ("place", "position", "kind"),
    [
        ("010100", "主事", "renewed"),
        ("", "", "renewed"),
        ("010100", "主任", "promotion"),
        ("020200", "主事", "transfer"),
    ],
)
def test_a_term_that_goes_on_in_its_place_is_no_move(place, position, kind):
    state = grown([line(**HANAKO, last="2026/3/31")])
    made = plan([line(start="2026/4/1", last="2027/3/31", department=place, position=position)], state)
    assert kinds(made) == [(kind,)]


def test_the_reading_changes_with_the_name():
    made = plan([line(name="田中 花子", kana="タナカ ハナコ")], grown([line(**HANAKO, kana="キムラ ハナコ")]))
    assert kinds(made) == [(Kind.RENAMED,)]
    assert changes(made)["フリガナ"] == ("キムラ ハナコ", "タナカ ハナコ")
