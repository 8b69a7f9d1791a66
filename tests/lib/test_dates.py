"""Dates as offices write them."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib import dates

DAY = datetime.date(2026, 4, 1)
TOKYO = datetime.timezone(datetime.timedelta(hours=9))
DAYS = st.dates(datetime.date(1926, 1, 1), datetime.date(2100, 12, 31))
FULL_WIDTH = str.maketrans("0123456789./-", "０１２３４５６７８９．／－")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("令和8年4月1日", DAY),
        ("令和08年04月01日", DAY),
        ("令和　８年　４月　１日", DAY),
        ("　令和8年4月1日　", DAY),
        ("㋿8年4月1日", DAY),
        ("令8.4.1", DAY),
        ("R8.4.1", DAY),
        ("r8/4/1", DAY),
        ("Ｒ８．４．１", DAY),
        ("R08-04-01", DAY),
        ("2026/4/1", DAY),
        ("2026/04/01 0:00:00", DAY),
        ("2026-04-01T09:30", DAY),
        ("2026-04-01", DAY),
        ("2026−04−01", DAY),
        ("2026.4.1", DAY),
        ("20260401", DAY),
        (20260401, DAY),
        ("２０２６年４月１日", DAY),
        ("西暦2026年4月1日", DAY),
        ("2026 / 4 / 1", DAY),
        (DAY, DAY),
        (datetime.datetime(2026, 4, 1, 9, 30, tzinfo=TOKYO), DAY),
        ("令和元年5月1日", datetime.date(2019, 5, 1)),
        ("R元.5.1", datetime.date(2019, 5, 1)),
        ("令和1年5月1日", datetime.date(2019, 5, 1)),
        ("H31.4.30", datetime.date(2019, 4, 30)),
        ("平成31年4月30日", datetime.date(2019, 4, 30)),
        ("平成元年1月8日", datetime.date(1989, 1, 8)),
        ("昭和64年1月7日", datetime.date(1989, 1, 7)),
        ("S63.1.1", datetime.date(1988, 1, 1)),
        ("T15.12.24", datetime.date(1926, 12, 24)),
        ("M45.7.29", datetime.date(1912, 7, 29)),
        ("令和6年2月29日", datetime.date(2024, 2, 29)),
        ("9999/12/31", datetime.date(9999, 12, 31)),
    ],
)
def test_reads_what_offices_write(text, day):
    read = dates.parse_date(text)
    assert read == day
    assert type(read) is datetime.date


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("", "空なので"),
        (None, "空なので"),
        ("　", "空なので"),
        ("2026/2/29", "暦にない"),
        ("令和7年2月29日", "暦にない"),
        ("2026-04-31", "暦にない"),
        ("20261301", "暦にない"),
        ("0000/1/1", "暦にない"),
        ("平成31年5月1日", "令和元年5月1日のように"),
        ("令和元年4月30日", "平成31年4月30日のように"),
        ("R1.1.1", "平成31年1月1日のように"),
        ("昭和64年1月8日", "平成元年1月8日のように"),
        ("平成元年1月7日", "昭和64年1月7日のように"),
        ("令和0年4月1日", "0年にならない"),
        ("26/4/1", "4けた"),
        ("8.4.1", "4けた"),
        ("026/4/1", "4けた"),
        ("46113", "数値なので"),
        (46113, "数値なので"),
        (46113.0, "数値なので"),
        ("４６１１３", "数値なので"),
        ("1868/10/23", "1873年より前"),
        ("明治5年1月1日", "1873年より前"),
        (datetime.date(1600, 1, 1), "1873年より前"),
        (datetime.datetime(1600, 1, 1, tzinfo=TOKYO), "1873年より前"),
        ("2026/4-1", "読めない"),
        ("2026年4月", "読めない"),
        ("4月1日", "読めない"),
        ("R8.4.1まで", "読めない"),
        ("２０２６年４月３１１日", "読めない"),
        ("٢٠٢٦/٤/١", "読めない"),
        ("あ" * 500, "…」は日付として読めない"),
        (True, "読めない"),
    ],
)
def test_refuses_in_one_sentence_that_says_what_to_do(text, advice):
    with pytest.raises(ValueError) as refusal:
        dates.parse_date(text)
    sentence = str(refusal.value)
    assert advice in sentence
    assert sentence.endswith("ください。")
    assert sentence.count("。") == 1
    assert len(sentence) < 150


@given(DAYS)
def test_wareki_comes_back(day):
    assert dates.parse_date(dates.format_wareki(day)) == day


WESTERN = ["{:%Y}/{}/{}", "{:%Y}-{:02}-{:02}", "{:%Y}年{}月{}日", "{:%Y}{:02}{:02}"]


@given(DAYS, st.sampled_from(WESTERN), st.booleans())
def test_western_comes_back(day, form, wide):
    text = form.format(day, day.month, day.day)
    assert dates.parse_date(text.translate(FULL_WIDTH) if wide else text) == day


@given(DAYS, st.sampled_from("./-"), st.booleans())
def test_letters_come_back(day, mark, lower):
    era = dates.era_of(day)
    text = mark.join([f"{era.letter}{day.year - era.start.year + 1}", str(day.month), str(day.day)])
    assert dates.parse_date(text.lower() if lower else text) == day


@given(st.text() | st.text("0123456789RHS令和元年月日./- 　０", max_size=14) | st.integers() | st.floats())
def test_any_cell_is_a_date_or_a_sentence(value):
    try:
        answer = dates.parse_date(value)
    except ValueError as refusal:
        answer = str(refusal)
    assert isinstance(answer, datetime.date) or answer.endswith("ください。")


def test_formats():
    assert dates.format_wareki(DAY) == "令和8年4月1日"
    assert dates.format_wareki(datetime.date(2019, 5, 1)) == "令和元年5月1日"
    assert dates.format_short(datetime.date(2026, 12, 11)) == "12月11日（金）"
    assert dates.format_range(DAY, datetime.date(2027, 3, 31)) == "令和8年4月1日～令和9年3月31日"
    assert dates.format_range(DAY, None) == "令和8年4月1日～"
    assert dates.format_range(None, DAY) == "～令和8年4月1日"
    dates.format_range(DAY, DAY).encode("cp932")


def test_no_era_before_the_gregorian_calendar():
    with pytest.raises(ValueError, match="1873年"):
        dates.format_wareki(datetime.date(1872, 12, 31))


def test_years_later():
    assert dates.years_later(datetime.date(2026, 12, 1), 1) == datetime.date(2027, 12, 1)
    assert dates.years_later(datetime.date(2028, 2, 29), 1) == datetime.date(2029, 2, 28)
    assert dates.years_later(datetime.date(2028, 2, 29), 4) == datetime.date(2032, 2, 29)


JUNE = datetime.date(2025, 6, 1)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("令和7年6月", JUNE),
        ("令和　７年　６月", JUNE),
        ("R7.6", JUNE),
        ("ｒ７／６", JUNE),
        ("R07-06", JUNE),
        ("2025-06", JUNE),
        ("2025/6", JUNE),
        ("2025年6月", JUNE),
        ("令和元年5月", datetime.date(2019, 5, 1)),
        # Both 元号 had days in this month.
        ("昭和64年1月", datetime.date(1989, 1, 1)),
        ("平成元年1月", datetime.date(1989, 1, 1)),
    ],
)
def test_reads_a_month(text, first):
    assert dates.parse_month(text) == first


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("", "年月が空"),
        ("令和7年13月", "暦にない月"),
        ("2025-00", "暦にない月"),
        ("平成31年5月", "令和元年5月のように元号"),
        ("令和元年4月", "平成31年4月のように元号"),
        ("令和0年4月", "0年にならない"),
        ("7.6", "西暦か和暦か"),
        ("1872-12", "1873年より前"),
        ("令和7年6月1日", "年月として読めない"),
        ("六月ごろ", "年月として読めない"),
    ],
)
def test_refuses_what_is_no_month(text, advice):
    with pytest.raises(ValueError) as refusal:
        dates.parse_month(text)
    sentence = str(refusal.value)
    assert advice in sentence
    assert sentence.endswith("ください。")


@given(DAYS)
def test_a_month_comes_back(day):
    assert dates.parse_month(dates.format_month(day)) == day.replace(day=1)
    last = dates.parse_month_or_date(dates.format_month(day), last=True)
    assert (last.year, last.month) == (day.year, day.month)
    assert (last + datetime.timedelta(days=1)).day == 1


@given(DAYS, st.sampled_from("./-"), st.booleans())
def test_a_western_month_comes_back(day, mark, wide):
    text = f"{day.year}{mark}{day.month}"
    assert dates.parse_month(text.translate(FULL_WIDTH) if wide else text) == day.replace(day=1)


@given(st.text() | st.text("0123456789RHS令和元年月日./- 　０", max_size=14) | st.integers())
def test_any_text_is_a_month_or_a_sentence(value):
    for read in (dates.parse_month, dates.parse_month_or_date):
        try:
            answer = read(value)
        except ValueError as refusal:
            answer = str(refusal)
        assert isinstance(answer, datetime.date) or answer.endswith("ください。")


@given(DAYS)
def test_a_whole_date_stays_whole_where_a_month_would_do(day):
    assert dates.parse_month_or_date(dates.format_wareki(day), last=True) == day


@pytest.mark.parametrize("text", ["2026", "２０２６年", "令和8年", "R8", "平成元年度"])
def test_a_year_alone_asks_for_the_month(text):
    with pytest.raises(ValueError, match=r"年だけなので.*月まで書いてください。"):
        dates.parse_month_or_date(text)


def test_periods_by_their_months():
    march = datetime.date(2026, 3, 31)
    assert dates.format_months(JUNE, march) == "令和7年6月から令和8年3月"
    assert dates.format_months(JUNE, None) == "令和7年6月から続いています"
    assert dates.format_months(JUNE, datetime.date(2025, 6, 20)) == "令和7年6月"
    assert dates.format_months(None, march) == ""
